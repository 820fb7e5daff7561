/** Copies of options and infos: plain objects and arrays are copied, everything else (functions, keys) is shared. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { isPlainData, setOwn } from '../../value/readOnce.js';

const { HIDDEN_VALUE } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/**
 * A copy that shares no plain object or array with the original.
 *
 * @param hiddenPaths dotted places, such as `encryption.key`, whose values are replaced by `[hidden]`; a place that
 * does not exist stays absent.
 */
export function copyPlain<T>(value: T, hiddenPaths: readonly string[] = []): T {
  return copyAt(value, '', new Set(hiddenPaths), new Map()) as T;
}

/** True for an object that is only a bag of members, whichever realm (`vm` context) it comes from. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && isPlainData(value);
}

/** `copies` ends cycles: what was met before is its copy. */
function copyAt(value: unknown, path: string, hidden: ReadonlySet<string>, copies: Map<object, unknown>): unknown {
  if (hidden.has(path) && value !== undefined) return HIDDEN_VALUE;
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  copies.set(value, copy);
  for (const [key, member] of Object.entries(value)) {
    setOwn(copy, key, copyAt(member, path === '' ? key : `${path}.${key}`, hidden, copies));
  }
  return copy;
}
