/**
 * The way back to a version: its bytes become a new version, and the edits that they take the place of are told.
 *
 * A rollback replaces the file, so an edit is in its way wherever the file is neither what it was last saved as nor what
 * it becomes, even where those two are the same.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import {
  ConflictResolution,
  ConflictType,
  PersistenceOperationType,
  type ConfigurationFormat,
} from '../../interfaces/enums.js';
import type { RollbackOptions } from '../../interfaces/options.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { ConfigurationConflict, RollbackResult } from '../../interfaces/versions.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import type { ContentCommitter, NewContent } from '../engine/ContentCommitter.js';
import { decodeBytes } from '../engine/contentText.js';
import type { NewValues } from '../engine/NewValues.js';
import type { Operation } from '../engine/Operation.js';
import type { Operations } from '../engine/Operations.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { ConfigStore, StoredConfiguration } from '../storage/port/ConfigStore.js';
import type { Guard } from '../storage/port/Work.js';
import { formatPath } from '../value/valuePath.js';
import { findConflicts } from '../comparison/findConflicts.js';
import {
  valueIfReadable,
  valueOf,
  type FoundVersion,
  type VersionContents,
  type VersionFinder,
} from './VersionFinder.js';

const { COMPARISON, VERSION_DESCRIPTIONS } = CONFIG_PERSISTENCE_CONSTANTS;
const { MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

export interface VersionParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly formats: Formats;
  readonly committer: ContentCommitter;
  readonly values: NewValues;
  readonly contents: VersionContents;
}

interface ReadVersion extends FoundVersion {
  readonly value: ConfigurationValue;
}

/** Of a file that was edited, and is too large to tell where. */
const UNEXAMINED_CONFLICT: ConfigurationConflict = {
  path: formatPath([]),
  type: ConflictType.MODIFICATION_CONFLICT,
  localValue: undefined,
  remoteValue: undefined,
  autoResolvable: false,
};

export class Rollback {
  readonly #parts: VersionParts;
  readonly #finder: VersionFinder;

  constructor(parts: VersionParts, finder: VersionFinder) {
    this.#parts = parts;
    this.#finder = finder;
  }

  /** @throws as `VersionManager.rollback`; nothing has changed then. */
  run(id: string, options: RollbackOptions): Promise<RollbackResult> {
    const { operations, store, values, formats } = this.#parts;
    const context = { operationType: PersistenceOperationType.ROLLBACK, filePath: '', options };
    const reference = store.versionIds.parse(id);
    // After the changes that were asked for before, where it is known which file this is about.
    const turn = reference === undefined ? undefined : store.versionIds.knownNameOf(reference.key);
    return operations.change(
      context,
      turn,
      async (operation) => {
        const found = await this.#finder.find(id, operation);
        const value = valueOf(found, formats);
        if (options.validate !== false) await values.assertFitting(value, found.location, operation);
        return { ...found, value };
      },
      (found, guard, operation) => this.#rollBack(id, options, found, guard, operation),
    );
  }

  async #rollBack(
    id: string,
    options: RollbackOptions,
    found: ReadVersion,
    guard: Guard,
    operation: Operation,
  ): Promise<RollbackResult> {
    const { committer, store, formats } = this.#parts;
    const { location, record, content: bytes, value } = found;
    const stored = await store.read(location, operation);
    const conflicts = await this.#conflicts(found, stored, operation);
    const isManual = options.onConflict === 'manual';
    if (conflicts.length > 0 && isManual) throw refusedFor(conflicts);
    const codec = formats.recorded(record.format, location.name);
    // What was just found to be in nobody's way must still be so at the commit.
    const seen = isManual ? (stored.content?.checksum ?? null) : undefined;
    const content: NewContent = {
      bytes,
      value,
      codec,
      encoding: decodeBytes(bytes, codec).encoding,
      kind: 'rollback',
      source: id,
      options: { ...options, description: options.description ?? `${VERSION_DESCRIPTIONS.ROLLED_BACK} ${id}` },
      expectedChecksum: options.expectedChecksum === undefined ? seen : options.expectedChecksum,
      seen: stored.etag,
    };
    // Before the commit: what fails after it must not look like a rollback that did not happen.
    const fromVersion = stored.saved === undefined ? '' : store.versionIds.of(location, stored.saved);
    const result = await committer.commit(location, content, guard, operation);
    return resultOf(result, conflicts, { filePath: location.name, fromVersion, toVersion: id });
  }

  /** The places that somebody edited and the rollback would change; none where the file is as it was saved. */
  async #conflicts(
    { location, record, value }: ReadVersion,
    { state, content, saved }: StoredConfiguration,
    operation: Operation,
  ): Promise<ConfigurationConflict[]> {
    if (state === 'as-saved' || (content === undefined && saved === undefined)) return [];
    if (content === undefined) return findConflicts(undefined, undefined, value);
    if (content.checksum === record.checksum) return [];
    if (content.bytes.length > COMPARISON.MAX_COMPARABLE_BYTES) return [UNEXAMINED_CONFLICT];
    // The format that the file is in, which may be another one than that of the version.
    const { formats, contents } = this.#parts;
    const recorded = (format: ConfigurationFormat): Codec => formats.recorded(format, location.name);
    const codec = saved === undefined ? formats.recognise(location.name) : recorded(saved.format);
    const local = valueIfReadable(content.bytes, codec ?? recorded(record.format));
    // A damaged file holds no edit that could be in the way; the commit puts it into quarantine.
    if (local === undefined) return [];
    if (saved === undefined) return findConflicts(undefined, local, value);
    const before = await contents.contentOf(location, saved.checksum, operation);
    const base = before === undefined ? undefined : valueIfReadable(before, recorded(saved.format));
    return findConflicts(base, local, value);
  }
}

function resultOf(
  result: PersistenceResult,
  conflicts: readonly ConfigurationConflict[],
  way: Pick<RollbackResult, 'filePath' | 'fromVersion' | 'toVersion'>,
): RollbackResult {
  const { backupCreated, backupId } = result.metadata ?? {};
  const resolved = conflicts.map((conflict) => ({ ...conflict, resolution: ConflictResolution.KEEP_REMOTE }));
  return {
    ...result,
    ...way,
    backupCreated: backupCreated === true,
    ...(typeof backupId === 'string' ? { backupId } : {}),
    dataIntegrityVerified: true,
    ...(resolved.length === 0 ? {} : { conflictsDetected: resolved }),
  };
}

function refusedFor(conflicts: readonly ConfigurationConflict[]): Error {
  const reason = 'the file was edited outside the module in these places; save the edit, or roll back with keep-remote';
  return persistenceError('ERR_CONFLICT', reason, {
    paths: conflicts.slice(0, MAX_REPORTED_PATHS).map(({ path }) => path),
  });
}
