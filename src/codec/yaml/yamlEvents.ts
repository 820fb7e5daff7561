/** Reads a YAML text as far as its events: one document at most, within the limits, refused in our own words. */
import {
  constructFromEvents,
  EVENT_ID,
  SCALAR_STYLE,
  YAMLException,
  type ConstructorOptions,
  type Event,
  type ScalarEvent,
} from 'js-yaml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { PersistenceError } from '../../errors/PersistenceError.js';
import { parseYaml, withoutForeignTags } from './yamlParsing.js';
import { parseFailure, parseFailureAt, withTranslation } from '../text/parseFailure.js';

const { MAX_DEPTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

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
  [/^unknown .* tag|^cannot resolve/, 'the tag does not fit its value'],
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
 * @throws PersistenceError `ERR_PARSE` for text that is not YAML, several documents, and nesting beyond the limit.
 */
export function readYamlEvents(text: string, takesSeveral = false): Event[] {
  const events = withTranslation(
    () => parseYaml(text),
    (error) => yamlFailure(error, ({ position }) => position),
  );
  const count = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length;
  if (count > 1 && !takesSeveral) throw severalDocuments(events, text);
  prepare(events, text);
  return events;
}

/** Whether there is nothing but comments and marks of documents: no value, not even the word null. */
export function isWithoutContent([, root]: readonly Event[]): boolean {
  return root === undefined || (root.type === EVENT_ID.SCALAR && isBare(root));
}

/**
 * The values of the documents that events stand for.
 *
 * @throws PersistenceError `ERR_PARSE` for what does not fit the schema or the limits.
 */
export function constructYaml(events: Event[], options: ConstructorOptions): unknown[] {
  const construct = (): unknown[] => constructFromEvents(events, options);
  return withTranslation(construct, (error) =>
    // Here the library tells where a scalar's text or an alias's name starts; the mark before belongs to it.
    yamlFailure(error, ({ buffer, position }) => (/["'*]/.test(buffer.charAt(position - 1)) ? position - 1 : position)),
  );
}

type Mark = NonNullable<YAMLException['mark']>;

/** The refusal, which quotes nothing, for what the parser has thrown. */
function yamlFailure(error: unknown, offsetOf: (mark: Mark) => number): PersistenceError {
  if (!(error instanceof YAMLException)) return parseFailureAt(undefined, 'the text cannot be read as YAML');
  const { mark, reason: theirs } = error;
  const reason = REASONS.find(([pattern]) => pattern.test(theirs))?.[1] ?? 'the text breaks the rules of YAML here';
  return mark === undefined ? parseFailureAt(undefined, reason) : parseFailure(mark.buffer, offsetOf(mark), reason);
}

/** The place is that of the second document's content, where it has any. */
function severalDocuments(events: readonly Event[], text: string): PersistenceError {
  const reason = 'the file holds several documents; the option documents reads them as a list';
  const second = events.findIndex(({ type }, index) => index > 0 && type === EVENT_ID.DOCUMENT);
  const offset = startOf(events[second + 1]);
  return offset === undefined ? parseFailureAt(undefined, reason) : parseFailure(text, offset, reason);
}

/** Where a value starts, with the marks before it; that of an anchor or alias is not counted to its name. */
function startOf(event: Event | undefined): number | undefined {
  if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return undefined;
  const offsets = [event.anchorStart === ABSENT ? ABSENT : event.anchorStart - 1];
  if (event.type !== EVENT_ID.ALIAS) offsets.push(event.tagStart);
  if (event.type === EVENT_ID.SCALAR) offsets.push(event.valueStart);
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) offsets.push(event.start);
  const known = offsets.filter((offset) => offset !== ABSENT);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** True for a document without any content, such as a lone `---`; `null` and `""` are content. */
function isBare({ valueStart, tagStart, anchorStart }: ScalarEvent): boolean {
  return valueStart === ABSENT && tagStart === ABSENT && anchorStart === ABSENT;
}

function prepare(events: readonly Event[], text: string): void {
  withoutForeignTags(events, text);
  keepKeySpelling(events, text);
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
