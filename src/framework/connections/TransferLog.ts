/**
 * The newest transfers of one module in one direction.
 *
 * A record is the transfer's envelope and, for small data, a reference to it. Nothing is deep-copied: a receiver that
 * changes what it was given changes the record too. Large data is left out and `metadata.dataOmitted` says so, because
 * a record of it would keep configurations in memory that nobody uses any more.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { DataTransfer } from '../../../interfaces/framework.js';
import { isLargerThan } from '../module/dataSize.js';

const { MAX_RECORDED_DATA_SIZE, MAX_TRANSFER_RECORDS } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

export class TransferLog<R extends DataTransfer> {
  #records: R[] = [];

  add(record: R): void {
    this.#records.push(recordOf(record));
    if (this.#records.length > MAX_TRANSFER_RECORDS) this.#records.shift();
  }

  /** Copies of the envelopes, oldest first. */
  list(): R[] {
    return this.#records.map(copyTransfer);
  }

  clear(): void {
    this.#records = [];
  }
}

/** A copy of the envelope that shares the data. */
export function copyTransfer<R extends DataTransfer>(transfer: R): R {
  return { ...transfer, ...(transfer.metadata === undefined ? {} : { metadata: { ...transfer.metadata } }) };
}

function recordOf<R extends DataTransfer>(transfer: R): R {
  if (!isLargerThan(transfer.data, MAX_RECORDED_DATA_SIZE)) return copyTransfer(transfer);
  return { ...transfer, data: undefined, metadata: { ...transfer.metadata, dataOmitted: true } };
}
