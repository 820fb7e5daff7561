/**
 * What is expected of which configuration: from the options `schema`, `defaults` and `migrations` to one answer for each
 * file. The one way in for every part of the product.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { MigrationPlan as PlanOptions } from '../../interfaces/migrations.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { FileExpectations } from './FileExpectations.js';
import { FileRules } from './FileRules.js';
import { checkByJsonSchema, type JsonSchema } from './jsonSchema.js';
import { MigrationPlan } from './MigrationPlan.js';
import type { ExpectationOption } from './checkExpectations.js';
import type { RunCallback, SchemaCheck } from './SchemaCheck.js';
import { checkByStandard, isStandardSchema } from './standardSchema.js';

const { MAX_KNOWN_FILES } = CONFIG_PERSISTENCE_CONSTANTS.EXPECTATIONS;

export type ExpectationOptions = { readonly [K in ExpectationOption]: ConfigPersistenceOptions[K] | undefined };

/** A value that may become the content of a file. */
export interface AcceptedValue {
  readonly value: ConfigurationValue;
  /** Whether steps of a migration have made it from another. */
  readonly isTransformed: boolean;
}

interface Rules {
  readonly checks: FileRules<SchemaCheck> | undefined;
  readonly defaults: FileRules<ConfigurationValue> | undefined;
  readonly plans: FileRules<MigrationPlan> | undefined;
}

export class Expectations {
  readonly #rules: Rules;
  /** Name of a file to what is expected of it; null for nothing. */
  readonly #known = new Map<string, FileExpectations | null>();

  private constructor(rules: Rules) {
    this.#rules = rules;
  }

  /**
   * Loads what the options need, and nothing where there are none.
   *
   * @param options checked ones. @param base what names are relative to that are not absolute. Default: the working
   *   directory.
   */
  static async open({ schema, defaults, migrations }: ExpectationOptions, base = process.cwd()): Promise<Expectations> {
    const rulesOf = rulesBelow(base);
    return new Expectations({
      checks: await rulesOf('schema', schema, checkOf),
      defaults: await rulesOf('defaults', defaults, (given) => copyIntoDomain(given, { nonFiniteNumbers: true })),
      plans: await rulesOf('migrations', migrations, (given) => MigrationPlan.open(given as PlanOptions)),
    });
  }

  /** @param name full name of a configuration. Undefined where nothing is expected of it, whatever it may be. */
  of(name: string): FileExpectations | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known ?? undefined;
    const found = this.#find(name);
    if (this.#known.size >= MAX_KNOWN_FILES) this.#known.clear();
    this.#known.set(name, found ?? null);
    return found;
  }

  /**
   * Takes in a value that comes from somewhere else and is to become the content of a file, such as an import: steps of the
   * migrations are run on it in memory where its version is older, and the result is held against the schema, with the
   * defaults under it. Nothing is written, and the defaults are not in the result.
   *
   * @param name full name of the configuration that it is for.
   * @param value decoded, and in the value domain.
   * @param run runs the schema and the steps, which are functions of the caller; inside an operation
   *   `(call) => operation.callback(location, call)`. See `withCallbacks` of the engine.
   * @throws PersistenceError `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`, `ERR_MIGRATION_FAILED`, `ERR_VALIDATION` with the
   *   places, `ERR_INVALID_OPTION` where the schema is none.
   */
  async accept(name: string, value: ConfigurationValue, run: RunCallback): Promise<AcceptedValue> {
    const migrated = await this.of(name)?.accept(value, run);
    return migrated === undefined ? { value, isTransformed: false } : { value: migrated.value, isTransformed: true };
  }

  #find(name: string): FileExpectations | undefined {
    const check = this.#rules.checks?.find(name);
    const defaults = this.#rules.defaults?.find(name);
    const plan = this.#rules.plans?.find(name);
    const isNothing = check === undefined && defaults === undefined && plan === undefined;
    return isNothing ? undefined : new FileExpectations({ check, defaults, plan });
  }
}

type RulesOf = <T>(
  key: ExpectationOption,
  given: unknown,
  build: (given: unknown) => T | Promise<T>,
) => Promise<FileRules<T> | undefined>;

function rulesBelow(base: string): RulesOf {
  return async (key, given, build) => {
    if (given === undefined) return undefined;
    if (!Array.isArray(given)) return FileRules.forAll(await build(given));
    const rules = given as readonly ({ readonly files: readonly string[] } & Readonly<Record<string, unknown>>)[];
    const built = rules.map(async (rule) => {
      // A plan stands beside the patterns, the others in a member of their own.
      return { files: rule.files, value: await build(key === 'migrations' ? rule : rule[key]) };
    });
    return FileRules.forSome(await Promise.all(built), base);
  };
}

function checkOf(schema: unknown): SchemaCheck {
  return isStandardSchema(schema) ? checkByStandard(schema) : checkByJsonSchema(schema as JsonSchema);
}
