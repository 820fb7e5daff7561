/** What the engine asks for where a file may be damaged or gone; the backups answer it. */
import type { IntegrityIssue } from '../../interfaces/results.js';
import type { Codec } from '../codec/Codec.js';
import type { PersistenceError } from '../errors/PersistenceError.js';
import type { Guard, Location } from '../storage/port/Work.js';
import type { ReadConfiguration } from './ConfigurationReader.js';
import type { Operation } from './Operation.js';

/** A content that was read, and what was done before to make that possible. */
export interface RecoveredConfiguration {
  /** Undefined where there is no file. */
  readonly found: ReadConfiguration | undefined;
  readonly recovered?: IntegrityIssue;
}

export interface RecoveringReads {
  /**
   * A configuration, after bringing a damaged file back where the options allow that. The error of one that stays damaged
   * names the backups that would do.
   *
   * @param guard of the file's lock, where the caller holds it.
   */
  read(location: Location, codec: Codec, operation: Operation, guard?: Guard): Promise<RecoveredConfiguration>;
  /** The same error, which names the backups that would do, where there are any. */
  withCandidates(
    error: PersistenceError,
    location: Location,
    codec: Codec,
    operation: Operation,
  ): Promise<PersistenceError>;
}
