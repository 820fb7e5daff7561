/**
 * The newest transfers of one module in one direction.
 *
 * A record is the transfer's envelope and, for small data, a reference to it. Nothing is deep-copied: a receiver that
 * changes what it was given changes the record too. Large data is left out and `metadata.dataOmitted` says so, because
 * a record of it would keep configurations in memory that nobody uses any more.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { DataTransfer } from '../../../interfaces/framework.js';
import { isLargerThan } from './dataSize.js';

const { MAX_RECORDED_DATA_SIZE, MAX_TRANSFER_RECORDS } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

export class TransferLog {
  #records: DataTransfer[] = [];
  /** Where the oldest record stands once the log is full. */
  #oldest = 0;

  add(transfer: DataTransfer): void {
    const record = recordOf(transfer);
    if (this.#records.length < MAX_TRANSFER_RECORDS) {
      this.#records.push(record);
      return;
    }
    this.#records[this.#oldest] = record;
    this.#oldest = (this.#oldest + 1) % MAX_TRANSFER_RECORDS;
  }

  /** Copies of the envelopes, oldest first. */
  list(): DataTransfer[] {
    return [...this.#records.slice(this.#oldest), ...this.#records.slice(0, this.#oldest)].map(copyTransfer);
  }

  clear(): void {
    this.#records = [];
    this.#oldest = 0;
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
