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
import { inParallel, oneAtATime } from '../inParallel.mjs';
import { alike, endAllOwners, judgeFolder } from '../judge.mjs';
import { OPERATIONS } from '../operations.mjs';
import { spread } from '../Report.mjs';
import { discard, ended, folderInMemory, forkChild } from '../scratch.mjs';
import { configurationIn, openModule } from '../store.mjs';

/** @import { FileOperations } from '../../dist/src/storage/local/io/FileOperations.js' */
/** @import { Call } from '../FaultyFileOperations.mjs' */
/** @import { Successor } from '../judge.mjs' */
/** @import { MutatingOperation } from '../operations.mjs' */
/** @import { Report } from '../Report.mjs' */

/**
 * @typedef {object} Point
 * @property {MutatingOperation} operation
 * @property {number} at
 * @property {'before' | 'after'} when
 * @property {Call} call as it was when the calls were recorded
 * @property {Successor} successor
 */

/** Takes a safeguard away from the store that is tried. @typedef {(io: FileOperations) => FileOperations} Broken */

/** @type {Broken} */
const asItIs = (io) => io;

/** @type {readonly Successor[]} */
const SUCCESSORS = ['save', 'lock first', 'failing update first'];

/**
 * @param {Report} report
 * @param {{ kill: 'signal' | 'freeze', stride: number, workers: number, operations?: readonly MutatingOperation[], broken?: Broken }} size
 *   every `stride`-th point is tried
 */
export async function killAtStep(report, { kill, stride, workers, operations = OPERATIONS, broken }) {
  /** @type {number[]} */
  const recoveries = [];
  /** @type {number[]} */
  const laterSaves = [];
  const alone = oneAtATime();
  for (const operation of operations) {
    const backups = await expectationOf(operation);
    const calls = await recordCalls(operation, broken);
    report.count('calls recorded', calls.length);
    const points = pointsOf(operation, calls, kill);
    const chosen = points.filter((_, index) => index % stride === 0);
    report.count('points in all', points.length);
    await inParallel(chosen, workers, async (point) => {
      const folder = await folderInMemory();
      await operation.prepare(folder);
      const frozen = kill === 'signal' ? undefined : await freeze(folder, point, broken);
      const wasKilled = frozen?.wasReached ?? (await killAChild(folder, point));
      if (!wasKilled) report.count('runs that had fewer calls than the recorded one');
      const { before, after } = operation;
      const verdict = await alone(() => judgeFolder(folder, [before, after], point.successor, { backups }));
      report.count(kill === 'signal' ? 'kills by SIGKILL' : 'kills by freezing');
      report.count(isNew(verdict.seen, operation) ? 'new content found' : 'old content found');
      recoveries.push(verdict.nextSaveMs);
      laterSaves.push(verdict.laterSaveMs);
      for (const problem of verdict.problems) report.fail(kindOf(point, problem), placeOf(point));
      await discard(folder);
      // Nothing is there any more that it could tidy up; without this, thousands of instances fill the memory.
      await frozen?.module.destroy().catch(() => undefined);
    });
  }
  report.figure('first save after the kill, take-over included', spread(recoveries));
  report.figure('the save after that, with nothing to take over', spread(laterSaves));
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
 * Freezing tries both sides of every call. What is there after one call is what is there before the next, so killing, which
 * costs a new process each time, comes to one side of each of the many calls of operations on backups.
 *
 * @param {MutatingOperation} operation @param {readonly Call[]} calls @param {'signal' | 'freeze'} kill @returns {Point[]}
 */
function pointsOf(operation, calls, kill) {
  /** @type {readonly ('before' | 'after')[]} */
  const sides = kill === 'signal' && BACKUP_OPERATIONS.includes(operation) ? ['before'] : ['before', 'after'];
  return calls.flatMap((call) =>
    successorsAt(operation, call).flatMap((successor) =>
      sides.map((when) => ({ operation, at: call.number, when, call, successor })),
    ),
  );
}

/** Operations on backups have many calls, and come to one successor at each in turn. @param {MutatingOperation} operation @param {Call} call */
function successorsAt(operation, { number }) {
  const turn = number % SUCCESSORS.length;
  return BACKUP_OPERATIONS.includes(operation) ? SUCCESSORS.slice(turn, turn + 1) : SUCCESSORS;
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
