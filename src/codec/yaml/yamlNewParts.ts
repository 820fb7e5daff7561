/** New parts of a YAML file, in the style of the file that they come into. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { isObject } from '../../value/valueDomain.js';
import { indentationAt } from '../text/bracketedList.js';
import { newlineOf } from '../text/newlineOf.js';
import { stringifyText } from '../text/typedText.js';
import type { YamlNode } from './yamlTree.js';
import { writeYaml } from './yamlWriting.js';

const DEFAULT_INDENT = 2;
/** What the library can indent a nested block by. */
const MAX_INDENT = 9;
/** A dash and the blank behind it. */
const DASH = '- ';
/** Stands for the key while a value is written. */
const KEY = 'k:';
const PLAIN_VALUE = ': 0}';
/** What may stand in single quotes on one line. */
const SINGLE_QUOTABLE = /^[\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

export class NewYaml {
  readonly #newline: string;
  readonly #indent: number;
  readonly #isListFlat: boolean;

  constructor(text: string, trees: readonly YamlNode[]) {
    this.#newline = newlineOf(text);
    const found = new LayoutSearch(text);
    for (const tree of trees) found.visit(tree, undefined);
    this.#indent = found.indent ?? DEFAULT_INDENT;
    this.#isListFlat = found.isListFlat ?? false;
  }

  /** A new line at a column; further lines of the text get the same indentation. */
  line(text: string, column: number): string {
    return this.#newline + ' '.repeat(column) + this.#indented(text, column);
  }

  pair(key: string, value: ConfigurationValue): string {
    return this.#block({ [key]: value }, hasListOfCollections(value));
  }

  item(value: ConfigurationValue): string {
    return DASH + this.#compact(value);
  }

  /** Of a value on the same line as its key; a collection starts with a line end. */
  behindColon(value: ConfigurationValue, column: number): string {
    const text = this.pair(KEY.slice(0, -1), value).slice(KEY.length);
    return this.#indented(text.startsWith(' ') ? text.slice(1) : text, column);
  }

  /** Of a value behind a dash. */
  behindDash(value: ConfigurationValue, column: number): string {
    return isCollection(value) ? this.#indented(this.#compact(value), column) : this.behindColon(value, column);
  }

  /** Of a collection below a dash, with what stands behind the dash left as it is. */
  belowDash(value: ConfigurationValue, column: number): string {
    return this.line(this.#block(value, false), column + DASH.length);
  }

  root(value: ConfigurationValue): string {
    return this.#indented(this.#block(value, hasListOfCollections(value)), 0);
  }

  flow(value: ConfigurationValue): string {
    return writeYaml([value], { isFlow: true }).trimEnd().slice(1, -1);
  }

  flowPair(key: string, value: ConfigurationValue): string {
    return writeYaml({ [key]: value }, { isFlow: true })
      .trimEnd()
      .slice(1, -1);
  }

  /** Fits between brackets too. */
  key(key: string): string {
    const text = writeYaml({ [key]: 0 }, { isFlow: true }).trimEnd();
    return text.endsWith(PLAIN_VALUE) && !text.startsWith('{?')
      ? text.slice(1, -PLAIN_VALUE.length)
      : stringifyText(key);
  }

  singleQuoted(text: string): string | undefined {
    return SINGLE_QUOTABLE.test(text) ? `'${text.replaceAll("'", "''")}'` : undefined;
  }

  doubleQuoted(text: string): string {
    return stringifyText(text);
  }

  #block(value: ConfigurationValue, isNarrow: boolean): string {
    const indent = isNarrow ? DEFAULT_INDENT : this.#indent;
    return writeYaml(value, { indent, isListFlat: this.#isListFlat }).replace(/\n$/, '');
  }

  #compact(value: ConfigurationValue): string {
    if (!isCollection(value)) return this.behindColon(value, 0).replaceAll(this.#newline, '\n');
    return this.#block(value, hasListOfCollections(value)).replaceAll(/\n(?=.)/g, `\n${' '.repeat(DASH.length)}`);
  }

  /** Empty lines stay empty. */
  #indented(text: string, column: number): string {
    const indented = column === 0 ? text : text.replaceAll(/\n(?=[^\n])/g, `\n${' '.repeat(column)}`);
    return this.#newline === '\n' ? indented : indented.replaceAll('\n', this.#newline);
  }
}

export function isCollection(value: ConfigurationValue): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

/** The library would set the dashes of such a list as far apart from their values as the file indents. */
function hasListOfCollections(value: ConfigurationValue): boolean {
  if (Array.isArray(value)) return value.some((item) => isCollection(item));
  return isObject(value) && Object.values(value).some((member) => hasListOfCollections(member));
}

/** Looks for the first nested block of each kind. */
class LayoutSearch {
  indent: number | undefined;
  isListFlat: boolean | undefined;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  visit(node: YamlNode, outer: number | undefined): void {
    if (this.indent !== undefined && this.isListFlat !== undefined) return;
    if (node.kind === 'scalar' || node.kind === 'alias' || node.isFlow) return;
    if (node.kind === 'sequence') {
      const column = indentationAt(this.#text, node.contentStart).length;
      if (outer !== undefined) this.isListFlat ??= column === outer;
      for (const { value } of node.items) this.visit(value, undefined);
      return;
    }
    const [first] = node.pairs;
    if (first === undefined) return;
    const startsLine = /(?:^|[\r\n])[ ]*$/.test(this.#text.slice(Math.max(0, first.start - MAX_LOOK), first.start));
    const column = startsLine ? indentationAt(this.#text, first.start).length : undefined;
    if (outer !== undefined && column !== undefined && column > outer && column - outer <= MAX_INDENT) {
      this.indent ??= column - outer;
    }
    for (const { value } of node.pairs) this.visit(value, column);
  }
}

/** Deeper than any indentation that is looked for. */
const MAX_LOOK = 200;
