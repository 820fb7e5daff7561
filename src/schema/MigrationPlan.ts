/**
 * The steps from old versions of a configuration to the newest, and what they make of a value. Writes nothing.
 *
 * A value says its version itself, at the plan's key. One that says none is older than every step; where the whole value is
 * no object it can say none, and the plan does not count for it.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { DataVersion, MigrationPlan as PlanOptions, MigrationStep } from '../../interfaces/migrations.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError, type PersistenceError } from '../errors/PersistenceError.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { mutatedValue } from '../value/mutatedValue.js';
import { copyIntoDomain, isObject, setMember } from '../value/valueDomain.js';
import { formatPath } from '../value/valuePath.js';
import { comparisonOf, kindOfVersion, type CompareVersions, type VersionKind } from './dataVersion.js';
import type { RunCallback } from './SchemaCheck.js';

const { MAX_DESCRIPTION_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_OPTIONS;
const { MIGRATED } = CONFIG_PERSISTENCE_CONSTANTS.VERSION_DESCRIPTIONS;

/** What the steps have made of a value. */
export interface MigratedValue {
  readonly value: ConfigurationValue;
  /** Absent where the value said none. */
  readonly from?: DataVersion;
  readonly to: DataVersion;
  /** Versions of the steps, in the order in which they were run. */
  readonly steps: readonly DataVersion[];
  /** For the history. */
  readonly description: string;
}

export class MigrationPlan {
  readonly #key: readonly string[];
  readonly #kind: VersionKind;
  readonly #compare: CompareVersions;
  /** Oldest first. */
  readonly #steps: readonly MigrationStep[];
  /** The version of this release. */
  readonly newest: DataVersion;

  /** @param options checked ones. */
  private constructor(options: PlanOptions, kind: VersionKind, compare: CompareVersions) {
    const { key, steps, current } = options;
    this.#key = typeof key === 'string' ? [key] : key;
    this.#kind = kind;
    this.#compare = compare;
    this.#steps = steps.toSorted((left, right) => compare(left.version, right.version));
    const versions = [...this.#steps.map(({ version }) => version), ...(current === undefined ? [] : [current])];
    this.newest = versions.reduce((newest, version) => (compare(version, newest) > 0 ? version : newest));
  }

  /** @param options checked ones. */
  static async open(options: PlanOptions): Promise<MigrationPlan> {
    const kind = kindOfVersion(options.steps[0]?.version ?? options.current) ?? 'whole number';
    return new MigrationPlan(options, kind, await comparisonOf(kind));
  }

  /**
   * The steps that a value has not gone through yet.
   *
   * @throws PersistenceError `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`
   */
  pending(value: ConfigurationValue): readonly MigrationStep[] {
    if (!isObject(value)) return [];
    const version = this.versionOf(value);
    if (version === undefined) return this.#steps;
    if (this.#compare(version, this.newest) > 0) {
      const advice = 'nothing was changed. Use the release that wrote it, or go back to a backup';
      throw persistenceError('ERR_NEWER_VERSION', `${version}, the newest known here is ${this.newest}; ${advice}`);
    }
    return this.#steps.filter((step) => this.#compare(step.version, version) > 0);
  }

  /** Whether a value is of a version that is not known yet; false also where its version cannot be read. */
  isNewer(value: ConfigurationValue): boolean {
    if (!isObject(value)) return false;
    const found = this.#find(value);
    return found.isReadable && found.version !== undefined && this.#compare(found.version, this.newest) > 0;
  }

  /** Undefined for a value that says none. @throws PersistenceError `ERR_UNREADABLE_VERSION` */
  versionOf(value: ConfigurationValue): DataVersion | undefined {
    const found = this.#find(value);
    if (found.isReadable) return found.version;
    // What stands there may be anything, so it is not told.
    const where = formatPath(this.#key);
    throw persistenceError('ERR_UNREADABLE_VERSION', `a ${this.#kind} is expected at ${where}; nothing was changed`, {
      paths: [where],
    });
  }

  /** The value with the newest version, where it says none: it is a new one. */
  stamped(value: ConfigurationValue): ConfigurationValue {
    if (!isObject(value) || this.versionOf(value) !== undefined) return value;
    return withMember(value, this.#key, this.newest);
  }

  /**
   * Runs the pending steps on copies.
   *
   * @throws PersistenceError `ERR_MIGRATION_FAILED` that names the step, and as `pending`.
   */
  async run(value: ConfigurationValue, run: RunCallback): Promise<MigratedValue> {
    const pending = this.pending(value);
    const from = isObject(value) ? this.versionOf(value) : undefined;
    let current = value;
    for (const step of pending) current = await runStep(step, current, run);
    const isChanged = isObject(current) && pending.length > 0;
    return {
      value: isChanged ? withMember(current as ConfigurationObject, this.#key, this.newest) : current,
      ...(from === undefined ? {} : { from }),
      to: pending.length > 0 ? this.newest : (from ?? this.newest),
      steps: pending.map(({ version }) => version),
      description: describe(from, this.newest, pending),
    };
  }

  #find(value: ConfigurationValue): { readonly isReadable: boolean; readonly version?: DataVersion } {
    let place: ConfigurationValue = value;
    for (const step of this.#key) {
      if (!isObject(place)) return { isReadable: false };
      if (!Object.hasOwn(place, step)) return { isReadable: true };
      place = place[step] as ConfigurationValue;
    }
    const isVersion = kindOfVersion(place) === this.#kind;
    return isVersion ? { isReadable: true, version: place as DataVersion } : { isReadable: false };
  }
}

async function runStep(
  { version, migrate }: MigrationStep,
  before: ConfigurationValue,
  run: RunCallback,
): Promise<ConfigurationValue> {
  let after: ConfigurationValue;
  try {
    const draft = plainCopyOf(before);
    const returned: unknown = await run(() => migrate(draft));
    after = copyIntoDomain(mutatedValue('migrate', before, { draft, returned }), { nonFiniteNumbers: true });
  } catch (cause) {
    throw failed(`the step to ${version} failed`, cause);
  }
  if (isObject(after)) return after;
  throw failed(`the step to ${version} made something else of it than an object`);
}

function failed(what: string, cause?: unknown): PersistenceError {
  return persistenceError('ERR_MIGRATION_FAILED', `${what}; nothing was written`, { cause });
}

function describe(from: DataVersion | undefined, to: DataVersion, steps: readonly MigrationStep[]): string {
  const what = `${MIGRATED}${from === undefined ? '' : ` from ${from}`} to ${to}`;
  const told = steps.flatMap(({ description = '' }) => (description === '' ? [] : [description]));
  return [what, ...told].join('; ').slice(0, MAX_DESCRIPTION_LENGTH);
}

/** A copy that shares everything else with the original. */
function withMember(
  value: ConfigurationObject,
  [key, ...rest]: readonly string[],
  leaf: DataVersion,
): ConfigurationObject {
  const copy = { ...value };
  if (key === undefined) return copy;
  const inner = Object.hasOwn(value, key) ? value[key] : {};
  setMember(copy, key, rest.length === 0 ? leaf : withMember(isObject(inner) ? inner : {}, rest, leaf));
  return copy;
}
