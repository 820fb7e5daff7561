/**
 * The parser's events, with three of its habits put right: a closing bracket may stand at its key's own indentation, as every
 * other reader has it; a block of text that the file ends in, without a line end, has none; and a tag that is not of the
 * core schema leaves the value what it is without the tag.
 */
import { CHOMPING_MODE, EVENT_ID, parseEvents, SCALAR_STYLE, YAMLException, type Event } from 'js-yaml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

const { VALUE_LIMITS, YAML_READING } = CONFIG_PERSISTENCE_CONSTANTS;

/** The parser counts a scalar as a level of its own, and a key that stands in a mapping in a sequence as two. */
const PARSER_DEPTH = VALUE_LIMITS.MAX_DEPTH + 2;
const ABSENT = -1;
const CLOSING = /[\]}]/;
const CORE_NAMES = ['str', 'int', 'float', 'bool', 'null', 'seq', 'map', 'merge'];
const CORE_PREFIX = 'tag:yaml.org,2002:';

/** Offsets are those of the text. @throws YAMLException */
export function parseYaml(text: string): Event[] {
  const events = parseWithBrackets(text);
  endBlocks(events, text);
  return events;
}

/** Makes tags that are not of the core schema absent; what tells them is the text. */
export function withoutForeignTags(events: readonly Event[], text: string): void {
  let handles: ReadonlyMap<string, string> = new Map();
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) {
      handles = new Map(event.directives.flatMap((one) => (one.kind === 'tag' ? [[one.handle, one.prefix]] : [])));
    }
    if (!isTagged(event) || isCoreTag(text.slice(event.tagStart, event.tagEnd), handles)) continue;
    event.tagStart = ABSENT;
    event.tagEnd = ABSENT;
  }
}

type TaggableEvent = Extract<Event, { tagStart: number }>;

function isTagged(event: Event): event is TaggableEvent {
  return 'tagStart' in event && event.tagStart !== ABSENT;
}

/** @param handles what `%TAG` says of the document. */
export function isCoreTag(tag: string, handles: ReadonlyMap<string, string> = new Map()): boolean {
  if (tag === '!') return true;
  const verbatim = /^!<(.*)>$/.exec(tag)?.[1];
  const [, handle = '', suffix = ''] = /^(!(?:[\w-]*!)?)(.*)$/.exec(tag) ?? [];
  const full = verbatim ?? (handles.get(handle) ?? (handle === '!!' ? CORE_PREFIX : handle)) + suffix;
  return full.startsWith(CORE_PREFIX) && CORE_NAMES.includes(full.slice(CORE_PREFIX.length));
}

/** Where the parser finds a closing bracket too far left, it is shown the same text with a blank before the bracket. */
function parseWithBrackets(text: string): Event[] {
  const blanks: number[] = [];
  let shown = text;
  for (;;) {
    try {
      const events = parseEvents(shown, { maxDepth: PARSER_DEPTH });
      if (blanks.length > 0) takeBack(events, blanks);
      return events;
    } catch (error) {
      const at = bracketOf(error, shown);
      const hasRoom = blanks.length * text.length < YAML_READING.MAX_REPARSED_CHARACTERS;
      if (at === undefined || !hasRoom || blanks.length >= YAML_READING.MAX_MOVED_BRACKETS) throw error;
      shown = `${shown.slice(0, at)} ${shown.slice(at)}`;
      blanks.push(at);
    }
  }
}

function bracketOf(error: unknown, text: string): number | undefined {
  if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') return undefined;
  const { position = ABSENT } = error.mark ?? {};
  return CLOSING.test(text.charAt(position)) ? position : undefined;
}

/** Turns the offsets of what the parser was shown into those of the text; the blanks were put in from left to right. */
function takeBack(events: readonly Event[], blanks: readonly number[]): void {
  const original = (offset: number): number => {
    if (offset === ABSENT) return ABSENT;
    let low = 0;
    let high = blanks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((blanks[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return offset - low;
  };
  for (const event of events as unknown as Record<string, unknown>[]) {
    for (const key of Object.keys(event)) {
      if (/(?:^s|S)tart$|End$/.test(key) && typeof event[key] === 'number') event[key] = original(event[key]);
    }
  }
}

/** The library gives a block the line end that the text has not; a last line of blanks only is left to the library. */
function endBlocks(events: readonly Event[], text: string): void {
  if (/(?:^|[\r\n])[ \t]*$/.test(text)) return;
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR || event.valueEnd !== text.length) continue;
    const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    if (isBlock) event.chomping = CHOMPING_MODE.STRIP;
  }
}
