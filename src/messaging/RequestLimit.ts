/** Bounds what requests may wait at once: whoever sends faster than the disk writes is told so, instead of filling the memory. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { sizeUpTo } from '../framework/module/dataSize.js';

const { MAX_PENDING_REQUESTS, MAX_PENDING_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.MESSAGING;

export class RequestLimit {
  #count = 0;
  #bytes = 0;

  /**
   * Lets one request in.
   *
   * @returns to be called when it has been answered.
   * @throws PersistenceError `ERR_TOO_MANY_REQUESTS`
   */
  enter(data: unknown): () => void {
    // One alone may be as large as a configuration may, and is not measured.
    const bytes = this.#count === 0 ? 0 : sizeOf(data);
    if (this.#count >= MAX_PENDING_REQUESTS || this.#bytes + bytes > MAX_PENDING_BYTES) {
      const reason = `${this.#count} requests are waiting; send this one again when some of them have been answered`;
      throw persistenceError('ERR_TOO_MANY_REQUESTS', reason);
    }
    this.#count += 1;
    this.#bytes += bytes;
    return () => {
      this.#count -= 1;
      this.#bytes -= bytes;
    };
  }
}

/** What cannot be measured is refused when it is read. */
function sizeOf(data: unknown): number {
  try {
    const size = sizeUpTo(data, MAX_PENDING_BYTES);
    return Number.isFinite(size) ? size : 0;
  } catch {
    return 0;
  }
}
