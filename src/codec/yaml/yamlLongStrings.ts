/**
 * Keeps very long strings away from the library's choice of styles: it tests every string with regular expressions whose
 * stack overflows somewhere between one and three million characters.
 */
import { randomUUID } from 'node:crypto';
import { SCALAR_STYLE, visit, type Document } from 'js-yaml';
import { stringifyText } from '../text/typedText.js';

const LONG_STRING_LENGTH = 65_536;

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
