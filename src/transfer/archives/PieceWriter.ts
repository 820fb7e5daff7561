/** Writes an archive that is being made to its sink, small pieces together, within what an archive may be. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ByteSink } from './ArchiveFormat.js';
import { DEFAULT_ARCHIVE_LIMITS, type EntryJudge } from './EntryJudge.js';

const { PIECE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;

export class PieceWriter {
  readonly #sink: ByteSink;
  readonly #judge: EntryJudge;
  readonly #signal: AbortSignal;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #totalBytes = 0;

  constructor(sink: ByteSink, judge: EntryJudge, signal: AbortSignal) {
    this.#sink = sink;
    this.#judge = judge;
    this.#signal = signal;
  }

  /** True when there is enough for a piece that is worth writing. */
  get isFull(): boolean {
    return this.#waitingBytes >= PIECE_BYTES;
  }

  /** @param piece is not changed afterwards. */
  add(piece: Uint8Array): void {
    this.#totalBytes += piece.length;
    if (this.#totalBytes > DEFAULT_ARCHIVE_LIMITS.maxPackedBytes) this.#judge.acceptArchive(this.#totalBytes);
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
  }

  /** Writes what was added. */
  async flush(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#waitingBytes === 0) return;
    const pieces = this.#waiting;
    const [first] = pieces;
    const bytes = first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#sink.write(bytes);
  }

  /** Behind the last piece: judges the archive as a whole and writes what waits. */
  async end(): Promise<void> {
    this.#judge.acceptArchive(this.#totalBytes);
    await this.flush();
    this.#signal.throwIfAborted();
  }
}
