/**
 * Takes secrets out of the details of log lines, by their keys.
 *
 * No line of this package holds one; it is a second wall, and the only one for what subclasses of a module log. What holds
 * no secret is passed on as it is, not copied.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { MAX_DETAIL_DEPTH, REDACTED_VALUE, SECRET_KEYS, UNREADABLE_VALUE } = CONFIG_PERSISTENCE_CONSTANTS.LOGGING;

/** Details without secrets. Never throws, and changes nothing in what it is given. */
export type Redact = (details: Record<string, unknown>) => Record<string, unknown>;

type IsSecret = (key: string) => boolean;

const standard = new RegExp(SECRET_KEYS.join('|'), 'iu');

/** @param further keys, besides those that usually are secrets. */
export function redactorOf(further: readonly (string | RegExp)[] = []): Redact {
  const tests = [(key: string) => standard.test(key), ...further.map(testOf)];
  const isSecret: IsSecret = (key) => tests.some((test) => test(key));
  return (details) => {
    try {
      return holdsSecret(details, isSecret) ? (copyWithout(details, isSecret) as Record<string, unknown>) : details;
    } catch {
      // A getter or a proxy that throws; what else is in there cannot be told.
      return { details: UNREADABLE_VALUE };
    }
  };
}

function testOf(key: string | RegExp): IsSecret {
  if (typeof key === 'string') return (given) => given.toLowerCase() === key.toLowerCase();
  // One of its own: a pattern that goes on where it stopped would find every second key.
  const pattern = new RegExp(key.source, key.flags.replaceAll(/[gy]/gu, ''));
  return (given) => pattern.test(given);
}

/** Whether there is a secret, or a depth at which there may be one. */
function holdsSecret(given: object, isSecret: IsSecret): boolean {
  const seen = new Set<object>();
  const holds = (value: unknown, depth: number): boolean => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return false;
    if (depth > MAX_DETAIL_DEPTH) return true;
    seen.add(value);
    return membersOf(value).some(([key, member]) => isSecret(key) || holds(member, depth + 1));
  };
  return holds(given, 0);
}

/** Plain objects and lists, whatever they were, because a copy of an instance would not be one. */
function copyWithout(given: object, isSecret: IsSecret): unknown {
  /** Ends circles: what was met before is its copy. */
  const copies = new Map<object, unknown>();
  const copyOf = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DETAIL_DEPTH) return REDACTED_VALUE;
    if (copies.has(value)) return copies.get(value);
    if (!Array.isArray(value) && !holdsSecret(value, isSecret)) return value;
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    copies.set(value, copy);
    for (const [key, member] of membersOf(value)) {
      const shown = isSecret(key) ? REDACTED_VALUE : copyOf(member, depth + 1);
      Object.defineProperty(copy, key, { value: shown, enumerable: true, configurable: true, writable: true });
    }
    return copy;
  };
  return copyOf(given, 0);
}

function membersOf(value: object): [string, unknown][] {
  if (ArrayBuffer.isView(value)) return [];
  if (value instanceof Map) return [...value].map(([key, member]) => [String(key), member]);
  if (value instanceof Set) return Object.entries([...value]);
  const members = Object.entries(value) as [string, unknown][];
  // Of an error, what everybody wants to see is not enumerable.
  return value instanceof Error ? [['name', value.name], ['message', value.message], ...members] : members;
}
