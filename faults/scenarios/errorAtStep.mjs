// @ts-check
// Every call of every operation fails once, or from there on, in every way that such a call can fail; then the disk is
// well again and the same instance, and a new one, go on.
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../dist/constants/ConfigPersistenceConstants.js';
import { acknowledged, expectationOf, optionsFor, optionsForJudging } from '../expectations.mjs';
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { faultAt, faultsFor } from '../faultRules.mjs';
import { FOLDER_OF_CONFIGURATIONS, isSetAside, kindOfFile, shortened } from '../fileKinds.mjs';
import { codeOf, describe } from '../errors.mjs';
import { alike, goOn, isSame, judgeFolder, look, COUNT_OF_LATER_SAVE, COUNT_OF_NEXT_SAVE } from '../judge.mjs';
import { OPERATIONS } from '../operations.mjs';
import { discard, folderInMemory } from '../scratch.mjs';
import { INNER_ROUND, innerRounds } from '../samePoints.mjs';
import { EVERYTHING, shareOf } from '../shares.mjs';
import { configurationIn, openModule, withModule } from '../store.mjs';
import { TRANSFER_OPERATIONS } from '../transferOperations.mjs';
import { judgeBackups } from '../judgeBackups.mjs';
import { recordCalls } from './killAtStep.mjs';

/** @import { Call } from '../FaultyFileOperations.mjs' */
/** @import { Fault, Scope } from '../faultRules.mjs' */
/** @import { BackupExpectation } from '../judgeBackups.mjs' */
/** @import { MutatingOperation } from '../operations.mjs' */
/** @import { Report } from '../Report.mjs' */
/** @import { Share } from '../shares.mjs' */
/** @import { ModuleUnderFault } from '../store.mjs' */

/**
 * @typedef {object} Case
 * @property {MutatingOperation} operation
 * @property {Call} call
 * @property {Fault} fault
 * @property {Scope} scope
 * @property {BackupExpectation} backups
 */

/**
 * @typedef {object} Outcome
 * @property {boolean} isDone whether everything that was asked for was done
 * @property {unknown} [error] what was thrown
 * @property {readonly string[]} warnings
 */

const { DURABILITY_NOT_CONFIRMED } = CONFIG_PERSISTENCE_CONSTANTS.WARNING_MESSAGES;

/** @type {readonly Scope[]} */
const SCOPES = ['once', 'permanent'];

/**
 * @param {Report} report
 * @param {{ stride: number, share?: Share, operations?: readonly MutatingOperation[] }} size every `stride`-th case of the
 *   share is run
 */
export async function errorAtStep(report, { stride, share = EVERYTHING, operations = OPERATIONS }) {
  for (const operation of operations) {
    const backups = await expectationOf(operation);
    const calls = await recordCalls(operation);
    const cases = shareOf(casesOf(operation, calls, backups), share);
    const rounds = innerRounds(calls);
    const distinct = cases.filter(({ call }) => !rounds.has(call));
    report.count('cases in all', cases.length);
    report.count(`left out: ${INNER_ROUND}`, cases.length - distinct.length);
    for (const one of distinct.filter((_, index) => index % stride === 0)) {
      const problems = await runCase(one, report).catch((error) => [`stops the suite: ${describe(error)}`]);
      report.count('cases run');
      for (const problem of problems) report.fail(kindOf(one, problem), placeOf(one));
    }
  }
}

/** @param {MutatingOperation} operation @param {readonly Call[]} calls @param {BackupExpectation} backups @returns {Case[]} */
function casesOf(operation, calls, backups) {
  const cases = calls.flatMap((call) =>
    faultsFor(call).flatMap((fault) => SCOPES.map((scope) => ({ operation, call, fault, scope, backups }))),
  );
  // The changes of an import are those of saves. Its calls fail once or for good in turn, and not both.
  const isHalved = TRANSFER_OPERATIONS.includes(operation);
  return isHalved ? cases.filter((_, index) => index % 4 === 0 || index % 4 === 3) : cases;
}

/** @param {Case} one @param {Report} report @returns {Promise<string[]>} */
async function runCase(one, report) {
  const { operation, call, fault, scope } = one;
  const folder = await folderInMemory();
  const file = configurationIn(folder);
  await operation.prepare(folder);
  const io = new FaultyFileOperations();
  const options = optionsFor(operation);
  const module = await openModule(folder, { io, options });
  await operation.arm(module, file);
  io.start(faultAt(call.number, fault, scope));
  const outcome = await outcomeOf(operation, module, file);
  io.stop();
  report.count(outcome.error === undefined ? 'ended well' : 'ended with an error');
  /** @type {string[]} */
  const problems = [];
  if (outcome.error !== undefined && !isRightCode(one, codeOf(causeOf(outcome.error))))
    problems.push(`ends with ${describe(outcome.error)}`);
  if (
    outcome.error === undefined &&
    isUnconfirmed(one) &&
    !outcome.warnings.some((text) => text.includes(DURABILITY_NOT_CONFIRMED))
  ) {
    problems.push('the folder was not flushed and no warning says so');
  }
  const backups = outcome.isDone ? acknowledged(operation, one.backups) : one.backups;
  problems.push(...(await judgeBackups(folder, backups)));
  const otherwise = operation.otherwise === undefined ? [] : [operation.otherwise];
  const inspect = async (/** @type {ModuleUnderFault} */ reader) => {
    const isInterrupted = codeOf(outcome.error) === 'ERR_IMPORT_INTERRUPTED';
    const seen = await look(reader, file, { isInterrupted });
    problems.push(...seen.problems);
    const expected = outcome.error === undefined ? operation.after : operation.before;
    // The one answer that leaves the outcome open, and says so.
    const isOpen = ['ERR_INDETERMINATE', 'ERR_IMPORT_INTERRUPTED'].includes(codeOf(outcome.error) ?? '');
    const isExpected = seen.seen === undefined || isSame(seen.seen, expected);
    const open = [...(isOpen ? [operation.after] : []), ...otherwise];
    const isAllowed = open.some((state) => seen.seen !== undefined && isSame(seen.seen, state));
    if (seen.seen !== undefined && !isExpected && !isAllowed) {
      const said = outcome.error === undefined ? 'success' : `error ${codeOf(outcome.error) ?? ''}`;
      problems.push(`${said}, but ${isSame(seen.seen, operation.before) ? 'the old' : 'the new'} state is there`);
    }
  };
  await withModule(folder, inspect, { options: optionsForJudging(operation) });
  const isRefusedRelease = operation.name === 'release a lock' && outcome.error !== undefined;
  const next =
    operation.endsModule === true ? await openModule(folder, { io, options: optionsForJudging(operation) }) : module;
  await goOn(next, file, 'save', problems, {
    mayHoldTheLock: operation.name === 'acquire a lock' || isRefusedRelease,
  });
  // A lock that was acquired by name, or could not be released by name, is the caller's until it ends the module.
  await next.destroy().catch((error) => problems.push(`destroy fails: ${describe(error)}`));
  const allowed = [operation.before, operation.after, ...otherwise].flatMap((state) => [
    state,
    { ...state, count: COUNT_OF_NEXT_SAVE },
    { ...state, count: COUNT_OF_LATER_SAVE },
  ]);
  const verdict = await judgeFolder(
    folder,
    [...allowed, { count: COUNT_OF_NEXT_SAVE }, { count: COUNT_OF_LATER_SAVE }],
    'save',
    {
      hasBrokenDisk: true,
      backups: { ...one.backups, required: backups.required },
    },
  );
  problems.push(...verdict.problems.filter((problem) => !(isLie(one) && isSetAside(problem))));
  await discard(folder);
  return [...new Set(problems)];
}

/** @param {MutatingOperation} operation @param {ModuleUnderFault} module @param {string} file @returns {Promise<Outcome>} */
async function outcomeOf(operation, module, file) {
  try {
    const result = /** @type {Partial<import('../../dist/interfaces/results.js').PersistenceResult> | undefined} */ (
      await operation.run(module, file)
    );
    // A load that has brought a file back tells of it among its findings.
    const found = /** @type {{ validationResults?: { description: string }[] } | undefined} */ (result);
    const findings = found?.validationResults?.map(({ description }) => description) ?? [];
    return { isDone: result?.success !== false, warnings: [...(result?.warnings ?? []), ...findings] };
  } catch (error) {
    return { isDone: false, error, warnings: [] };
  }
}

/** A disk that lies damages a journal, which is then kept aside on purpose. @param {Pick<Case, 'fault'>} one */
function isLie({ fault }) {
  return fault === 'lying' || fault === 'short';
}

/** The error of a damaged file that could not be brought back says that it is damaged; why that failed is its cause. @param {unknown} error */
function causeOf(error) {
  const { cause } = /** @type {{ cause?: unknown }} */ (error);
  return codeOf(error) === 'ERR_INTEGRITY' && codeOf(cause) !== undefined && codeOf(cause) !== 'ERR_PARSE'
    ? cause
    : error;
}

/** What the caller is told is what the system said. What follows from it later, or from no error at all, has other codes. @param {Case} one @param {string | undefined} code */
function isRightCode({ fault, scope }, code) {
  if (code === undefined || scope === 'permanent' || isLie({ fault }) || fault === 'EXDEV') return code !== undefined;
  return code === (fault === 'partial' ? 'ENOSPC' : fault) || (fault === 'EBUSY' && code.startsWith('ERR_'));
}

/** The flush of the configuration's own folder failed, which only happens after the commit point. @param {Case} one */
function isUnconfirmed({ call, fault }) {
  const isFlush = call.kind === 'fsync' && (fault === 'EIO' || fault === 'ENOSPC');
  return isFlush && kindOfFile(call.path) === FOLDER_OF_CONFIGURATIONS;
}

/** @param {Case} one @param {string} problem */
function kindOf({ call, scope }, problem) {
  return `[${call.kind}, ${scope}] ${alike(problem).replaceAll(/\bE[A-Z]{2,7}\b(?!_)/gu, 'E*')}`;
}

/** @param {Case} one */
function placeOf({ operation, call, fault }) {
  return `${operation.name}, ${fault} in call ${call.number} ${call.kind} ${shortened(call.path)}`;
}
