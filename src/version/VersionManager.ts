/**
 * The history of a configuration: its versions, how they differ, and the way back to one.
 *
 * What happened is in the journal, the contents are in the snapshots; this joins them. Nothing here rewrites anything: a
 * rollback is a new version with an old content.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationOptions, RollbackOptions } from '../../interfaces/options.js';
import type { ComparisonResult, RollbackResult, VersionInfo } from '../../interfaces/versions.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { compareValues } from '../comparison/compareValues.js';
import { findConflicts } from '../comparison/findConflicts.js';
import { describeHistory } from './describeHistory.js';
import { Rollback, type VersionParts } from './Rollback.js';
import { valueOf, VersionFinder } from './VersionFinder.js';

const { MAX_COMPARABLE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

export class VersionManager {
  readonly #parts: VersionParts;
  readonly #finder: VersionFinder;
  readonly #rollback: Rollback;

  constructor(parts: VersionParts) {
    this.#parts = parts;
    this.#finder = new VersionFinder(parts.store, parts.contents);
    this.#rollback = new Rollback(parts, this.#finder);
  }

  /** Newest first; none for a file that was never saved through the module. */
  history(filePath: string, options: OperationOptions): Promise<VersionInfo[]> {
    const { store, operations } = this.#parts;
    const context = { operationType: PersistenceOperationType.LOAD, filePath, options };
    return operations.query(context, async (operation) => {
      const location = await store.resolve(filePath, operation);
      const { changes, isComplete, completeSince } = await store.history(location, operation);
      if (changes.length === 0 && !isComplete && completeSince === undefined) {
        const reason =
          'nothing tells of the versions any more; the next save sets the records aside and starts new ones';
        throw persistenceError('ERR_JOURNAL_DAMAGED', reason);
      }
      return describeHistory(location, changes, this.#parts, operation);
    });
  }

  /**
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND` for an id that names no version, or one whose content is not kept.
   */
  compare(firstId: string, secondId: string, options: OperationOptions): Promise<ComparisonResult> {
    const context = { operationType: PersistenceOperationType.LOAD, filePath: '', options };
    return this.#parts.operations.query(context, async (operation) => {
      const first = await this.#finder.find(firstId, operation);
      const second = await this.#finder.find(secondId, operation);
      for (const { content } of [first, second]) {
        if (content.length <= MAX_COMPARABLE_BYTES) continue;
        const reason = `${content.length} bytes, versions of at most ${MAX_COMPARABLE_BYTES} are compared`;
        throw persistenceError('ERR_FILE_TOO_LARGE', reason);
      }
      const [one, other] = [valueOf(first, this.#parts.formats), valueOf(second, this.#parts.formats)];
      const { differences, similarity, isComplete } = compareValues(one, other);
      // Of two versions of one file, one came from the other, so nothing was changed in two ways.
      const conflicts = first.location.id === second.location.id ? [] : findConflicts(undefined, one, other);
      return {
        version1: firstId,
        version2: secondId,
        differences,
        isComplete,
        similarity,
        hasConflicts: conflicts.length > 0,
        ...(conflicts.length === 0 ? {} : { conflicts }),
      };
    });
  }

  /**
   * Makes the content of a version the present one again, as a new version, byte for byte.
   *
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND`; `ERR_CONFLICT` with the places where the file was edited outside the
   *   module and `onConflict` is `manual`.
   */
  rollback(id: string, options: RollbackOptions): Promise<RollbackResult> {
    return this.#rollback.run(id, options);
  }
}
