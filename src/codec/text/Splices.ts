/** Changes of places in a text, made at once: everything outside these places stays as it is, byte for byte. */

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class Splices {
  readonly #splices: Splice[] = [];

  /** Insertions at one offset come in the order in which they were asked for, and before a replacement that starts there. */
  insert(offset: number, text: string): void {
    this.replace(offset, offset, text);
  }

  /** Places that overlap count as one mistake of the caller's: see `applyTo`. */
  replace(start: number, end: number, text: string): void {
    this.#splices.push({ start, end, text });
  }

  /** The text with all changes; undefined where two of them are about the same place. */
  applyTo(text: string): string | undefined {
    const sorted = this.#splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
    const parts: string[] = [];
    let offset = 0;
    for (const splice of sorted) {
      if (splice.start < offset) return undefined;
      parts.push(text.slice(offset, splice.start), splice.text);
      offset = splice.end;
    }
    parts.push(text.slice(offset));
    return parts.join('');
  }
}
