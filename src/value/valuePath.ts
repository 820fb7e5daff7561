/** How messages name a place inside a value: `servers[0].name`, and `["odd key"]` where a key is no identifier. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { MAX_REPORTED_PATH_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const IDENTIFIER = /^[A-Za-z_$][\w$-]*$/;

/** Keys and indexes from the root to a place. */
export type ValuePath = readonly (string | number)[];

/** The place as text, cut at a bounded length; `(root)` for the value itself. */
export function formatPath(path: ValuePath): string {
  if (path.length === 0) return '(root)';
  let text = '';
  for (const step of path) {
    text += typeof step === 'number' ? `[${step}]` : formatKey(step, text === '');
    if (text.length > MAX_REPORTED_PATH_LENGTH) return `${text.slice(0, MAX_REPORTED_PATH_LENGTH)}...`;
  }
  return text;
}

function formatKey(key: string, isFirst: boolean): string {
  if (IDENTIFIER.test(key)) return isFirst ? key : `.${key}`;
  return `[${JSON.stringify(key.slice(0, MAX_REPORTED_PATH_LENGTH))}]`;
}
