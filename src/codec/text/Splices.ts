/** Edits of a text by places: collected in any order, applied in one pass. */

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class Splices {
  readonly #list: Splice[] = [];

  /** Puts a text in the place of what stands from `start` to before `end`. */
  replace(start: number, end: number, text: string): void {
    this.#list.push({ start, end, text });
  }

  /** Of several insertions at one place the earlier one comes first. */
  insert(offset: number, text: string): void {
    if (text !== '') this.#list.push({ start: offset, end: offset, text });
  }

  cut(start: number, end: number): void {
    if (start < end) this.#list.push({ start, end, text: '' });
  }

  /**
   * A part of the text with the edits in it; all edits must be in that part. Cuts may overlap, and what is inserted inside of
   * one stays.
   *
   * @throws RangeError where other edits overlap: then the text is not what whoever made them believes.
   */
  apply(text: string, from = 0, to = text.length): string {
    const parts: string[] = [];
    let copied = from;
    const inOrder = (one: Splice, other: Splice): number => one.start - other.start || isCut(one) - isCut(other);
    for (const { start, end, text: replacement } of this.#list.sort(inOrder)) {
      const isHarmless = start === end || replacement === '';
      if (end > to || (start < copied && !isHarmless)) throw new RangeError('edits overlap');
      if (start > copied) parts.push(text.slice(copied, start));
      parts.push(replacement);
      copied = Math.max(copied, end);
    }
    parts.push(text.slice(copied, to));
    return parts.join('');
  }
}

/** What is inserted at the place where a cut starts stands before it. */
function isCut({ start, end }: Splice): number {
  return start === end ? 0 : 1;
}
