/** What is expected of one configuration: its schema, its defaults, its version. Everything here is in memory. */
import type { ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError, type PersistenceError } from '../errors/PersistenceError.js';
import { layUnder, leaveOut } from './defaults.js';
import type { MigratedValue, MigrationPlan } from './MigrationPlan.js';
import { refusedBySchema, type RunCallback, type SchemaCheck, type Verdict } from './SchemaCheck.js';

export interface FileExpectationsParts {
  readonly check: SchemaCheck | undefined;
  readonly defaults: ConfigurationValue | undefined;
  readonly plan: MigrationPlan | undefined;
}

export class FileExpectations {
  readonly #check: SchemaCheck | undefined;
  readonly #defaults: ConfigurationValue | undefined;
  readonly plan: MigrationPlan | undefined;

  constructor({ check, defaults, plan }: FileExpectationsParts) {
    this.#check = check;
    this.#defaults = defaults;
    this.plan = plan;
  }

  get hasSchema(): boolean {
    return this.#check !== undefined;
  }

  /** What a load hands out. Shares what it can with the value. */
  withDefaults(value: ConfigurationValue): ConfigurationValue {
    return this.#defaults === undefined ? value : layUnder(value, this.#defaults);
  }

  /** What is written of a value that was `withDefaults(before)` until somebody changed it. */
  withoutDefaults(value: ConfigurationValue, before: ConfigurationValue): ConfigurationValue {
    return this.#defaults === undefined ? value : leaveOut(value, before, this.#defaults);
  }

  /** Whether steps of the plan are to be run on it. @throws PersistenceError `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION` */
  isOutdated(value: ConfigurationValue): boolean {
    return this.plan !== undefined && this.plan.pending(value).length > 0;
  }

  /**
   * A value that is to be saved, with the newest version where it says none.
   *
   * @throws PersistenceError `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`
   */
  stamped(value: ConfigurationValue): ConfigurationValue {
    if (this.plan === undefined) return value;
    const stamped = this.plan.stamped(value);
    this.plan.pending(stamped);
    return stamped;
  }

  /** What the schema says of a value with the defaults under it; undefined where that fits. @throws as `SchemaCheck`. */
  async judge(value: ConfigurationValue, run: RunCallback): Promise<Verdict | undefined> {
    return this.#check?.(this.withDefaults(value), run);
  }

  /** The value of the newest version. @throws PersistenceError `ERR_MIGRATION_FAILED`, and as `MigrationPlan.pending`. */
  async migrate(this: ExpectationsWithPlan, value: ConfigurationValue, run: RunCallback): Promise<MigratedValue> {
    const migrated = await this.plan.run(value, run);
    try {
      await this.#assertBySchema(migrated.value, run);
      return migrated;
    } catch (cause) {
      const reason = `what the steps up to ${migrated.to} made does not fit; nothing was written`;
      const { paths, issues } = cause as Partial<PersistenceError>;
      throw persistenceError('ERR_MIGRATION_FAILED', reason, { cause, paths, issues });
    }
  }

  /**
   * Refuses a value that must not become the content of the file. One of an older version is judged by what the steps would
   * make of it, and stays what it is.
   *
   * @throws PersistenceError `ERR_VALIDATION` with the places, `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`,
   *   `ERR_MIGRATION_FAILED`
   */
  async assertFitting(value: ConfigurationValue, run: RunCallback): Promise<void> {
    if (this.#check !== undefined || !this.isOutdated(value)) await this.accept(value, run);
  }

  /** As `Expectations.accept`; undefined where the value may stay what it is. */
  async accept(value: ConfigurationValue, run: RunCallback): Promise<MigratedValue | undefined> {
    if (hasPlan(this) && this.isOutdated(value)) return this.migrate(value, run);
    await this.#assertBySchema(value, run);
    return undefined;
  }

  async #assertBySchema(value: ConfigurationValue, run: RunCallback): Promise<void> {
    const verdict = await this.judge(value, run);
    if (verdict !== undefined) throw refusedBySchema(verdict);
  }
}

/** What is expected of a file that has migrations. */
export type ExpectationsWithPlan = FileExpectations & { readonly plan: MigrationPlan };

export function hasPlan(expected: FileExpectations): expected is ExpectationsWithPlan {
  return expected.plan !== undefined;
}
