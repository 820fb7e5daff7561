/** Which operations a caller of the history wants. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationHistoryFilter } from '../../interfaces/history.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { copyOnce } from '../value/readOnce.js';
import { parseEntryId, type OperationRecord } from './records.js';

const { OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

const TYPES: readonly unknown[] = Object.values(PersistenceOperationType);

type Rule = readonly [(value: unknown) => boolean, string];

const TEXT: Rule = [(value) => typeof value === 'string' && value !== '', 'a text'];
const TIME: Rule = [(value) => typeof value === 'number' && Number.isFinite(value), 'epoch milliseconds'];

const RULES: Readonly<Record<keyof OperationHistoryFilter, Rule>> = {
  filePath: TEXT,
  operationType: [
    (value) => (Array.isArray(value) ? value : [value]).every((one) => TYPES.includes(one)),
    `among ${TYPES.join(', ')}`,
  ],
  user: TEXT,
  since: TIME,
  until: TIME,
  outcome: [(value) => value === 'success' || value === 'failure', 'success or failure'],
  code: TEXT,
  origin: [(value) => value === 'caller' || value === 'upkeep', 'caller or upkeep'],
  before: [(value) => typeof value === 'string' && parseEntryId(value) !== undefined, 'the id of an entry'],
};

/** @throws PersistenceError `ERR_INVALID_REQUEST` */
export function checkLimit(limit: unknown = OPERATION_LOG.DEFAULT_LIMIT): number {
  const isRight = typeof limit === 'number' && Number.isInteger(limit) && limit > 0 && limit <= OPERATION_LOG.MAX_LIMIT;
  if (isRight) return limit;
  const reason = `limit must be a whole number from 1 to ${OPERATION_LOG.MAX_LIMIT}; the filter's before leads to further ones`;
  throw persistenceError('ERR_INVALID_REQUEST', reason);
}

/** A copy. @throws PersistenceError `ERR_INVALID_REQUEST` that names the key. */
export function checkFilter(given: unknown): OperationHistoryFilter {
  if (given === undefined) return {};
  const refuse = (problem: string) => persistenceError('ERR_INVALID_REQUEST', `the filter ${problem}`);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw refuse('must be a plain object');
  const filter = copyOnce(given, refuse) as Record<string, unknown>;
  for (const [key, value] of Object.entries(filter)) {
    const rule = Object.hasOwn(RULES, key) ? RULES[key as keyof OperationHistoryFilter] : undefined;
    if (rule === undefined) throw refuse(`has no ${JSON.stringify(key)}`);
    const [isRight, expected] = rule;
    if (value !== undefined && !isRight(value)) throw refuse(`has a wrong ${key}; it must be ${expected}`);
  }
  return filter;
}

/** Whether an operation meets all conditions but `before`. */
export function matcherOf(filter: OperationHistoryFilter): (record: OperationRecord) => boolean {
  const { filePath, operationType, user, since = -Infinity, until = Infinity, outcome, code, origin } = filter;
  const types: readonly string[] | undefined = operationType === undefined ? undefined : [operationType].flat();
  return ({ details, errors, ...record }) =>
    (filePath === undefined || record.filePath === filePath || record.location === filePath) &&
    types?.includes(record.operationType) !== false &&
    (user === undefined || record.user === user) &&
    record.time >= since &&
    record.time <= until &&
    (outcome === undefined || (outcome === 'failure') === (errors !== undefined)) &&
    (code === undefined || details.code === code) &&
    (origin === undefined || details.origin === origin);
}
