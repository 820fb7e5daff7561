/** From the other spellings of keys to the keys that count, so that calls of `configure()` merge however they spell. */
import { persistenceError } from '../errors/PersistenceError.js';
import { isPlainObject } from '../framework/module/plainCopy.js';
import { ruleOf } from './optionRules.js';

/**
 * The options with main keys only; as they are where they have no other spelling, or are no plain object.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` for a wrong value, naming the key as it was spelt, and for two spellings
 *   that differ.
 */
export function withMainKeys<T extends object>(options: T): T {
  if (!isPlainObject(options)) return options;
  const entries = Object.entries(options);
  const respelt = entries.filter(([key]) => ruleOf(key)?.meaning !== undefined);
  if (respelt.length === 0) return options;
  const main: Record<string, unknown> = Object.fromEntries(entries.filter((entry) => !respelt.includes(entry)));
  for (const [key, value] of respelt) {
    const { meaning, check } = ruleOf(key) ?? {};
    if (meaning === undefined || value === undefined) continue;
    const problem = check?.(value);
    if (problem !== undefined) throw persistenceError('ERR_INVALID_OPTION', `${key} ${problem}`);
    if (main[meaning] !== undefined && main[meaning] !== value) {
      throw persistenceError('ERR_INVALID_OPTION', `${key} and ${meaning} mean the same but differ`);
    }
    main[meaning] = value;
  }
  return main as T;
}
