/** A backup folder that is missing, refused, full, or something else: no change is made without its backup. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startModule, systemError, temporaryFolder, type Interference } from '../support/moduleFixture.js';
import { keptId, keyFolder, saveAll, snapshotNames } from './backupFixture.js';

let folder: string;
let path: string;
let backups: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
  backups = join(folder, 'backups');
});

/** Refuses everything that would change something in the backup folder. */
function readOnly(code: string): Interference {
  const isInside = (target: string): boolean => target.startsWith(join(folder, 'backups'));
  const refuse = <T>(call: string): Promise<T> => Promise.reject(systemError(code, call));
  return (real) => ({
    open: (name, flags, mode) => (isInside(name) && mode !== undefined ? refuse('open') : real.open(name, flags, mode)),
    mkdir: (name, mode) => (isInside(name) ? refuse('mkdir') : real.mkdir(name, mode)),
    link: (from, to) => (isInside(to) ? refuse('link') : real.link(from, to)),
    rename: (from, to) => (isInside(to) ? refuse('rename') : real.rename(from, to)),
    unlink: (name) => (isInside(name) ? refuse('unlink') : real.unlink(name)),
  });
}

describe('the backup folder', () => {
  it('is made when the first backup is, with its missing parents', async () => {
    backups = join(folder, 'deep', 'er', 'backups');
    const module = await startModule(folder, { backupDirectory: backups });
    await module.saveConfiguration({ a: 1 });
    expect(existsSync(join(folder, 'deep'))).toBe(false);
    await module.saveConfiguration({ a: 2 });
    expect(await module.listBackups()).toHaveLength(1);
  });

  it('may vanish: what was in it is gone, saves go on and make it anew', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    rmSync(backups, { recursive: true });
    expect(await module.listBackups()).toEqual([]);
    await expect(module.restoreFromBackup(id)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
    await module.saveConfiguration({ a: 3 });
    await module.createBackup();
    expect(await module.listBackups()).toHaveLength(2);
  });

  it('may be moved away and back', async () => {
    const module = await startModule(folder);
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    renameSync(backups, `${backups}-away`);
    expect(await module.listBackups(path)).toEqual([]);
    renameSync(`${backups}-away`, backups);
    await expect(module.restoreFromBackup(id)).resolves.toMatchObject({ success: true });
  });

  it.each<[string, () => void]>([
    ['a file', () => writeFileSync(backups, 'not a folder')],
    ['a link to nothing', () => symlinkSync(join(folder, 'nowhere'), backups)],
  ])('stops changes where it is %s, which is left alone, and the configuration as it is', async (_title, harm) => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    harm();
    const bytes = readFileSync(path);
    const attempts = [
      () => module.saveConfiguration({ a: 2 }),
      () => module.updateConfiguration(() => ({ a: 2 })),
      () => module.deleteConfiguration(path),
      () => module.createBackup(),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({ name: expect.stringMatching(/^(?:Persistence|Storage)Error$/u) });
    }
    expect(readFileSync(path)).toEqual(bytes);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
    rmSync(backups);
    await module.saveConfiguration({ a: 2 });
    expect(await module.listBackups()).toHaveLength(1);
  });

  it('names itself, not the configuration, where it is what is wrong', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    writeFileSync(backups, 'not a folder');
    const failures = await Promise.allSettled([
      module.saveConfiguration({ a: 2 }),
      module.createBackup(),
      module.listBackups(path),
    ]);
    for (const failure of failures) {
      expect(failure).toMatchObject({
        status: 'rejected',
        reason: { code: 'ERR_NOT_A_FILE', filePath: expect.stringContaining(backups) },
      });
    }
  });

  it.each(['EROFS', 'EACCES', 'ENOSPC'])(
    'that answers %s stops changes; lists and restores still work',
    async (code) => {
      const writable = await startModule(folder);
      await saveAll(writable, [{ a: 1 }, { a: 2 }]);
      await writable.destroy();
      const before = snapshotNames(folder);
      const module = await startModule(folder, {}, readOnly(code));
      await expect(module.saveConfiguration({ a: 3 })).rejects.toMatchObject({ name: 'StorageError', code });
      await expect(module.deleteConfiguration(path)).rejects.toMatchObject({ name: 'StorageError', code });
      await expect(module.createBackup()).rejects.toMatchObject({ name: 'StorageError', code });
      expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
      const [backup] = await module.listBackups(path);
      await module.restoreFromBackup(backup!.id, join(folder, 'shown.json'));
      expect((await module.loadConfiguration(join(folder, 'shown.json'))).data).toEqual({ a: 1 });
      expect(snapshotNames(folder)).toEqual(before);
    },
  );

  it('that nothing can be removed from stops deleteBackup with the code of the system', async () => {
    const writable = await startModule(folder);
    const id = keptId((await saveAll(writable, [{ a: 1 }, { a: 2 }]))[1]!);
    const module = await startModule(folder, {}, readOnly('EROFS'));
    await expect(module.deleteBackup(id)).rejects.toMatchObject({ name: 'StorageError', code: 'EROFS' });
    expect(await module.listBackups(path)).toHaveLength(1);
  });

  it('does not matter to changes that keep nothing', async () => {
    writeFileSync(backups, 'not a folder');
    const module = await startModule(folder, { enableBackup: false, maxVersionHistory: 1 });
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    await module.deleteConfiguration(path);
    expect(readFileSync(backups, 'utf8')).toBe('not a folder');
  });

  it('is used through a link to another folder', async () => {
    const elsewhere = temporaryFolder();
    symlinkSync(elsewhere, backups);
    const module = await startModule(folder, { allowedDirectories: [elsewhere] });
    const id = keptId((await saveAll(module, [{ a: 1 }, { a: 2 }]))[1]!);
    await module.restoreFromBackup(id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('is not left by a link in the place of a configuration inside it', async () => {
    const module = await startModule(folder);
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const place = keyFolder(folder);
    const elsewhere = temporaryFolder();
    renameSync(place, `${place}.away`);
    symlinkSync(elsewhere, place);
    await expect(module.saveConfiguration({ a: 3 })).rejects.toMatchObject({ code: 'ERR_NOT_A_FILE' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
    expect(snapshotNames(elsewhere)).toEqual([]);
    rmSync(place);
    mkdirSync(place);
    await module.saveConfiguration({ a: 3 });
  });

  it('is named where a file stands in its place, also by operations on all configurations', async () => {
    const module = await startModule(folder);
    writeFileSync(backups, 'not a folder');
    const outcomes = await Promise.allSettled([module.listBackups(), module.cleanupOldBackups()]);
    const reason = { code: 'ERR_NOT_A_FILE', filePath: expect.stringContaining(backups) };
    expect(outcomes).toMatchObject([{ reason }, { reason }]);
  });
});
