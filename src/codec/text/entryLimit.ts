/**
 * Refuses a text that would have more members and items than a configuration may have, before a parser that has no limit of
 * its own fills the memory with them.
 *
 * Each member or item has a mark of its format: a comma, a bracket, a line end. So many of one kind are counted only in
 * texts that are long enough to have them, which costs nothing for all others.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { findStringEnd } from '../json/jsonStrings.js';
import { parseFailure } from './parseFailure.js';

const { MAX_NODES } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;
const JSON_MARKS = /["[{,]/g;

/**
 * Counts every mark, those in texts and comments too.
 *
 * @throws PersistenceError `ERR_PARSE` with the place of the first mark beyond the limit.
 */
export function refuseManyMarks(text: string, marks: readonly string[]): void {
  if (text.length <= MAX_NODES) return;
  for (const mark of marks) {
    let count = 0;
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) {
      count += 1;
      if (count > MAX_NODES)
        throw parseFailure(text, at, `more than ${MAX_NODES} marks of entries (such as commas and line ends)`);
    }
  }
}

/**
 * Counts the commas and brackets of a JSON text outside its strings.
 *
 * @throws PersistenceError `ERR_PARSE` with the place of the first one beyond the limit.
 */
export function refuseManyJsonEntries(text: string): void {
  if (text.length <= MAX_NODES) return;
  let commas = 0;
  let containers = 0;
  JSON_MARKS.lastIndex = 0;
  for (let found = JSON_MARKS.exec(text); found !== null; found = JSON_MARKS.exec(text)) {
    const [mark] = found;
    if (mark === '"') {
      const end = findStringEnd(text, found.index + 1);
      if (end === -1) return;
      JSON_MARKS.lastIndex = end + 1;
    } else if (mark === ',') commas += 1;
    else containers += 1;
    // The root is a container, and no member.
    if (commas > MAX_NODES || containers > MAX_NODES + 1) {
      throw parseFailure(text, found.index, `more than ${MAX_NODES} members and items`);
    }
  }
}
