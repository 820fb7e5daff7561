/** Edits of the lines of a .properties file: keys and values in the style of the lines around them. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { Difference } from '../../edits/Difference.js';
import { findDifferences } from '../../value/valueEquality.js';
import { isEscaped } from '../json/jsonStrings.js';
import { editDotted, type DottedLines } from '../text/dottedEdit.js';
import {
  lineEndOf,
  separatorLike,
  startOfLineBefore,
  startWithOwnComment,
  withFinalLineEnd,
} from '../text/textLines.js';
import { PathTree } from '../text/PathTree.js';
import { Splices } from '../text/Splices.js';
import { decodeText, encodeText } from '../text/typedText.js';
import { joinKey, leavesOf, splitKey, type PropertyLeaf } from './propertiesKeys.js';
import { escapePropertyKey, escapePropertyValue, highestCharacter } from './propertiesEscapes.js';
import { scanProperties, unescapeProperty, type PropertyPlace } from './propertiesReader.js';

const HAS_ESCAPED_MARK = /\\[=:#!]/;
const SETTING_WITHOUT_CONTENT = '=';

/** The text with the edits. */
export function editProperties(previous: string, before: ConfigurationValue, difference: Difference): string {
  return withFinalLineEnd(previous, (text) => {
    const lines = new PropertiesLines(text);
    editDotted(before, difference, lines);
    return lines.toText();
  });
}

class PropertiesLines implements DottedLines {
  readonly #text: string;
  readonly #lineEnd: string;
  readonly #highest: string;
  readonly #tree = new PathTree<PropertyPlace>();
  readonly #comments = new Set<number>();
  readonly #splices = new Splices();
  #hasGap = false;

  constructor(text: string) {
    this.#text = text;
    this.#lineEnd = lineEndOf(text);
    this.#highest = highestCharacter(text);
    scanProperties(
      text,
      (place) => this.#tree.add(splitKey(unescapeProperty(text, place.keyStart, place.keyEnd)), place),
      (lineStart) => this.#comments.add(lineStart),
    );
  }

  toText(): string {
    return this.#splices.apply(this.#text);
  }

  replace(path: readonly string[], value: ConfigurationValue): void {
    const fresh = new Map<string, PropertyLeaf>();
    leavesOf(path, value, (leaf) => fresh.set(JSON.stringify(leaf.path), leaf));
    this.#tree.at(path)?.visit((steps, place) => {
      const id = JSON.stringify([...path, ...steps]);
      const leaf = fresh.get(id);
      fresh.delete(id);
      if (leaf === undefined) this.#removeLine(place);
      else this.#setValue(place, leaf.value);
    });
    for (const leaf of fresh.values()) this.#addLine(leaf);
  }

  remove(path: readonly string[]): void {
    this.#tree.at(path)?.visit((_, place) => this.#removeLine(place));
  }

  add(path: readonly string[], value: ConfigurationValue): void {
    leavesOf(path, value, (leaf) => this.#addLine(leaf));
  }

  rename(path: readonly string[], key: string): void {
    this.#tree.at(path)?.visit((steps, place) => {
      const name = joinKey([...path.slice(0, -1), key, ...steps]);
      this.#splices.replace(place.keyStart, place.keyEnd, escapePropertyKey(name, this.#styleOf(place)));
    });
  }

  #setValue(place: PropertyPlace, value: ConfigurationValue): void {
    const old = decodeText(unescapeProperty(this.#text, place.valueStart, place.valueEnd));
    if (findDifferences(old, value).length === 0) return;
    const text = escapePropertyValue(encodeText(value), this.#styleOf(place));
    const isSeparated = place.valueStart > place.keyEnd;
    this.#splices.replace(place.valueStart, place.valueEnd, isSeparated ? text : SETTING_WITHOUT_CONTENT + text);
  }

  #removeLine(place: PropertyPlace): void {
    const start = startWithOwnComment(this.#text, place, (lineStart) => this.#comments.has(lineStart));
    this.#splices.replace(start, place.next, '');
  }

  #addLine({ path, value }: PropertyLeaf): void {
    const sibling = this.#tree.lastNear(path);
    const style = this.#styleOf(sibling);
    const key = escapePropertyKey(joinKey(path), style);
    const text = escapePropertyValue(encodeText(value), style);
    const line = `${this.#indentOf(sibling)}${key}${this.#separatorAfter(key, sibling)}${text}${this.#lineEnd}`;
    this.#splices.insert(sibling?.next ?? this.#text.length, this.#needsGap(sibling) ? this.#lineEnd + line : line);
  }

  /**
   * Whether an empty line has to come before the first new line at the end of the text: below a comment, so that it is not
   * taken for one about that line, and behind a backslash that would take the line in.
   */
  #needsGap(sibling: PropertyPlace | undefined): boolean {
    if (this.#hasGap || (sibling !== undefined && sibling.next < this.#text.length)) return false;
    this.#hasGap = true;
    const lastLine = startOfLineBefore(this.#text, this.#text.length);
    if (sibling === undefined) return lastLine !== undefined && this.#text.slice(lastLine).trim() !== '';
    const end = this.#text.slice(sibling.keyStart).search(/(?:\r\n?|\n)[ \t\f]*$/);
    return end > 0 && isEscaped(this.#text, sibling.keyStart + end);
  }

  #styleOf(place: PropertyPlace | undefined): { highest: string; isEager: boolean } {
    const value = place === undefined ? '' : this.#text.slice(place.valueStart, place.valueEnd);
    return { highest: this.#highest, isEager: HAS_ESCAPED_MARK.test(value) };
  }

  #indentOf(sibling: PropertyPlace | undefined): string {
    return sibling === undefined ? '' : this.#text.slice(sibling.lineStart, sibling.keyStart);
  }

  #separatorAfter(key: string, sibling: PropertyPlace | undefined): string {
    const { keyStart = 0, keyEnd = 0, valueStart = 0 } = sibling ?? {};
    const separator = separatorLike(this.#text.slice(keyEnd, valueStart), keyEnd - keyStart, key.length);
    return separator === '' ? SETTING_WITHOUT_CONTENT : separator;
  }
}
