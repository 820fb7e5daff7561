/** Reads small parts of a source in large pieces, one of which it keeps. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { ByteSource } from '../ArchiveFormat.js';
import { archiveRefused } from '../archiveRefused.js';

const { WINDOW_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;

export class SourceWindow {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #failure: unknown;

  constructor(source: ByteSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  get sizeBytes(): number {
    return this.#source.sizeBytes;
  }

  /** As many bytes as asked for, where they are held already. */
  held(position: number, length: number): Buffer | undefined {
    const offset = position - this.#start;
    if (offset < 0 || offset + length > this.#bytes.length) return undefined;
    return this.#bytes.subarray(offset, offset + length);
  }

  /**
   * As many bytes as asked for.
   *
   * @throws PersistenceError `ERR_ARCHIVE_REFUSED` where the source does not have so many there; the reason of the signal.
   */
  async read(position: number, length: number): Promise<Buffer> {
    const held = this.held(position, length);
    if (held !== undefined) return held;
    try {
      return await this.#move(position, length);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** True for what `read` has thrown: to tell it from what others throw who read through this. */
  hasThrown(error: unknown): boolean {
    return error !== undefined && error === this.#failure;
  }

  async #move(position: number, length: number): Promise<Buffer> {
    this.#signal.throwIfAborted();
    if (position + length > this.sizeBytes) throw archiveRefused('it ends early');
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.sizeBytes - position);
    const { buffer, byteOffset, byteLength } = await this.#source.read(position, wanted);
    this.#start = position;
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
    const bytes = this.held(position, length);
    if (bytes === undefined) throw archiveRefused('it became shorter while it was read');
    return bytes;
  }
}
