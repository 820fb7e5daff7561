/** Checks the option `retentionPolicy`, so that whatever comes after it can rely on it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { BackupRetentionPolicy, RetentionRule } from '../../../interfaces/backups.js';
import { RetentionAction, RetentionStrategy } from '../../../interfaces/enums.js';
import { isPlainObject } from '../../framework/module/plainCopy.js';
import { COUNTED_RULES } from './keepRules.js';
import { keepWithinProblem, parseKeepWithin } from './keepWithin.js';
import { conditionProblem } from './ruleCondition.js';
import { isOfStrategy } from './strategies.js';

const { BACKUP_SETTINGS, RETENTION } = CONFIG_PERSISTENCE_CONSTANTS;

/** What is wrong with a value, in words that follow its name; undefined where it is right. */
type Check = (value: unknown) => string | undefined;

/** A check for each member; for any other there is none. */
type Members<T> = Readonly<Record<keyof T, Check>>;

/**
 * What is wrong with a policy, in words that follow the option's key, such as
 * `.maxCount must be a whole number from 1 to 50`; undefined where it is right. Never shows a value.
 *
 * Conditions and `keepWithin` are parsed. A member that is undefined counts as absent. Members that are unknown,
 * inherited or computed by a getter are refused, because they would not be what is checked here.
 */
export function policyProblem(policy: unknown): string | undefined {
  return record(POLICY, { areOptional: true })(policy) ?? unusedRules(policy as BackupRetentionPolicy);
}

/** Rules that nobody asks would look like a promise. */
function unusedRules(policy: BackupRetentionPolicy): string | undefined {
  const isUsed = policy.priorityRules === undefined || isOfStrategy(policy, RetentionStrategy.PRIORITY_BASED);
  return isUsed ? undefined : '.priorityRules need the retentionStrategy priority-based';
}

const keepCount = integer(1, RETENTION.MAX_KEEP_COUNT);
const flag = accept((value) => typeof value === 'boolean', 'must be true or false');

const RULE: Members<RetentionRule> = {
  condition: (value) => (typeof value === 'string' ? conditionProblem(value) : 'must be a string'),
  priority: integer(0, Number.MAX_SAFE_INTEGER),
  action: oneOf(Object.values(RetentionAction)),
  description: accept((value) => typeof value === 'string', 'must be a string'),
};

const POLICY: Members<BackupRetentionPolicy> = {
  maxCount: integer(BACKUP_SETTINGS.MIN_RETENTION_COUNT, BACKUP_SETTINGS.MAX_RETENTION_COUNT),
  maxAgeHours: integer(1, Number.MAX_SAFE_INTEGER),
  maxTotalBytes: integer(1, Number.MAX_SAFE_INTEGER),
  compressionEnabled: flag,
  retentionStrategy: oneOf(Object.values(RetentionStrategy)),
  priorityRules: list(record(RULE, { areOptional: false }), RETENTION.MAX_RULES, 'rules'),
  keepNamed: flag,
  ...(Object.fromEntries(COUNTED_RULES.map((name) => [name, keepCount])) as Record<
    (typeof COUNTED_RULES)[number],
    Check
  >),
  keepWithin: accept((value) => typeof value === 'string' && parseKeepWithin(value) !== undefined, keepWithinProblem),
  keepTags: list(
    accept((value) => typeof value === 'string' && value !== '', 'must be a non-empty string'),
    RETENTION.MAX_KEEP_TAGS,
    'tags',
  ),
};

function accept(isRight: (value: unknown) => boolean, problem: string): Check {
  return (value) => (isRight(value) ? undefined : problem);
}

function integer(min: number, max: number): Check {
  return accept(
    (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
    `must be a whole number from ${min} to ${max}`,
  );
}

function oneOf(values: readonly unknown[]): Check {
  return accept((value) => values.includes(value), `must be one of ${values.join(', ')}`);
}

function list(check: Check, maxLength: number, what: string): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > maxLength) {
      return `must be a list of 1 to ${maxLength} ${what}`;
    }
    for (let index = 0; index < value.length; index++) {
      const problem = ownProblem(value, String(index), check);
      if (problem !== undefined) return `[${index}]${joined(problem)}`;
    }
    return undefined;
  };
}

/** A plain object whose members are among the given ones, each right by its own check. */
function record(members: Readonly<Record<string, Check>>, { areOptional }: { areOptional: boolean }): Check {
  return (value) => {
    if (!isPlainObject(value)) return 'must be an object';
    const unknown = Reflect.ownKeys(value).find((key) => typeof key === 'symbol' || !Object.hasOwn(members, key));
    if (unknown !== undefined) return `has the unknown member ${JSON.stringify(String(unknown))}`;
    for (const [key, check] of Object.entries(members)) {
      const checkMember: Check = (member) => (areOptional && member === undefined ? undefined : check(member));
      const problem = ownProblem(value, key, checkMember);
      if (problem !== undefined) return `.${key}${joined(problem)}`;
    }
    return undefined;
  };
}

/** Of the value that a member itself holds: a getter could give another one next time, as could a prototype. */
function ownProblem(owner: object, key: string, check: Check): string | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  if (descriptor === undefined && key in owner) return 'must not be inherited';
  if (descriptor !== undefined && !('value' in descriptor)) return 'must be a plain value';
  return check(descriptor?.value);
}

/** Places such as `[0].action` follow their owner at once, words after a space. */
function joined(problem: string): string {
  return /^[.[]/.test(problem) ? problem : ` ${problem}`;
}
