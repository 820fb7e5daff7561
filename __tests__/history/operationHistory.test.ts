/** The history of operations: what stands in it, who can read it, and what goes wrong with it. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { OperationHistoryEntry } from '../../interfaces/history.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { checkedLine } from '../../src/value/checkedLine.js';
import { ManualClock } from '../support/ManualClock.js';
import { gate, journalFile, startModule, systemError, temporaryFolder, until, walk } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

/** Nothing but the operations of callers is written down then: there are no backups to look after. */
const WITHOUT_UPKEEP = { autoBackupEnabled: false, maxVersionHistory: 1 };
const SECRET = 'planted-secret-value';

let folder: string;
let path: string;
let module: ConfigPersistenceModule;

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
  module = await startModule(folder, { user: 'ann', ...WITHOUT_UPKEEP });
});

const logFolder = (): string => join(folder, 'metadata', 'operations');
const logFiles = (): string[] => (existsSync(logFolder()) ? readdirSync(logFolder()).sort() : []);
const told = ({ operationType, success, details }: OperationHistoryEntry) => [
  operationType,
  success,
  details?.revision,
  details?.kind,
];

describe('getOperationHistory', () => {
  it('tells newest first who did what, with what outcome, and what was there before and after', async () => {
    const first = await module.saveConfiguration({ port: 1, key: SECRET });
    const second = await module.updateConfiguration((draft) => void (draft.port = 2), undefined, { user: 'bob' });
    await expect(module.saveConfiguration({}, path, { expectedChecksum: '0'.repeat(64) })).rejects.toThrow();
    await module.deleteConfiguration(path);
    const entries = await module.getOperationHistory();

    expect(entries.map(told)).toEqual([
      ['delete', true, 3, 'delete'],
      ['save', false, undefined, undefined],
      ['save', true, 2, 'update'],
      ['save', true, 1, 'save'],
    ]);
    expect(entries[2]).toMatchObject({
      filePath: path,
      user: 'bob',
      details: {
        origin: 'caller',
        process: { pid: process.pid, module: module.getInfo().id },
        checksumBefore: first.checksum,
        checksumAfter: second.checksum,
      },
      performanceMetrics: { diskIO: { fsyncOperations: expect.any(Number) } },
    });
    expect(entries[3]).toMatchObject({ user: 'ann', details: { checksumBefore: null } });
    expect(entries[1]).toMatchObject({ details: { code: 'ERR_CONFLICT' }, errors: [expect.stringContaining(path)] });
    expect(entries[0]?.details).toMatchObject({ checksumBefore: second.checksum, checksumAfter: null });
    expect(entries.every(({ duration, timestamp }) => duration > 0 && timestamp > 0)).toBe(true);
  });

  it('holds no value of a configuration', async () => {
    await module.saveConfiguration({ key: SECRET });
    const mutate = (): never => {
      throw new Error(SECRET);
    };
    await expect(module.updateConfiguration(mutate)).rejects.toThrow(SECRET);
    expect(JSON.stringify(await module.getOperationHistory())).not.toContain(SECRET);
    expect(
      logFiles()
        .map((name) => readFileSync(join(logFolder(), name), 'utf8'))
        .join(),
    ).not.toContain(SECRET);
  });

  it('is complete after the end of the process that wrote it, for whoever comes then', async () => {
    await module.saveConfiguration({ a: 1 });
    await module.destroy();
    const later = await startModule(folder, WITHOUT_UPKEEP);
    await later.saveConfiguration({ a: 2 });

    const entries = await later.getOperationHistory();
    expect(entries.map(({ details, user }) => [details?.revision, user])).toEqual([
      [2, undefined],
      [1, 'ann'],
    ]);
    await later.destroy();
    expect(logFiles()).toHaveLength(1);
  });

  it('is one history of all processes that work at once', async () => {
    const script = `${moduleScript(folder)}
      for (let count = 0; count < 20; count += 1) await module.updateConfiguration((draft) => { draft.n += 1; });
      await module.destroy();`;
    await module.saveConfiguration({ n: 0 });
    const others = [startProcess(script), startProcess(script)];
    await Promise.all(others.map((other) => other.ended()));

    const entries = await module.getOperationHistory(1000, { operationType: 'save' });
    expect(entries.map(({ details }) => details?.revision).sort((a, b) => a! - b!)).toEqual(
      Array.from({ length: 41 }, (_, index) => index + 1),
    );
    expect(new Set(entries.map(({ details }) => details?.process?.pid)).size).toBe(3);
    expect(entries.every(({ details }) => details?.source === undefined)).toBe(true);
    expect(await module.verifyOperationHistory()).toMatchObject({ isIntact: true, breaks: [] });
  });

  it('tells of what a killed process had committed and not written down yet', async () => {
    folder = temporaryFolder({ mayKeepTraces: true });
    const other = startProcess(`${moduleScript(folder)}
      await module.saveConfiguration({ a: 1 }, undefined, { user: 'eve' });
      await module.saveConfiguration({ a: 2 });
      console.log('saved');
      setInterval(() => undefined, 1000);`);
    await other.nextLine();
    await other.kill();
    const survivor = await startModule(folder);

    const entries = await survivor.getOperationHistory(10, { origin: 'caller' });
    expect(entries.map(({ details, user }) => [details?.revision, user])).toEqual([
      [2, undefined],
      [1, 'eve'],
    ]);
    expect(await survivor.verifyOperationHistory()).toMatchObject({ isIntact: true });
  });

  it('tells what the module does by itself, as its own, and together', async () => {
    const kept = await startModule(folder, { user: 'ann', backupRetentionCount: 1 });
    for (let count = 0; count < 30; count += 1) await kept.saveConfiguration({ count });
    await kept.destroy();
    const upkeep = await module.getOperationHistory(100, { origin: 'upkeep' });
    expect(upkeep.length).toBeGreaterThan(0);
    expect(upkeep.length).toBeLessThan(10);
    expect(upkeep[0]).toMatchObject({ operationType: 'cleanup', success: true, filePath: path });
    expect(upkeep[0]?.user).toBeUndefined();
  });

  it('finds by file, type, user, time, outcome, code and origin', async () => {
    const other = join(folder, 'other.yaml');
    await module.saveConfiguration({ a: 1 });
    await module.saveConfiguration({ a: 1 }, other, { user: 'bob' });
    await expect(module.loadConfiguration(join(folder, 'no.json'))).rejects.toThrow();
    const [missing, bobs] = await module.getOperationHistory(2);

    const files = async (filter: object) => (await module.getOperationHistory(10, filter)).map((entry) => entry.id);
    expect(await files({ filePath: other })).toEqual([bobs?.id]);
    expect(await files({ operationType: 'load' })).toEqual([missing?.id]);
    expect(await files({ operationType: ['load', 'save'], user: 'bob' })).toEqual([bobs?.id]);
    expect(await files({ outcome: 'failure' })).toEqual([missing?.id]);
    expect(await files({ code: 'ERR_FILE_NOT_FOUND' })).toEqual([missing?.id]);
    expect(await files({ since: missing?.timestamp, outcome: 'failure' })).toEqual([missing?.id]);
    expect(await files({ until: 1 })).toEqual([]);
    expect(await files({ origin: 'upkeep', outcome: 'failure' })).toEqual([]);
  });

  it('comes in pages that leave nothing out and tell nothing twice', async () => {
    for (let count = 0; count < 25; count += 1) await module.saveConfiguration({ count });
    const pages: OperationHistoryEntry[][] = [];
    for (;;) {
      const before = pages.at(-1)?.at(-1)?.id;
      const page = await module.getOperationHistory(10, { ...(before === undefined ? {} : { before }) });
      if (page.length === 0) break;
      pages.push(page);
    }
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    const revisions = pages.flat().map(({ details }) => details?.revision);
    expect(revisions).toEqual(Array.from({ length: 25 }, (_, index) => 25 - index));
  });

  it.each([0, -1, Number.NaN, 1e9, 1.5, '5', null])('refuses the limit %p', async (limit) => {
    await expect(module.getOperationHistory(limit as number)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  });

  it.each([
    [{ file: 'x' }],
    [{ since: Number.NaN }],
    [{ operationType: 'steal' }],
    [{ operationType: [] as string[], outcome: 'perhaps' }],
    [{ before: '../../etc/passwd' }],
    [[]],
    [null],
    ['x'],
  ])('refuses the filter %j', async (filter) => {
    await expect(module.getOperationHistory(1, filter as object)).rejects.toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
  });

  it('is told although the records of one configuration cannot be read, or lead where this module may not go', async () => {
    const elsewhere = temporaryFolder();
    const wide = await startModule(folder, { ...WITHOUT_UPKEEP, allowedDirectories: [elsewhere] });
    await wide.saveConfiguration({ a: 1 }, join(elsewhere, 'outside.json'));
    const newer = join(folder, 'newer.json');
    await module.saveConfiguration({ a: 1 }, newer);
    await module.saveConfiguration({ a: 1 });
    const journal = journalFile(folder, 'newer.json');
    const [, ...records] = readFileSync(journal, 'utf8').split('\n');
    const header = checkedLine(JSON.stringify({ record: 'journal', format: 99, generation: 1, configuration: '../x' }));
    writeFileSync(journal, `${header}${records.join('\n')}`);
    const fresh = await startModule(folder, WITHOUT_UPKEEP);

    const told = (await fresh.getOperationHistory()).map(({ filePath }) => filePath).sort();
    expect(told).toEqual([path, newer, join(elsewhere, 'outside.json')].sort());
    expect(await fresh.getOperationHistory(1, { filePath: newer })).toHaveLength(1);
    expect(await fresh.getOperationHistory(1, { filePath: join(elsewhere, 'outside.json') })).toHaveLength(1);
  });

  it('is empty where nothing was done, and makes nothing there', async () => {
    const empty = temporaryFolder();
    const fresh = await startModule(empty);
    await expect(fresh.loadConfiguration()).rejects.toThrow();
    expect(await fresh.getOperationHistory()).toEqual([]);
    await fresh.destroy();
    expect(walk(empty)).toEqual([]);
  });

  it('takes equal loads together, and says how many there were', async () => {
    const uncached = await startModule(folder, { enableCaching: false });
    await uncached.saveConfiguration({ a: 1 });
    for (let count = 0; count < 50; count += 1) await uncached.loadConfiguration();
    const loads = await uncached.getOperationHistory(100, { operationType: 'load' });
    expect(loads.reduce((sum, { details }) => sum + (details?.count ?? 1), 0)).toBe(50);
    expect(loads.length).toBeLessThan(50);
  });
});

describe('writing the history', () => {
  it('happens at once for a change, and a little later for what changes nothing', async () => {
    const clock = new ManualClock();
    const timed = await startModule(folder, WITHOUT_UPKEEP, { clock });
    const text = (): string =>
      logFiles()
        .map((name) => readFileSync(join(logFolder(), name), 'utf8'))
        .join('');
    await timed.saveConfiguration({ a: 1 });
    await until(() => text().includes('"save"'));
    await timed.loadConfiguration(path, { format: 'json' });
    await expect(timed.loadConfiguration(join(folder, 'no.json'))).rejects.toThrow();
    expect(text()).not.toContain('ERR_FILE_NOT_FOUND');
    clock.advance(500);
    await until(() => text().includes('ERR_FILE_NOT_FOUND'));
  });

  it('is durable before the module ends, also where that had begun already', async () => {
    const clock = new ManualClock();
    const held = gate();
    const events: string[] = [];
    const own = new Set<number>();
    const timed = await startModule(folder, WITHOUT_UPKEEP, {
      clock,
      interference: (real) => ({
        async open(file, flags, mode) {
          const descriptor = await real.open(file, flags, mode);
          if (file.endsWith('.audit.open')) own.add(descriptor);
          return descriptor;
        },
        async fsync(descriptor) {
          if (own.has(descriptor)) {
            events.push('begins');
            await held.opened;
          }
          await real.fsync(descriptor);
          if (own.has(descriptor)) events.push('durable');
        },
        close(descriptor) {
          if (own.delete(descriptor)) events.push('closed');
          return real.close(descriptor);
        },
      }),
    });
    await timed.saveConfiguration({ a: 1 });
    clock.advance(500);
    await until(() => events.length > 0);
    const ended = timed.destroy();
    await until(() => logFiles().length === 1);
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    held.open();
    await ended;
    expect(events).toEqual(['begins', 'durable', 'closed']);
  });

  it('that fails changes no operation, is an alert once, and goes on when it can', async () => {
    let isFull = true;
    const alerts: PersistenceAlert[] = [];
    const clock = new ManualClock();
    const troubled = await startModule(
      folder,
      { ...WITHOUT_UPKEEP, alerts: (alert) => alerts.push(alert) },
      {
        clock,
        interference: (real) => ({
          open: (file, flags, mode) =>
            isFull && file.endsWith('.open') ? Promise.reject(systemError('ENOSPC')) : real.open(file, flags, mode),
        }),
      },
    );
    await troubled.saveConfiguration({ a: 1 });
    await until(() => alerts.length > 0);
    await troubled.saveConfiguration({ a: 2 });
    expect((await troubled.getOperationHistory()).map(({ details }) => details?.source)).toEqual([
      'records',
      'records',
    ]);
    isFull = false;
    expect((await troubled.getOperationHistory()).map(({ details }) => details?.source)).toEqual([
      undefined,
      undefined,
    ]);
    expect(alerts.map(({ type }) => type)).toEqual(['history-not-written']);
    expect(await troubled.verifyOperationHistory()).toMatchObject({ isIntact: true });
  });

  it('is not led elsewhere by a link, and not stopped by foreign files', async () => {
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'kept'), 'as it is');
    mkdirSync(logFolder(), { recursive: true });
    const id = '001790000000000-0123456789ab';
    symlinkSync(join(outside, 'kept'), join(logFolder(), `${id}.${'0'.repeat(32)}.audit`));
    writeFileSync(join(logFolder(), 'notes.txt'), 'foreign');
    mkdirSync(join(logFolder(), `${id}.audit.open`));
    await module.saveConfiguration({ a: 1 });
    expect(await module.getOperationHistory()).toHaveLength(1);
    expect(await module.verifyOperationHistory()).toMatchObject({ isIntact: true, segments: 1 });
    expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('as it is');
  });

  it('begins a new file where somebody takes the present one away', async () => {
    await module.saveConfiguration({ a: 1 });
    await module.getOperationHistory();
    rmSync(logFolder(), { recursive: true });
    await module.saveConfiguration({ a: 2 });
    expect((await module.getOperationHistory()).map(({ details }) => [details?.revision, details?.source])).toEqual([
      [2, undefined],
      [1, 'records'],
    ]);
    expect(await module.verifyOperationHistory()).toMatchObject({ isIntact: true });
  });

  it('has the mode of metadata from the first moment', async () => {
    await module.saveConfiguration({ a: 1 });
    await module.getOperationHistory();
    expect(statSync(join(logFolder(), logFiles()[0]!)).mode & 0o777).toBe(0o600);
    expect(statSync(logFolder()).mode & 0o777).toBe(0o700);
  });
});
