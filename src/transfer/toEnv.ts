/** A configuration as variables of an environment, for programs that take nothing else. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { formatPath } from '../value/valuePath.js';

const { MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/**
 * Each leaf under a name of its own: the keys on the way to it in capitals, joined by `_`, such as `APP_SERVER_PORT` for
 * `server.port` with the prefix `APP_`. Strings stand as they are, numbers and booleans as text, null as an empty string;
 * lists and empty objects as JSON. Reading them back is not the other direction: an environment knows only text.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the places: for what is no configuration, a root that is no
 *   object, a string with a NUL, a key without a letter or digit, and two places that come to one name.
 */
export function toEnv(value: unknown, { prefix = '' }: { readonly prefix?: string } = {}): Record<string, string> {
  const variables = new Map<string, string>();
  const refused: string[] = [];
  const visit = (node: ConfigurationValue, path: readonly string[]): void => {
    if (isBranch(node)) {
      for (const [key, member] of Object.entries(node)) visit(member, [...path, key]);
      return;
    }
    const name = `${prefix}${path.map(wordsOf).join('_')}`;
    const text = textOf(node);
    const isNameless = path.length === 0 || path.some((key) => wordsOf(key) === '');
    if (isNameless || variables.has(name) || text.includes('\0')) refused.push(formatPath(path));
    else variables.set(name, text);
  };
  visit(copyIntoDomain(value, { nonFiniteNumbers: false }), []);
  if (refused.length === 0) return Object.fromEntries(variables);
  const reason = 'these places have no variable of their own, or a value that none can hold; rename or leave them out';
  throw persistenceError('ERR_INVALID_CONFIGURATION_DATA', reason, { paths: refused.slice(0, MAX_REPORTED_PATHS) });
}

function isBranch(node: ConfigurationValue): node is ConfigurationObject {
  return typeof node === 'object' && node !== null && !Array.isArray(node) && Object.keys(node).length > 0;
}

/** `maxOpenFiles` and `max-open-files` are both `MAX_OPEN_FILES`. */
function wordsOf(key: string): string {
  return key
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .replaceAll(/[^\p{L}\d]+/gu, '_')
    .replaceAll(/^_+|_+$/gu, '')
    .toUpperCase();
}

function textOf(node: ConfigurationValue): string {
  if (node === null) return '';
  return typeof node === 'object' ? JSON.stringify(node) : String(node);
}
