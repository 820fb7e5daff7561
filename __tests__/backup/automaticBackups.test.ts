/** What a change keeps of the content before it, and that it costs no copy. */
import { jest } from '@jest/globals';
import {
  existsSync,
  linkSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
  chmodSync,
  appendFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { startModule, systemError, temporaryFolder, type Interference } from '../support/moduleFixture.js';
import {
  fileOf,
  keptId,
  keyFolder,
  manifestNames,
  modeOf,
  saveAll,
  saveAndMaintain,
  snapshotNames,
} from './backupFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** Lets links into the backup folder fail. */
function withoutLinks(code: string): Interference {
  return (real) => ({
    link: (from, to) => (to.includes('backups') ? Promise.reject(systemError(code, 'link')) : real.link(from, to)),
  });
}

describe('the content before a change', () => {
  it('is kept as a hard link: the old file itself under another name', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const old = { inode: statSync(path).ino, bytes: readFileSync(path) };
    const result = await module.saveConfiguration({ a: 2 });
    const file = fileOf(keyFolder(folder), keptId(result));
    expect(statSync(file)).toMatchObject({ ino: old.inode, nlink: 1 });
    expect(readFileSync(file)).toEqual(old.bytes);
    expect(statSync(path).ino).not.toBe(old.inode);
    expect(basename(file)).toMatch(/^app\.json\.\d{8}T\d{9}Z\.r1\.[0-9a-f]{16}\.auto\.backup$/u);
  });

  it('is written by no call: no byte of it goes through the module', async () => {
    const written: string[] = [];
    const module = await startModule(folder, {}, (real) => ({
      open(name, flags, mode) {
        if (mode !== undefined && name.includes('backups') && !name.includes('gitignore')) written.push(name);
        return real.open(name, flags, mode);
      },
    }));
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    expect(written).toEqual([]);
  });

  it('is told by the results of saves, updates, deletes, restores and rollbacks', async () => {
    const module = await startModule(folder, { retentionCount: 50 });
    const first = await module.saveConfiguration({ a: 1 });
    expect(first.metadata).toMatchObject({ atomicOperation: true, backupCreated: false });
    expect(first.metadata).not.toHaveProperty('backupId');
    const saved = await module.saveConfiguration({ a: 2 });
    const updated = await module.updateConfiguration(() => ({ a: 3 }));
    const restored = await module.restoreFromBackup(keptId(saved));
    const [, , version] = await module.getVersionHistory();
    const rolledBack = await module.rollbackToVersion(version!.id);
    const removed = await module.deleteConfiguration(path);
    const results = [saved, updated, restored, rolledBack, removed];
    expect(results.map(({ metadata }) => metadata?.backupCreated)).toEqual([true, true, true, true, true]);
    expect(rolledBack).toMatchObject({ backupCreated: true, backupId: keptId(rolledBack) });
    const contents = results.map((result) =>
      JSON.parse(readFileSync(fileOf(keyFolder(folder), keptId(result)), 'utf8')),
    );
    expect(contents).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 1 }, { a: 2 }]);
    const listed = await module.listBackups(path);
    expect(listed.map(({ id }) => id)).toEqual(results.map(keptId).reverse());
    expect(listed.every(({ isAutomatic }) => isAutomatic)).toBe(true);
  });

  it('is kept where the file was saved before by nobody, or edited, as of no version', async () => {
    writeFileSync(path, '{"by":"hand"}');
    const module = await startModule(folder);
    const first = await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{"by":"an editor"}');
    const second = await module.saveConfiguration({ a: 2 });
    const files = [first, second].map((result) => fileOf(keyFolder(folder), keptId(result)));
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(['{"by":"hand"}', '{"by":"an editor"}']);
    expect(files.every((file) => file.includes('.r0.'))).toBe(true);
    expect(await module.listBackups(path)).toHaveLength(2);
  });

  it('stays for nothing where backups are switched off', async () => {
    const module = await startModule(folder, { enableBackup: false });
    await module.saveConfiguration({ a: 1 });
    const second = await module.saveConfiguration({ a: 2 });
    expect(second.metadata).toMatchObject({ backupCreated: false });
    expect(second.metadata).not.toHaveProperty('backupId');
    await module.destroy();
    expect(existsSync(join(folder, 'backups'))).toBe(false);
  });

  it('is copied where the file has a further name, which an editor could write through', async () => {
    const module = await startModule(folder, { compressionEnabled: false });
    await module.saveConfiguration({ a: 1 });
    const further = join(folder, 'further.json');
    linkSync(path, further);
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    const file = fileOf(keyFolder(folder), id);
    expect(statSync(file).ino).not.toBe(statSync(further).ino);
    writeFileSync(further, '{"by":"an editor"}');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ a: 1 });
    expect(modeOf(file)).toBe(0o600);
    await expect(module.restoreFromBackup(id)).resolves.toMatchObject({ dataIntegrityVerified: true });
  });

  it.each(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])(
    'is copied where the system answers a link with %s',
    async (code) => {
      const module = await startModule(folder, {}, withoutLinks(code));
      await module.saveConfiguration({ a: 1 });
      const inode = statSync(path).ino;
      const id = keptId(await module.saveConfiguration({ a: 2 }));
      const file = fileOf(keyFolder(folder), id);
      expect(statSync(file).ino).not.toBe(inode);
      expect(modeOf(file)).toBe(0o600);
      await module.restoreFromBackup(id);
      expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    },
  );

  it.each(['ENOSPC', 'EIO', 'EACCES', 'EROFS'])(
    'stops the change where it cannot be kept for %s, and the file is as before',
    async (code) => {
      const module = await startModule(folder, {}, withoutLinks(code));
      await module.saveConfiguration({ a: 1 });
      const before = readFileSync(path);
      await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({ name: 'StorageError', code });
      await expect(module.deleteConfiguration(path)).rejects.toMatchObject({ name: 'StorageError', code });
      expect(readFileSync(path)).toEqual(before);
      expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
      expect(snapshotNames(folder)).toEqual([]);
    },
  );

  it.each([
    ['the rename fails', 'EIO', {}],
    ['links are impossible and the rename fails', 'EIO', withoutLinks('EXDEV')],
  ])('is not kept for a save that does not happen: %s', async (_title, code, links) => {
    let isArmed = false;
    const module = await startModule(folder, {}, (real) => ({
      ...(typeof links === 'function' ? links(real) : {}),
      rename: (from, to) =>
        isArmed && to === path ? Promise.reject(systemError(code, 'rename')) : real.rename(from, to),
    }));
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const before = snapshotNames(folder);
    isArmed = true;
    await expect(module.saveConfiguration({ a: 3 })).rejects.toMatchObject({ code });
    expect(snapshotNames(folder)).toEqual(before);
    expect(statSync(path).nlink).toBe(1);
  });

  it('is not kept for what is refused before it begins', async () => {
    const module = await startModule(folder, { validate: (value) => (value as { a: number }).a < 9 });
    await module.saveConfiguration({ a: 1 });
    await expect(module.saveConfiguration({ a: 9 })).rejects.toMatchObject({ code: 'ERR_VALIDATION' });
    await expect(module.saveConfiguration({ a: 2 }, path, { expectedChecksum: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    await expect(module.saveConfiguration({ a: 2n })).rejects.toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA' });
    await expect(
      module.updateConfiguration(() => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(existsSync(join(folder, 'backups'))).toBe(false);
  });

  it('is in private folders whatever the mode of the configuration, which a link shares', async () => {
    writeFileSync(path, '{"a":1}', { mode: 0o644 });
    chmodSync(path, 0o644);
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 2 });
    expect(modeOf(join(folder, 'backups'))).toBe(0o700);
    expect(modeOf(keyFolder(folder))).toBe(0o700);
    await module.destroy();
    const modes = readdirSync(keyFolder(folder)).map((name) => modeOf(join(keyFolder(folder), name)));
    expect(modes.length).toBeGreaterThanOrEqual(2);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });

  it('of a damaged file is kept as one of a damaged file, once for each content, also with backups off', async () => {
    const module = await startModule(folder, { enableBackup: false, maxVersionHistory: 1 });
    await module.saveConfiguration({ a: 1 });
    for (const damage of ['{"a', '{"a', '{"b']) {
      writeFileSync(path, damage);
      const result = await module.saveConfiguration({ a: 2 });
      expect(result.metadata).toMatchObject({ backupCreated: false });
    }
    const names = snapshotNames(folder);
    expect(names).toEqual([expect.stringMatching(/\.auto\.corrupt$/u), expect.stringMatching(/\.auto\.corrupt$/u)]);
    expect(names.map((name) => readFileSync(join(keyFolder(folder), name), 'utf8'))).toEqual(['{"a', '{"b']);
    expect(await module.listBackups()).toEqual([]);
  });

  it('is what stood there where an editor wrote just before it was kept', async () => {
    let isArmed = false;
    const module = await startModule(folder, {}, (real) => ({
      link(from, to) {
        if (isArmed && to.includes('backups')) writeFileSync(path, '{"by":"an editor"}');
        return real.link(from, to);
      },
    }));
    await module.saveConfiguration({ a: 1 });
    isArmed = true;
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    isArmed = false;
    await module.restoreFromBackup(id);
    expect((await module.loadConfiguration()).data).toEqual({ by: 'an editor' });
  });

  it('that a program still writes to after it was kept is told from the content that was kept', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const id = keptId(await module.saveConfiguration({ a: 2 }));
    appendFileSync(fileOf(keyFolder(folder), id), ' ');
    await expect(module.restoreFromBackup(id)).rejects.toMatchObject({ code: 'ERR_BACKUP_DAMAGED' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });
});

describe('many changes', () => {
  it('end with the configured number of backups, the versions of the history, and a manifest for each', async () => {
    const module = await startModule(folder, { retentionCount: 3, maxVersionHistory: 10 });
    await saveAll(
      module,
      Array.from({ length: 60 }, (_, count) => ({ count })),
    );
    await module.destroy();
    const names = snapshotNames(folder);
    expect(names.filter((name) => name.endsWith('.backup.gz'))).toHaveLength(3);
    // The ten of the history: three of them as backups, the present one with the others as versions.
    expect(names.filter((name) => name.endsWith('.version.gz'))).toHaveLength(7);
    expect(names).toHaveLength(10);
    expect(manifestNames(folder)).toHaveLength(10);
    const later = await startModule(folder);
    const history = await later.getVersionHistory();
    expect(history).toHaveLength(10);
    await later.rollbackToVersion(history[9]!.id);
    expect((await later.loadConfiguration()).data).toEqual({ count: 50 });
  });

  it('do not grow without bound before they are maintained', async () => {
    const module = await startModule(folder);
    await module.acquireFileLock(path);
    await saveAll(
      module,
      Array.from({ length: 30 }, (_, count) => ({ count })),
    );
    const lock = await module.checkFileLock(path);
    await module.releaseFileLock(lock.lockId!);
    await module.destroy();
    expect(snapshotNames(folder).filter((name) => name.includes('.backup'))).toHaveLength(3);
  });

  it('of one content again and again do not push other contents out', async () => {
    const module = await startModule(folder, { retentionCount: 3, maxVersionHistory: 1 });
    await saveAll(module, [{ a: 'first' }, { a: 'second' }]);
    await saveAll(
      module,
      Array.from({ length: 13 }, (_, turn) => ({ a: turn % 2 === 0 ? 'on' : 'off' })),
    );
    await module.destroy();
    const later = await startModule(folder);
    const contents = [];
    for (const { id } of await later.listBackups(path)) {
      await later.restoreFromBackup(id, join(folder, 'shown.json'));
      contents.push((await later.loadConfiguration(join(folder, 'shown.json'))).data);
    }
    expect(contents).toEqual([{ a: 'off' }, { a: 'on' }, { a: 'second' }]);
  });

  it('that alternate between two contents leave a backup of each', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }, { a: 1 }]);
    const module = await startModule(folder);
    const backups = await module.listBackups(path);
    expect(backups).toHaveLength(2);
    expect(new Set(backups.map(({ checksum }) => checksum)).size).toBe(2);
  });

  it('do not push out what a keep rule keeps, although its content was saved again without the tag', async () => {
    const module = await startModule(folder, { retentionPolicy: { keepLast: 1, keepTags: ['release'] } });
    await module.saveConfiguration({ v: 1 }, path, { tags: ['release'] });
    await saveAll(module, [{ v: 1 }, { v: 2 }, { v: 3 }]);
    await module.destroy();
    const later = await startModule(folder);
    expect((await later.listBackups(path)).map(({ tags }) => tags)).toEqual([undefined, ['release']]);
  });

  it('keep the content of the installation where the newest go first, although it was saved again', async () => {
    const retentionPolicy = { maxCount: 2, retentionStrategy: 'lifo' as const };
    const module = await startModule(folder, { retentionPolicy, maxVersionHistory: 1 });
    const installed = await module.saveConfiguration({ a: 'installed' });
    await saveAll(module, [{ a: 'b' }, { a: 'c' }, { a: 'installed' }, { a: 'd' }]);
    await module.destroy();
    const later = await startModule(folder);
    expect((await later.listBackups(path)).map(({ checksum }) => checksum)).toContain(installed.checksum);
  });

  it('while the clock stands still keep every content under an id of its own', async () => {
    const module = await startModule(folder);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    const results = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }]);
    jest.restoreAllMocks();
    expect(new Set(results.slice(1).map(keptId)).size).toBe(3);
    expect(await module.listBackups(path)).toHaveLength(3);
  });
});
