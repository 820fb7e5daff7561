// @ts-check
// Two writers of one configuration, one stopped at each of its calls in turn while the other takes its lock over and
// works: a search through all interleavings with one or two changes of turn, both writers starting from one base.
//
// What must hold every time: at most one of the two commits, the content is the winner's, the loser is told so, and the
// next writer finds a valid state and leaves nothing behind.
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { shortened } from '../fileKinds.mjs';
import { codeOf, describe } from '../errors.mjs';
import { alike, judgeFolder } from '../judge.mjs';
import { annotate, checksumOfCount, closeStore, commit, lockOf, openStore, release, remove } from '../localStore.mjs';
import { canStopAt, PausePoint } from '../PausePoint.mjs';
import { discard, folderInMemory } from '../scratch.mjs';
import { EVERYTHING, shareOf } from '../shares.mjs';

/** @import { Call } from '../FaultyFileOperations.mjs' */
/** @import { OpenStore } from '../localStore.mjs' */
/** @import { Seen } from '../judge.mjs' */
/** @import { Report } from '../Report.mjs' */
/** @import { Share } from '../shares.mjs' */

/** @typedef {OpenStore & { io: FaultyFileOperations }} Writer */

/** @typedef {'save' | 'delete' | 'metadata' | 'lock only, then another saves'} Kind */

/** @typedef {{ first: Kind, second: Kind, firstStop: number, secondStop: number | undefined, isDistinct: boolean }} Schedule */

const BASE = 1;
/** Codes that tell a writer it was overtaken, and that nothing has changed. */
const OVERTAKEN = ['ERR_LOCK_LOST', 'ERR_LOCK_TIMEOUT', 'ERR_CONFLICT', 'ERR_FILE_NOT_FOUND'];

/** @type {readonly Kind[]} */
const FIRST = ['save', 'delete', 'metadata'];
/** @type {readonly Kind[]} */
const SECOND = ['save', 'delete', 'metadata', 'lock only, then another saves'];

/**
 * @param {Report} report
 * @param {{ turns: 1 | 2, stride: number, first?: number, share?: Share }} size every `stride`-th is run, from `first` on
 */
export async function interleavings(report, { turns, stride, first = 0, share = EVERYTHING }) {
  /** @type {Map<Kind, readonly Call[]>} */
  const recorded = new Map();
  for (const kind of SECOND) recorded.set(kind, await callsOf(kind));
  const schedules = FIRST.flatMap((one) =>
    SECOND.flatMap((two) =>
      schedulesOf(one, two, recorded.get(one) ?? [], turns === 2 ? (recorded.get(two) ?? []) : []),
    ),
  );
  const mine = shareOf(schedules, share);
  const distinct = schedules.filter(({ isDistinct }) => isDistinct);
  const chosen = distinct.filter((_, index) => index % stride === first);
  report.count('interleavings in all', mine.length);
  report.count(
    'left out: a stop at a synchronous call, which is one at the next call',
    mine.filter(({ isDistinct }) => !isDistinct).length,
  );
  for (const schedule of shareOf(chosen, share)) {
    const problems = await runSchedule(schedule, report);
    report.count('interleavings run');
    for (const problem of problems)
      report.fail(`[${schedule.first} | ${schedule.second}] ${problem.kind}`, problem.where);
  }
}

/** @param {Kind} first @param {Kind} second @param {readonly Call[]} firstCalls @param {readonly Call[]} secondCalls @returns {Schedule[]} */
function schedulesOf(first, second, firstCalls, secondCalls) {
  return firstCalls.flatMap((one) =>
    [undefined, ...secondCalls].map((two) => ({
      first,
      second,
      firstStop: one.number,
      secondStop: two?.number,
      isDistinct: canStopAt(one) && (two === undefined || canStopAt(two)),
    })),
  );
}

/** @param {Kind} kind @returns {Promise<readonly Call[]>} */
async function callsOf(kind) {
  const { folder, writers, checksum } = await start(1);
  const [writer] = /** @type {[Writer]} */ (writers);
  writer.io.start();
  await work(writer, kind, checksum, 2);
  const calls = writer.io.stop();
  await close(writers);
  await discard(folder);
  return calls;
}

/** A folder with the base in it, and writers whose owner records are out already. @param {number} count */
async function start(count) {
  const folder = await folderInMemory();
  /** @type {Writer[]} */
  const writers = [];
  for (let index = 0; index <= count; index++) {
    const io = new FaultyFileOperations();
    writers.push({ ...(await openStore(folder, io)), io });
  }
  const [setUp, ...others] = /** @type {[Writer, ...Writer[]]} */ (writers);
  const lease = await lockOf(setUp);
  await commit(setUp, lease, BASE);
  await release(lease);
  await closeStore(setUp);
  return { folder, writers: others, checksum: checksumOfCount(BASE) };
}

/** @param {readonly Writer[]} writers */
async function close(writers) {
  for (const writer of writers) await closeStore(writer);
}

/**
 * One whole operation as the module does it: lock, change, release.
 *
 * @param {Writer} writer @param {Kind} kind @param {string} base @param {number} count @param {{ leaseMs?: number, waitMs?: number }} [times]
 */
async function work(writer, kind, base, count, times) {
  if (kind === 'lock only, then another saves') {
    await release(await lockOf(writer));
    return work(writer, 'save', base, count);
  }
  const lease = await lockOf(writer, times);
  try {
    if (kind === 'save') await commit(writer, lease, count, { expectedChecksum: base });
    else if (kind === 'delete') await remove(writer, lease, base);
    else await annotate(writer, lease, String(count), base);
  } finally {
    await release(lease);
  }
}

/** @param {Schedule} schedule @param {Report} report @returns {Promise<{ kind: string, where: string }[]>} */
async function runSchedule({ first, second, firstStop, secondStop }, report) {
  const { folder, writers, checksum } = await start(2);
  const [one, two] = /** @type {[Writer, Writer]} */ (writers);
  const stopOne = new PausePoint((call) => call.number >= firstStop);
  const stopTwo = new PausePoint((call) => secondStop !== undefined && call.number >= secondStop);
  one.io.start(stopOne.rule);
  two.io.start(stopTwo.rule);
  // A lease of one millisecond is over at once, but nobody takes the lock over before the second writer does.
  const firstWork = settled(work(one, first, checksum, 2, { leaseMs: 1, waitMs: 0 }));
  await Promise.race([stopOne.reached, firstWork]);
  const secondWork = settled(work(two, second, checksum, 3));
  await Promise.race([stopTwo.reached, secondWork]);
  stopOne.open();
  const firstError = await firstWork;
  stopTwo.open();
  const secondError = await secondWork;
  const [stopped, resumed] = [
    one.io.stop()[firstStop - 1],
    secondStop === undefined ? undefined : two.io.stop()[secondStop - 1],
  ];
  await close(writers);
  const problems = [];
  for (const error of [firstError, secondError]) {
    if (error !== undefined && !OVERTAKEN.includes(codeOf(error) ?? '')) problems.push(`ends with ${describe(error)}`);
  }
  const [isFirst, isSecond] = [firstError === undefined, secondError === undefined];
  report.count(
    isFirst
      ? isSecond
        ? 'both committed'
        : 'the first committed'
      : isSecond
        ? 'the second committed'
        : 'both refused',
  );
  // Metadata leave the content as it was, so a change from the same base may follow them.
  const isCompatible = first === 'metadata' || second === 'metadata';
  if (isFirst && isSecond && !isCompatible) problems.push('both committed from one base');
  const allowed = [];
  if (isFirst) allowed.push(stateAfter(first, 2));
  if (isSecond) allowed.push(stateAfter(second, 3));
  if (isFirst && isSecond) allowed.push(...bothOf(first, second));
  if (!isFirst && !isSecond) allowed.push({ count: BASE });
  const verdict = await judgeFolder(folder, allowed);
  problems.push(...verdict.problems);
  await discard(folder);
  const where = `first stopped at ${nameOf(stopped)}, second ${resumed === undefined ? 'not stopped' : `at ${nameOf(resumed)}`}; ${outcomeName(firstError)} / ${outcomeName(secondError)}`;
  return problems.map((problem) => ({ kind: alike(problem), where }));
}

/** @param {Promise<unknown>} promise @returns {Promise<unknown>} its error */
function settled(promise) {
  return promise.then(
    () => undefined,
    (/** @type {unknown} */ error) => error,
  );
}

/** @param {unknown} error */
function outcomeName(error) {
  return error === undefined ? 'committed' : (codeOf(error) ?? 'error');
}

/** @param {Kind} kind @param {number} count @returns {Seen} */
function stateAfter(kind, count) {
  if (kind === 'delete') return { count: null };
  return kind === 'metadata' ? { count: BASE, note: String(count) } : { count };
}

/** @param {Kind} first @param {Kind} second @returns {Seen[]} */
function bothOf(first, second) {
  const note = first === 'metadata' ? '2' : '3';
  const content = [first === 'metadata' ? stateAfter(second, 3).count : stateAfter(first, 2).count];
  if (first === 'metadata' && second === 'metadata')
    return [
      { count: BASE, note: '2' },
      { count: BASE, note: '3' },
    ];
  return content.map((count) => (count === null ? { count } : { count, note }));
}

/** @param {Call | undefined} call */
function nameOf(call) {
  if (call === undefined) return 'its end';
  const names = [call.path, ...(call.to === undefined ? [] : [call.to])].map(shortened);
  return `call ${call.number} ${call.kind} ${names.join(' -> ')}`;
}
