/**
 * The newest transfers of one module in one direction.
 *
 * A record is the transfer's envelope and, for small data, a reference to it. Nothing is deep-copied: a receiver that
 * changes what it was given changes the record too. Large data is left out and `metadata.dataOmitted` says so, because
 * a record of it would keep configurations in memory that nobody uses any more.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { DataTransfer } from '../../../interfaces/framework.js';

const { MAX_RECORDED_DATA_SIZE, MAX_TRANSFER_RECORDS, RECORDED_NODE_SIZE } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

export class TransferLog {
  #records: DataTransfer[] = [];

  add(transfer: DataTransfer): void {
    this.#records.push(recordOf(transfer));
    if (this.#records.length > MAX_TRANSFER_RECORDS) this.#records.shift();
  }

  /** Copies of the envelopes, oldest first. */
  list(): DataTransfer[] {
    return this.#records.map(copyTransfer);
  }

  clear(): void {
    this.#records = [];
  }
}

/** A copy of the envelope that shares the data. */
export function copyTransfer(transfer: DataTransfer): DataTransfer {
  return { ...transfer, ...(transfer.metadata === undefined ? {} : { metadata: { ...transfer.metadata } }) };
}

function recordOf(transfer: DataTransfer): DataTransfer {
  if (!isLargerThan(transfer.data, MAX_RECORDED_DATA_SIZE)) return copyTransfer(transfer);
  return { ...transfer, data: undefined, metadata: { ...transfer.metadata, dataOmitted: true } };
}

/**
 * True where the value holds more than about `maxSize` bytes. The cost is bounded by `maxSize`, not by the value: a
 * long array or text is recognised by its length. A value that cannot be walked (its accessor throws, or it is an
 * instance whose content is hidden, such as a Map with entries) counts as larger.
 */
function isLargerThan(value: unknown, maxSize: number): boolean {
  try {
    const open: unknown[] = [value];
    let size: number = RECORDED_NODE_SIZE;
    while (open.length > 0 && size <= maxSize) {
      const next = open.pop();
      size += ownSize(next);
      if (typeof next !== 'object' || next === null || ArrayBuffer.isView(next)) continue;
      const length = Array.isArray(next) ? next.length : Object.keys(next).length;
      size += length * RECORDED_NODE_SIZE;
      if (size > maxSize) return true;
      for (const [key, member] of Object.entries(next)) {
        size += key.length;
        open.push(member);
      }
    }
    return size > maxSize;
  } catch {
    return true;
  }
}

function ownSize(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (value instanceof Map || value instanceof Set) return value.size === 0 ? 0 : Infinity;
  return 0;
}
