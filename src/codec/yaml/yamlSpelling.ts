/**
 * Decides how strings are written in YAML, so that every reader reads them as strings, and keeps native spellings.
 *
 * YAML 1.1 readers (PyYAML, Ruby, Go's yaml.v2) take more plain words for numbers, booleans, dates and merge keys than
 * YAML 1.2 readers do; whatever looks like one to any of them is written in double quotes. The exception is what stood
 * plain in the file before: an unquoted date, or a key such as `8080`, stays as it was as long as its text is the same at
 * the same place.
 */
import { randomUUID } from 'node:crypto';
import {
  DUMP_SCHEMA,
  eventsToAst,
  parseEvents,
  SCALAR_STYLE,
  timestampTag,
  visit,
  type Document,
  type MappingNode,
  type Node,
  type ScalarNode,
} from 'js-yaml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { stringifyText } from '../text/typedText.js';

const { MAX_ALIASES } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const STRING_TAG = 'tag:yaml.org,2002:str';
const MERGE_KEY = '<<';
const LONG_STRING_LENGTH = 65_536;

/** Measured against five readers: these are the strings that one of them takes for something else when they are plain. */
const MISREAD_ELSEWHERE = /^[-+.~]?[0-9.]|^---|^(?:y|n|yes|no|on|off|true|false|null|~|=|<<)$|[\uFEFF\uFFFE\uFFFF]/i;

/** A cheap look whether the old text has anything whose spelling has to be kept. */
const MAY_HAVE_NATIVE_SPELLING =
  /\d{4}-\d{1,2}-\d{1,2}|(?:^|[-?{,[])[ \t]*(?:[-+.]?\d\S*|y|n|yes|no|on|off|true|false|null|~)[ \t]*:(?:\s|$)/im;

type Pair = MappingNode['items'][number];

/** Sets the styles of the document that is about to be written. */
export function spellStrings(document: Document, previous: string | undefined): void {
  const { contents } = document;
  if (contents === null) return;
  // Readers disagree on the indentation of a block that is the whole document.
  if (contents.kind === 'scalar' && contents.value.includes('\n')) contents.style = SCALAR_STYLE.DOUBLE_QUOTED;
  const old = previous === undefined ? undefined : readPrevious(previous);
  new Speller(old?.targets ?? new Map()).spell(contents, old?.contents);
}

interface PreviousDocument {
  readonly contents: Node | undefined;
  /** Each alias with the node that it repeats. */
  readonly targets: ReadonlyMap<Node, Node>;
}

/** The old file's tree with YAML 1.1 types; undefined where it has nothing to keep or cannot be read. */
function readPrevious(text: string): PreviousDocument | undefined {
  if (!MAY_HAVE_NATIVE_SPELLING.test(text)) return undefined;
  try {
    const documents = eventsToAst(parseEvents(text, {}), { source: text, schema: DUMP_SCHEMA }).slice(0, 1);
    const anchors = new Map<string, Node>();
    const targets = new Map<Node, Node>();
    visit(documents, (node) => {
      const target = node.kind === 'alias' ? anchors.get(node.anchor) : undefined;
      if (target !== undefined) targets.set(node, target);
      if (node.kind !== 'alias' && node.anchor !== undefined) anchors.set(node.anchor, node);
    });
    // Such a text is not read either, and a chain of that many merge keys could overflow the stack.
    return targets.size > MAX_ALIASES ? undefined : { contents: documents[0]?.contents ?? undefined, targets };
  } catch {
    return undefined;
  }
}

class Speller {
  readonly #targets: ReadonlyMap<Node, Node>;
  readonly #pairs = new Map<MappingNode, Map<string, Pair>>();

  constructor(targets: ReadonlyMap<Node, Node>) {
    this.#targets = targets;
  }

  /** Sets the styles of a node and everything in it; `old` is what stood at the same place before. */
  spell(node: Node, old: Node | undefined): void {
    const before = this.#resolve(old);
    if (node.kind === 'scalar') {
      spellScalar(node, before?.kind === 'scalar' && before.tag === timestampTag.tagName ? before : undefined);
    } else if (node.kind === 'sequence') {
      const items = before?.kind === 'sequence' ? before.items : [];
      for (const [index, item] of node.items.entries()) this.spell(item, items[index]);
    } else if (node.kind === 'mapping') {
      this.#spellMapping(node, before?.kind === 'mapping' ? this.#pairsOf(before) : undefined);
    }
  }

  #spellMapping(node: MappingNode, pairs: Map<string, Pair> | undefined): void {
    for (const { key, value } of node.items) {
      if (key.kind !== 'scalar') continue;
      const old = pairs?.get(key.value);
      const oldKey = this.#resolve(old?.key);
      spellScalar(key, oldKey?.kind === 'scalar' ? oldKey : undefined);
      this.spell(value, old?.value);
    }
  }

  #resolve(node: Node | undefined): Node | undefined {
    return node?.kind === 'alias' ? this.#targets.get(node) : node;
  }

  /** The members of an old mapping by key, those that it merges included. */
  #pairsOf(mapping: MappingNode): Map<string, Pair> {
    const known = this.#pairs.get(mapping);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    this.#pairs.set(mapping, pairs);
    for (const pair of mapping.items) {
      if (pair.key.kind === 'scalar' && !isMergeKey(pair.key)) pairs.set(pair.key.value, pair);
    }
    for (const { key, value } of mapping.items) {
      if (key.kind === 'scalar' && isMergeKey(key)) this.#addMerged(this.#resolve(value), pairs);
    }
    return pairs;
  }

  #addMerged(source: Node | undefined, pairs: Map<string, Pair>): void {
    if (source?.kind === 'sequence') for (const item of source.items) this.#addMerged(this.#resolve(item), pairs);
    if (source?.kind !== 'mapping') return;
    for (const [key, pair] of this.#pairsOf(source)) {
      if (!pairs.has(key)) pairs.set(key, pair);
    }
  }
}

function spellScalar(node: ScalarNode, old: ScalarNode | undefined): void {
  if (node.tag !== STRING_TAG) return;
  const isKept = old?.style === SCALAR_STYLE.PLAIN && !old.tagged && old.value === node.value && node.value !== '';
  if (isKept && !isMergeKey(old)) {
    // With the type that other readers give to the plain text, the writer sees no need for quotes.
    node.tag = old.tag;
  } else if (MISREAD_ELSEWHERE.test(node.value)) {
    node.style = SCALAR_STYLE.DOUBLE_QUOTED;
  }
}

function isMergeKey(node: ScalarNode): boolean {
  return node.style === SCALAR_STYLE.PLAIN && node.value === MERGE_KEY;
}

/**
 * Keeps very long strings away from the library's choice of styles: it tests every string with regular expressions whose
 * stack overflows somewhere between one and three million characters.
 */
export class LongStrings {
  /** Unguessable, so that no string of the value can be taken for a placeholder. */
  readonly #mark: string = randomUUID();
  readonly #strings: string[] = [];

  /** Puts a short placeholder in the place of each long string. */
  takeOut(documents: Document[]): void {
    visit(documents, (node) => {
      if (node.kind !== 'scalar' || node.value.length < LONG_STRING_LENGTH) return;
      this.#strings.push(node.value);
      node.value = `${this.#mark}${this.#strings.length - 1}`;
      node.style = SCALAR_STYLE.DOUBLE_QUOTED;
    });
  }

  /** The written text with the long strings back in it, in double quotes. */
  putBack(text: string): string {
    if (this.#strings.length === 0) return text;
    const placeholder = new RegExp(`"${this.#mark}(\\d+)"`, 'g');
    return text.replace(placeholder, (_, index: string) => stringifyText(this.#strings[Number(index)] ?? ''));
  }
}
