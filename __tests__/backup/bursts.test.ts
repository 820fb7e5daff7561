/** Many changes within seconds push nothing out that was there before them; and the order is that of the versions. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { systemClock } from '../../src/engine/Clock.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';
import { saveAll } from './backupFixture.js';

const { BACKUP_SETTINGS } = CONFIG_PERSISTENCE_CONSTANTS;
const DEFAULT = { backupMergeWindow: BACKUP_SETTINGS.MERGE_WINDOW_MS };

let folder: string;
let aheadMs: number;

const clock = { ...systemClock, now: () => Date.now() + aheadMs };

beforeEach(() => {
  folder = temporaryFolder();
  aheadMs = 0;
});

function start(options: ConfigPersistenceOptions = DEFAULT): Promise<ConfigPersistenceModule> {
  return startModule(folder, options, { clock });
}

/** The values in the backups, newest first, as a module finds them that does nothing else. */
async function keptValues(module: ConfigPersistenceModule): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const { id } of await module.listBackups()) {
    const target = `${folder}/restored.json`;
    await module.restoreFromBackup(id, target);
    values.push((await module.loadConfiguration<{ a: unknown }>(target)).data.a);
  }
  return values;
}

/** Ends a module, which does its upkeep, and starts the next. */
async function upkeep(
  module: ConfigPersistenceModule,
  options?: ConfigPersistenceOptions,
): Promise<ConfigPersistenceModule> {
  await module.destroy();
  return start(options);
}

function values(from: number, to: number): { a: number }[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ a: from + index }));
}

it('the window is ten seconds unless it is said otherwise', () => {
  expect(BACKUP_SETTINGS.MERGE_WINDOW_MS).toBe(10_000);
});

it('of a burst of changes the content before it stays, and the backups of earlier days with it', async () => {
  let module = await start();
  for (const a of [1, 2, 3]) {
    await module.saveConfiguration({ a });
    aheadMs += 60_000;
  }
  await saveAll(module, values(4, 44));
  module = await upkeep(module);
  expect(await keptValues(module)).toEqual([3, 2, 1]);
});

it('also where it is taken apart by several maintenances', async () => {
  let module = await start();
  await module.saveConfiguration({ a: 1 });
  aheadMs += 60_000;
  await saveAll(module, values(2, 6));
  module = await upkeep(module);
  await saveAll(module, values(7, 12));
  module = await upkeep(module);
  expect(await keptValues(module)).toEqual([1]);
});

it('a burst takes less than the window from its first backup on, so that a steady change is kept, too', async () => {
  let module = await start({ backupMergeWindow: 100_000, backupRetentionCount: 3 });
  for (const a of [0, 1, 2, 3, 4, 5, 6]) {
    await module.saveConfiguration({ a });
    aheadMs += 50_000;
  }
  module = await upkeep(module);
  expect(await keptValues(module)).toEqual([4, 2, 0]);
});

it('0 merges nothing, and a count that is asked for counts each', async () => {
  let module = await start({ backupMergeWindow: 0 });
  await saveAll(module, values(1, 6));
  module = await upkeep(module, DEFAULT);
  await module.cleanupOldBackups(2);
  expect(await keptValues(module)).toEqual([5, 4]);
});

it('named backups are not merged, nor counted into a burst', async () => {
  let module = await start({ ...DEFAULT, retentionPolicy: { keepNamed: true } });
  await module.saveConfiguration({ a: 1 });
  await module.createBackup(undefined, 'first');
  await module.saveConfiguration({ a: 2 });
  await module.createBackup(undefined, 'second');
  await module.saveConfiguration({ a: 3 });
  module = await upkeep(module);
  const names = (await module.listBackups()).map(({ name, isAutomatic }) => (isAutomatic ? 'automatic' : name));
  expect(names.sort()).toEqual(['automatic', 'first', 'second']);
});

it('versions are not merged: each can be rolled back to', async () => {
  let module = await start();
  await saveAll(module, values(1, 5));
  module = await upkeep(module);
  expect(await module.listBackups()).toHaveLength(1);
  const history = await module.getVersionHistory();
  expect(history).toHaveLength(5);
  for (const { id } of history.slice(1)) await module.rollbackToVersion(id);
});

it('a dry run says which one stands for which', async () => {
  let module = await start({ backupMergeWindow: 0, backupRetentionCount: 10 });
  await saveAll(module, values(1, 4));
  module = await upkeep(module, { ...DEFAULT, backupRetentionCount: 10 });
  const [third, second, first] = (await module.listBackups()).map(({ id }) => id);
  const { decisions } = await module.cleanupOldBackups(undefined, { dryRun: true });
  expect(decisions.map(({ backupId, action }) => [backupId, action])).toEqual([
    [third, 'delete'],
    [second, 'delete'],
    [first, 'keep'],
  ]);
  for (const { reason } of decisions.slice(0, 2)) {
    expect(reason).toContain('backupMergeWindow');
    expect(reason).toContain(first);
  }
  expect(await module.listBackups()).toHaveLength(3);
});

it('a content that is the same before and after a burst is not lost with either rule', async () => {
  let module = await start();
  await saveAll(module, [{ a: 'good' }, { a: 'bad' }, { a: 'good' }, { a: 'worse' }]);
  module = await upkeep(module);
  expect(await keptValues(module)).toContain('good');
});

it.each([
  ['was put back by a year', -365 * 24 * 3_600_000],
  ['begins in 1970', -Date.now() + 5_000],
])('a clock that %s makes no newer backup count as the older', async (_, shift) => {
  let module = await start({ ...DEFAULT, backupRetentionCount: 2 });
  for (const a of [1, 2, 3]) {
    await module.saveConfiguration({ a });
    aheadMs += 60_000;
  }
  aheadMs += shift;
  for (const a of [4, 5]) {
    aheadMs += 60_000;
    await module.saveConfiguration({ a });
  }
  module = await upkeep(module, { ...DEFAULT, backupRetentionCount: 2 });
  expect((await keptValues(module)).sort()).toEqual([3, 4]);
});
