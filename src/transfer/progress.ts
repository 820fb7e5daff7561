/** How far a transfer has come, told to whoever asked for it. */
import type { TransferProgressListener } from '../../interfaces/transfer.js';

export class Progress {
  readonly #listener: TransferProgressListener | undefined;
  readonly #onFailure: (error: unknown) => void;
  #done = 0;
  #bytes = 0;
  total: number;

  constructor(listener: TransferProgressListener | undefined, total: number, onFailure: (error: unknown) => void) {
    this.#listener = listener;
    this.#onFailure = onFailure;
    this.total = total;
  }

  /** One configuration more. */
  add(filePath: string, bytes: number): void {
    this.#done += 1;
    this.#bytes += bytes;
    this.total = Math.max(this.total, this.#done);
    try {
      this.#listener?.({ done: this.#done, total: this.total, filePath, bytes: this.#bytes });
    } catch (error) {
      // Whoever only listens must not change how it ends.
      this.#onFailure(error);
    }
  }
}
