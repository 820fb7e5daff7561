/** Each health check: what breaks exactly that, the finding, and its repair; the statistics, and input that means harm. */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HealthStatus, IssueSeverity, StorageHealthScore } from '../../interfaces/enums.js';
import type { HealthCheck, HealthCheckResult, HealthIssue } from '../../interfaces/health.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { memoryStore } from '../../src/memory.js';
import { backupNames, keyFolder, modeOf, saveAll, saveAndMaintain } from '../backup/backupFixture.js';
import { moveClock } from '../support/clock.js';
import { ManualClock } from '../support/ManualClock.js';
import {
  journalFile,
  listing,
  startModule,
  systemError,
  temporaryFolder,
  walk,
  type Surroundings,
} from '../support/moduleFixture.js';

const HOUR_MS = 3_600_000;
const TOKEN = '0123456789abcdef';
const NO_WARNINGS: unknown[] = [];

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

function allIssues({ criticalIssues, warnings }: HealthCheckResult): HealthIssue[] {
  return [...criticalIssues, ...warnings];
}

function checkOf({ checks }: HealthCheckResult, name: string): HealthCheck {
  const check = checks.find((one) => one.name === name);
  if (check === undefined) throw new Error(`no check ${name}`);
  return check;
}

/** Names of the checks that are worse than healthy. */
function badChecks({ checks }: HealthCheckResult): string[] {
  const isFine = ({ status }: HealthCheck): boolean =>
    status === HealthStatus.HEALTHY || status === HealthStatus.UNKNOWN;
  return checks.filter((check) => !isFine(check)).map(({ name }) => name);
}

/** A folder with two versions and their maintained backups, and a module that has found it healthy. */
async function healthyModule(surroundings: Surroundings = {}): Promise<ConfigPersistenceModule> {
  await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }]);
  const module = await startModule(folder, {}, surroundings);
  expect(badChecks(await module.validateStorageHealth())).toEqual([]);
  return module;
}

/** The only issue that there is, of the only check that is not healthy. */
async function onlyIssue(module: ConfigPersistenceModule, check: string): Promise<HealthIssue> {
  const result = await module.validateStorageHealth();
  expect({ bad: badChecks(result), count: allIssues(result).length }).toEqual({ bad: [check], count: 1 });
  return allIssues(result)[0]!;
}

/** Tells it, does it, and finds nothing more. */
async function expectRepaired(module: ConfigPersistenceModule, check: string, affected: string): Promise<void> {
  const before = listing(folder);
  const told = await module.repairStorage({ dryRun: true });
  expect(listing(folder)).toEqual(before);
  const done = await module.repairStorage();
  expect(told).toEqual({ ...done, dryRun: true });
  expect(done).toMatchObject({ success: true, dryRun: false, failed: [], skipped: [] });
  expect(done.repaired).toEqual([{ check, filePath: affected, action: expect.any(String) }]);
  expect(badChecks(await module.validateStorageHealth())).toEqual([]);
}

describe('validateStorageHealth', () => {
  it('finds nothing in an empty folder, and changes nothing', async () => {
    const module = await startModule(folder);
    const result = await module.validateStorageHealth();

    expect(result).toMatchObject({ overallHealth: HealthStatus.HEALTHY, recommendations: [], criticalIssues: [] });
    expect(result.warnings).toEqual(NO_WARNINGS);
    expect(result.nextCheckRecommended).toBeGreaterThan(result.timestamp);
    expect(result.checks.every(({ duration, description }) => duration >= 0 && description !== '')).toBe(true);
    expect(listing(folder)).toEqual([]);
  });

  it('finds rights that others have, which the repair takes away', async () => {
    const module = await healthyModule();
    chmodSync(path, 0o644);
    const issue = await onlyIssue(module, 'permissions');

    expect(issue).toMatchObject({ type: 'permission-issue', affectedFiles: [path], autoFixable: true });
    await expectRepaired(module, 'permissions', path);
    expect(modeOf(path)).toBe(0o600);
  });

  it('finds rights that are missing, of folders too, which the repair gives back', async () => {
    const module = await healthyModule();
    const backups = keyFolder(folder);
    chmodSync(backups, 0o500);

    expect(await onlyIssue(module, 'permissions')).toMatchObject({ affectedFiles: [backups], autoFixable: true });
    await expectRepaired(module, 'permissions', backups);
    expect(modeOf(backups)).toBe(0o700);
  });

  const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

  itAsRoot(
    'finds what belongs to somebody else, and nothing that is of root or of the owner of the folder',
    async () => {
      const module = await healthyModule();
      chownSync(folder, 12_345, 12_345);
      chownSync(path, 12_345, 12_345);
      expect(badChecks(await module.validateStorageHealth())).toEqual([]);
      chownSync(journalFile(folder), 54_321, 54_321);

      const issue = await onlyIssue(module, 'permissions');
      expect(issue).toMatchObject({ affectedFiles: [journalFile(folder)], autoFixable: false });
      expect((await module.repairStorage()).skipped).toHaveLength(1);
    },
  );

  it('finds folders that it may not look at, and goes on', async () => {
    const surroundings: Surroundings = {
      interference: (real) => ({
        opendir: (opened) =>
          opened.endsWith('locks') ? Promise.reject(systemError('EACCES', 'opendir')) : real.opendir(opened),
      }),
    };
    await saveAndMaintain(folder, [{ a: 1 }]);
    const module = await startModule(folder, {}, surroundings);
    const result = await module.validateStorageHealth();

    expect(badChecks(result)).toEqual(['permissions']);
    expect(result.criticalIssues).toMatchObject([
      { type: 'permission-issue', affectedFiles: [join(folder, 'locks')], autoFixable: false },
    ]);
  });

  it('makes an issue of a check that fails itself', async () => {
    const module = await startModule(folder, {}, () => ({
      statfs: () => Promise.reject(systemError('EACCES', 'statfs')),
    }));
    const result = await module.validateStorageHealth();

    expect(badChecks(result)).toEqual(['disk-space']);
    expect(result.criticalIssues).toMatchObject([{ type: 'permission-issue', severity: IssueSeverity.CRITICAL }]);
  });

  it.each([
    ['bytes', { bfree: 10, bavail: 10 }, HealthStatus.WARNING],
    ['bytes', { bfree: 1, bavail: 1 }, HealthStatus.CRITICAL],
    ['files', { files: 100, ffree: 2 }, HealthStatus.CRITICAL],
  ])('finds a disk that is full of %s', async (_, bent, status) => {
    const empty = { bsize: 4096, blocks: 100, bfree: 100, bavail: 100, files: 0, ffree: 0 };
    let stats = empty;
    const module = await healthyModule({ interference: () => ({ statfs: () => Promise.resolve(stats) }) });
    expect((await module.getStorageStatistics()).storageHealth).toBe(StorageHealthScore.EXCELLENT);
    stats = { ...empty, ...bent };
    const result = await module.validateStorageHealth();

    expect(badChecks(result)).toEqual(['disk-space']);
    expect(checkOf(result, 'disk-space').status).toBe(status);
    expect(allIssues(result)).toMatchObject([{ type: 'disk-space', autoFixable: false }]);
    if ('bfree' in bent) {
      const score = status === HealthStatus.WARNING ? StorageHealthScore.FAIR : StorageHealthScore.CRITICAL;
      expect((await module.getStorageStatistics()).storageHealth).toBe(score);
    }
  });

  it('finds a damaged configuration, which the repair restores, keeping the damaged file', async () => {
    const module = await healthyModule();
    writeFileSync(path, '{"a": 2');
    expect(await module.getStorageStatistics()).toMatchObject({
      corruptedFiles: 1,
      storageHealth: StorageHealthScore.CRITICAL,
    });
    expect(await onlyIssue(module, 'configurations')).toMatchObject({
      type: 'file-corruption',
      severity: IssueSeverity.CRITICAL,
      affectedFiles: [path],
      autoFixable: true,
    });

    await expectRepaired(module, 'configurations', path);
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
    const kept = walk(join(folder, 'backups')).filter((name) => name.endsWith('.corrupt'));
    expect(kept.map((name) => readFileSync(name, 'utf8'))).toEqual(['{"a": 2']);
  });

  it('does not offer to restore what has no good backup', async () => {
    const module = await startModule(folder, { autoBackupEnabled: false, maxVersionHistory: 1 });
    await module.saveConfiguration({ a: 1 });
    writeFileSync(path, '{');

    expect(await onlyIssue(module, 'configurations')).toMatchObject({ autoFixable: false, affectedFiles: [path] });
    expect(await module.repairStorage()).toMatchObject({ success: true, repaired: [], skipped: [{}] });
    expect(readFileSync(path, 'utf8')).toBe('{');
  });

  it('takes no edit for damage, and says so of a file that was removed', async () => {
    const module = await healthyModule();
    writeFileSync(path, '{"a": 3}');
    expect(badChecks(await module.validateStorageHealth())).toEqual([]);
    unlinkSync(path);
    const result = await module.validateStorageHealth();

    expect(badChecks(result)).toEqual(['configurations', 'orphans']);
    const types = allIssues(result).map(({ type, autoFixable }) => `${type} ${autoFixable}`);
    expect(types).toEqual(['orphaned-data false', 'orphaned-data false']);
    expect((await module.getStorageStatistics()).storageHealth).toBe(StorageHealthScore.GOOD);
  });

  it('finds a damaged journal, also where nothing tells its configuration any more', async () => {
    const module = await healthyModule();
    writeFileSync(journalFile(folder), 'damaged\n');
    expect(await onlyIssue(module, 'configurations')).toMatchObject({ affectedFiles: [path], autoFixable: false });
    const other = await startModule(folder);
    const result = await other.validateStorageHealth({ only: ['configurations'] });

    expect(allIssues(result).map(({ affectedFiles }) => affectedFiles)).toEqual([[dirname(journalFile(folder))]]);
  });

  it('finds a damaged backup that it has verified before', async () => {
    const module = await healthyModule();
    const [name] = backupNames(folder);
    const backup = join(keyFolder(folder), name!);
    writeFileSync(backup, 'damaged');

    expect(await onlyIssue(module, 'backups')).toMatchObject({ type: 'backup-failure', affectedFiles: [backup] });
    expect(await module.getStorageStatistics()).toMatchObject({ corruptedFiles: 1 });
    await module.repairStorage();
    expect(existsSync(backup)).toBe(true);
  });

  it('tells of backups under another key', async () => {
    const encryption = { key: new Uint8Array(32).fill(1) };
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }], { encryption });
    const module = await startModule(folder);

    const issue = await onlyIssue(module, 'backups');
    expect(issue).toMatchObject({ severity: IssueSeverity.MEDIUM, autoFixable: false });
  });

  it('finds a configuration whose last change has no backup, and makes one', async () => {
    await saveAndMaintain(folder, [{ a: 1 }]);
    for (const file of walk(keyFolder(folder))) unlinkSync(file);
    const clock = new ManualClock();
    const module = await startModule(folder, {}, { clock });
    expect(badChecks(await module.validateStorageHealth())).toEqual([]);
    clock.advance(HOUR_MS + 1);

    expect(await onlyIssue(module, 'backup-age')).toMatchObject({ type: 'backup-failure', affectedFiles: [path] });
    await expectRepaired(module, 'backup-age', path);
    expect(await module.listBackups()).toHaveLength(1);
  });

  it('finds the lock of a process that is gone and its record, and frees it', async () => {
    const module = await healthyModule();
    const owners = join(folder, 'locks', 'owners');
    const [key] = readdirSync(join(folder, 'locks')).filter((name) => name.startsWith('app.json-'));
    const lockFolder = join(folder, 'locks', key!);
    const [free] = readdirSync(lockFolder);
    const token = Number.parseInt(free!, 10) + 1;
    await module.saveConfiguration({ a: 3 }, join(folder, 'b.json'));
    const living = JSON.parse(readFileSync(join(owners, readdirSync(owners)[0]!), 'utf8')) as object;
    const dead = join(owners, `${TOKEN}.json`);
    writeFileSync(dead, JSON.stringify({ ...living, id: TOKEN, pid: 2 ** 22 }), { mode: 0o600 });
    const held = `${token}.00000000-0000-4000-8000-000000000000.${TOKEN}.1.1.600000.lock`;
    const current = readdirSync(lockFolder)[0]!;
    renameSync(join(lockFolder, current), join(lockFolder, held));

    const result = await module.validateStorageHealth();
    expect(badChecks(result)).toEqual(['locks']);
    expect(allIssues(result)).toMatchObject([
      { affectedFiles: [join(lockFolder, held)], autoFixable: true },
      { affectedFiles: [dead], autoFixable: true },
    ]);
    const { repaired } = await module.repairStorage({ only: ['locks'] });
    expect(repaired.map(({ filePath }) => filePath)).toEqual([join(lockFolder, held), dead]);
    expect(existsSync(dead)).toBe(false);
    expect(badChecks(await module.validateStorageHealth())).toEqual([]);
    expect((await module.checkFileLock(path)).isLocked).toBe(false);
  });

  it('finds temporary files of a configuration that nobody works on, and clears them away', async () => {
    const module = await healthyModule();
    const left = join(folder, `.app.json.${TOKEN}.tmp`);
    writeFileSync(left, 'half', { mode: 0o600 });
    const other = await startModule(folder);
    const { lockId } = await other.acquireFileLock(path);
    expect(badChecks(await module.validateStorageHealth())).toEqual([]);
    await other.releaseFileLock(lockId);

    expect(await onlyIssue(module, 'leftovers')).toMatchObject({ affectedFiles: [left], autoFixable: true });
    await expectRepaired(module, 'leftovers', left);
    expect(existsSync(left)).toBe(false);
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('finds those of no configuration when they are old, and leaves deleted files that nobody knows', async () => {
    const module = await healthyModule();
    const draft = join(folder, `.export.json.${TOKEN}.tmp`);
    const tombstone = join(folder, `.gone.json.${TOKEN}.deleted`);
    for (const file of [draft, tombstone]) writeFileSync(file, '{}', { mode: 0o600 });
    expect((await module.validateStorageHealth()).warnings.map(({ affectedFiles }) => affectedFiles)).toEqual([
      [tombstone],
    ]);
    const old = new Date(Date.now() - 2 * HOUR_MS);
    utimesSync(draft, old, old);
    const { repaired, skipped } = await module.repairStorage();

    expect(repaired.map(({ filePath }) => filePath)).toEqual([draft]);
    expect(skipped).toMatchObject([{ check: 'leftovers' }]);
    expect([existsSync(draft), existsSync(tombstone)]).toEqual([false, true]);
    unlinkSync(tombstone);
  });

  it('counts the backups of a configuration that was deleted, and removes none', async () => {
    const module = await healthyModule();
    await module.deleteConfiguration(path);
    const { orphanedBackups, storageHealth } = await module.getStorageStatistics();

    expect(orphanedBackups).toBe((await module.listBackups()).length);
    expect(storageHealth).toBe(StorageHealthScore.GOOD);
    expect(await onlyIssue(module, 'orphans')).toMatchObject({ severity: IssueSeverity.LOW, autoFixable: false });
    const before = backupNames(folder);
    await module.repairStorage();
    expect(backupNames(folder)).toEqual(before);
  });

  it('finds many failures of the storage, and does not count the mistakes of callers', async () => {
    let isFailing = false;
    const module = await healthyModule({
      interference: (real) => ({
        fsync: (descriptor) => (isFailing ? Promise.reject(systemError('ENOSPC', 'fsync')) : real.fsync(descriptor)),
      }),
    });
    const missing = join(folder, 'missing.json');
    const loads = Array.from({ length: 20 }, () => module.loadConfiguration(missing));
    await Promise.allSettled(loads);
    expect(badChecks(await module.validateStorageHealth())).toEqual([]);
    isFailing = true;
    for (let index = 0; index < 6; index++) {
      await expect(module.saveConfiguration({ index })).rejects.toMatchObject({ code: 'ENOSPC' });
    }
    isFailing = false;

    const result = await module.validateStorageHealth({ only: ['error-rate'] });
    expect(checkOf(result, 'error-rate')).toMatchObject({
      status: HealthStatus.CRITICAL,
      metrics: { operations: 26, failed: 6 },
      details: { failures: { ENOSPC: 6 } },
    });
  });

  it('finds slow operations', async () => {
    let isSlow = false;
    const module = await healthyModule({
      interference: (real) => ({
        fsync: (descriptor) => {
          if (isSlow) moveClock(6000);
          return real.fsync(descriptor);
        },
      }),
    });
    await Promise.allSettled(Array.from({ length: 20 }, () => module.loadConfiguration(join(folder, 'missing.json'))));
    isSlow = true;
    await saveAll(module, [{ a: 3 }, { a: 4 }]);
    isSlow = false;

    // The bent clock looks to the check of the clock as if the time of day were set back.
    const { warnings } = await module.validateStorageHealth({ only: ['slow-operations'] });
    expect(warnings).toMatchObject([{ type: 'performance-degradation', autoFixable: false }]);
  });

  it('finds a clock that was set back, and files that are dated in the future', async () => {
    class SetBack extends ManualClock {
      behindMs = 0;
      override now(): number {
        return super.now() - this.behindMs;
      }
    }
    const clock = new SetBack();
    const module = await healthyModule({ clock });
    const future = new Date(Date.now() + 2 * HOUR_MS);
    utimesSync(path, future, future);
    expect(await onlyIssue(module, 'clock')).toMatchObject({ affectedFiles: [path] });
    utimesSync(path, new Date(), new Date());
    clock.behindMs = HOUR_MS;

    const { metrics } = checkOf(await module.validateStorageHealth({ only: ['clock'] }), 'clock');
    expect(metrics?.setBackMs).toBe(HOUR_MS);
  });

  it('finds a file system that returns other bytes than it was given', async () => {
    let isLying = false;
    const module = await healthyModule({
      interference: (real) => ({
        write: (descriptor, buffer, offset, length, position) => {
          const given = isLying ? Buffer.alloc(buffer.length, 'x') : buffer;
          return real.write(descriptor, given, offset, length, position);
        },
      }),
    });
    isLying = true;
    await expect(module.saveConfiguration({ a: 3 })).rejects.toMatchObject({ code: 'ERR_WRITE_VERIFICATION' });
    isLying = false;

    const result = await module.validateStorageHealth({ only: ['file-system'] });
    expect(result).toMatchObject({ overallHealth: HealthStatus.CRITICAL, checks: [{ name: 'file-system' }] });
  });
});

describe('what was verified', () => {
  it('is not read again, and is gone on with where the time was over', async () => {
    let opened = 0;
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    const module = await startModule(folder, {}, (real) => ({
      open: (...parameters) => {
        opened += 1;
        return real.open(...parameters);
      },
    }));
    const early = await module.validateStorageHealth({ maxDurationMs: 0 });
    expect(checkOf(early, 'backups')).toMatchObject({
      status: HealthStatus.HEALTHY,
      metrics: { verified: 0 },
      details: { isComplete: false },
    });
    const first = await module.validateStorageHealth();
    const { verified = 0 } = checkOf(first, 'backups').metrics ?? {};
    expect(verified).toBe(checkOf(early, 'backups').metrics?.remaining);
    expect(checkOf(first, 'configurations').metrics).toEqual({ verified: 1, unchanged: 0, remaining: 0 });
    opened = 0;
    const second = await module.validateStorageHealth();
    await module.getStorageStatistics();

    expect(checkOf(second, 'backups').metrics).toEqual({ verified: 0, unchanged: verified, remaining: 0 });
    expect(checkOf(second, 'configurations').metrics).toEqual({ verified: 0, unchanged: 1, remaining: 0 });
    expect(opened).toBe(0);
  });
});

describe('getStorageStatistics', () => {
  it('is exact', async () => {
    await saveAndMaintain(folder, [{ a: 1 }, { a: 2 }, { text: 'x'.repeat(5000) }]);
    // Nothing is written while it counts: the history of operations waits for the clock.
    const module = await startModule(folder, {}, { clock: new ManualClock() });
    await module.saveConfiguration({ b: 1 }, join(folder, 'b.yaml'));
    writeFileSync(join(folder, 'foreign.txt'), 'somebody else');
    const backups = await module.listBackups();
    await module.getOperationHistory();
    const own = walk(folder).filter((file) => lstatSync(file).isFile() && !/(?:foreign\.txt|\.gitignore)$/u.test(file));
    const sizes = own.map((file) => lstatSync(file).size);
    const counted = [path, join(folder, 'b.yaml'), ...backups.map(({ backupPath }) => backupPath)];
    const statistics = await module.getStorageStatistics();

    expect(statistics).toMatchObject({
      totalConfigurationFiles: 2,
      totalBackupFiles: backups.length,
      totalStorageUsed: sizes.reduce((sum, size) => sum + size, 0),
      averageFileSize: counted.reduce((sum, file) => sum + lstatSync(file).size, 0) / counted.length,
      largestFile: { filePath: path, size: lstatSync(path).size, type: 'configuration' },
      smallestFile: { filePath: join(folder, 'b.yaml') },
      newestFile: { filePath: join(folder, 'b.yaml') },
      corruptedFiles: 0,
      orphanedBackups: 0,
    });
    expect(statistics.oldestFile?.type).toBeDefined();
    expect(statistics.compressionRatio).toBeLessThan(1.5);
    expect(await module.getStorageStatistics()).toEqual(statistics);
  });

  it('has no files to tell of in an empty folder', async () => {
    const module = await startModule(folder);
    expect(await module.getStorageStatistics()).toMatchObject({
      totalConfigurationFiles: 0,
      totalStorageUsed: 0,
      averageFileSize: 0,
      largestFile: null,
      newestFile: null,
      compressionRatio: 1,
    });
  });

  it('works on a store in memory, whose checks of files are left out', async () => {
    const module = await startModule(folder, { store: memoryStore() });
    await saveAll(module, [{ a: 1 }, { a: 2 }]);
    const result = await module.validateStorageHealth();

    expect(await module.getStorageStatistics()).toMatchObject({ totalConfigurationFiles: 1, totalBackupFiles: 1 });
    expect(result.overallHealth).toBe(HealthStatus.HEALTHY);
    expect(checkOf(result, 'permissions')).toMatchObject({
      status: HealthStatus.UNKNOWN,
      details: { reason: expect.any(String) },
    });
    expect(await module.repairStorage()).toMatchObject({ success: true, repaired: [] });
  });
});

describe('bad input', () => {
  it.each([
    { only: ['no-such-check'] },
    { only: [] },
    { only: 'locks' },
    { maxDurationMs: -1 },
    { maxDurationMs: Number.NaN },
    { timeout: 0 },
    { maxDuration: 1 },
  ])('refuses %j', async (options) => {
    const module = await startModule(folder);
    await expect(module.validateStorageHealth(options as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });

  it('takes a long time for as long as it is', async () => {
    const module = await startModule(folder);
    await expect(module.validateStorageHealth({ maxDurationMs: 1e9, timeout: 1e9 })).resolves.toBeDefined();
  });

  it('ends with the signal of the caller', async () => {
    const module = await startModule(folder);
    const signal = AbortSignal.abort();
    await expect(module.getStorageStatistics({ signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    await expect(module.repairStorage({ signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });

  it('follows no link, and does not mind folders that vanish', async () => {
    const module = await healthyModule({
      interference: (real) => ({
        opendir: (opened) =>
          opened.endsWith('archive') ? Promise.reject(systemError('ENOENT', 'opendir')) : real.opendir(opened),
      }),
    });
    mkdirSync(join(folder, 'archive'), { mode: 0o700 });
    symlinkSync(folder, join(folder, 'backups', `loop.json-${TOKEN}`));
    symlinkSync(path, join(folder, `.app.json.${TOKEN}.tmp`));

    expect(badChecks(await module.validateStorageHealth())).toEqual([]);
    unlinkSync(join(folder, `.app.json.${TOKEN}.tmp`));
  });

  it('stops counting the files of other programs, and says so', async () => {
    let isEndless = false;
    const module = await healthyModule({
      interference: (real) => ({
        opendir: (opened) => {
          if (opened !== folder || !isEndless) return real.opendir(opened);
          let count = 0;
          const read = (): Promise<string> => Promise.resolve(`foreign-${(count += 1)}`);
          return Promise.resolve({ read, close: () => Promise.resolve() });
        },
      }),
    });
    isEndless = true;
    writeFileSync(join(folder, 'foreign.txt'), '');

    expect(await onlyIssue(module, 'leftovers')).toMatchObject({ affectedFiles: [folder], autoFixable: false });
  });
});
