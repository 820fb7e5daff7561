/** Reads a YAML text as far as its events: one document, within the limits, refused in our own words. */
import { EVENT_ID, parseEvents, SCALAR_STYLE, YAMLException, type Event, type ScalarEvent } from 'js-yaml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { PersistenceError } from '../../errors/PersistenceError.js';
import { parseFailureAt, withTranslation } from '../text/parseFailure.js';

const { MAX_DEPTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** The parser counts a scalar as a level of its own, and a key that stands in a mapping in a sequence as two. */
export const PARSER_DEPTH = MAX_DEPTH + 2;
const ABSENT = -1;
const MERGE_KEY = '<<';

/** What the parser's messages start with, and what we say instead; theirs may quote the text. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^duplicated mapping key/, 'a key is written twice in one mapping; remove one of the two'],
  [/^aliases exceeded/, 'more aliases than the limit allows'],
  [/^merge keys exceeded|^abnormal merge/, 'more keys are merged with "<<" than the limit allows'],
  [/^cannot merge/, 'only a mapping, or a list of mappings, can be merged with "<<"'],
  [/^nesting exceeded/, `nested deeper than ${MAX_DEPTH} levels`],
  [/^unidentified alias/, 'an alias names an anchor that was not set before'],
  [/^recursive alias/, 'an alias stands inside the value that it repeats'],
  [/^unknown .* tag|^cannot resolve/, 'the tag is unknown or does not fit its value; only the core schema is read'],
  [/complex keys/, 'a key is a list or a mapping; only scalar keys can be stored'],
  [/tab characters/, 'a tab stands where only spaces may indent'],
  [/non-printable|null byte|valid JSON character/, 'a control character stands unescaped in the text'],
  [
    /multiline key|expected ':'|bad indentation|deficient indentation/,
    'the indentation or a missing ":" breaks the structure',
  ],
  [/unexpected end/, 'a quote or a bracket is not closed'],
  [/missed comma|found ','/, 'a comma is missing or stands alone'],
];

/**
 * Keys keep their spelling: the core schema would make the key `1.10` the number 1.1, and of the keys `1.10` and `1.1` one
 * would be lost.
 *
 * @throws PersistenceError `ERR_PARSE` for text that is not YAML, no document or several, an empty document, and nesting
 *   beyond the limit.
 */
export function readYamlEvents(text: string): Event[] {
  const events = withTranslation(() => parseEvents(text, { maxDepth: PARSER_DEPTH }), yamlFailure);
  const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length;
  if (documents > 1) throw parseFailureAt(undefined, 'the file holds several documents; a configuration is one');
  const [, root] = events;
  if (documents === 0 || root === undefined || (root.type === EVENT_ID.SCALAR && isBare(root))) {
    throw parseFailureAt(undefined, 'the file is empty; write {} for an empty configuration');
  }
  keepKeySpelling(events, text);
  return events;
}

/** The refusal, which quotes nothing, for what the parser has thrown. */
export function yamlFailure(error: unknown): PersistenceError {
  if (!(error instanceof YAMLException)) return parseFailureAt(undefined, 'the text cannot be read as YAML');
  const reason =
    REASONS.find(([pattern]) => pattern.test(error.reason))?.[1] ?? 'the text breaks the rules of YAML here';
  // The library counts lines and columns from 0.
  const { mark } = error;
  return parseFailureAt(mark && { line: mark.line + 1, column: mark.column + 1 }, reason);
}

/** True for a document without any content, such as a lone `---`; `null` and `""` are content. */
function isBare({ valueStart, tagStart, anchorStart }: ScalarEvent): boolean {
  return valueStart === ABSENT && tagStart === ABSENT && anchorStart === ABSENT;
}

/** Makes every plain key a string, as if it stood in quotes; merge keys stay what they are. */
function keepKeySpelling(events: readonly Event[], text: string): void {
  const open: { readonly isMapping: boolean; isAtKey: boolean }[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    if (parent?.isMapping === true) {
      if (parent.isAtKey && event.type === EVENT_ID.SCALAR) quoteKey(event, text);
      parent.isAtKey = !parent.isAtKey;
    }
    if (event.type === EVENT_ID.SCALAR || event.type === EVENT_ID.ALIAS) continue;
    open.push({ isMapping: event.type === EVENT_ID.MAPPING, isAtKey: true });
  }
}

function quoteKey(event: ScalarEvent, text: string): void {
  const isPlain = event.style === SCALAR_STYLE.PLAIN && event.tagStart === ABSENT;
  if (isPlain && text.slice(event.valueStart, event.valueEnd) !== MERGE_KEY) event.style = SCALAR_STYLE.SINGLE_QUOTED;
}
