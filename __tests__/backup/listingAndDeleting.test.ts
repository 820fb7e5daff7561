/** What `listBackups` shows, what it leaves alone, and what `deleteBackup` may take. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { listing, startModule, temporaryFolder } from '../support/moduleFixture.js';
import {
  fileOf,
  filesWith,
  keptId,
  keyFolder,
  keyOf,
  manifestNames,
  refusing,
  saveAll,
  saveAndMaintain,
  snapshotNames,
  UNKNOWN_ID,
} from './backupFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** Everything but the locks, whose numbers go up with every use. */
function stateOf(): string[] {
  return listing(folder).filter((line) => !line.startsWith('locks'));
}

describe('listBackups', () => {
  it('is empty and makes nothing where there are none', async () => {
    const module = await startModule(folder);
    expect(await module.listBackups()).toEqual([]);
    expect(await module.listBackups(path)).toEqual([]);
    expect(await module.listBackups(join(folder, 'never', 'was.json'))).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('shows the newest first, those of users beside the automatic ones, and changes nothing', async () => {
    const module = await startModule(folder, { retentionCount: 10 });
    const [, second] = await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const { backupId } = await module.createBackup(path, 'mine');
    const third = await module.saveConfiguration({ a: 3 });
    const before = stateOf();
    const listed = await module.listBackups(path);
    expect(listed.map(({ id }) => id)).toEqual([keptId(third), backupId, keptId(second!)]);
    expect(listed.map(({ isAutomatic, name }) => [isAutomatic, name])).toEqual([
      [true, undefined],
      [false, 'mine'],
      [true, undefined],
    ]);
    expect(stateOf()).toEqual(before);
  });

  it('shows the same before and after maintenance, but for the packing', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, path, { description: 'first', tags: ['x'], user: 'ann' });
    await module.saveConfiguration({ a: 2 });
    const [before] = await module.listBackups(path);
    await module.destroy();
    const later = await startModule(folder);
    const [after] = await later.listBackups(path);
    expect(basename(after!.backupPath)).toBe(`${basename(before!.backupPath)}.gz`);
    expect(after).toMatchObject({ description: 'first', tags: ['x'], metadata: { createdBy: 'ann', version: '1' } });
    expect({ ...after, backupPath: '', compressedSize: 0, verifiedAt: 0 }).toEqual({
      ...before,
      backupPath: '',
      compressedSize: 0,
      verifiedAt: 0,
    });
  });

  it('gives objects of the caller: changing them changes no later answer', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 }, path, { tags: ['x'] });
    await module.createBackup();
    const [first] = await module.listBackups(path);
    first!.tags!.push('y');
    first!.metadata!.version = 'other';
    const [second] = await module.listBackups(path);
    expect(second).toMatchObject({ tags: ['x'], metadata: { version: '1' } });
  });

  it('shows those of all configurations without a path, and with one only its own', async () => {
    const module = await startModule(folder);
    const paths = [path, join(folder, 'sub', 'app.json'), join(folder, 'other.yaml')];
    for (const one of paths) await saveAll(module, [{ of: one }, { a: 2 }], one);
    const all = await module.listBackups();
    expect(all.map(({ originalFilePath }) => originalFilePath).sort()).toEqual([...paths].sort());
    const times = all.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort((left, right) => right - left));
    for (const one of paths) {
      const [own, ...others] = await module.listBackups(one);
      expect([own?.originalFilePath, others]).toEqual([one, []]);
    }
  });

  it.each([
    ['spaces', 'my settings file.json'],
    ['unicode', 'Настройки-設定-ñ.json'],
    ['200 bytes', `${'n'.repeat(195)}.json`],
    ['200 bytes of letters outside ASCII', `${'ü'.repeat(97)}x.json`],
    ['a leading dot', '.hidden.json'],
    ['characters of regular expressions', 'a+(b)[c]{1}^$.json'],
    ['the look of a key', 'app.json-0123456789abcdef.json'],
  ])('works for a file whose name has %s, with the longest name and both packings', async (_title, name) => {
    const options = { encryption: { key: keyOf(1) } };
    const odd = join(folder, name);
    const module = await startModule(folder, options);
    await saveAll(module, [{ secret: 'of the odd one' }, { a: 2 }], odd);
    await module.createBackup(odd, 'x'.repeat(80));
    await module.destroy();
    expect(snapshotNames(folder).every((made) => made.endsWith('.gz.enc') && Buffer.byteLength(made) <= 255)).toBe(
      true,
    );
    const later = await startModule(folder, options);
    const [manual, automatic] = await later.listBackups(odd);
    expect([manual?.originalFilePath, automatic?.originalFilePath]).toEqual([odd, odd]);
    await later.restoreFromBackup(automatic!.id);
    expect((await later.loadConfiguration(odd)).data).toEqual({ secret: 'of the odd one' });
  });

  it('works for a configuration that was named after a backup', async () => {
    const odd = join(folder, 'app.json.20261124T101530123Z.r12.fedcba9876543210.auto.backup.json');
    const module = await startModule(folder, { encryption: { key: keyOf(1) } });
    await saveAll(module, [{ secret: 'of the odd one' }, { a: 2 }], odd);
    expect(await module.listBackups(odd)).toHaveLength(1);
    await module.destroy();
    expect(filesWith(folder, 'of the odd one')).toEqual([]);
  });

  it('follows a link to its configuration', async () => {
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    symlinkSync('app.json', join(folder, 'link.json'));
    const [own] = await module.listBackups(path);
    const [linked] = await module.listBackups(join(folder, 'link.json'));
    expect(linked?.id).toBe(own?.id);
  });

  it('passes over and keeps what others have put there: files, folders, links, and names that nearly fit', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    const place = keyFolder(folder);
    const identity = id.slice('app.json-0123456789abcdef.'.length);
    writeFileSync(join(place, 'notes.txt'), 'notes');
    writeFileSync(join(place, 'app.json.20269999T999999999Z.r1.0123456789abcdef.auto.backup'), 'no such time');
    writeFileSync(join(place, 'app.json.20260101T000000000Z.r01.0123456789abcdef.auto.backup'), 'odd number');
    writeFileSync(join(place, 'other.json.20260101T000000000Z.r1.0123456789abcdef.auto.backup'), 'of another file');
    mkdirSync(join(place, 'app.json.20260101T000000000Z.r2.0123456789abcdef.auto.backup'));
    symlinkSync(path, join(place, 'app.json.20260101T000000000Z.r3.0123456789abcdef.auto.backup'));
    mkdirSync(join(folder, 'backups', 'photos'));
    writeFileSync(join(folder, 'backups', 'app.json-0123456789abcdef'), 'a file of a folder name');
    symlinkSync(place, join(folder, 'backups', 'app.json-0123456789abcdee'));
    const foreign = (): string[] => stateOf().filter((line) => line.startsWith('backups') && !line.includes(identity));
    const before = foreign();
    expect((await module.listBackups()).map((backup) => backup.id)).toEqual([id]);
    await module.cleanupOldBackups(1);
    expect(foreign()).toEqual(before);
    await module.deleteBackup(id);
    expect(foreign()).toEqual(before);
  });

  it('leaves a copy alone that a person has made beside a backup under a name before its name', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    const name = basename(fileOf(keyFolder(folder), id));
    const copy = join(keyFolder(folder), `Copy of ${name}`);
    writeFileSync(copy, 'precious');
    await module.destroy();
    expect(existsSync(copy)).toBe(true);
  });

  it('shows a damaged backup, without what nobody can tell any more', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    writeFileSync(fileOf(keyFolder(folder), id), 'garbage');
    const [listed] = await module.listBackups(path);
    expect(listed).toMatchObject({ id, fileSize: 7, originalFilePath: path });
    expect(listed).not.toHaveProperty('verifiedAt');
    expect(listed).not.toHaveProperty('metadata');
  });

  it('shows all of them where the system refuses to open one', async () => {
    const refusal = refusing('EACCES');
    const module = await startModule(folder, {}, refusal.interference);
    const results = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    refusal.path = fileOf(keyFolder(folder), keptId(results[1]!));
    const listed = await module.listBackups(path);
    expect(listed.map(({ id, verifiedAt }) => [id, verifiedAt !== undefined])).toEqual([
      [keptId(results[2]!), true],
      [keptId(results[1]!), false],
    ]);
  });

  it('does not show a link to the present file, which a killed change has left, and the next clean-up removes it', async () => {
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const [backup] = await module.listBackups(path);
    const left = join(keyFolder(folder), 'app.json.20260101T000000000Z.r2.0123456789abcdef.auto.backup');
    linkSync(path, left);
    expect((await module.listBackups(path)).map(({ id }) => id)).toEqual([backup!.id]);
    expect((await module.listBackups()).map(({ id }) => id)).toEqual([backup!.id]);
    await module.cleanupOldBackups();
    expect(existsSync(left)).toBe(false);
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });
});

describe('deleteBackup', () => {
  it('removes the file with its manifest, and no other', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const module = await startModule(folder);
    const [newer, older] = await module.listBackups(path);
    const files = { snapshots: snapshotNames(folder).length, manifests: manifestNames(folder).length };
    const result = await module.deleteBackup(newer!.id);
    expect(result).toMatchObject({ success: true, filePath: path, metadata: { backupId: newer!.id } });
    expect(existsSync(newer!.backupPath)).toBe(false);
    expect(snapshotNames(folder)).toHaveLength(files.snapshots - 1);
    expect(manifestNames(folder)).toHaveLength(files.manifests - 1);
    expect((await module.listBackups(path)).map(({ id }) => id)).toEqual([older!.id]);
    await expect(module.deleteBackup(newer!.id)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
    await expect(module.restoreFromBackup(newer!.id)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
  });

  it('may take the last one while the file is whole, or was deleted through the module', async () => {
    const module = await startModule(folder, { maxVersionHistory: 1 });
    const saved = (await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!;
    await module.deleteBackup(keptId(saved));
    expect(await module.listBackups(path)).toEqual([]);
    const removed = await module.deleteConfiguration(path);
    await module.deleteBackup(keptId(removed));
    expect(await module.listBackups(path)).toEqual([]);
  });

  it.each([
    ['damaged', () => writeFileSync(path, '{"a":')],
    ['emptied', () => writeFileSync(path, '')],
    ['gone', () => rmSync(path)],
  ])('keeps the last good one while the file is %s, and gives up others', async (_title, harm) => {
    const module = await startModule(folder);
    const results = await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    harm();
    await module.deleteBackup(keptId(results[2]!));
    await expect(module.deleteBackup(keptId(results[1]!))).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    await module.restoreFromBackup(keptId(results[1]!));
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    await module.deleteBackup(keptId(results[1]!));
  });

  it('keeps the last whole one while the file is damaged, although another one was cut short meanwhile', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }], { maxVersionHistory: 1 });
    const module = await startModule(folder, { maxVersionHistory: 1 });
    const [newer, older] = await module.listBackups(path);
    for (const file of snapshotNames(folder).filter((name) => name.includes('.version'))) {
      truncateSync(join(keyFolder(folder), file), 5);
    }
    truncateSync(newer!.backupPath, 5);
    writeFileSync(path, '{"a":');
    await expect(module.deleteBackup(older!.id)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  });

  it('leaves files of other people alone whose names start like that of the backup', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    const file = fileOf(keyFolder(folder), id);
    writeFileSync(`${file}.orig`, 'precious');
    writeFileSync(file.replace('.auto.backup', '.auto (copy).backup'), 'precious');
    await module.deleteBackup(id);
    expect(filesWith(folder, 'precious')).toHaveLength(2);
  });

  it('is not stopped by a folder whose name starts like that of the backup', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    mkdirSync(`${fileOf(keyFolder(folder), id)}.unpacked`);
    await expect(module.deleteBackup(id)).resolves.toMatchObject({ success: true });
  });

  it('refuses where the configuration has another checksum than expected', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    const wrong = { expectedChecksum: '0'.repeat(64) };
    await expect(module.deleteBackup(id, wrong)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  });

  it('knows no id of another folder, and none that was never given', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    const other = await startModule(folder, { backupDirectory: join(folder, 'elsewhere') });
    for (const unknown of [id, UNKNOWN_ID]) {
      await expect(other.deleteBackup(unknown)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
      await expect(other.restoreFromBackup(unknown)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
    }
    expect(readFileSync(fileOf(keyFolder(folder), id), 'utf8')).toContain('1');
  });

  it('refuses for a configuration that the module may not touch: there is no lock to take', async () => {
    const shared = join(folder, 'shared');
    const home = join(folder, 'home');
    mkdirSync(home);
    const directories = { backupDirectory: join(shared, 'backups'), metadataDirectory: join(shared, 'metadata') };
    const owner = await startModule(home, directories);
    const id = keptId((await saveAll(owner, [1, 2]))[1]!);
    const elsewhere = temporaryFolder();
    const stranger = await startModule(elsewhere, directories);
    await expect(stranger.deleteBackup(id)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect(await owner.listBackups()).toHaveLength(1);
  });
});
