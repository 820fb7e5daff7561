/**
 * The content of one entry that is being read: handed out once, and read to its end whatever the caller leaves of it, because
 * an archive is judged as a whole.
 */
export class EntryContent {
  readonly #pieces: AsyncGenerator<Uint8Array, void>;
  #isTaken = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param pieces throw where the content is not as the archive says, at the latest behind the last. */
  constructor(pieces: AsyncGenerator<Uint8Array, void>) {
    this.#pieces = pieces;
  }

  /** @throws Error when called a second time, or when the next entry was asked for. */
  take(): AsyncIterable<Uint8Array> {
    if (this.#isTaken) throw new Error('an entry can be read once, and only before the next is asked for');
    this.#isTaken = true;
    // Without `return`: a loop that is left early must not end the pieces.
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#next() }) };
  }

  /**
   * Reads what is left.
   *
   * @throws what the caller has been told already, too: it must not go on with the next entry.
   */
  async finish(): Promise<void> {
    this.#isTaken = true;
    if (this.#failure !== undefined) throw this.#failure.error;
    while ((await this.#next()).done !== true);
  }

  /** Ends it where it is. */
  async cancel(): Promise<void> {
    this.#isTaken = true;
    await this.#pieces.return();
  }

  async #next(): Promise<IteratorResult<Uint8Array, void>> {
    try {
      return await this.#pieces.next();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
