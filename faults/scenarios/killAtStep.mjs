// @ts-check
// Every call of every operation: the process is stopped right before and right after it, and another one judges.
//
// A kill is either a real SIGKILL of a child process, or, much faster, a store whose calls have no effect any more from
// that point on and whose owner record is made to look like a dead process.
import { BACKUP_OPERATIONS } from '../backupOperations.mjs';
import { expectationOf, optionsFor } from '../expectations.mjs';
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { freezeAt } from '../faultRules.mjs';
import { shortened } from '../fileKinds.mjs';
import { alike, endAllOwners, judgeFolder } from '../judge.mjs';
import { OPERATIONS } from '../operations.mjs';
import { INNER_ROUND, innerRounds, insideOfLooks, isNextTheSameState } from '../samePoints.mjs';
import { discard, ended, folderInMemory, forkChild } from '../scratch.mjs';
import { EVERYTHING, shareOf } from '../shares.mjs';
import { configurationIn, openModule } from '../store.mjs';
import { TRANSFER_OPERATIONS } from '../transferOperations.mjs';

/** @import { FileOperations } from '../../dist/src/storage/local/io/FileOperations.js' */
/** @import { Call } from '../FaultyFileOperations.mjs' */
/** @import { Successor } from '../judge.mjs' */
/** @import { MutatingOperation } from '../operations.mjs' */
/** @import { Report } from '../Report.mjs' */
/** @import { Share } from '../shares.mjs' */

/**
 * @typedef {object} Point
 * @property {MutatingOperation} operation
 * @property {number} at
 * @property {'before' | 'after'} when
 * @property {Call} call as it was when the calls were recorded
 * @property {Successor} successor
 * @property {string | undefined} leftOut which other point tries the same
 */

/** @typedef {'signal' | 'freeze'} Kill */

/** Takes a safeguard away from the store that is tried. @typedef {(io: FileOperations) => FileOperations} Broken */

/** @type {Broken} */
const asItIs = (io) => io;

/** @type {readonly Successor[]} */
const SUCCESSORS = ['save', 'lock first', 'failing update first'];

/**
 * @param {Report} report
 * @param {{ kill: Kill, stride: number, share?: Share, operations?: readonly MutatingOperation[], broken?: Broken }} size
 *   every `stride`-th point of the share is tried
 */
export async function killAtStep(report, { kill, stride, share = EVERYTHING, operations = OPERATIONS, broken }) {
  /** @type {number[]} */
  const recoveries = [];
  /** @type {number[]} */
  const laterSaves = [];
  for (const operation of operations) {
    const backups = await expectationOf(operation);
    const calls = await recordCalls(operation, broken);
    report.count('calls recorded', shareOf(calls, share).length);
    const points = shareOf(pointsOf(operation, calls, kill), share);
    report.count('points in all', points.length);
    for (const { leftOut } of points) if (leftOut !== undefined) report.count(`left out: ${leftOut}`);
    const distinct = points.filter(({ leftOut }) => leftOut === undefined);
    for (const point of distinct.filter((_, index) => index % stride === 0)) {
      const folder = await folderInMemory();
      await operation.prepare(folder);
      const frozen = kill === 'signal' ? undefined : await freeze(folder, point, broken);
      const wasKilled = frozen?.wasReached ?? (await killAChild(folder, point));
      if (!wasKilled) report.count('runs that had fewer calls than the recorded one');
      const { before, after } = operation;
      const verdict = await judgeFolder(folder, [before, after], point.successor, { backups });
      report.count(kill === 'signal' ? 'kills by SIGKILL' : 'kills by freezing');
      report.count(isNew(verdict.seen, operation) ? 'new content found' : 'old content found');
      recoveries.push(verdict.nextSaveMs);
      laterSaves.push(verdict.laterSaveMs);
      for (const problem of verdict.problems) report.fail(kindOf(point, problem), placeOf(point));
      await discard(folder);
      // Nothing is there any more that it could tidy up; without this, thousands of instances fill the memory.
      await frozen?.module.destroy().catch(() => undefined);
    }
  }
  report.times('first save after the kill, take-over included', recoveries);
  report.times('the save after that, with nothing to take over', laterSaves);
}

/** @param {MutatingOperation} operation @param {Broken} [broken] @returns {Promise<readonly Call[]>} */
export async function recordCalls(operation, broken = asItIs) {
  const folder = await folderInMemory();
  await operation.prepare(folder);
  const io = new FaultyFileOperations();
  const module = await openModule(folder, { io: broken(io), options: optionsFor(operation) });
  const file = configurationIn(folder);
  await operation.arm(module, file);
  io.start();
  await operation.run(module, file);
  const calls = io.stop();
  if (operation.endsModule !== true) await module.destroy();
  await discard(folder);
  return calls;
}

/**
 * Freezing tries both sides of every call. A kill costs a new process each time, so it comes once to every state that it can
 * leave, and not to the far side of the many calls of long operations.
 *
 * @param {MutatingOperation} operation @param {readonly Call[]} calls @param {Kill} kill @returns {Point[]}
 */
function pointsOf(operation, calls, kill) {
  const rounds = innerRounds(calls);
  const looks = kill === 'signal' ? insideOfLooks(calls) : new Set();
  const hasOneSide = kill === 'signal' && isLong(operation);
  return calls.flatMap((call, index) => {
    const inRounds = rounds.has(call) ? INNER_ROUND : undefined;
    const leftOutBefore = looks.has(call) ? 'before a call inside of a row of calls that only look' : inRounds;
    const leftOutAfter = isNextTheSameState(calls, index) ? 'after a call, the same as before the next one' : inRounds;
    return successorsAt(operation, call, kill).flatMap((successor) => {
      const point = { operation, at: call.number, call, successor };
      const before = /** @type {const} */ ({ ...point, when: 'before', leftOut: leftOutBefore });
      const after = /** @type {const} */ ({ ...point, when: 'after', leftOut: leftOutAfter });
      return hasOneSide ? [before] : [before, after];
    });
  });
}

/** Every one at every call; where that are too many, one in turn. @param {MutatingOperation} operation @param {Call} call @param {Kill} kill */
function successorsAt(operation, { number }, kill) {
  const turn = number % SUCCESSORS.length;
  const isOneEnough = kill === 'signal' || isLong(operation);
  return isOneEnough ? SUCCESSORS.slice(turn, turn + 1) : SUCCESSORS;
}

/** Of many calls, most of which are also those of shorter operations. @param {MutatingOperation} operation */
function isLong(operation) {
  return BACKUP_OPERATIONS.includes(operation) || TRANSFER_OPERATIONS.includes(operation);
}

/** @param {string} folder @param {Point} point */
async function killAChild(folder, { operation, at, when }) {
  const child = forkChild('killAtStep', [folder, operation.name, String(at), when]);
  const { signal, code } = await ended(child);
  if (code !== null && code !== 0) throw new Error(`the child for ${operation.name} failed by itself`);
  return signal === 'SIGKILL';
}

/** @param {string} folder @param {Point} point @param {Broken} [broken] */
async function freeze(folder, { operation, at, when }, broken = asItIs) {
  const io = new FaultyFileOperations();
  const module = await openModule(folder, { io: broken(io), options: optionsFor(operation) });
  const file = configurationIn(folder);
  await operation.arm(module, file);
  io.start(freezeAt(at, when));
  // The instance is not destroyed yet: a dead process does not tidy up either.
  await Promise.allSettled([operation.run(module, file)]);
  const wasReached = io.calls.length >= at;
  await endAllOwners(folder);
  return { wasReached, module };
}

/** @param {import('../judge.mjs').Seen | undefined} seen @param {MutatingOperation} operation */
function isNew(seen, { after }) {
  return seen?.count === after.count && seen.note === after.note;
}

/** @param {Point} point @param {string} problem */
function kindOf({ successor }, problem) {
  return `[then ${successor}] ${alike(problem)}`;
}

/** @param {Point} point */
function placeOf({ operation, at, when, call }) {
  return `${operation.name}, ${when} call ${at} ${call.kind} ${shortened(call.path)}`;
}
