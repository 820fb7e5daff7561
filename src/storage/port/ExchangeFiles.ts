/**
 * The port to files that are no configurations: what is exported, what is imported, and what is staged on the way.
 *
 * They are files of this machine, whatever keeps the configurations. A new file is private from its first moment and has
 * its name only when it is complete and durable.
 */
import type { Work } from './Work.js';

/** An opened file. What is read of it is that file, also where its name goes to another one meanwhile. */
export interface ExchangeSource {
  readonly path: string;
  readonly sizeBytes: number;
  /** Fewer bytes than asked for only at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What a file came to. */
export interface PublishedFile {
  readonly sizeBytes: number;
  /** SHA-256 in hexadecimal. */
  readonly checksum: string;
  /** Why the file, which stands there now, may be gone after a power cut. */
  readonly flushFailure?: Error;
}

/** A file that has no name yet. */
export interface ExchangeDraft {
  write(bytes: Uint8Array): Promise<void>;
  /** What was written so far. */
  read(position: number, length: number): Promise<Uint8Array>;
  readonly sizeBytes: number;
  /**
   * Makes it durable, compares it with what was written, and gives it its name. The commit point is the appearance of the name.
   *
   * @throws PersistenceError `ERR_FILE_EXISTS` where the name is taken and must not be replaced; `ERR_WRITE_VERIFICATION`.
   */
  publish(): Promise<PublishedFile>;
  /** Removes it, unless it was published. Never throws. */
  discard(): Promise<void>;
}

export interface ExchangeFiles {
  /** The absolute path, links followed. @throws PersistenceError `ERR_INVALID_FILE_PATH` outside the allowed folders. */
  resolve(given: unknown, work: Work): Promise<string>;
  /** Whether anything stands at a path. */
  exists(path: string): boolean;
  /** @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_NOT_A_FILE`, `ERR_FILE_TOO_LARGE` */
  open(path: string, maxBytes: number, work: Work): Promise<ExchangeSource>;
  /** @param isReplacing whether a file of the name gives way. Makes its folder. @throws PersistenceError `ERR_FILE_EXISTS` */
  create(path: string, isReplacing: boolean, work: Work): Promise<ExchangeDraft>;
  /** False where there was none. */
  remove(path: string, work: Work): Promise<boolean>;
  /** The names in a folder of a few files, at once; none where there is no such folder, or nobody may look. */
  namesNow(folder: string): readonly string[];
  /** The regular files below a folder, links not followed, in the order of their names. */
  filesBelow(folder: string, work: Work): AsyncIterable<string>;
}
