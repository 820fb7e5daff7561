/** What the retention takes and never takes, through the module on real files. The rules themselves have tests of their own. */
import { jest } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { BackupRetentionPolicy } from '../../interfaces/backups.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import {
  gate,
  journalFile,
  listing,
  startModule,
  systemError,
  temporaryFolder,
  walk,
} from '../support/moduleFixture.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import {
  everyAutomatic,
  filesWith,
  keyFolder,
  keptId,
  saveAll,
  saveAndMaintain,
  snapshotNames,
} from './backupFixture.js';

const HOUR = 3_600_000;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** The values in the backups of a configuration, newest first. */
async function contentsOf(module: ConfigPersistenceModule, of = path): Promise<unknown[]> {
  const backups = await module.listBackups(of);
  return backups.map(({ backupPath }) => {
    const bytes = readFileSync(backupPath);
    return JSON.parse((backupPath.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
  });
}

/** Saves the values, each so many hours before now. */
async function saveAt(module: ConfigPersistenceModule, values: readonly (readonly [unknown, number])[]): Promise<void> {
  const now = Date.now();
  for (const [value, hoursAgo] of values) {
    jest.spyOn(Date, 'now').mockReturnValue(now - hoursAgo * HOUR);
    await module.saveConfiguration(value);
  }
  jest.restoreAllMocks();
}

function stateOf(): string[] {
  return listing(folder).filter((line) => !line.startsWith('locks'));
}

describe('cleanupOldBackups', () => {
  it('leaves so many of each configuration, never across them', async () => {
    const module = await startModule(folder, { retentionCount: 10 });
    const other = join(folder, 'other.json');
    await saveAll(module, [1, 2, 3, 4, 5]);
    await saveAll(module, [1, 2], other);
    const before = await module.listBackups();
    const result = await module.cleanupOldBackups(2);
    expect(await contentsOf(module)).toEqual([4, 3]);
    expect(await contentsOf(module, other)).toEqual([1]);
    expect(result).toMatchObject({ success: true, deletedBackupsCount: 2, retainedBackupsCount: 3 });
    expect([...result.deletedBackups, ...result.retainedBackups].sort()).toEqual(before.map(({ id }) => id).sort());
    expect(result.decisions.map(({ backupId }) => backupId).sort()).toEqual(before.map(({ id }) => id).sort());
  });

  it('is only about one configuration with a path', async () => {
    const module = await startModule(folder);
    const other = join(folder, 'other.json');
    await saveAll(module, [1, 2, 3]);
    await saveAll(module, [1, 2, 3], other);
    const result = await module.cleanupOldBackups(1, { filePath: other });
    expect(result.retainedBackupsCount).toBe(1);
    expect(await contentsOf(module)).toEqual([2, 1]);
    expect(await contentsOf(module, other)).toEqual([2]);
  });

  it('tells in a dry run what it would do and why, writes nothing, and then does just that', async () => {
    const module = await startModule(folder, { retentionCount: 10 });
    await saveAll(module, [1, 2, 3, 4]);
    const before = listing(folder);
    const dry = await module.cleanupOldBackups(1, { dryRun: true });
    expect(listing(folder)).toEqual(before);
    expect(dry).toMatchObject({ deletedBackupsCount: 2, retainedBackupsCount: 1, reclaimedSpaceBytes: 0 });
    expect(dry.decisions).toHaveLength(3);
    expect(dry.decisions.every(({ reason }) => reason.length > 10)).toBe(true);
    const real = await module.cleanupOldBackups(1);
    expect(real.decisions).toEqual(dry.decisions);
    expect(await contentsOf(module)).toEqual([3]);
  });

  it('keeps the content of a version in the history as a version, and says how much is free', async () => {
    const module = await startModule(folder, { retentionCount: 10, maxVersionHistory: 3, compressionEnabled: false });
    await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
    const files = snapshotNames(folder);
    const result = await module.cleanupOldBackups(1);
    expect(result.deletedBackupsCount).toBe(2);
    const versions = snapshotNames(folder).filter((name) => name.endsWith('.version'));
    expect(versions).toEqual([files[1]?.replace('.backup', '.version')]);
    expect(result.reclaimedSpaceBytes).toBe(JSON.stringify({ a: 1 }, null, 2).length + 1);
    const history = await module.getVersionHistory();
    await module.rollbackToVersion(history[2]!.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('removes a version when the history forgets it', async () => {
    const module = await startModule(folder, { retentionCount: 1, maxVersionHistory: 2 });
    await saveAll(module, [1, 2, 3, 4, 5, 6]);
    await module.destroy();
    const later = await startModule(folder, { retentionCount: 1, maxVersionHistory: 2 });
    expect(await contentsOf(later)).toEqual([5]);
    expect(await later.getVersionHistory()).toHaveLength(2);
    expect(snapshotNames(folder).length).toBeLessThanOrEqual(2);
  });

  it('applies the policy in force without a count, also one that was configured while it runs', async () => {
    const module = await startModule(folder, { retentionCount: 10 });
    await saveAll(module, [1, 2, 3, 4, 5]);
    expect((await module.cleanupOldBackups()).deletedBackupsCount).toBe(0);
    module.configure({ retentionPolicy: { maxCount: 2 } });
    expect((await module.cleanupOldBackups()).deletedBackupsCount).toBe(2);
    expect(await contentsOf(module)).toEqual([4, 3]);
  });

  it.each<[string, BackupRetentionPolicy, unknown[]]>([
    ['fifo', { retentionStrategy: 'fifo', maxCount: 2 }, [4, 3]],
    ['lifo', { retentionStrategy: 'lifo', maxCount: 2 }, [2, 1]],
    ['age-based', { retentionStrategy: 'age-based', maxCount: 10, maxAgeHours: 25 }, [4, 3]],
    ['an age in any strategy', { maxCount: 1, maxAgeHours: 1000 }, [4]],
    ['keep rules', { keepLast: 1, keepDaily: 2 }, [4, 3]],
    ['keepWithin', { keepWithin: '30h' }, [4, 3]],
  ])('follows %s', async (_title, retentionPolicy, expected) => {
    const module = await startModule(folder, { retentionCount: 50, maxVersionHistory: 1 });
    await saveAt(module, [
      [1, 100],
      [2, 72],
      [3, 48],
      [4, 24],
      [5, 0],
    ]);
    await module.destroy();
    const later = await startModule(folder, { retentionPolicy, maxVersionHistory: 1 });
    await later.cleanupOldBackups();
    expect(await contentsOf(later)).toEqual(expected);
  });

  it('lets the largest go first in the strategy size-based', async () => {
    const options = { maxVersionHistory: 1, compressionEnabled: false, retentionCount: 50 };
    const module = await startModule(folder, options);
    await saveAll(module, ['s', 'l'.repeat(5000), 'm'.repeat(500), 'end']);
    module.configure({ retentionPolicy: { retentionStrategy: 'size-based', maxTotalBytes: 1000, maxCount: 50 } });
    await module.cleanupOldBackups();
    expect(await contentsOf(module)).toEqual(['m'.repeat(500), 's']);
  });

  it('follows priority rules, the higher one first', async () => {
    const module = await startModule(folder, { retentionCount: 50 });
    await module.saveConfiguration(1, path, { tags: ['release'] });
    await saveAll(module, [2, 3, 4]);
    await module.createBackup(path, 'mine');
    const rule = (condition: string, priority: number, action: 'keep' | 'delete') => ({
      condition,
      priority,
      action,
      description: '',
    });
    module.configure({
      retentionPolicy: {
        retentionStrategy: 'priority-based',
        priorityRules: [rule('automatic', 1, 'delete'), rule('tag = "release"', 2, 'keep')],
      },
    });
    await module.cleanupOldBackups();
    expect(await contentsOf(module)).toEqual([4, 1]);
  });

  it('keeps named backups from automatic pruning where that is asked for, and not from one by hand', async () => {
    const options = { retentionPolicy: { keepNamed: true, maxCount: 1 }, maxVersionHistory: 1 };
    const module = await startModule(folder, options);
    await module.saveConfiguration('named');
    await module.createBackup(path, 'precious');
    await saveAll(module, [2, 3, 4]);
    await module.destroy();
    const later = await startModule(folder, options);
    expect(await contentsOf(later)).toEqual([3, 'named']);
    await later.cleanupOldBackups(1);
    expect(await contentsOf(later)).toEqual([3]);
  });

  it('treats named backups as any other without that', async () => {
    const module = await startModule(folder, { retentionCount: 1, maxVersionHistory: 1 });
    await module.saveConfiguration('named');
    await module.createBackup(path, 'not precious');
    await saveAll(module, [2, 3]);
    await module.destroy();
    const later = await startModule(folder);
    expect(await contentsOf(later)).toEqual([2]);
  });

  it('never takes the last verified one, even against a rule', async () => {
    const module = await startModule(folder, { retentionPolicy: everyAutomatic('delete'), maxVersionHistory: 1 });
    await saveAll(module, [1, 2, 3]);
    const result = await module.cleanupOldBackups();
    expect(result.retainedBackupsCount).toBe(1);
    expect(await contentsOf(module)).toEqual([2]);
  });

  it('prefers a whole old one to damaged new ones', async () => {
    const module = await startModule(folder, { maxVersionHistory: 1 });
    const results = await saveAll(module, [1, 2, 3]);
    const damaged = (await module.listBackups(path))[0]!;
    truncateSync(damaged.backupPath, 0);
    await module.cleanupOldBackups(1);
    await module.restoreFromBackup(keptId(results[1]!));
    expect((await module.loadConfiguration()).data).toBe(1);
  });

  it.each<[string, () => void]>([
    ['damaged', () => writeFileSync(path, '{"a":')],
    ['gone', () => rmSync(path)],
  ])('takes nothing while the file is %s', async (_title, harm) => {
    await saveAndMaintain(folder, [1, 2, 3, 4, 5, 6], { retentionCount: 4 });
    const module = await startModule(folder, { retentionCount: 1 });
    harm();
    const before = snapshotNames(folder);
    const result = await module.cleanupOldBackups(1);
    expect(result).toMatchObject({ deletedBackupsCount: 0, retainedBackupsCount: 4, reclaimedSpaceBytes: 0 });
    expect(snapshotNames(folder)).toEqual(before);
  });

  it('archives nothing while the file is damaged', async () => {
    await saveAndMaintain(folder, [1, 2, 3]);
    const module = await startModule(folder, { retentionPolicy: everyAutomatic('archive') });
    writeFileSync(path, '{"a":');
    await module.cleanupOldBackups();
    expect(await module.listBackups(path)).toHaveLength(2);
  });

  it('takes only the oldest of many damaged files', async () => {
    const module = await startModule(folder);
    for (let index = 0; index < 8; index++) {
      writeFileSync(path, `{"damage${index}`);
      await module.saveConfiguration(index);
    }
    await module.destroy();
    const kept = filesWith(folder, ...[0, 1, 2].map((index) => `damage${index}`));
    expect(kept).toEqual([]);
    expect(snapshotNames(folder).filter((name) => name.includes('.corrupt'))).toHaveLength(5);
  });

  it('moves what a rule archives to the archive, where it is readable, and the history keeps its content', async () => {
    const module = await startModule(folder, { retentionPolicy: everyAutomatic('archive') });
    await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const [kept, oldest] = await module.listBackups(path);
    expect(await module.cleanupOldBackups()).toMatchObject({
      archivedBackups: [oldest!.id],
      retainedBackups: [kept!.id],
      reclaimedSpaceBytes: 0,
    });
    const archived = walk(join(folder, 'archive')).map((file) => basename(file));
    expect(archived).toEqual([
      '.gitignore',
      expect.stringMatching(/^app\.json-/u),
      expect.stringMatching(/\.auto\.backup$/u),
      expect.stringMatching(/\.meta$/u),
    ]);
    expect((await module.listBackups(path)).map(({ id }) => id)).toEqual([kept!.id]);
    const history = await module.getVersionHistory();
    await module.rollbackToVersion(history[2]!.id);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('leaves what a rule has archived within reach of restoreFromBackup and deleteBackup', async () => {
    const module = await startModule(folder, { retentionPolicy: everyAutomatic('archive'), maxVersionHistory: 1 });
    await saveAll(module, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const { archivedBackups } = await module.cleanupOldBackups();
    await module.restoreFromBackup(archivedBackups[0]!);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    await module.deleteBackup(archivedBackups[0]!);
    await expect(module.restoreFromBackup(archivedBackups[0]!)).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
  });

  it('archives the manifest too where it does so right after the change', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }], { retentionPolicy: everyAutomatic('archive') });
    expect(walk(join(folder, 'archive')).filter((file) => file.endsWith('.meta'))).toHaveLength(1);
  });

  it('compresses what a rule compresses after the next change, and what none does stays plain', async () => {
    const off = { compressionEnabled: false };
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { ...off, retentionPolicy: everyAutomatic('compress') });
    const backups = snapshotNames(folder).filter((name) => name.includes('.backup'));
    expect(backups).toEqual([expect.stringMatching(/\.gz$/u)]);
  });

  it('tells failures of one configuration and goes on with the others', async () => {
    const [module, other] = [await startModule(folder, { retentionCount: 9 }), await startModule(folder)];
    const second = join(folder, 'second.json');
    await saveAll(module, [1, 2, 3]);
    await saveAll(module, [1, 2, 3], second);
    await other.acquireFileLock(path);
    const result = await module.cleanupOldBackups(1, { lockTimeout: 0 });
    expect(result).toMatchObject({ success: false, deletedBackupsCount: 1, retainedBackupsCount: 1 });
    expect(result.errors).toHaveLength(1);
    expect(await contentsOf(module)).toEqual([2, 1]);
    await expect(module.cleanupOldBackups(1, { lockTimeout: 0, filePath: path })).rejects.toMatchObject({
      code: 'ERR_LOCK_TIMEOUT',
    });
  });

  it('tells backups of which nobody knows the file, and leaves them', async () => {
    await saveAndMaintain(folder, [1, 2, 3]);
    rmSync(join(folder, 'metadata'), { recursive: true });
    for (const name of readdirSync(keyFolder(folder)).filter((one) => one.endsWith('.meta'))) {
      rmSync(join(keyFolder(folder), name));
    }
    const before = stateOf();
    const module = await startModule(folder);
    expect(await module.cleanupOldBackups(1)).toMatchObject({ success: false, deletedBackupsCount: 0 });
    expect(stateOf()).toEqual(before);
    expect(await module.listBackups()).toHaveLength(2);
  });

  it('takes no version while the records about them are damaged', async () => {
    await saveAndMaintain(folder, [1, 2, 3, 4, 5, 6, 7]);
    const versions = (): string[] => snapshotNames(folder).filter((name) => name.includes('.version'));
    const before = versions();
    writeFileSync(journalFile(folder), 'garbage');
    const module = await startModule(folder);
    await module.cleanupOldBackups();
    expect(versions()).toEqual(before);
  });

  it('does nothing where there is nothing', async () => {
    const module = await startModule(folder);
    const nothing = { success: true, deletedBackupsCount: 0, retainedBackupsCount: 0, decisions: [] };
    expect(await module.cleanupOldBackups()).toMatchObject(nothing);
    expect(await module.cleanupOldBackups(1, { filePath: path })).toMatchObject(nothing);
  });

  it('trusts no manifest of a backup that was damaged later: the whole one before it stays', async () => {
    await saveAndMaintain(folder, [1, 2, 3], { maxVersionHistory: 1 });
    const module = await startModule(folder, { maxVersionHistory: 1 });
    const [newer, older] = await module.listBackups(path);
    truncateSync(newer!.backupPath, 5);
    const { decisions } = await module.cleanupOldBackups(1, { dryRun: true });
    expect(decisions).toMatchObject([{ action: 'keep' }, { action: 'keep' }]);
    await module.cleanupOldBackups(1);
    await expect(module.restoreFromBackup(older!.id)).resolves.toMatchObject({ success: true });
  });

  it('keeps an automatic backup whose content is otherwise only in a newer one that was damaged later', async () => {
    await saveAndMaintain(folder, [1, 2, 1, 3], { maxVersionHistory: 1, retentionPolicy: { keepLast: 10 } });
    const module = await startModule(folder, { maxVersionHistory: 1, retentionCount: 50 });
    const [newer, , older] = await module.listBackups(path);
    expect(newer!.checksum).toBe(older!.checksum);
    truncateSync(newer!.backupPath, 5);
    await module.cleanupOldBackups();
    expect((await module.listBackups(path)).map(({ id }) => id)).toContain(older!.id);
  });

  it('does not call a folder orphaned in which no backup is', async () => {
    const module = await startModule(folder);
    await saveAll(module, [1, 2]);
    mkdirSync(join(folder, 'backups', 'photos-0123456789abcdef'));
    expect(await module.cleanupOldBackups()).toMatchObject({ success: true });
  });

  it.each<[string, ConfigPersistenceOptions, boolean]>([
    ['are under a key that is not configured', { encryption: { passphrase: 'another' } }, false],
    ['cannot be opened just now', { encryption: { passphrase: 'right' } }, true],
  ])('removes nothing where the newest is damaged and the others %s', async (_title, options, isRefused) => {
    const right = { encryption: { passphrase: 'right' }, maxVersionHistory: 1, retentionCount: 10 };
    await saveAndMaintain(folder, [1, 2, 3, 4], right);
    const before = snapshotNames(folder);
    const module = await startModule(folder, { ...right, ...options }, (real) => ({
      open: (opened, flags, mode) =>
        isRefused && opened.includes('.backup') ? Promise.reject(systemError('EIO')) : real.open(opened, flags, mode),
    }));
    const [newest] = await module.listBackups(path);
    truncateSync(newest!.backupPath, 100);
    expect(await module.cleanupOldBackups(1)).toMatchObject({ success: true, deletedBackupsCount: 0 });
    expect(snapshotNames(folder)).toEqual(before);
  });

  it('takes nothing while the live file is damaged, not even a version that a backup holds too', async () => {
    await saveAndMaintain(folder, [1]);
    const module = await startModule(folder);
    await module.saveConfiguration(2);
    writeFileSync(path, '{ damaged');
    const before = snapshotNames(folder);
    await module.cleanupOldBackups();
    expect(snapshotNames(folder)).toEqual(before);
  });

  it.each(['garbage', undefined])('takes nothing while the file is gone and its records are %p', async (records) => {
    await saveAndMaintain(folder, [1, 2, 3, 4], { retentionCount: 10, maxVersionHistory: 1 });
    if (records === undefined) rmSync(join(folder, 'metadata'), { recursive: true });
    else writeFileSync(journalFile(folder), records);
    rmSync(path);
    const module = await startModule(folder, { maxVersionHistory: 1 });
    expect(await module.cleanupOldBackups(1, { filePath: path })).toMatchObject({ deletedBackupsCount: 0 });
    expect(await module.listBackups(path)).toHaveLength(3);
  });

  it('keeps what an ended lease no longer lets it remove', async () => {
    folder = temporaryFolder({ mayKeepTraces: true });
    path = join(folder, 'app.json');
    await saveAndMaintain(folder, [1, 2, 3, 4], { retentionCount: 10, maxVersionHistory: 1 });
    const [reached, taken] = [gate(), gate()];
    const options = { staleLockThreshold: 100, maxVersionHistory: 1 };
    const stopped = await startModule(folder, options, (real) => ({
      async unlink(removed) {
        if (removed.includes('.backup')) {
          reached.open();
          await taken.opened;
        }
        return real.unlink(removed);
      },
    }));
    const cleaning = stopped.cleanupOldBackups(1, { filePath: path });
    const refused = expect(cleaning).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
    await reached.opened;
    const other = startProcess(`${moduleScript(folder)}
      console.log((await module.acquireFileLock(${JSON.stringify(path)})).success);
      setInterval(() => undefined, 1000);`);
    expect(await other.nextLine()).toBe('true');
    taken.open();
    await refused;
    expect(snapshotNames(folder).filter((name) => name.includes('.backup'))).toHaveLength(2);
  });

  it('limits by age alone where the policy gives no count', async () => {
    const module = await startModule(folder, { retentionPolicy: { maxAgeHours: 720 } });
    await saveAll(module, [1, 2, 3, 4, 5, 6]);
    await module.cleanupOldBackups();
    expect(await module.listBackups(path)).toHaveLength(5);
  });
});
