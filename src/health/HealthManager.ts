/** Health for callers: running the checks, adding up the storage, mending what can be mended. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, HealthStatus, IssueSeverity, PersistenceOperationType } from '../../interfaces/enums.js';
import type {
  HealthCheck,
  HealthCheckOptions,
  HealthCheckResult,
  HealthSelection,
  RepairOptions,
  RepairResult,
  StorageStatistics,
} from '../../interfaces/health.js';
import type { QueryOptions } from '../../interfaces/options.js';
import type { Operation, OperationOrigin } from '../engine/Operation.js';
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { isSystemError, storageError } from '../errors/StorageError.js';
import type { Check, CheckOutcome, FoundIssue, Repair } from './Check.js';
import { CHECKS } from './checks.js';
import type { HealthParts } from './HealthParts.js';
import { HealthRun } from './HealthRun.js';
import { resultOfChecks, statusOf } from './resultOfChecks.js';
import { statisticsOf } from './statisticsOf.js';

const { HEALTH_FINDINGS, HEALTH_MONITORING } = CONFIG_PERSISTENCE_CONSTANTS;

/** @param found the issues of each check, by its name. */
export type AfterRun = (
  result: HealthCheckResult,
  found: ReadonlyMap<string, readonly FoundIssue[]>,
  origin: OperationOrigin,
) => void;

interface Ran {
  readonly check: HealthCheck;
  readonly issues: readonly FoundIssue[];
}

export class HealthManager {
  readonly #parts: HealthParts;
  readonly #afterRun: AfterRun;

  /** @param afterRun told of every result. */
  constructor(parts: HealthParts, afterRun: AfterRun) {
    this.#parts = parts;
    this.#afterRun = afterRun;
  }

  /** @throws PersistenceError `ERR_INVALID_OPTION` for something in `only` that there is not. */
  async validate(options: HealthCheckOptions, origin: OperationOrigin = 'caller'): Promise<HealthCheckResult> {
    const { only, maxDurationMs = HEALTH_MONITORING.VERIFICATION_MS } = options;
    const isAskedFor = selection(only);
    const context = { operationType: PersistenceOperationType.VERIFY, filePath: '', options, origin };
    const ran = await this.#parts.operations.query(context, (operation) =>
      this.#runAll(only, new HealthRun(this.#parts, operation, maxDurationMs)),
    );
    const issues = ran.flatMap((one) => one.issues.filter((issue) => isAskedFor(one.check.name, issue.type)));
    const checks = ran.map(({ check }) => check);
    const result = resultOfChecks(checks, issues, this.#parts.clock.now());
    this.#afterRun(result, new Map(ran.map((one) => [one.check.name, one.issues])), origin);
    return result;
  }

  /** Reads everything that was not verified before; if it ends early, the next call goes on there. */
  statistics(options: QueryOptions): Promise<StorageStatistics> {
    const context = { operationType: PersistenceOperationType.VERIFY, filePath: '', options };
    return this.#parts.operations.query(context, async (operation) => {
      const run = new HealthRun(this.#parts, operation, Infinity);
      const verification = await run.verification();
      const volumes = (await this.#parts.store.inspection?.volumes(operation).catch(noVolumes)) ?? [];
      return statisticsOf(await run.survey(), verification, volumes);
    });
  }

  /** Runs the checks afresh, then what their issues can be mended by. */
  async repair(options: RepairOptions): Promise<RepairResult> {
    const { only, dryRun = false } = options;
    const isAskedFor = selection(only);
    const context = { operationType: PersistenceOperationType.CLEANUP, filePath: '', options };
    return this.#parts.operations.query(context, async (operation) => {
      const result: RepairResult = { success: true, dryRun, repaired: [], failed: [], skipped: [] };
      for (const { check, issues } of await this.#runAll(only, new HealthRun(this.#parts, operation, Infinity))) {
        for (const { type, description, recommendation, repairs } of issues) {
          if (!isAskedFor(check.name, type)) continue;
          if (repairs === undefined) result.skipped.push({ check: check.name, description, recommendation });
          for (const repair of repairs ?? []) await repairOne(check.name, repair, result, operation);
        }
      }
      return result;
    });
  }

  async #runAll(only: HealthSelection | undefined, run: HealthRun): Promise<Ran[]> {
    const ran: Ran[] = [];
    for (const check of CHECKS) {
      const isWanted = only === undefined || only.some((one) => isIn([check.name, ...check.types], one));
      if (isWanted) ran.push(await runOne(check, run));
    }
    return ran;
  }
}

async function runOne(check: Check, run: HealthRun): Promise<Ran> {
  const { name, description } = check;
  const startedMs = performance.now();
  run.operation.checkpoint();
  const outcome = await outcomeOf(check, run);
  const { issues, metrics, details = {}, leftOut } = outcome;
  const all = leftOut === undefined ? details : { ...details, reason: leftOut };
  return {
    check: {
      name,
      status: leftOut === undefined ? statusOf(issues) : HealthStatus.UNKNOWN,
      description,
      ...(Object.keys(all).length === 0 ? {} : { details: all }),
      ...(metrics === undefined ? {} : { metrics }),
      duration: performance.now() - startedMs,
    },
    issues,
  };
}

/** A check that fails is a finding: what it would have looked at cannot be looked at. */
async function outcomeOf(check: Check, run: HealthRun): Promise<CheckOutcome> {
  try {
    return await check.run(run);
  } catch (error) {
    run.operation.checkpoint();
    const failure = storageError(error, {});
    if (!(failure instanceof PersistenceError)) throw failure;
    const { message, code } = failure;
    const isRefused = code === 'EACCES' || code === 'EPERM';
    const issue: FoundIssue = {
      type: isRefused ? HealthIssueType.PERMISSION_ISSUE : (check.types[0] ?? HealthIssueType.FILE_CORRUPTION),
      severity: IssueSeverity.CRITICAL,
      description: `${HEALTH_FINDINGS.CHECK_FAILED} (${check.name}): ${message}`,
      recommendation: HEALTH_FINDINGS.CHECK_FAILED_ADVICE,
    };
    return { issues: [issue], details: { code } };
  }
}

async function repairOne(check: string, repair: Repair, result: RepairResult, operation: Operation): Promise<void> {
  const { filePath, action, run } = repair;
  const item = { check, filePath, action };
  if (result.dryRun) {
    result.repaired.push(item);
    return;
  }
  operation.checkpoint();
  try {
    if (await run(operation)) result.repaired.push(item);
  } catch (error) {
    operation.checkpoint();
    const failure = storageError(error, { filePath });
    const code = failure instanceof PersistenceError ? failure.code : 'ERR_UNEXPECTED';
    result.success = false;
    result.failed.push({ ...item, error: { code, message: failure.message } });
  }
}

/** Whether an issue is one of those that are asked for. */
function selection(only: HealthSelection | undefined): (check: string, type: HealthIssueType) => boolean {
  if (only === undefined) return () => true;
  const names = [...CHECKS.map(({ name }) => name), ...Object.values(HealthIssueType)];
  const unknown = only.find((one) => !names.includes(one));
  if (unknown !== undefined) {
    const reason = `only has ${JSON.stringify(unknown)}, which is neither a check nor a type of issues; there are ${names.join(', ')}`;
    throw persistenceError('ERR_INVALID_OPTION', reason);
  }
  return (check, type) => isIn(only, check) || isIn(only, type);
}

function isIn(list: readonly string[], one: string): boolean {
  return list.includes(one);
}

/** Without them, the score goes by the files. */
function noVolumes(error: unknown): [] {
  if (isSystemError(error)) return [];
  throw error;
}
