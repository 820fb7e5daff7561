/**
 * A line of text with its own check value: `<16 hex digits> <text>`.
 *
 * It tells a torn or damaged line from a whole one. It is no protection against somebody who means to forge one.
 */
import { hash } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { JOURNAL, INTEGRITY_CHECKING } = CONFIG_PERSISTENCE_CONSTANTS;

/** The line, with its line feed. `text` must not contain one. */
export function checkedLine(text: string): string {
  return `${checkValue(text)} ${text}\n`;
}

/** The JSON value of a line without its line feed; undefined for a damaged one. */
export function parseCheckedLine(line: string): unknown {
  const text = line.slice(JOURNAL.CHECK_DIGITS + 1);
  if (text === '' || line.slice(0, JOURNAL.CHECK_DIGITS) !== checkValue(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkValue(text: string): string {
  return hash(INTEGRITY_CHECKING.CHECKSUM_ALGORITHM, text).slice(0, JOURNAL.CHECK_DIGITS);
}
