/**
 * The history of a configuration: its versions, how they differ, and the way back to one.
 *
 * What happened is in the journal, the contents are in the snapshots; this joins them. Nothing here rewrites anything: a
 * rollback is a new version with an old content.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConflictResolution, ConflictType, PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationOptions, RollbackOptions } from '../../interfaces/options.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type {
  ComparisonResult,
  ConfigurationConflict,
  RollbackResult,
  VersionInfo,
} from '../../interfaces/versions.js';
import type { Codec } from '../codec/Codec.js';
import { codecFor } from '../codec/codecs.js';
import type { ConfigurationReader } from '../engine/ConfigurationReader.js';
import { decodeBytes } from '../engine/configurationText.js';
import type { ContentCommitter } from '../engine/ContentCommitter.js';
import { lockPatience } from '../engine/lockPatience.js';
import type { Operation } from '../engine/Operation.js';
import type { OperationRunner } from '../engine/OperationRunner.js';
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { ConfigStore, Location, StoredConfiguration, Work } from '../storage/ConfigStore.js';
import { checksumOf } from '../storage/durableFile.js';
import type { SaveRecord } from '../storage/journal/JournalRecord.js';
import { formatPath } from '../value/valuePath.js';
import { compareValues } from './comparison/compareValues.js';
import { findConflicts } from './comparison/findConflicts.js';
import { describeHistory, type KeptVersion } from './describeHistory.js';
import { parseVersionId, versionId } from './versionId.js';

const { COMPARISON, VERSION_DESCRIPTIONS } = CONFIG_PERSISTENCE_CONSTANTS;
const { MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** Where the contents of old versions come from. */
export interface VersionContents {
  /** The content with this checksum, proven; undefined where it is not kept. */
  contentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined>;
  /** The same; where it is kept and cannot be opened, the error of opening it says why. */
  requireContentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined>;
  /** Starts of the checksums of the contents that are kept. */
  keptContents(location: Location, work: Work): Promise<ReadonlySet<string>>;
}

export interface VersionManagerParts {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly runner: OperationRunner;
  readonly reader: ConfigurationReader;
  readonly committer: ContentCommitter;
  readonly contents: VersionContents;
  readonly lockTimeoutMs: number;
}

/** A version of the journal with its content. */
interface FoundVersion {
  readonly location: Location;
  readonly record: SaveRecord;
  readonly content: Uint8Array;
}

export class VersionManager {
  readonly #parts: VersionManagerParts;

  constructor(parts: VersionManagerParts) {
    this.#parts = parts;
  }

  /** Newest first; none for a file that was never saved through the module. */
  history(filePath: string, options: OperationOptions): Promise<VersionInfo[]> {
    const { store, runner, contents } = this.#parts;
    const context = { operationType: PersistenceOperationType.LOAD, filePath, options };
    return runner.run(context, async (operation) => {
      const location = await store.locate(filePath, operation);
      return operation.withPlace(async () => {
        const changes = await store.history(location, operation);
        const stored = await store.read(location, operation);
        const kept = await contents.keptContents(location, operation);
        const key = store.keyOf(location);
        const versions = changes
          .filter((change) => change.record === 'save')
          .map((record) => this.#kept(record, location, stored, kept, operation));
        return describeHistory(changes, new Map(versions.map((version) => [version.record.revision, version])), {
          key,
          filePath: location.absolute,
        });
      });
    });
  }

  /**
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND` for an id that names no version, or one whose content is not kept.
   */
  compare(firstId: string, secondId: string, options: OperationOptions): Promise<ComparisonResult> {
    const context = { operationType: PersistenceOperationType.LOAD, filePath: '', options };
    return this.#parts.runner.run(context, (operation) =>
      operation.withPlace(async () => {
        const first = await this.#find(firstId, operation);
        const second = await this.#find(secondId, operation);
        for (const { content } of [first, second]) {
          if (content.length > COMPARISON.MAX_COMPARABLE_BYTES) throw tooLargeToCompare(content.length);
        }
        const [one, other] = [valueOf(first), valueOf(second)];
        const { differences, similarity, isComplete } = compareValues(one, other);
        // Of two versions of one file, one came from the other, so nothing was changed in two ways.
        const conflicts = first.location.real === second.location.real ? [] : findConflicts(undefined, one, other);
        return {
          version1: firstId,
          version2: secondId,
          differences: [...differences],
          isComplete,
          similarity,
          hasConflicts: conflicts.length > 0,
          ...(conflicts.length === 0 ? {} : { conflicts }),
        };
      }),
    );
  }

  /**
   * Makes the content of a version the present one again, as a new version, byte for byte.
   *
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND`; `ERR_CONFLICT` with the places where the file was edited outside the
   *   module and `onConflict` is `manual`.
   */
  rollback(id: string, options: RollbackOptions): Promise<RollbackResult> {
    const { runner, locks, store, lockTimeoutMs } = this.#parts;
    const context = { operationType: PersistenceOperationType.ROLLBACK, filePath: '', options, isMeasured: true };
    const key = parseVersionId(id)?.key;
    const path = key === undefined ? undefined : store.knownPathOf(key);
    return runner.run(context, (operation) =>
      // After the changes that were asked for before, where it is known which file this is about.
      locks.inOrder(path, lockPatience(options, operation, lockTimeoutMs), () =>
        this.#rollBack(id, options, operation),
      ),
    );
  }

  async #rollBack(id: string, options: RollbackOptions, operation: Operation): Promise<RollbackResult> {
    const { locks, committer, store, lockTimeoutMs } = this.#parts;
    const found = await operation.withPlace(() => this.#find(id, operation));
    const { location, record, content: bytes } = found;
    return locks.withLock(location, lockPatience(options, operation, lockTimeoutMs), async (lease) => {
      const stored = await operation.withPlace(() => store.read(location, operation));
      const codec = codecFor(record.format);
      const value = valueOf(found);
      const conflicts = await this.#conflicts(stored, value, codec, location, operation);
      if (conflicts.length > 0 && options.onConflict === 'manual') throw refusedFor(conflicts);
      // What was just found to be in nobody's way must still be so at the commit.
      const expectedChecksum =
        options.expectedChecksum ?? (options.onConflict === 'manual' ? (stored.content?.checksum ?? null) : undefined);
      const described = { description: `${VERSION_DESCRIPTIONS.ROLLED_BACK} ${id}`, ...options };
      const { encoding } = decodeBytes(bytes, codec);
      const content = {
        bytes,
        value,
        codec,
        encoding,
        kind: 'rollback',
        source: id,
        options: described,
        expectedChecksum,
      };
      const result = await committer.commit(location, content, lease, operation);
      const { backupCreated, backupId } = result.metadata ?? {};
      const key = store.keyOf(location);
      return {
        ...result,
        filePath: location.absolute,
        fromVersion: stored.saved === undefined ? '' : versionId(key, stored.saved),
        toVersion: id,
        backupCreated: backupCreated === true,
        ...(typeof backupId === 'string' ? { backupId } : {}),
        dataIntegrityVerified: true,
        ...(conflicts.length === 0
          ? {}
          : {
              conflictsDetected: conflicts.map((conflict) => ({
                ...conflict,
                resolution: ConflictResolution.KEEP_REMOTE,
              })),
            }),
      };
    });
  }

  #kept(
    record: SaveRecord,
    location: Location,
    { content }: StoredConfiguration,
    kept: ReadonlySet<string>,
    work: Work,
  ): KeptVersion {
    const isLive = content?.checksum === record.checksum;
    const isKept = isLive || [...kept].some((start) => record.checksum.startsWith(start));
    const read = async (): Promise<ConfigurationValue | undefined> => {
      const bytes = isLive ? content.bytes : await this.#parts.contents.contentOf(location, record.checksum, work);
      return bytes === undefined ? undefined : readable(bytes, codecFor(record.format));
    };
    return { record, isKept, read };
  }

  /** The places that somebody edited and the rollback would change; none where the file is as it was saved. */
  async #conflicts(
    { state, content, saved }: StoredConfiguration,
    remote: ConfigurationValue,
    codec: Codec,
    location: Location,
    operation: Operation,
  ): Promise<ConfigurationConflict[]> {
    if (state === 'as-saved' || (content === undefined && saved === undefined)) return [];
    if (content === undefined) return findConflicts(undefined, undefined, remote);
    if (content.bytes.length > COMPARISON.MAX_COMPARABLE_BYTES) return [unexaminedConflict()];
    const local = readable(content.bytes, codec);
    // A damaged file holds no edit that could be in the way; the commit puts it into quarantine.
    if (local === undefined) return [];
    const before =
      saved === undefined ? undefined : await this.#parts.contents.contentOf(location, saved.checksum, operation);
    return findConflicts(before === undefined ? undefined : readable(before, codec), local, remote);
  }

  async #find(id: string, operation: Operation): Promise<FoundVersion> {
    const { store, contents } = this.#parts;
    const parsed = parseVersionId(id);
    const path = parsed === undefined ? undefined : await store.pathOf(parsed.key, operation);
    if (parsed === undefined || path === undefined) throw notFound('it is no id that getVersionHistory gives');
    const location = await store.locate(path, operation);
    operation.setSubject(path);
    const history = await store.history(location, operation);
    const record = history.find((change) => change.record === 'save' && change.revision === parsed.revision);
    if (record?.record !== 'save' || !record.checksum.startsWith(parsed.checksumStart))
      throw notFound('it is older than the history that is kept, or never was');
    const stored = await store.read(location, operation);
    const content =
      stored.content?.checksum === record.checksum
        ? stored.content.bytes
        : await contents.requireContentOf(location, record.checksum, operation);
    if (content === undefined || checksumOf(content) !== record.checksum)
      throw notFound('its content is not kept any more');
    return { location, record, content };
  }
}

function valueOf({ record, content }: FoundVersion): ConfigurationValue {
  const codec = codecFor(record.format);
  return codec.decode(decodeBytes(content, codec).text, { isOwn: true });
}

function readable(bytes: Uint8Array, codec: Codec): ConfigurationValue | undefined {
  try {
    return codec.decode(decodeBytes(bytes, codec).text);
  } catch (error) {
    if (error instanceof PersistenceError) return undefined;
    throw error;
  }
}

function notFound(reason: string): PersistenceError {
  return persistenceError('ERR_VERSION_NOT_FOUND', reason);
}

function tooLargeToCompare(size: number): PersistenceError {
  const reason = `${size} bytes, versions of at most ${COMPARISON.MAX_COMPARABLE_BYTES} are compared`;
  return persistenceError('ERR_FILE_TOO_LARGE', reason);
}

/** The file was edited, and is too large to tell where. */
function unexaminedConflict(): ConfigurationConflict {
  return {
    path: formatPath([]),
    type: ConflictType.MODIFICATION_CONFLICT,
    localValue: undefined,
    remoteValue: undefined,
    autoResolvable: false,
  };
}

function refusedFor(conflicts: readonly ConfigurationConflict[]): PersistenceError {
  const reason = 'the file was edited outside the module in these places; save the edit, or roll back with keep-remote';
  return persistenceError('ERR_CONFLICT', reason, {
    paths: conflicts.slice(0, MAX_REPORTED_PATHS).map(({ path }) => path),
  });
}
