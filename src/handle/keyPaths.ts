/** Places inside a value, as callers name them: `server.port`, or a list of keys where a key has a dot in it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { isObject, setMember } from '../value/valueDomain.js';
import { formatPath } from '../value/valuePath.js';

const { MAX_DEPTH, MAX_KEY_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;
const { MAX_KNOWN_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.LIVE;

type Keys = readonly string[];

const INDEX = /^(?:0|[1-9]\d{0,15})$/u;

/** Texts that were taken apart before: whoever asks for a value asks for it often. */
const known = new Map<string, Keys>();

/** @throws PersistenceError `ERR_INVALID_REQUEST` for what is no path, an empty part, and the key `__proto__`. */
export function keysOf(path: unknown): Keys {
  if (typeof path !== 'string') return checked(Array.isArray(path) ? path.map(keyOf) : []);
  const found = known.get(path);
  if (found !== undefined) return found;
  const keys = checked(path.split('.'));
  if (known.size >= MAX_KNOWN_PATHS) known.clear();
  known.set(path, keys);
  return keys;
}

/** What stands there; undefined for nothing. Only members of the value itself count. */
export function valueAt(value: ConfigurationValue | undefined, keys: Keys): ConfigurationValue | undefined {
  let place = value;
  for (const key of keys) {
    if (typeof place !== 'object' || place === null) return undefined;
    if (Array.isArray(place) ? !INDEX.test(key) : !Object.hasOwn(place, key)) return undefined;
    place = (place as ConfigurationObject)[key];
  }
  return place;
}

/**
 * Puts a member into a value that is the caller's own. Objects that are missing on the way are made.
 *
 * @throws PersistenceError `ERR_INVALID_REQUEST` where something stands in the way, or an index is beyond the end of its list.
 */
export function setAt(value: ConfigurationValue, keys: Keys, member: ConfigurationValue): void {
  let place = value;
  for (const [depth, key] of keys.entries()) {
    const isLast = depth === keys.length - 1;
    const next = isLast ? member : (valueAt(place, [key]) ?? {});
    if (Array.isArray(place)) setItem(place, key, next, keys.slice(0, depth));
    else if (isObject(place)) setMember(place, key, next);
    else throw refused(`${formatPath(keys.slice(0, depth))} is neither an object nor a list`);
    place = next;
  }
}

/** Takes a member away, or an item, which those behind it follow. Whether there was one. */
export function removeAt(value: ConfigurationValue, keys: Keys): boolean {
  const holder = valueAt(value, keys.slice(0, -1));
  const key = keys.at(-1) ?? '';
  if (valueAt(holder, [key]) === undefined) return false;
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else Reflect.deleteProperty(holder as ConfigurationObject, key);
  return true;
}

function setItem(list: ConfigurationValue[], key: string, item: ConfigurationValue, at: Keys): void {
  if (!INDEX.test(key)) throw refused(`${formatPath(at)} is a list, and its items have numbers`);
  const index = Number(key);
  if (index > list.length) throw refused(`${formatPath(at)} is a list of ${list.length} items; add the next one first`);
  list[index] = item;
}

function keyOf(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' && Number.isSafeInteger(key) && key >= 0) return String(key);
  throw refused('its keys are strings, and whole numbers for items');
}

function checked(keys: Keys): Keys {
  if (keys.length === 0) throw refused('it is a text such as server.port, or a list of keys');
  if (keys.length > MAX_DEPTH) throw refused(`it has more than ${MAX_DEPTH} keys`);
  if (keys.includes('')) throw refused('a key in it is empty');
  if (keys.includes('__proto__')) throw refused('__proto__ is no key of a configuration');
  if (keys.some((key) => key.length > MAX_KEY_LENGTH)) throw refused('a key in it is too long');
  return keys;
}

function refused(reason: string): Error {
  return persistenceError('ERR_INVALID_REQUEST', `the path inside the configuration: ${reason}`);
}
