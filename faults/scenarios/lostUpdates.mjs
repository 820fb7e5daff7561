// @ts-check
// Several processes raise one counter: undisturbed; stopped for longer than a lease, blocked and killed; and without any
// lock between them, where the journal's fence alone has to refuse the slower one.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { COUNT_OF_LATER_SAVE, COUNT_OF_NEXT_SAVE, judgeFolder, look } from '../judge.mjs';
import { discard, folderOnDisk } from '../scratch.mjs';
import { configurationIn, withModule } from '../store.mjs';
import { judgeAcknowledgements, Updater } from '../Updaters.mjs';

/** @import { Orders } from '../children/updater.mjs' */
/** @import { Variant } from '../brokenStores.mjs' */
/** @import { Random } from '../random.mjs' */
/** @import { Report } from '../Report.mjs' */

const LEASE_MS = 100;
const PATIENT = { lockTimeout: 120_000 };

/** @param {Report} report @param {{ processes: number, updates: number, variant?: Variant }} size */
export async function lostUpdates(report, { processes, updates, variant }) {
  const folder = await folderOnDisk();
  const broken = variant === undefined ? {} : { variant };
  const start = performance.now();
  const updaters = startAll(processes, () => ({ folder, updates, options: PATIENT, ...broken }));
  await Promise.all(updaters.map(({ ended }) => ended));
  const seconds = (performance.now() - start) / 1000;
  await judge(report, folder, updaters, { kills: 0, expected: processes * updates });
  report.count('updates asked for', processes * updates);
  if (report.measuresTime) {
    report.figure('updates per second, start of the processes included', ((processes * updates) / seconds).toFixed(0));
  }
  await discard(folder);
}

/** Every process has its own lock folder, so that nobody sees anybody's lock. @param {Report} report @param {{ processes: number, updates: number }} size */
export async function fenceAlone(report, { processes, updates }) {
  const folder = await folderOnDisk();
  const updaters = startAll(processes, (index) => ({
    folder,
    updates,
    options: { ...PATIENT, lockDirectory: join(folder, `locks-${index}`) },
  }));
  await Promise.all(updaters.map(({ ended }) => ended));
  await judge(report, folder, updaters, { kills: 0, expected: processes * updates });
  report.count('updates refused by the fence and repeated', refusals(updaters));
  await discard(folder);
}

/** @param {Report} report @param {{ processes: number, seconds: number, random: Random }} size */
export async function disturbedUpdates(report, { processes, seconds, random }) {
  const folder = await folderOnDisk();
  const options = { ...PATIENT, staleLockThreshold: LEASE_MS };
  /** @type {Orders} */
  const orders = { folder, updates: 0, options, blockMs: LEASE_MS * 2 };
  const living = startAll(processes, () => orders);
  const all = [...living];
  let kills = 0;
  const end = performance.now() + seconds * 1000;
  await Promise.all(living.map(({ ready }) => ready));
  while (performance.now() < end) {
    const index = Math.floor(random() * processes);
    const updater = /** @type {Updater} */ (living[index]);
    await delay(random() * LEASE_MS);
    if (random() < 0.5) {
      updater.send('SIGSTOP');
      report.count('processes stopped for longer than their lease');
      await delay(LEASE_MS * (1 + random()));
      updater.send('SIGCONT');
    } else {
      updater.send('SIGKILL');
      kills += 1;
      const next = new Updater(orders);
      living[index] = next;
      all.push(next);
      await updater.ended;
      await next.ready;
    }
  }
  for (const updater of living) {
    updater.send('SIGKILL');
    kills += 1;
  }
  await Promise.all(all.map(({ ended }) => ended));
  report.count('processes killed', kills);
  report.count('updates refused and repeated', refusals(all));
  await judge(report, folder, all, { kills });
  await discard(folder);
}

/** @param {number} processes @param {(index: number) => Orders} ordersOf */
function startAll(processes, ordersOf) {
  return Array.from({ length: processes }, (_, index) => new Updater(ordersOf(index)));
}

/** @param {readonly Updater[]} updaters */
function refusals(updaters) {
  return updaters.reduce((sum, { errors }) => sum + errors.length, 0);
}

/**
 * @param {Report} report
 * @param {string} folder
 * @param {readonly Updater[]} updaters
 * @param {{ kills: number, expected?: number }} facts
 */
async function judge(report, folder, updaters, { kills, expected }) {
  const { seen, problems } = await withModule(folder, (module) => look(module, configurationIn(folder)));
  const count = seen?.count ?? 0;
  const verdict = judgeAcknowledgements(updaters, count, kills);
  problems.push(...verdict.problems);
  report.count('updates acknowledged', verdict.acknowledged);
  report.count('final count', count);
  report.count('acknowledged updates lost', Math.max(0, verdict.acknowledged - count));
  if (expected !== undefined && count !== expected)
    problems.push(`the final count is ${count} and should be ${expected}`);
  for (const { errors } of updaters) {
    const odd = errors.filter((code) => code !== 'ERR_LOCK_LOST' && code !== 'ERR_CONFLICT');
    problems.push(...odd.map((code) => `an update ends with ${code}`));
  }
  const after = await judgeFolder(folder, [{ count }, { count: COUNT_OF_NEXT_SAVE }, { count: COUNT_OF_LATER_SAVE }]);
  problems.push(...after.problems);
  for (const problem of problems) report.fail(problem, folder);
}
