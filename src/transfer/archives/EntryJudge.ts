/**
 * Judges the entries of one archive, one after the other: their names, alone and beside each other, and how much there is of
 * everything. The same for writing and reading. Knows no format and reads no content: whoever reads one makes sure that it is
 * not longer than was judged.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ArchiveLimits } from './ArchiveFormat.js';
import { archiveRefused } from './archiveRefused.js';
import { foldName, objectionTo } from './entryName.js';

const { PERFORMANCE_LIMITS, TRANSFER } = CONFIG_PERSISTENCE_CONSTANTS;

export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  maxPackedBytes: PERFORMANCE_LIMITS.MAX_IMPORT_SIZE_BYTES,
  maxEntries: TRANSFER.MAX_ENTRIES,
  maxEntryBytes: PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES,
  maxUnpackedBytes: TRANSFER.MAX_UNPACKED_BYTES,
  maxUnpackedRatio: TRANSFER.MAX_UNPACKED_RATIO,
};

export class EntryJudge {
  readonly #limits: ArchiveLimits;
  /** Folded names of the files. */
  readonly #files = new Set<string>();
  /** Folded names of the folders, with those that are only parts of other names. */
  readonly #folders = new Set<string>();
  #entryCount = 0;
  #namesBytes = 0;
  #contentBytes = 0;
  #overheadBytes = 0;
  /** What may be unpacked, as far as the archive's own size decides it. */
  #maxByRatio = Infinity;

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
  }

  /**
   * The size of the archive: before its entries where it is read, behind them where it was written.
   *
   * @throws PersistenceError `ERR_ARCHIVE_REFUSED`, as all methods do.
   */
  acceptArchive(packedBytes: number): void {
    const { maxPackedBytes, maxUnpackedRatio } = this.#limits;
    if (packedBytes > maxPackedBytes) throw archiveRefused(`it has more than ${maxPackedBytes} bytes`);
    this.#maxByRatio = Math.max(TRANSFER.RATIO_FREE_BYTES, packedBytes * maxUnpackedRatio);
    this.#checkRatio();
  }

  /** A file, before any of its `sizeBytes` are read or written. */
  acceptFile(name: string, sizeBytes: number): void {
    const key = this.#acceptName(name);
    if (this.#files.has(key) || this.#folders.has(key)) throw twin(name);
    this.#addFolders(name, parentOf(key));
    this.#files.add(key);
    const { maxEntryBytes, maxUnpackedBytes } = this.#limits;
    if (sizeBytes > maxEntryBytes) {
      throw archiveRefused(`it has more than ${maxEntryBytes} bytes`, { entry: name });
    }
    this.#contentBytes += sizeBytes;
    if (this.#contentBytes > maxUnpackedBytes)
      throw archiveRefused(`it unpacks to more than ${maxUnpackedBytes} bytes`);
    this.#checkRatio();
  }

  /** A folder, without the `/` at its end. It may come several times, as in archives that were added to. */
  acceptFolder(name: string): void {
    this.#addFolders(name, this.#acceptName(name));
  }

  /** Bytes of a tar that are no content. */
  acceptOverhead(bytes: number): void {
    this.#overheadBytes += bytes;
    const most = TRANSFER.TAR_FREE_OVERHEAD_BYTES + this.#limits.maxEntries * TRANSFER.TAR_OVERHEAD_BYTES;
    if (this.#overheadBytes > most) throw archiveRefused('it has too much in it besides the contents of its entries');
    this.#checkRatio();
  }

  /** @returns the folded name. */
  #acceptName(name: string): string {
    this.#entryCount += 1;
    const { maxEntries } = this.#limits;
    if (this.#entryCount > maxEntries) throw archiveRefused(`it has more than ${maxEntries} entries`);
    const objection = objectionTo(name);
    if (objection !== undefined) throw archiveRefused(objection, { entry: name });
    this.#namesBytes += Buffer.byteLength(name);
    if (this.#namesBytes > TRANSFER.MAX_NAMES_BYTES) {
      throw archiveRefused(`the names of its entries have more than ${TRANSFER.MAX_NAMES_BYTES} bytes together`);
    }
    return foldName(name);
  }

  /** A folder and those that it is in, up to one that is known. */
  #addFolders(name: string, key: string | undefined): void {
    for (let folder = key; folder !== undefined && !this.#folders.has(folder); folder = parentOf(folder)) {
      if (this.#files.has(folder)) throw twin(name);
      this.#folders.add(folder);
    }
    const { maxEntries } = this.#limits;
    if (this.#folders.size > maxEntries) throw archiveRefused(`it has more than ${maxEntries} folders`);
  }

  #checkRatio(): void {
    if (this.#contentBytes + this.#overheadBytes <= this.#maxByRatio) return;
    const { maxUnpackedRatio } = this.#limits;
    throw archiveRefused(`it unpacks to more than ${maxUnpackedRatio} times its size; pack it without compression`);
  }
}

function parentOf(key: string): string | undefined {
  const end = key.lastIndexOf('/');
  return end === -1 ? undefined : key.slice(0, end);
}

function twin(name: string): Error {
  const reason = 'its name is that of another entry, or differs only in case or Unicode form, or one is a folder';
  return archiveRefused(reason, { entry: name });
}
