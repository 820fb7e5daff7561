/** Damaged files: quarantine, automatic recovery, and errors that name what would do. */

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import {
  journalFile,
  listing,
  startModule,
  systemError,
  temporaryFolder,
  walk,
  type Interference,
} from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

const { MAX_QUARANTINED, MAX_NAMED_CANDIDATES } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

const SECRET = 'planted-secret-value';
const DAMAGE = '{"a": 1, "tor';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** A module that has saved the values one after the other, with the alerts that it gave. */
async function startWith(
  values: readonly unknown[],
  options: ConfigPersistenceOptions = {},
  interference?: Interference,
) {
  const alerts: PersistenceAlert[] = [];
  const module = await startModule(folder, { alerts: (alert) => alerts.push(alert), ...options }, interference);
  for (const value of values) await module.saveConfiguration(value);
  return { module, alerts };
}

/** Files that hold kept contents, manifests left out. */
function keptFiles(part = ''): string[] {
  return walk(join(folder, 'backups')).filter(
    (file) => /\.(?:backup|version|corrupt)(?:\.gz)?(?:\.enc)?$/u.test(file) && file.includes(part),
  );
}

function contentsOf(files: readonly string[]): string[] {
  return files.map((file) => {
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  });
}

/** The damaged files that are kept, oldest first. */
function quarantined(): string[] {
  return contentsOf(keptFiles('.corrupt'));
}

/** Everything but the locks, whose numbers go up with every use. */
function stateOf(): string[] {
  return listing(folder).filter((line) => !line.startsWith('locks/'));
}

async function failureOf(work: Promise<unknown>): Promise<PersistenceError> {
  const failure: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof PersistenceError) return failure;
  throw new Error('expected a PersistenceError', { cause: failure });
}

async function idsOf(module: ConfigPersistenceModule): Promise<string[]> {
  return (await module.listBackups(path)).map(({ id }) => id);
}

/** Names of the backups that an error's message mentions. */
function namedIn({ message }: Error): string[] {
  return message.match(/app\.json-[0-9a-f]{16}\.\d{8}T\d{9}Z\.r\d+\.[0-9a-f]{16}/gu) ?? [];
}

describe('a load with autoRecover', () => {
  it('restores the newest good backup and says so in the result, the history and an alert', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }, { a: 3 }], { autoRecover: true });
    const [newest] = await module.listBackups(path);
    const good = readFileSync(newest!.backupPath);
    writeFileSync(path, DAMAGE);
    const loaded = await module.loadConfiguration();
    expect(loaded).toMatchObject({ data: { a: 2 }, isValid: true, checksum: newest?.checksum });
    expect(loaded.validationResults).toEqual([
      {
        type: 'file-corruption',
        severity: 'high',
        description: expect.stringContaining(newest!.id) as string,
        recommendation: expect.any(String) as string,
      },
    ]);
    expect(readFileSync(path)).toEqual(good);
    expect(quarantined()).toEqual([DAMAGE]);
    const [version, before] = await module.getVersionHistory();
    expect(version).toMatchObject({
      description: expect.stringContaining(newest!.id) as string,
      parentVersion: before?.id,
      checksum: newest?.checksum,
    });
    expect(alerts).toEqual([
      {
        type: 'file-recovered',
        severity: 'critical',
        filePath: path,
        description: expect.stringContaining(newest!.id) as string,
        backupId: newest?.id,
        quarantinedPath: keptFiles('.corrupt')[0],
        timestamp: expect.any(Number) as number,
      },
    ]);
  });

  it('restores what was last saved, once the file was left alone for a moment', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { retentionCount: 1 });
    await module.destroy();
    writeFileSync(path, DAMAGE);
    const { module: later, alerts } = await startWith([], { autoRecover: true });
    expect(await later.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
    expect(alerts).toHaveLength(1);
    expect(quarantined()).toEqual([DAMAGE]);
  });

  it.each(['rollback', 'restore', 'save'])(
    'restores what was last saved after a %s of an earlier content',
    async (way) => {
      const { module } = await startWith([{ value: 'good' }, { value: 'bad' }]);
      const [, good] = await module.getVersionHistory();
      const [backup] = await module.listBackups(path);
      if (way === 'rollback') await module.rollbackToVersion(good!.id);
      else if (way === 'restore') await module.restoreFromBackup(backup!.id);
      else await module.saveConfiguration({ value: 'good' });
      await module.destroy();
      writeFileSync(path, DAMAGE);
      const { module: later } = await startWith([], { autoRecover: true });
      expect((await later.loadConfiguration()).data).toEqual({ value: 'good' });
    },
  );

  it('tells it once: the next load finds a sound file', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    await module.loadConfiguration();
    expect(await module.loadConfiguration()).not.toHaveProperty('validationResults');
    expect(await module.verifyConfigurationIntegrity(path)).toMatchObject({ isValid: true });
    expect(alerts).toHaveLength(1);
    await module.destroy();
    const later = await startModule(folder);
    expect(await later.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });

  it('takes a backup that a user has made where that is the newest', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    const { backupId } = await module.createBackup(path, 'by-hand');
    writeFileSync(path, DAMAGE);
    const loaded = await module.loadConfiguration();
    expect(loaded.data).toEqual({ a: 2 });
    expect(loaded.validationResults?.[0]?.description).toContain(backupId);
  });

  it('does not take a backup of a damaged file, nor a damaged file from quarantine', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    const ofDamage = await module.createBackup(path, 'evidence');
    expect(ofDamage.warnings).toHaveLength(1);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    writeFileSync(path, `${DAMAGE} again`);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    expect(quarantined().sort()).toEqual([DAMAGE, `${DAMAGE} again`]);
  });

  it('has nothing to take where backups are off, and says so', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true, enableBackup: false });
    writeFileSync(path, DAMAGE);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_INTEGRITY' });
    expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
  });

  it('opens compressed and encrypted backups', async () => {
    const options = { autoRecover: true, encryption: { key: Buffer.alloc(32, 7) } };
    const { module } = await startWith([{ a: 1 }, { a: 2 }, { a: 3 }], options);
    await module.destroy();
    expect(keptFiles().every((file) => file.endsWith('.gz.enc'))).toBe(true);
    writeFileSync(path, DAMAGE);
    const { module: later } = await startWith([], options);
    expect((await later.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('leaves out backups under a key that is not at hand, and fails where there is no other', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { encryption: { key: Buffer.alloc(32, 7) } });
    await module.destroy();
    writeFileSync(path, DAMAGE);
    for (const encryption of [undefined, { key: Buffer.alloc(32, 8) }]) {
      const { module: later, alerts } = await startWith([], {
        autoRecover: true,
        ...(encryption === undefined ? {} : { encryption }),
      });
      const failure = await failureOf(later.loadConfiguration());
      expect(failure.code).toBe('ERR_INTEGRITY');
      expect(namedIn(failure)).toEqual([]);
      expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
      expect(alerts).toEqual([]);
    }
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['cut', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['garbled', (bytes) => Buffer.from(bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 1 : byte)))],
    ['NUL-filled', (bytes) => Buffer.alloc(bytes.length)],
  ])('passes over backups that are %s, as they lie there and compressed', async (_name, damage) => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }], { autoRecover: true });
    const [third, second] = await module.listBackups(path);
    writeFileSync(third!.backupPath, damage(readFileSync(third!.backupPath)));
    writeFileSync(path, DAMAGE);
    const loaded = await module.loadConfiguration();
    expect(loaded.data).toEqual({ a: 2 });
    expect(loaded.validationResults?.[0]?.description).toContain(second!.id);
    await module.destroy();
    const { module: later } = await startWith([], { autoRecover: true });
    // That of the damaged file was never proven, so it was not compressed.
    const packed = (await later.listBackups(path)).find(({ id }) => id === second?.id);
    expect(packed?.compressedSize).toBeGreaterThan(0);
    writeFileSync(packed!.backupPath, damage(readFileSync(packed!.backupPath)));
    writeFileSync(path, DAMAGE);
    expect((await later.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it.each(['EIO', 'EACCES'])('passes over a backup that the system cannot read (%s)', async (code) => {
    let unreadable = '';
    const { module } = await startWith([{ a: 1 }, { a: 2 }, { a: 3 }], { autoRecover: true }, (real) => ({
      open: (file, flags, mode) =>
        file === unreadable ? Promise.reject(systemError(code)) : real.open(file, flags, mode),
    }));
    unreadable = keptFiles('.r2.')[0]!;
    writeFileSync(path, DAMAGE);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('fails with ERR_INTEGRITY where no backup is good, and touches nothing', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    for (const file of keptFiles()) writeFileSync(file, 'x');
    writeFileSync(path, DAMAGE);
    const before = stateOf();
    const failure = await failureOf(module.loadConfiguration());
    expect(failure).toMatchObject({ code: 'ERR_INTEGRITY', filePath: path, operationType: 'load' });
    expect(namedIn(failure)).toEqual([]);
    expect(stateOf()).toEqual(before);
    expect(alerts).toEqual([]);
  });

  it('fails with ERR_INTEGRITY where there is no backup at all, and touches nothing', async () => {
    const { module } = await startWith([{ a: 1 }], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    expect((await failureOf(module.loadConfiguration())).code).toBe('ERR_INTEGRITY');
    expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
    expect(keptFiles()).toEqual([]);
  });

  it('does not touch a file that was edited and can be read, nor one that the module never saved', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    writeFileSync(path, '{"edited":true}');
    expect(await module.loadConfiguration()).toMatchObject({ data: { edited: true }, isValid: false });
    const foreign = join(folder, 'foreign.json');
    writeFileSync(foreign, DAMAGE);
    expect((await failureOf(module.loadConfiguration(foreign))).code).toBe('ERR_PARSE');
    expect(readFileSync(foreign, 'utf8')).toBe(DAMAGE);
    expect(alerts).toEqual([]);
  });

  it('does not touch a file that somebody else has made where one was deleted', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    await module.deleteConfiguration(path);
    writeFileSync(path, DAMAGE);
    expect((await failureOf(module.loadConfiguration())).code).toBe('ERR_PARSE');
    expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
    expect(alerts).toEqual([]);
  });

  it('names the backups of a damaged file whose records are lost', async () => {
    await startWith([{ a: 1 }, { a: 2 }]).then(({ module }) => module.destroy());
    rmSync(join(folder, 'metadata'), { recursive: true });
    writeFileSync(path, DAMAGE);
    const module = await startModule(folder);
    const failure = await failureOf(module.loadConfiguration());
    expect(failure.code).toBe('ERR_INTEGRITY');
    expect(namedIn(failure)).toHaveLength(2);
  });

  it('does not bring back what was deleted, or removed by somebody else', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    await module.deleteConfiguration(path);
    expect((await failureOf(module.loadConfiguration())).code).toBe('ERR_FILE_NOT_FOUND');
    await module.saveConfiguration({ a: 3 });
    rmSync(path);
    expect((await failureOf(module.loadConfiguration())).code).toBe('ERR_FILE_NOT_FOUND');
    expect(existsSync(path)).toBe(false);
  });

  it('recovers where only the metadata are asked for', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    const [backup] = await module.listBackups(path);
    writeFileSync(path, DAMAGE);
    expect(await module.getConfigurationMetadata()).toMatchObject({ checksum: backup?.checksum });
    expect(alerts).toHaveLength(1);
  });

  it('does nothing in a verification, which only tells', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    const before = stateOf();
    const result = await module.verifyConfigurationIntegrity(path);
    expect(result.isValid).toBe(false);
    expect(result.issues?.map(({ type }) => type)).toEqual(['checksum-mismatch', 'file-corruption']);
    expect(stateOf()).toEqual(before);
    expect(alerts).toEqual([]);
  });

  it('goes on whatever the alerts function does', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], {
      autoRecover: true,
      alerts: () => {
        throw new Error('the application failed');
      },
    });
    writeFileSync(path, DAMAGE);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('that cannot write leaves the damaged file and the backups, and the next one recovers', async () => {
    let isFull = false;
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true }, (real) => ({
      rename: (from, to) => (isFull && to === path ? Promise.reject(systemError('ENOSPC')) : real.rename(from, to)),
    }));
    writeFileSync(path, DAMAGE);
    const before = keptFiles();
    isFull = true;
    await expect(module.loadConfiguration()).rejects.toBeInstanceOf(PersistenceError);
    expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
    expect(keptFiles()).toEqual(before);
    expect(alerts).toEqual([]);
    isFull = false;
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    expect(quarantined()).toEqual([DAMAGE]);
  });

  it('names the file that holds this damage in its alert, also where it was kept before', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    for (const damage of ['{{1', '{{2', '{{1']) {
      writeFileSync(path, damage);
      await module.loadConfiguration();
    }
    expect(alerts.map(({ quarantinedPath }) => readFileSync(quarantinedPath!, 'utf8'))).toEqual(['{{1', '{{2', '{{1']);
  });

  it('restores a file whose format only the option tells', async () => {
    const file = join(folder, 'app.conf');
    const { module } = await startWith([], { autoRecover: true });
    for (let a = 1; a <= 2; a++) await module.saveConfiguration({ a }, file, { format: 'json' });
    writeFileSync(file, DAMAGE);
    expect((await module.loadConfiguration(file, { format: 'json' })).data).toEqual({ a: 1 });
  });

  it('does not write over a repair that somebody makes meanwhile', async () => {
    let isArmed = false;
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true }, (real) => ({
      open(file, flags, mode) {
        if (isArmed && /app\.json\.[0-9a-f]{16}\.tmp$/u.test(file)) {
          isArmed = false;
          writeFileSync(path, '{"repaired":true}');
        }
        return real.open(file, flags, mode);
      },
    }));
    writeFileSync(path, DAMAGE);
    isArmed = true;
    await module.loadConfiguration().catch(() => undefined);
    expect(isArmed).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('{"repaired":true}');
  });
});

describe('an update with autoRecover', () => {
  it('gets the restored value, and warns in its result', async () => {
    const { module, alerts } = await startWith([{ n: 1 }, { n: 2 }], { autoRecover: true });
    const [backup] = await module.listBackups(path);
    writeFileSync(path, DAMAGE);
    const result = await module.updateConfiguration((value: { n: number }) => ({ n: value.n + 10 }));
    expect(result.warnings).toEqual([expect.stringContaining(backup!.id)]);
    expect(await module.loadConfiguration()).toMatchObject({ data: { n: 11 }, isValid: true });
    expect(quarantined()).toEqual([DAMAGE]);
    expect(alerts).toMatchObject([{ type: 'file-recovered', backupId: backup?.id }]);
    const history = await module.getVersionHistory();
    expect(history).toHaveLength(4);
    expect(history[1]?.description).toContain(backup!.id);
  });

  it('whose function fails keeps what was recovered', async () => {
    const { module } = await startWith([{ n: 1 }, { n: 2 }], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    const failure = new Error('not today');
    await expect(
      module.updateConfiguration(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await module.loadConfiguration()).toMatchObject({ data: { n: 1 }, isValid: true });
  });

  it('without it fails with ERR_INTEGRITY and the names of backups, and never calls the function', async () => {
    const { module } = await startWith([{ n: 1 }, { n: 2 }]);
    writeFileSync(path, DAMAGE);
    let calls = 0;
    const failure = await failureOf(
      module.updateConfiguration(() => {
        calls += 1;
      }),
    );
    expect(failure.code).toBe('ERR_INTEGRITY');
    expect(namedIn(failure)).toEqual(await idsOf(module));
    expect(calls).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
  });
});

describe('without autoRecover the error', () => {
  it('names the backups that would do, newest first and only a few, and each of them does', async () => {
    const { module } = await startWith(Array.from({ length: 6 }, (_, a) => ({ a })));
    writeFileSync(path, DAMAGE);
    const failure = await failureOf(module.loadConfiguration());
    expect(failure.code).toBe('ERR_INTEGRITY');
    const named = namedIn(failure);
    expect(named).toEqual((await idsOf(module)).slice(0, MAX_NAMED_CANDIDATES));
    for (const [index, id] of named.entries()) {
      await module.restoreFromBackup(id);
      expect((await module.loadConfiguration()).data).toEqual({ a: 4 - index });
    }
  });

  it('names no damaged backup, none of a damaged file, and nothing from quarantine', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }, { a: 3 }]);
    const [second, first] = await module.listBackups(path);
    writeFileSync(second!.backupPath, 'damaged');
    writeFileSync(path, DAMAGE);
    await module.createBackup(path, 'evidence');
    await module.saveConfiguration({ a: 4 });
    writeFileSync(path, `${DAMAGE} again`);
    const failure = await failureOf(module.loadConfiguration());
    expect(namedIn(failure)).toEqual([first?.id]);
  });

  it('changes nothing', async () => {
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }]);
    writeFileSync(path, DAMAGE);
    const before = stateOf();
    await failureOf(module.loadConfiguration());
    expect(stateOf()).toEqual(before);
    expect(alerts).toEqual([]);
  });

  it('of a missing file names its backups, whoever has removed it', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }]);
    rmSync(path);
    const removed = await failureOf(module.loadConfiguration());
    expect(removed.code).toBe('ERR_FILE_NOT_FOUND');
    expect(namedIn(removed)).toEqual(await idsOf(module));
    await module.saveConfiguration({ a: 3 });
    await module.deleteConfiguration(path);
    const deleted = await failureOf(module.loadConfiguration());
    expect(deleted.code).toBe('ERR_FILE_NOT_FOUND');
    const [newest] = await idsOf(module);
    expect(namedIn(deleted)[0]).toBe(newest);
    await module.restoreFromBackup(newest!);
    expect((await module.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('of a missing file that never had backups names none', async () => {
    const { module } = await startWith([]);
    const failure = await failureOf(module.loadConfiguration());
    expect(failure.code).toBe('ERR_FILE_NOT_FOUND');
    expect(namedIn(failure)).toEqual([]);
  });

  it('stays ERR_FILE_NOT_FOUND where the backups cannot be looked at', async () => {
    const { module } = await startWith([]);
    writeFileSync(join(folder, 'backups'), 'a file in the way');
    expect((await failureOf(module.loadConfiguration())).code).toBe('ERR_FILE_NOT_FOUND');
  });

  it('stays ERR_INTEGRITY where the backups cannot be looked at', async () => {
    let isForbidden = false;
    const { module } = await startWith([{ a: 1 }, { a: 2 }], {}, (real) => ({
      readdir: (name) =>
        isForbidden && name.includes('backups') ? Promise.reject(systemError('EACCES')) : real.readdir(name),
    }));
    writeFileSync(path, DAMAGE);
    isForbidden = true;
    expect((await failureOf(module.loadConfiguration())).code).toBe('ERR_INTEGRITY');
  });

  it('names a backup that is being compressed at this moment', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }]);
    const ids = await idsOf(module);
    let isArmed = true;
    const { module: other } = await startWith([], {}, (real) => ({
      async open(file, flags, mode) {
        if (isArmed && file.endsWith('.backup')) {
          isArmed = false;
          await module.destroy();
        }
        return real.open(file, flags, mode);
      },
    }));
    writeFileSync(path, DAMAGE);
    expect(namedIn(await failureOf(other.loadConfiguration()))).toEqual(ids);
  });
});

describe('a damaged file', () => {
  it('is in quarantine before a save writes over it, also where nothing else is kept', async () => {
    const { module } = await startWith([{ a: 1 }], { enableBackup: false, maxVersionHistory: 1 });
    writeFileSync(path, DAMAGE);
    const result = await module.saveConfiguration({ a: 2 });
    expect(result.metadata).toMatchObject({ backupCreated: false, backupId: expect.any(String) as string });
    expect(result.warnings).toHaveLength(1);
    expect(quarantined()).toEqual([DAMAGE]);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 2 }, isValid: true });
    await module.destroy();
    expect(quarantined()).toEqual([DAMAGE]);
  });

  it('is in quarantine before a delete, a restore or an update takes its place', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    const [backup] = await idsOf(module);
    writeFileSync(path, '{{ before the delete');
    await module.deleteConfiguration(path);
    await module.restoreFromBackup(backup!);
    writeFileSync(path, '{{ before the restore');
    await module.restoreFromBackup(backup!);
    writeFileSync(path, '{{ before the update');
    await module.updateConfiguration(() => ({ a: 3 }));
    expect(quarantined()).toEqual(['{{ before the delete', '{{ before the restore', '{{ before the update']);
  });

  it.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    ['of NUL bytes', Buffer.alloc(20)],
    ['no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['of an encoding with two bytes', Buffer.from('{"a":1}', 'utf16le')],
  ])('is kept byte for byte where it is %s', async (_name, damage) => {
    const { module } = await startWith([{ a: 1 }]);
    writeFileSync(path, damage);
    await module.saveConfiguration({ a: 2 });
    expect(quarantined()).toEqual([damage.toString('latin1')]);
  });

  it('is kept although no save through the module has ever made it', async () => {
    writeFileSync(path, DAMAGE);
    const { module } = await startWith([{ a: 1 }], { enableBackup: false });
    expect(quarantined()).toEqual([DAMAGE]);
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('is kept once, however often the same damage comes back', async () => {
    const { module } = await startWith([{ a: 0 }]);
    for (let a = 1; a <= 4; a++) {
      writeFileSync(path, DAMAGE);
      await module.saveConfiguration({ a });
    }
    await module.destroy();
    const { module: later } = await startWith([]);
    writeFileSync(path, DAMAGE);
    await later.saveConfiguration({ a: 5 });
    expect(quarantined()).toEqual([DAMAGE]);
  });

  it('is in quarantine also where only the journal tells its format', async () => {
    const file = join(folder, 'app.conf');
    const { module } = await startWith([], { enableBackup: false, maxVersionHistory: 1 });
    await module.saveConfiguration({ a: 1 }, file, { format: 'json' });
    writeFileSync(file, DAMAGE);
    await module.deleteConfiguration(file);
    expect(quarantined()).toEqual([DAMAGE]);
  });

  it('stays only as one of the newest few, and they stay readable when they are compressed', async () => {
    const { module } = await startWith([{ a: 0 }], { retentionCount: 1 });
    const damages = Array.from({ length: MAX_QUARANTINED + 3 }, (_, index) => `{{ damage ${index}`);
    for (const damage of damages) {
      writeFileSync(path, damage);
      await module.saveConfiguration({ after: damage });
    }
    await module.destroy();
    expect(keptFiles('.corrupt').every((file) => file.endsWith('.gz'))).toBe(true);
    expect(quarantined()).toEqual(damages.slice(-MAX_QUARANTINED));
  });

  it('is no backup: it is not listed, and cannot be restored', async () => {
    const { module } = await startWith([{ a: 1 }]);
    writeFileSync(path, DAMAGE);
    const { metadata } = await module.saveConfiguration({ a: 2 });
    expect(await module.listBackups(path)).toEqual([]);
    expect((await failureOf(module.restoreFromBackup(metadata!.backupId!))).code).toBe('ERR_INTEGRITY');
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('stays, and so does all that is in quarantine, when the save over it fails', async () => {
    let isBroken = false;
    const { module } = await startWith([{ a: 1 }], {}, (real) => ({
      rename: (from, to) => (isBroken && to === path ? Promise.reject(systemError('EIO')) : real.rename(from, to)),
    }));
    writeFileSync(path, DAMAGE);
    await module.saveConfiguration({ a: 2 });
    for (const damage of [DAMAGE, `${DAMAGE} again`]) {
      writeFileSync(path, damage);
      isBroken = true;
      await expect(module.saveConfiguration({ a: 3 })).rejects.toMatchObject({ code: 'EIO' });
      isBroken = false;
      expect(readFileSync(path, 'utf8')).toBe(damage);
      expect(quarantined()).toEqual([DAMAGE]);
    }
    await module.saveConfiguration({ a: 4 });
    expect(quarantined()).toEqual([DAMAGE, `${DAMAGE} again`]);
  });

  it('is not written over where it cannot be kept', async () => {
    let isFull = false;
    const refuse = () => Promise.reject(systemError('ENOSPC'));
    const { module } = await startWith([{ a: 1 }], { enableBackup: false, maxVersionHistory: 1 }, (real) => ({
      link: (from, to) => (isFull && to.includes('backups') ? refuse() : real.link(from, to)),
      mkdir: (name, mode) => (isFull && name.includes('backups') ? refuse() : real.mkdir(name, mode)),
    }));
    writeFileSync(path, DAMAGE);
    isFull = true;
    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
    isFull = false;
    await module.saveConfiguration({ a: 2 });
    expect(quarantined()).toEqual([DAMAGE]);
  });
});

describe('while the file is damaged or gone', () => {
  it.each<[string, () => void]>([
    ['damaged', () => writeFileSync(path, DAMAGE)],
    ['removed by somebody else', () => rmSync(path)],
  ])('and %s, neither cleanup nor maintenance removes anything', async (_name, spoil) => {
    const { module } = await startWith(
      Array.from({ length: 6 }, (_, a) => ({ a })),
      { retentionCount: 1 },
    );
    const before = contentsOf(keptFiles()).sort();
    expect(before).toHaveLength(5);
    spoil();
    const result = await module.cleanupOldBackups(1);
    expect(result).toMatchObject({ success: true, deletedBackupsCount: 0, retainedBackupsCount: 5 });
    await module.destroy();
    expect(contentsOf(keptFiles()).sort()).toEqual(before);
    const { module: later } = await startWith([], { retentionCount: 1, maxVersionHistory: 1 });
    await later.cleanupOldBackups(1);
    expect(contentsOf(keptFiles()).sort()).toEqual(before);
    await later.restoreFromBackup((await idsOf(later))[0]!);
    await later.cleanupOldBackups(1);
    expect(keptFiles('.backup').length).toBeLessThan(5);
  });

  it('the quarantine holds the newest few, without waiting for any maintenance', async () => {
    const { module } = await startWith([{ a: 0 }], { retentionCount: 1 });
    for (let turn = 0; turn < MAX_QUARANTINED + 2; turn++) {
      writeFileSync(path, `{{ ${turn}`);
      await module.saveConfiguration({ turn });
    }
    expect(quarantined()).toEqual([2, 3, 4, 5, 6].map((turn) => `{{ ${turn}`));
    await module.destroy();
  });

  it('the last good backup cannot be deleted, a damaged one can', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }, { a: 3 }]);
    const [second, first] = await module.listBackups(path);
    writeFileSync(second!.backupPath, 'damaged');
    writeFileSync(path, DAMAGE);
    expect((await failureOf(module.deleteBackup(first!.id))).code).toBe('ERR_CONFLICT');
    await module.deleteBackup(second!.id);
    expect(await idsOf(module)).toEqual([first?.id]);
    await module.restoreFromBackup(first!.id);
    await expect(module.deleteBackup(first!.id)).resolves.toMatchObject({ success: true });
  });

  it('or its journal is damaged, no cleanup removes the contents of versions', async () => {
    const { module } = await startWith(
      Array.from({ length: 6 }, (_, a) => ({ a })),
      { retentionCount: 1 },
    );
    await module.cleanupOldBackups();
    const before = contentsOf(keptFiles()).sort();
    expect(before).toHaveLength(5);
    await module.destroy();
    writeFileSync(journalFile(folder), Buffer.alloc(statSync(journalFile(folder)).size));
    const { module: later } = await startWith([], { retentionCount: 1 });
    await later.cleanupOldBackups();
    expect(contentsOf(keptFiles()).sort()).toEqual(expect.arrayContaining(before));
  });

  it('or one record of its journal is damaged, no cleanup removes the contents of versions', async () => {
    const { module } = await startWith(
      Array.from({ length: 6 }, (_, a) => ({ a })),
      { retentionCount: 1 },
    );
    await module.cleanupOldBackups();
    const before = contentsOf(keptFiles()).sort();
    expect(before).toHaveLength(5);
    await module.destroy();
    const lines = readFileSync(journalFile(folder), 'utf8').split('\n');
    lines[4] = lines[4]!.replace('"size"', '"sizf"');
    writeFileSync(journalFile(folder), lines.join('\n'));
    const { module: later } = await startWith([], { retentionCount: 1 });
    await later.cleanupOldBackups();
    expect(contentsOf(keptFiles()).sort()).toEqual(expect.arrayContaining(before));
  });

  it('no rule archives what it could be restored from', async () => {
    const rule = { condition: 'automatic', priority: 1, action: 'archive', description: 'all' } as const;
    const retentionPolicy = { retentionStrategy: 'priority-based' as const, priorityRules: [rule] };
    const { module } = await startWith([{ a: 1 }, { a: 2 }, { a: 3 }], { retentionPolicy, autoRecover: true });
    writeFileSync(path, DAMAGE);
    await module.cleanupOldBackups();
    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
  });

  it('whose extension tells no format, nothing goes either', async () => {
    const file = join(folder, 'app.conf');
    const { module } = await startWith([], { retentionCount: 1 });
    for (let a = 0; a < 4; a++) await module.saveConfiguration({ a }, file, { format: 'json' });
    writeFileSync(file, DAMAGE);
    expect(await module.cleanupOldBackups(1, { filePath: file })).toMatchObject({ deletedBackupsCount: 0 });
  });

  it('or its journal was lost, no backup is told the description of another content', async () => {
    const { module } = await startWith([]);
    await module.saveConfiguration({ a: 1 }, undefined, { user: 'ann', description: 'old' });
    await module.saveConfiguration({ a: 2 });
    rmSync(join(folder, 'metadata'), { recursive: true });
    const { module: later } = await startWith([]);
    await later.saveConfiguration({ b: 1 }, undefined, { user: 'eve', description: 'new' });
    const oldest = (await later.listBackups(path)).at(-1);
    expect(oldest?.description).not.toBe('new');
  });
});

describe('a backup of a file in another format than its extension tells', () => {
  it('can be restored', async () => {
    const { module } = await startWith([]);
    await module.saveConfiguration({ a: 1 }, path, { format: 'yaml' });
    const { metadata } = await module.saveConfiguration({ a: 2 }, path, { format: 'yaml' });
    await module.destroy();
    const { module: later } = await startWith([]);
    await later.restoreFromBackup(metadata!.backupId!, undefined, { format: 'yaml' });
    expect((await later.loadConfiguration(path, { format: 'yaml' })).data).toEqual({ a: 1 });
  });
});

describe('recovery by two at the same time', () => {
  it('happens once: the other instance loads what the first has restored', async () => {
    const { module: first, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    const { module: second, alerts: others } = await startWith([], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    const loaded = await Promise.all([
      first.loadConfiguration(),
      second.loadConfiguration(),
      first.getConfigurationMetadata(),
      second.loadConfiguration(),
    ]);
    for (const result of [loaded[0], loaded[1], loaded[3]]) {
      expect(result).toMatchObject({ data: { a: 1 }, isValid: true });
    }
    expect([...alerts, ...others]).toHaveLength(1);
    expect(quarantined()).toEqual([DAMAGE]);
    expect(await first.getVersionHistory()).toHaveLength(3);
  });

  it('loses no update that comes with it', async () => {
    const { module: first } = await startWith([{ n: 1 }, { n: 2 }], { autoRecover: true });
    const { module: second } = await startWith([], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    const addOne = (value: { n: number }) => ({ n: value.n + 1 });
    await Promise.all([
      first.updateConfiguration(addOne),
      second.updateConfiguration(addOne),
      second.loadConfiguration(),
      first.updateConfiguration(addOne),
    ]);
    expect(await second.loadConfiguration()).toMatchObject({ data: { n: 4 }, isValid: true });
    expect(quarantined()).toEqual([DAMAGE]);
  });

  it('works between processes', async () => {
    const other = startProcess(`${moduleScript(folder, { autoRecover: true })}
      console.log('ready');
      process.stdin.once('data', async () => {
        const { data, isValid } = await module.loadConfiguration();
        console.log(JSON.stringify({ data, isValid }));
        await module.destroy();
        process.stdin.destroy();
      });
    `);
    await other.nextLine();
    // Not before: starting a process may take so long that the upkeep has kept the newest content too.
    const { module, alerts } = await startWith([{ a: 1 }, { a: 2 }], { autoRecover: true });
    writeFileSync(path, DAMAGE);
    other.child.stdin?.write('go\n');
    const [own, line] = await Promise.all([module.loadConfiguration(), other.nextLine()]);
    expect(own).toMatchObject({ data: { a: 1 }, isValid: true });
    expect(JSON.parse(line)).toEqual({ data: { a: 1 }, isValid: true });
    await other.ended();
    expect(alerts.length).toBeLessThanOrEqual(1);
    expect(quarantined()).toEqual([DAMAGE]);
    expect(await module.getVersionHistory()).toHaveLength(3);
  });
});

describe('recovery', () => {
  it('tells no value: not in results, errors, alerts or logs', async () => {
    const logged: unknown[] = [];
    const told: unknown[] = [];
    const { module, alerts } = await startWith([], { autoRecover: true });
    module.setDebugModule({ log: (...entry) => logged.push(entry) });
    await module.saveConfiguration({ password: SECRET });
    await module.saveConfiguration({ password: `${SECRET}-2` });
    const damaged = [`{"password":"${SECRET}"`, `{"${SECRET}":}`, SECRET, Buffer.from(`"${SECRET}`, 'utf16le')];
    for (const damage of damaged) {
      writeFileSync(path, damage);
      told.push(await module.verifyConfigurationIntegrity(path));
      const { data, ...loaded } = await module.loadConfiguration();
      expect(data).toEqual({ password: SECRET });
      told.push(loaded);
    }
    const { module: plain } = await startWith([]);
    plain.setDebugModule({ log: (...entry) => logged.push(entry) });
    for (const damage of damaged) {
      writeFileSync(path, damage);
      for (
        let error: unknown = await failureOf(plain.loadConfiguration());
        error instanceof Error;
        error = error.cause
      ) {
        told.push([error.message, error.stack, Object.entries(error)]);
      }
    }
    await module.destroy();
    expect(alerts).toHaveLength(damaged.length);
    expect(logged.length).toBeGreaterThan(0);
    expect(JSON.stringify([told, alerts, logged])).not.toContain(SECRET);
    expect(keptFiles('.corrupt').join()).not.toContain(SECRET);
  });

  it('is off unless it is asked for', async () => {
    const { module } = await startWith([{ a: 1 }, { a: 2 }]);
    writeFileSync(path, DAMAGE);
    expect((await failureOf(module.loadConfiguration())).code).toBe('ERR_INTEGRITY');
    expect(readFileSync(path, 'utf8')).toBe(DAMAGE);
  });
});
