/**
 * The options of one module: what was given, merged over calls, with its secrets.
 *
 * Taking options has two steps, so that whoever else must agree to them can refuse them in between: `check` reads and checks
 * and changes nothing, `apply` makes them count.
 */
import { resolve } from 'node:path';
import { IssueSeverity } from '../../interfaces/enums.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import { persistenceError, type PersistenceError } from '../errors/PersistenceError.js';
import { requireChangeable } from '../framework/module/Lifecycle.js';
import { copyPlain } from '../framework/module/plainCopy.js';
import { ruleOf } from './optionRules.js';
import { EXPECTATION_OPTIONS, isExpectationOption } from '../schema/checkExpectations.js';
import { readExpectation } from '../schema/readExpectations.js';
import { copyOnce, readMembers, setOwn } from '../value/readOnce.js';
import { checkOptions, DEFAULT_CONFIG_PATH, isTunableOption, unknownOption } from './resolveOptions.js';

/** Dotted places that nobody is shown: keys, and what holds values of configurations or is no plain data. */
const HIDDEN = ['encryption.key', 'encryption.passphrase', 'encryption.previous', 'logger', ...EXPECTATION_OPTIONS];

/** Options that were read and checked, and do not count yet. */
export interface OptionChanges {
  /** What the options will be. */
  readonly merged: ConfigPersistenceOptions;
  /** What they are. */
  readonly before: ConfigPersistenceOptions;
  /** What was given in this call, under the main keys and without what nobody is shown. */
  readonly shown: object;
  readonly warnings: readonly string[];
  readonly unknown: readonly string[];
}

export class ModuleOptions {
  #given: ConfigPersistenceOptions = {};
  #workingDirectory: string | undefined;
  /** Keys that there are not. */
  readonly #unknown = new Set<string>();
  /** Those of them that no listener was told of. */
  readonly #unreported = new Set<string>();

  /**
   * What relative paths are relative to: the working directory of the process when this, or options, were first asked for.
   * One for all of them, so that a path means the same file wherever it is given.
   */
  get workingDirectory(): string {
    this.#workingDirectory ??= process.cwd();
    return this.#workingDirectory;
  }

  /** The absolute form of a path, links not followed. */
  fullPathOf(filePath: string): string {
    return resolve(this.workingDirectory, filePath);
  }

  /** In force, secrets included. */
  get given(): ConfigPersistenceOptions {
    return this.#given;
  }

  /**
   * @param isRunning only options that may change while the module runs are taken then.
   * @throws PersistenceError `ERR_INVALID_OPTION` that names the key and never shows its value.
   */
  check(options: unknown, isRunning: boolean): OptionChanges {
    const changes = withMainKeys(readOptions(options, this.#workingDirectory ?? process.cwd()));
    if (isRunning) requireChangeable(Object.keys(changes), isTunableOption);
    const { warnings, unknown } = checkOptions(changes);
    const merged: ConfigPersistenceOptions = Object.freeze({ ...this.#given, ...changes });
    const [refused] = merged.strictOptions === true ? [...this.#unknown, ...unknown] : [];
    if (refused !== undefined) throw persistenceError('ERR_INVALID_OPTION', unknownOption(refused));
    return { merged, before: this.#given, shown: copyPlain(changes, HIDDEN), warnings, unknown };
  }

  apply({ merged, unknown }: OptionChanges): void {
    this.#given = merged;
    this.#workingDirectory ??= process.cwd();
    for (const key of unknown) {
      if (!this.#unknown.has(key)) this.#unreported.add(key);
      this.#unknown.add(key);
    }
  }

  /** The alerts about keys that there are not, each once, for a listener that is there now. */
  takeAlerts(): PersistenceAlert[] {
    const { alerts, defaultConfigPath = DEFAULT_CONFIG_PATH } = this.#given;
    if (typeof alerts !== 'function') return [];
    const keys = [...this.#unreported];
    this.#unreported.clear();
    return keys.map((option) => ({
      type: 'unknown-option',
      severity: IssueSeverity.MEDIUM,
      filePath: this.fullPathOf(defaultConfigPath),
      description: unknownOption(option),
      option,
      timestamp: Date.now(),
    }));
  }

  clear(): void {
    this.#given = {};
    this.#workingDirectory = undefined;
    this.#unknown.clear();
    this.#unreported.clear();
  }
}

/** A copy that is the module's own; a key whose value is undefined counts as not given. */
function readOptions(options: unknown, workingDirectory: string): Record<string, unknown> {
  if (typeof options !== 'object' || options === null) throw invalid('the options', 'must be a plain object');
  const read: Record<string, unknown> = {};
  const refuse = (reason: string): PersistenceError => invalid('the options', reason);
  readMembers(options, refuse, (key, value) => {
    // A store has a life of its own; and what an unknown key means is nobody's business.
    const mayBeInstance = key === 'store' || key === 'redact' || ruleOf(key) === undefined;
    const refuseIt = (reason: string): PersistenceError => invalid(key, reason);
    const isExpectation = isExpectationOption(key) && value !== undefined;
    // A logger is used as it is: its level may change, and its methods need it.
    const isUsedItself = key === 'logger';
    const copyOf = isExpectation
      ? () => readExpectation(key, value, refuseIt, workingDirectory)
      : () => copyOnce(value, refuseIt, mayBeInstance);
    const copy = isUsedItself ? value : copyOf();
    if (copy !== undefined) setOwn(read, key, copy);
  });
  return read;
}

/**
 * The options under the keys that count, so that calls of `configure()` merge however they spell.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` for a wrong value, naming the key as it was spelt, and for two spellings
 *   that differ.
 */
function withMainKeys(options: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(options).map(([key, value]) => ({ key, value, rule: ruleOf(key) }));
  const main: Record<string, unknown> = {};
  for (const { key, value, rule } of entries) if (rule?.meaning === undefined) setOwn(main, key, value);
  for (const { key, value, rule } of entries) {
    if (rule?.meaning === undefined) continue;
    const problem = rule.check(value);
    if (problem !== undefined) throw invalid(key, problem);
    if (main[rule.meaning] !== undefined && main[rule.meaning] !== value) {
      throw invalid(`${key} and ${rule.meaning}`, 'mean the same but differ');
    }
    main[rule.meaning] = value;
  }
  return main;
}

function invalid(what: string, reason: string): PersistenceError {
  return persistenceError('ERR_INVALID_OPTION', `${what} ${reason}`);
}
