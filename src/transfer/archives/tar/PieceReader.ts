/** Takes exact numbers of bytes from pieces of any size, holding one piece. */
import { archiveRefused } from '../archiveRefused.js';

export class PieceReader {
  readonly #pieces: AsyncIterator<Uint8Array, void>;
  #held: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterator<Uint8Array, void>) {
    this.#pieces = pieces;
  }

  /**
   * At most so many bytes, at least one; undefined at the end.
   */
  async takeSome(most: number): Promise<Buffer | undefined> {
    while (this.#held.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return undefined;
      const { buffer, byteOffset, byteLength } = next.value;
      this.#held = Buffer.from(buffer, byteOffset, byteLength);
    }
    const taken = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  /**
   * So many bytes, which must be few: they are held together.
   *
   * @throws PersistenceError `ERR_ARCHIVE_REFUSED` where the pieces end before.
   */
  async take(length: number): Promise<Buffer> {
    let taken: Buffer = Buffer.alloc(0);
    while (taken.length < length) {
      const more = await this.takeSome(length - taken.length);
      if (more === undefined) throw archiveRefused('it ends early');
      taken = taken.length === 0 ? more : Buffer.concat([taken, more]);
    }
    return taken;
  }

  /** So many bytes, piece by piece. @throws as `take`. */
  async *takePieces(length: number): AsyncGenerator<Buffer, void> {
    for (let rest = length; rest > 0;) {
      const piece = await this.takeSome(rest);
      if (piece === undefined) throw archiveRefused('it ends early');
      rest -= piece.length;
      yield piece;
    }
  }
}
