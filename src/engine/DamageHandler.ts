/** What the engine asks for when a file turns out to be damaged or gone; the backups answer it. */
import type { IntegrityIssue } from '../../interfaces/results.js';
import type { Codec } from '../codec/Codec.js';
import type { Location, LockLease } from '../storage/port/ConfigStore.js';
import type { Operation } from './Operation.js';

export interface DamageHandler {
  /**
   * Brings the newest good content back, where the options allow it. Undefined where nothing was brought back.
   *
   * @param lease of the file's lock, where the caller holds it.
   */
  recover(
    location: Location,
    codec: Codec,
    operation: Operation,
    lease?: LockLease,
  ): Promise<IntegrityIssue | undefined>;
  /** Whether kept contents tell that the file was saved through the module, where its records do not tell it any more. */
  wasSaved(location: Location, operation: Operation): Promise<boolean>;
  /** Words that name the kept contents which would do; empty where there are none. */
  remedies(location: Location, codec: Codec, operation: Operation): Promise<string>;
}
