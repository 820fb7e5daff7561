// @ts-check
// Every call of every operation fails once, or from there on, in every way that such a call can fail; then the disk is
// well again and the same instance, and a new one, go on.
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../dist/constants/ConfigPersistenceConstants.js';
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { faultAt, faultsFor } from '../faultRules.mjs';
import { inParallel } from '../inParallel.mjs';
import { alike, codeOf, describe, goOn, isSame, judgeFolder, look, COUNT_OF_NEXT_SAVE } from '../judge.mjs';
import { OPERATIONS, OPTIONS } from '../operations.mjs';
import { discard, folderInMemory } from '../scratch.mjs';
import { configurationIn, openModule, withModule } from '../store.mjs';
import { recordCalls } from './killAtStep.mjs';

/** @import { Call } from '../FaultyFileOperations.mjs' */
/** @import { Fault, Scope } from '../faultRules.mjs' */
/** @import { MutatingOperation } from '../operations.mjs' */
/** @import { Report } from '../Report.mjs' */
/** @import { ModuleUnderFault } from '../store.mjs' */

/**
 * @typedef {object} Case
 * @property {MutatingOperation} operation
 * @property {Call} call
 * @property {Fault} fault
 * @property {Scope} scope
 */

const { DURABILITY_NOT_CONFIRMED } = CONFIG_PERSISTENCE_CONSTANTS.WARNING_MESSAGES;

/** @type {readonly Scope[]} */
const SCOPES = ['once', 'permanent'];

/**
 * @param {Report} report
 * @param {{ stride: number, workers: number }} size every `stride`-th case is run
 */
export async function errorAtStep(report, { stride, workers }) {
  for (const operation of OPERATIONS) {
    const cases = casesOf(operation, await recordCalls(operation));
    const chosen = cases.filter((_, index) => index % stride === 0);
    report.count('cases in all', cases.length);
    await inParallel(chosen, workers, async (one) => {
      const problems = await runCase(one, report);
      report.count('cases run');
      for (const problem of problems) report.fail(kindOf(one, problem), placeOf(one));
    });
  }
}

/** @param {MutatingOperation} operation @param {readonly Call[]} calls @returns {Case[]} */
function casesOf(operation, calls) {
  return calls.flatMap((call) =>
    faultsFor(call).flatMap((fault) => SCOPES.map((scope) => ({ operation, call, fault, scope }))),
  );
}

/** @param {Case} one @param {Report} report @returns {Promise<string[]>} */
async function runCase(one, report) {
  const { operation, call, fault, scope } = one;
  const folder = await folderInMemory();
  const file = configurationIn(folder);
  await operation.prepare(folder);
  const io = new FaultyFileOperations();
  const module = await openModule(folder, { io, options: OPTIONS });
  await operation.arm(module, file);
  io.start(faultAt(call.number, fault, scope));
  const outcome = await outcomeOf(operation, module, file);
  io.stop();
  report.count(outcome.error === undefined ? 'ended well' : 'ended with an error');
  /** @type {string[]} */
  const problems = [];
  if (outcome.error !== undefined && codeOf(outcome.error) === undefined) problems.push(describe(outcome.error));
  if (outcome.error === undefined && isUnconfirmed(one) && !outcome.warnings.includes(DURABILITY_NOT_CONFIRMED)) {
    problems.push('the folder was not flushed and no warning says so');
  }
  await withModule(folder, async (reader) => {
    const seen = await look(reader, file);
    problems.push(...seen.problems);
    const expected = outcome.error === undefined ? operation.after : operation.before;
    // The one answer that leaves the outcome open, and says so.
    const isOpen = codeOf(outcome.error) === 'ERR_INDETERMINATE';
    const isExpected = seen.seen === undefined || isSame(seen.seen, expected);
    const isAllowed = isOpen && seen.seen !== undefined && isSame(seen.seen, operation.after);
    if (seen.seen !== undefined && !isExpected && !isAllowed) {
      const said = outcome.error === undefined ? 'success' : `error ${codeOf(outcome.error) ?? ''}`;
      problems.push(`${said}, but ${isSame(seen.seen, operation.before) ? 'the old' : 'the new'} state is there`);
    }
  });
  const isRefusedRelease = operation.name === 'release a lock' && outcome.error !== undefined;
  await goOn(module, file, 'save', problems, {
    mayHoldTheLock: operation.name === 'acquire a lock' || isRefusedRelease,
  });
  // A lock that was acquired by name, or could not be released by name, is the caller's until it ends the module.
  await module.destroy().catch((error) => problems.push(`destroy fails: ${describe(error)}`));
  const allowed = [operation.before, operation.after].flatMap((state) => [
    state,
    { ...state, count: COUNT_OF_NEXT_SAVE },
  ]);
  const verdict = await judgeFolder(folder, [...allowed, { count: COUNT_OF_NEXT_SAVE }], 'save', {
    hasBrokenDisk: true,
  });
  problems.push(...verdict.problems.filter((problem) => !(isLie(one) && problem.endsWith('.damaged'))));
  await discard(folder);
  return [...new Set(problems)];
}

/** @param {MutatingOperation} operation @param {ModuleUnderFault} module @param {string} file @returns {Promise<{ error?: unknown, warnings: readonly string[] }>} */
async function outcomeOf(operation, module, file) {
  try {
    const result = /** @type {{ success?: boolean, warnings?: string[], errors?: string[] }} */ (
      await operation.run(module, file)
    );
    return { warnings: result.warnings ?? [] };
  } catch (error) {
    return { error, warnings: [] };
  }
}

/** A disk that lies damages a journal, which is then kept aside on purpose. @param {Case} one */
function isLie({ fault }) {
  return fault === 'lying' || fault === 'short';
}

/** The flush of the configuration's own folder failed, which only happens after the commit point. @param {Case} one */
function isUnconfirmed({ call, fault }) {
  const isFlush = call.kind === 'fsync' && (fault === 'EIO' || fault === 'ENOSPC');
  return isFlush && !/\.(?:tmp|meta|json)$|metadata|locks/u.test(call.path);
}

/** @param {Case} one @param {string} problem */
function kindOf({ call, scope }, problem) {
  return `[${call.kind}, ${scope}] ${alike(problem).replaceAll(/\bE[A-Z]{2,7}\b(?!_)/gu, 'E*')}`;
}

/** @param {Case} one */
function placeOf({ operation, call, fault }) {
  return `${operation.name}, ${fault} in call ${call.number} ${call.kind} ${call.path.split('/').slice(-2).join('/')}`;
}
