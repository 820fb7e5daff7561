/** That a restore gives back exactly what was kept, as a new version, and changes nothing where it cannot. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { listing, startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';
import { fileOf, keptId, keyFolder, saveAll, saveAndMaintain } from './backupFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** A module whose configuration has two maintained backups, and their ids, newest first. */
async function startWithBackups() {
  await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }]);
  const module = await startModule(folder);
  const [newer, older] = await module.listBackups(path);
  return { module, newer: newer!, older: older! };
}

describe('restoreFromBackup', () => {
  it('makes the old bytes the present ones, as a new version, and keeps those before', async () => {
    const yaml = join(folder, 'app.yaml');
    const bytes = '# written by hand\r\nport:   80 # and aligned\r\n';
    writeFileSync(yaml, bytes);
    const module = await startModule(folder);
    const id = keptId(await module.saveConfiguration({ port: 81 }, yaml));
    const before = readFileSync(yaml);
    const result = await module.restoreFromBackup(id);
    expect(readFileSync(yaml, 'utf8')).toBe(bytes);
    expect(result).toMatchObject({
      success: true,
      operationType: 'restore',
      backupId: id,
      restoredToPath: yaml,
      dataIntegrityVerified: true,
      metadata: { backupCreated: true, revision: 2 },
    });
    expect(result).not.toHaveProperty('conflictResolution');
    expect(existsSync(result.originalBackupPath)).toBe(true);
    expect(readFileSync(fileOf(keyFolder(folder, 'app.yaml'), keptId(result)))).toEqual(before);
    expect(await module.loadConfiguration(yaml)).toMatchObject({ data: { port: 80 }, isValid: true });
    const [version] = await module.getVersionHistory(yaml);
    expect(version?.description).toContain(id);
  });

  it('does so before and after the backup was compressed, under the same id', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const bytes = readFileSync(path);
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    const target = join(folder, 'copy.json');
    await module.restoreFromBackup(id, target);
    expect(readFileSync(target)).toEqual(bytes);
    await module.destroy();
    const later = await startModule(folder);
    expect(fileOf(keyFolder(folder), id)).toMatch(/\.gz$/u);
    await later.restoreFromBackup(id);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('is undone by restoring what it has kept', async () => {
    const { module, older } = await startWithBackups();
    const before = readFileSync(path);
    const result = await module.restoreFromBackup(older.id);
    await module.restoreFromBackup(keptId(result));
    expect(readFileSync(path)).toEqual(before);
  });

  it('restores to another file, which it makes with its folder, and leaves the first one alone', async () => {
    const { module, older } = await startWithBackups();
    const before = readFileSync(path);
    const target = join(folder, 'new', 'copy.json');
    const result = await module.restoreFromBackup(older.id, target);
    expect(result).toMatchObject({ filePath: target, restoredToPath: target, metadata: { backupCreated: false } });
    expect((await module.loadConfiguration(target)).data).toEqual({ a: 1 });
    expect(readFileSync(path)).toEqual(before);
    expect(await module.listBackups(target)).toEqual([]);
  });

  it('keeps what stood in the other file as a backup of that', async () => {
    const { module, older } = await startWithBackups();
    const target = join(folder, 'other.json');
    await module.saveConfiguration({ other: true }, target);
    const result = await module.restoreFromBackup(older.id, target);
    const backups = await module.listBackups(target);
    expect(backups.map(({ id }) => id)).toEqual([keptId(result)]);
    await module.restoreFromBackup(keptId(result));
    expect((await module.loadConfiguration(target)).data).toEqual({ other: true });
  });

  it('brings a deleted configuration back, also with a module that starts later', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.deleteConfiguration(path));
    await module.destroy();
    const later = await startModule(folder);
    await later.restoreFromBackup(id);
    expect(await later.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });

  it('brings one back whose records are lost, once the manifest tells whose it is', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }]);
    rmSync(join(folder, 'metadata'), { recursive: true });
    rmSync(path);
    const module = await startModule(folder);
    const [backup] = await module.listBackups();
    expect(backup?.originalFilePath).toBe(path);
    await module.restoreFromBackup(backup!.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('asks for a target where neither records nor manifest tell it', async () => {
    const before = await startModule(folder);
    await before.saveConfiguration({ a: 1 });
    const id = keptId(await before.saveConfiguration({ a: 2 }));
    rmSync(join(folder, 'metadata'), { recursive: true });
    const module = await startModule(folder);
    await expect(module.restoreFromBackup(id)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
    await module.restoreFromBackup(id, path);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('finds everything again after configuration, records and backups were moved together', async () => {
    const from = join(folder, 'from');
    mkdirSync(from);
    await saveAndMaintain(from, [{ a: 1 }, { a: 2 }]);
    const to = join(folder, 'to');
    cpSync(from, to, { recursive: true, preserveTimestamps: true });
    rmSync(from, { recursive: true });
    const module = await startModule(to);
    const [backup] = await module.listBackups();
    expect(backup?.originalFilePath).toBe(join(to, 'app.json'));
    await module.restoreFromBackup(backup!.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    expect(existsSync(from)).toBe(false);
  });

  it('says that an outside edit was replaced, and keeps that', async () => {
    const { module, older } = await startWithBackups();
    writeFileSync(path, '{"by":"an editor"}');
    const result = await module.restoreFromBackup(older.id);
    expect(result).toMatchObject({ conflictResolution: 'keep-remote', metadata: { backupCreated: true } });
    await module.restoreFromBackup(keptId(result));
    expect((await module.loadConfiguration()).data).toEqual({ by: 'an editor' });
  });

  it('puts a damaged file into quarantine before it writes over it', async () => {
    const { module, older } = await startWithBackups();
    writeFileSync(path, '{"a":');
    const result = await module.restoreFromBackup(older.id);
    expect(result.metadata).toMatchObject({ backupCreated: false });
    expect(readFileSync(fileOf(keyFolder(folder), keptId(result)), 'utf8')).toBe('{"a":');
    await expect(module.restoreFromBackup(keptId(result))).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('with expectedChecksum replaces only the content that is expected', async () => {
    const { module, older } = await startWithBackups();
    const { checksum } = await module.loadConfiguration();
    writeFileSync(path, '{"by":"an editor"}');
    await expect(module.restoreFromBackup(older.id, undefined, { expectedChecksum: checksum })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      operationType: 'restore',
    });
    expect(readFileSync(path, 'utf8')).toBe('{"by":"an editor"}');
    await expect(
      module.restoreFromBackup(older.id, join(folder, 'new.json'), { expectedChecksum: checksum }),
    ).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    const seen = (await module.loadConfiguration()).checksum;
    await module.restoreFromBackup(older.id, undefined, { expectedChecksum: seen });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('refuses a target of another format', async () => {
    const { module, older } = await startWithBackups();
    for (const name of ['copy.yaml', 'copy.properties']) {
      await expect(module.restoreFromBackup(older.id, join(folder, name))).rejects.toMatchObject({
        code: 'ERR_UNSUPPORTED_FORMAT',
      });
      expect(existsSync(join(folder, name))).toBe(false);
    }
    await expect(module.restoreFromBackup(older.id, join(folder, 'copy'))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED_FORMAT',
    });
  });

  it('refuses a target of another format in the second before the backup is maintained, too', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    await expect(module.restoreFromBackup(id, join(folder, 'copy.yaml'))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED_FORMAT',
    });
  });

  it('refuses a target outside the allowed folders, and a folder', async () => {
    const { module, older } = await startWithBackups();
    const outside = join(temporaryFolder(), 'copy.json');
    await expect(module.restoreFromBackup(older.id, outside)).rejects.toMatchObject({ code: 'ERR_INVALID_FILE_PATH' });
    expect(existsSync(outside)).toBe(false);
    mkdirSync(join(folder, 'folder.json'));
    await expect(module.restoreFromBackup(older.id, join(folder, 'folder.json'))).rejects.toMatchObject({
      code: 'ERR_NOT_A_FILE',
    });
  });

  it.each([
    ['cut short', (file: string) => truncateSync(file, 20)],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['garbled', (file: string) => flipByte(file, 12)],
    ['followed by more', (file: string) => writeFileSync(file, 'more', { flag: 'a' })],
  ])('changes nothing where the backup is %s, and the other one still does', async (_title, damage) => {
    const { module, newer, older } = await startWithBackups();
    damage(newer.backupPath);
    const before = listing(folder).filter((line) => !line.startsWith('locks'));
    await expect(module.restoreFromBackup(newer.id)).rejects.toMatchObject({ code: 'ERR_BACKUP_DAMAGED' });
    expect(listing(folder).filter((line) => !line.startsWith('locks'))).toEqual(before);
    await module.restoreFromBackup(older.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('tells a backup that was swapped with another one, compressed or plain', async () => {
    const { module, newer, older } = await startWithBackups();
    copyFileSync(older.backupPath, newer.backupPath);
    await expect(module.restoreFromBackup(newer.id)).rejects.toMatchObject({ code: 'ERR_BACKUP_DAMAGED' });
    const plain = temporaryFolder();
    await saveAndMaintain(plain, [{ a: 1 }, { a: 2 }, { a: 3 }], { compressionEnabled: false });
    const other = await startModule(plain);
    const [one, two] = await other.listBackups();
    copyFileSync(two!.backupPath, one!.backupPath);
    await expect(other.restoreFromBackup(one!.id)).rejects.toMatchObject({ code: 'ERR_BACKUP_DAMAGED' });
    expect((await other.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('leaves everything as it was where the commit fails', async () => {
    let isArmed = false;
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) =>
        isArmed && to === path ? Promise.reject(systemError('EIO', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    isArmed = true;
    await expect(module.restoreFromBackup(id)).rejects.toMatchObject({ code: 'EIO' });
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
    expect(await module.listBackups(path)).toHaveLength(1);
  });

  it('restores an old backup that became a version meanwhile', async () => {
    const module = await startModule(folder, { retentionCount: 1 });
    const [, second] = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    await module.destroy();
    const later = await startModule(folder, { retentionCount: 1 });
    expect((await later.listBackups(path)).map(({ id }) => id)).not.toContain(keptId(second!));
    await later.restoreFromBackup(keptId(second!));
    expect((await later.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('finds a backup that is being compressed by another instance just then', async () => {
    const maintaining = await startModule(folder);
    await maintaining.saveConfiguration({ a: 1 });
    const id = keptId(await maintaining.saveConfiguration({ a: 2 }));
    const file = fileOf(keyFolder(folder), id);
    let isMaintained = false;
    const module = await startModule(folder, {}, (real) => ({
      async open(opened, flags, mode) {
        if (opened === file && !isMaintained) {
          isMaintained = true;
          await maintaining.destroy();
        }
        return real.open(opened, flags, mode);
      },
    }));
    await expect(module.restoreFromBackup(id)).resolves.toMatchObject({ success: true });
  });

  it.each(['with a target', 'without one'])('comes before a save that was asked for afterwards: %s', async (title) => {
    const { module, older } = await startWithBackups();
    const target = title === 'with a target' ? path : undefined;
    await Promise.all([module.restoreFromBackup(older.id, target), module.saveConfiguration({ last: true })]);
    expect((await module.loadConfiguration()).data).toEqual({ last: true });
  });

  it.each([
    ['a key twice', '{"a":1,"a":2}'],
    ['a number that would be rounded', '{"a":9007199254740993}'],
    ['too many levels', '['.repeat(6000) + ']'.repeat(6000)],
  ])('refuses a file that has the name of a version and holds %s', async (_what, text) => {
    const { module } = await startWithBackups();
    const checksum = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const identity = `20260101T000000000Z.r7.${checksum}`;
    const key = basename(keyFolder(folder));
    writeFileSync(join(keyFolder(folder), `app.json.${identity}.auto.backup`), text);
    await expect(module.restoreFromBackup(`${key}.${identity}`)).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('gives back an outside edit of a file whose format its name does not tell', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, path, { format: 'yaml' });
    writeFileSync(path, 'by: an editor\n');
    const id = keptId(await module.saveConfiguration({ a: 2 }, path, { format: 'yaml' }));
    await module.destroy();
    const later = await startModule(folder);
    await later.restoreFromBackup(id);
    expect(readFileSync(path, 'utf8')).toBe('by: an editor\n');
  });

  it('keeps an edit that kept its modification time under its own checksum', async () => {
    const { module, older } = await startWithBackups();
    const { atime, mtime } = statSync(path);
    writeFileSync(path, '{"a":4}\n'.padEnd(statSync(path).size, ' '));
    utimesSync(path, atime, mtime);
    const id = keptId(await module.restoreFromBackup(older.id));
    await module.restoreFromBackup(id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 4 });
  });
});

function flipByte(file: string, position: number): void {
  const bytes = readFileSync(file);
  bytes[position]! ^= 0xff;
  writeFileSync(file, bytes);
}
