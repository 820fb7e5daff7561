// @ts-check
// Processes save in a loop and are killed at random instants; what they had acknowledged must be there, whole and valid.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { judgeFolder, look } from '../judge.mjs';
import { discard, folderOnDisk } from '../scratch.mjs';
import { configurationIn, openModule, withModule } from '../store.mjs';
import { judgeAcknowledgements, Updater } from '../Updaters.mjs';

/** @import { ModuleUnderFault } from '../store.mjs' */
/** @import { Orders } from '../children/updater.mjs' */
/** @import { Facts } from '../judge.mjs' */
/** @import { Random } from '../random.mjs' */
/** @import { Report } from '../Report.mjs' */

/** What must be true of the backups when the count is this. @typedef {(count: number) => Facts} ExpectBackups */

/** A process lives until it has done a random number of saves below this one, so that a slow machine kills no earlier. */
const LONGEST_LIFE_SAVES = 8;
/** And for so long at most after that: more than a save takes. */
const LONGEST_REST_MS = 30;
/** Lengths of the content in turn, so that kills also hit writes of several pages. */
const LENGTHS = [300, 20_000, 300_000];
/** Backups that the killed processes of `backupKills` keep. */
const KEPT_BACKUPS = 10;
/** So few saves come between two tendings there that kills hit these, too. */
const SAVES_BETWEEN_TENDINGS = 4;
const KEY_BYTES = 32;
const HISTORY_PAGE = 1000;
const NANOSECONDS_PER_MS = 1e6;

/**
 * Several processes on one file. After each kill another process reads without waiting, and one takes the killed one's
 * place; at the end a new process judges.
 *
 * @param {Report} report
 * @param {{ kills: number, processes: number, random: Random, orders?: Partial<Orders>, judgeBackups?: ExpectBackups }} size
 */
export async function randomKills(report, { kills, processes, random, orders = {}, judgeBackups = () => ({}) }) {
  const folder = await folderOnDisk();
  const file = configurationIn(folder);
  const options = { lockTimeout: 60_000, ...orders.options };
  const start = () => {
    const length = LENGTHS[Math.floor(random() * LENGTHS.length)] ?? 0;
    return new Updater({ ...orders, folder, updates: 0, options, length });
  };
  const living = Array.from({ length: processes }, start);
  const all = [...living];
  /** @type {number[]} */
  const recoveries = [];
  /** @type {{ at: bigint, victim: Updater }[]} */
  const deaths = [];
  /** @type {number[]} */
  const undisturbed = [];
  await Promise.all(living.map(({ ready }) => ready));
  const reader = await openModule(folder);
  for (let killed = 0; killed < kills; killed++) {
    const index = Math.floor(random() * processes);
    const victim = /** @type {Updater} */ (living[index]);
    await victim.ready;
    for (let saves = Math.floor(random() * LONGEST_LIFE_SAVES); saves > 0; saves--) await victim.nextAcknowledgement();
    const survivors = living.filter((updater) => updater !== victim);
    await delay(random() * LONGEST_REST_MS);
    undisturbed.push(await timeToNextCommit(living));
    await delay(random() * LONGEST_REST_MS);
    deaths.push({ at: process.hrtime.bigint(), victim });
    victim.send('SIGKILL');
    if (survivors.length > 0) recoveries.push(await timeToNextCommit(survivors));
    await victim.ended;
    await judgeNow(report, reader, file, all);
    const next = start();
    living[index] = next;
    all.push(next);
    // Others do not wait for it, unless its start would disturb what is measured.
    if (report.measuresTime) await next.ready;
    report.count('kills');
  }
  await reader.destroy();
  for (const updater of living) updater.send('SIGKILL');
  await Promise.all(all.map(({ ended }) => ended));
  await judgeAtTheEnd(report, folder, all, { kills: kills + processes, judgeBackups });
  if (processes > 1) {
    // Processes that also tend are not always waiting for the lock.
    if (orders.tendEvery === undefined) {
      report.times('from the kill of the holder until another process holds the lock', takeOvers(deaths, all));
    }
    report.times('from the kill to the next commit of any other process', recoveries);
    report.times('from an instant at which nobody is killed to the next commit of any process', undisturbed);
  }
  await discard(folder);
}

/**
 * How long it took in milliseconds until another process held the lock and had read the content, for each process that
 * died while it held the lock.
 *
 * @param {readonly { at: bigint, victim: Updater }[]} deaths @param {readonly Updater[]} all
 */
function takeOvers(deaths, all) {
  const holds = all.flatMap((updater) => updater.holds).sort((left, right) => Number(left - right));
  return deaths.flatMap(({ at, victim }) => {
    const last = victim.holds.at(-1) ?? 0n;
    const next = victim.isHolding ? holds.find((hold) => hold > at && hold > last) : undefined;
    return next === undefined ? [] : [Number(next - at) / NANOSECONDS_PER_MS];
  });
}

/** In milliseconds. @param {readonly Updater[]} updaters */
async function timeToNextCommit(updaters) {
  const from = performance.now();
  await Promise.race(updaters.map((updater) => updater.nextAcknowledgement()));
  return performance.now() - from;
}

/** @param {Report} report @param {ModuleUnderFault} reader @param {string} file @param {readonly Updater[]} updaters */
async function judgeNow(report, reader, file, updaters) {
  const acknowledged = Math.max(0, ...updaters.map((updater) => updater.acknowledged.at(-1) ?? 0));
  const { seen, problems } = await look(reader, file);
  report.count('judgements while others write');
  if (acknowledged > 0 && (seen?.count ?? 0) < acknowledged) {
    problems.push(`shows ${seen?.count ?? 'nothing'}, although a later count was acknowledged`);
  }
  for (const problem of problems)
    report.fail(problem.replaceAll(/\d+/gu, 'N'), `after ${report.counted('kills')} kills`);
}

/** @param {Report} report @param {string} folder @param {readonly Updater[]} updaters @param {{ kills: number, judgeBackups: ExpectBackups }} facts */
async function judgeAtTheEnd(report, folder, updaters, { kills, judgeBackups }) {
  const { seen, problems } = await withModule(folder, (module) => look(module, configurationIn(folder)));
  const count = seen?.count ?? 0;
  const verdict = judgeAcknowledgements(updaters, count, kills);
  problems.push(...verdict.problems);
  report.count('saves acknowledged', verdict.acknowledged);
  for (const { errors } of updaters) problems.push(...errors.map((code) => `an update ends with ${code}`));
  problems.push(...(await historyProblems(report, folder, count)));
  const { problems: later } = await judgeFolder(folder, [{ count }], 'save', judgeBackups(count));
  problems.push(...later);
  for (const problem of problems) report.fail(problem.replaceAll(/[0-9a-f]{16,}/gu, '#'), 'the end');
}

/**
 * Whether the history of operations tells of every change, and its chain holds, whoever was killed when.
 *
 * @param {Report} report @param {string} folder @param {number} count of updates that were committed
 */
async function historyProblems(report, folder, count) {
  return withModule(folder, async (module) => {
    /** @type {Set<number>} */
    const told = new Set();
    const filter = { filePath: configurationIn(folder), outcome: /** @type {const} */ ('success') };
    for (let before; ;) {
      const page = await module.getOperationHistory(
        HISTORY_PAGE,
        before === undefined ? filter : { ...filter, before },
      );
      for (const { details } of page) if (details?.revision !== undefined) told.add(details.revision);
      before = page.at(-1)?.id;
      if (before === undefined) break;
    }
    const { breaks } = await module.verifyOperationHistory();
    const problems = breaks.map(({ type, description }) => `the history is ${type}: ${description}`);
    // A change that was given up has used up a number, so the numbers of the others have gaps.
    if (told.size !== count) problems.push(`the history tells of ${told.size} changes, and there were ${count}`);
    report.count('changes in the history', told.size);
    return problems;
  });
}

/**
 * The same with encrypted backups that are tended again and again: the newest ones are all there, each with its content.
 *
 * @param {Report} report
 * @param {{ kills: number, processes: number, random: Random }} size
 */
export async function backupKills(report, size) {
  const key = randomBytes(KEY_BYTES);
  const options = { retentionCount: KEPT_BACKUPS };
  const orders = { options, tendEvery: SAVES_BETWEEN_TENDINGS, backupKey: key.toString('hex') };
  await randomKills(report, {
    ...size,
    orders,
    judgeBackups(count) {
      const newest = Array.from({ length: KEPT_BACKUPS }, (_, age) => count - 1 - age).filter((one) => one > 0);
      return { backups: { options: { encryption: { key } }, required: newest, isEncrypted: true } };
    },
  });
}
