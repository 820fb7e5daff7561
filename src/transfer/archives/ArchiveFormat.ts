/** What an archive is made from and read from, and what every format of archive can do. */

/**
 * Bytes of a finished file, at any position.
 *
 * The same position always gives the same bytes: two readings of a file that changes meanwhile could be judged by one and used
 * by the other.
 */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Bytes that nobody changes any more. Fewer than asked for only at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** Where an archive is written to. What is not awaited yet is not followed by more. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}

/** A file inside an archive that is read. */
export interface ArchiveEntry {
  /** Relative, with `/` between its parts; judged. */
  readonly name: string;
  /** As the archive says; content of another length is refused while it is read. */
  readonly sizeBytes: number;
  /** Milliseconds since 1970; undefined where the archive does not tell. ZIP has even seconds only, tar whole ones. */
  readonly modifiedAt: number | undefined;
  /**
   * The content, piece by piece. It is proven (checksum, length) only when the last piece has come.
   *
   * Once, and before the next entry is asked for; what is left then is read and proven without being kept.
   *
   * @throws PersistenceError `ERR_ARCHIVE_REFUSED`.
   */
  read(): AsyncIterable<Uint8Array>;
}

/** A file that becomes an entry. */
export interface NewEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** What an archive may be at most; `constants` has the reasons for the defaults. */
export interface ArchiveLimits {
  /** The archive itself. */
  readonly maxPackedBytes: number;
  readonly maxEntries: number;
  /** Content of one entry. */
  readonly maxEntryBytes: number;
  /** Content of all entries. */
  readonly maxUnpackedBytes: number;
  /** Unpacked bytes for each byte of the archive, above the first `RATIO_FREE_BYTES`. */
  readonly maxUnpackedRatio: number;
}

export interface ArchiveWriteOptions {
  /** Without compression the format stays the same, only larger. */
  readonly isCompressed: boolean;
  readonly signal: AbortSignal;
}

/**
 * Writes and reads one format. Has no state, and holds never more of an archive than one entry and the names of all.
 *
 * An aborted signal ends both with its reason, as soon as the read or write that is under way has ended.
 */
export interface ArchiveFormat {
  /** How options and file names call it. */
  readonly name: string;
  /**
   * Writes the entries in the order in which they come. The same entries give the same bytes, in every time zone.
   *
   * What was written before a failure stays in the sink and is no archive.
   *
   * @throws PersistenceError `ERR_ARCHIVE_REFUSED` for what `read` with the default limits would refuse; what `entries` and
   * `sink` throw, as it is.
   */
  write(
    entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
    sink: ByteSink,
    options: ArchiveWriteOptions,
  ): Promise<void>;
  /**
   * The files of an archive; folders are judged and passed over.
   *
   * Nothing is known to be right before the last entry has come: one that is refused refuses the archive.
   *
   * @throws PersistenceError `ERR_ARCHIVE_REFUSED`; what `source` throws, as it is.
   */
  read(source: ByteSource, limits: ArchiveLimits, signal: AbortSignal): AsyncIterable<ArchiveEntry>;
}
