/**
 * The operations on single backups: make, list, restore, delete.
 *
 * Automatic backups are made by the commit of a change and looked after by `maintenance/`; `BackupUpkeep` works on many at
 * once.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { BackupInfo, BackupResult, RestoreResult } from '../../interfaces/backups.js';
import { ConflictResolution, PersistenceOperationType, type ConfigurationFormat } from '../../interfaces/enums.js';
import type { MutationOptions, OperationOptions, RestoreOptions, SaveOptions } from '../../interfaces/options.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import type { ConfigurationReader } from '../engine/ConfigurationReader.js';
import { resultOf, type ContentCommitter } from '../engine/ContentCommitter.js';
import { decodeBytes } from '../engine/contentText.js';
import type { NewValues } from '../engine/NewValues.js';
import type { Operation } from '../engine/Operation.js';
import type { Operations } from '../engine/Operations.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { assertExpectedChecksum, notFound } from '../storage/port/conditions.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotSet } from '../storage/port/Snapshot.js';
import type { Location } from '../storage/port/Work.js';
import { backupInfoOf } from './backupInfo.js';
import type { BackupMaker } from './BackupMaker.js';
import type { BackupSets } from './BackupSets.js';
import type { OpenedSnapshot } from './describeSnapshot.js';
import type { RetentionSettings } from './RetentionSettings.js';
import type { SnapshotReader } from './SnapshotReader.js';

const { VERSION_DESCRIPTIONS, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface BackupManagerParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly reader: ConfigurationReader;
  readonly committer: ContentCommitter;
  readonly formats: Formats;
  readonly values: NewValues;
  readonly sets: BackupSets;
  readonly maker: BackupMaker;
  readonly snapshots: SnapshotReader;
  readonly retention: () => RetentionSettings;
  /** Told after a backup was made by hand. */
  readonly onMade: (location: Location) => void;
}

export class BackupManager {
  readonly #parts: BackupManagerParts;

  constructor(parts: BackupManagerParts) {
    this.#parts = parts;
  }

  /** A verified copy of the present content, whatever that is. */
  create(filePath: string, label: string | undefined, options: SaveOptions): Promise<BackupResult> {
    const { store, maker, operations, onMade } = this.#parts;
    return operations.change(
      { operationType: PersistenceOperationType.BACKUP, filePath, options },
      store.nameOf(filePath),
      async (operation) => {
        if (label !== undefined) store.snapshots.checkLabel(label);
        const location = await store.resolve(filePath, operation);
        if (!(await store.has(location, operation))) throw notFound();
        return { location, label, options };
      },
      async (request, guard, operation) => {
        const result = await maker.make(request, guard, operation);
        onMade(request.location);
        return result;
      },
    );
  }

  /** Newest first. Without a path, those of all configurations. One that cannot be opened is listed all the same. */
  list(filePath: string | undefined, options: OperationOptions): Promise<BackupInfo[]> {
    const { sets, operations } = this.#parts;
    const context = { operationType: PersistenceOperationType.BACKUP, filePath: filePath ?? '', options };
    return operations.query(context, async (operation) => {
      const infos: BackupInfo[] = [];
      for (const set of await sets.of(filePath, operation)) infos.push(...(await this.#listOne(set, operation)));
      return infos.sort((left, right) => right.createdAt - left.createdAt);
    });
  }

  /**
   * Puts the content of a backup back as a new version. The content before is kept as for every change.
   *
   * @throws PersistenceError `ERR_BACKUP_NOT_FOUND`, `ERR_BACKUP_DAMAGED`, `ERR_BACKUP_MISMATCH`, `ERR_WRONG_KEY`,
   *   `ERR_KEY_REQUIRED`, `ERR_NOT_ENCRYPTED`; `ERR_INTEGRITY` where the backup is one of a damaged file; unless the option
   *   `validate` is false, what is wrong with a value that does not fit.
   */
  restore(backupId: string, targetPath: string | undefined, options: RestoreOptions): Promise<RestoreResult> {
    const { store, operations, snapshots, committer, sets, values } = this.#parts;
    const known = targetPath ?? sets.knownNameOf(backupId);
    return operations.change(
      { operationType: PersistenceOperationType.RESTORE, filePath: known ?? '', options },
      known === undefined ? undefined : store.nameOf(known),
      async (operation) => {
        const { snapshot, set } = await sets.find(backupId, operation);
        const target = targetPath ?? set.location?.given;
        if (target === undefined) {
          const reason = 'nothing tells any more which file it is of; give a target path';
          throw persistenceError('ERR_BACKUP_NOT_FOUND', reason);
        }
        operation.setSubject(target);
        const location = await store.resolve(target, operation);
        const { opened, manifest } = await snapshots.openDescribed(snapshot, set, operation);
        const isOwnFile = set.location?.id === location.id && options.format === undefined;
        const codec = this.#codecFor(location, isOwnFile ? manifest.format : undefined, options);
        // Of a content that is no version, the format is only a guess.
        const value = decoded(opened, codec, snapshot.sequence > 0 ? manifest.format : undefined);
        if (options.validate !== false) await values.assertFitting(value, location, operation);
        return { location, target, snapshot, content: { bytes: opened.content, codec, value } };
      },
      async ({ location, target, snapshot, content }, guard, operation) => {
        const { state, etag } = await store.read(location, operation);
        const { description = `${VERSION_DESCRIPTIONS.RESTORED} ${snapshot.id}` } = options;
        const restored = {
          ...content,
          encoding: decodeBytes(content.bytes, content.codec).encoding,
          kind: 'restore',
          source: snapshot.id,
          options: { ...options, description },
          seen: etag,
        };
        const result = await committer.commit(location, restored, guard, operation);
        return {
          ...result,
          filePath: target,
          backupId: snapshot.id,
          originalBackupPath: snapshot.path,
          restoredToPath: location.name,
          dataIntegrityVerified: true,
          ...(state === 'changed-outside' ? { conflictResolution: ConflictResolution.KEEP_REMOTE } : {}),
        };
      },
    );
  }

  /** @throws PersistenceError `ERR_CONFLICT` for the last good backup of a file that is damaged or gone. */
  delete(backupId: string, options: MutationOptions): Promise<PersistenceResult> {
    const { store, sets, operations } = this.#parts;
    return operations.change(
      { operationType: PersistenceOperationType.CLEANUP, filePath: '', options },
      undefined,
      async (operation) => {
        const { snapshot, set } = await sets.find(backupId, operation);
        const { location } = set;
        // Without it there is no lock to take, and no file to ask whether it needs the backup.
        if (location === undefined) throw persistenceError('ERR_CONFLICT', WARNING_MESSAGES.ORPHANED_BACKUPS);
        operation.setSubject(location.given);
        return { location, snapshot, set };
      },
      async ({ location, snapshot, set }, guard, operation) => {
        if (options.expectedChecksum !== undefined) {
          const { content } = await store.read(location, operation);
          assertExpectedChecksum(options.expectedChecksum, content?.checksum ?? null);
        }
        await this.#assertNotLastGood(snapshot, set, location, operation);
        await store.snapshots.remove([snapshot], guard, operation);
        const metadata = { backupId: snapshot.id, reclaimedSpaceBytes: snapshot.storedBytes };
        return resultOf(operation, { warnings: [] }, { filePath: location.given, metadata });
      },
    );
  }

  /** The file that a backup is of may have been saved in another format than its name tells. */
  #codecFor(location: Location, saved: ConfigurationFormat | undefined, { format }: SaveOptions): Codec {
    const { formats } = this.#parts;
    return saved === undefined ? formats.require(location.name, format) : formats.recorded(saved, location.name);
  }

  async #listOne(set: SnapshotSet, operation: Operation): Promise<BackupInfo[]> {
    const { store, retention, snapshots } = this.#parts;
    const { policy } = retention();
    const backups = (await store.snapshots.list(set, operation)).filter(({ role }) => role === 'backup');
    const path = set.location?.name ?? set.key;
    const infos: BackupInfo[] = [];
    // One after the other: those that have no manifest yet are opened, and may be large.
    for (const snapshot of backups) {
      const manifest = await snapshots.manifestOf(snapshot, set, operation);
      infos.push(backupInfoOf(snapshot, manifest, path, policy));
    }
    return infos;
  }

  async #assertNotLastGood(
    snapshot: Snapshot,
    set: SnapshotSet,
    location: Location,
    operation: Operation,
  ): Promise<void> {
    const { store, reader, snapshots } = this.#parts;
    if (snapshot.role === 'quarantine' || (await reader.isHealthy(location, operation))) return;
    const others = (await store.snapshots.list(set, operation)).filter(
      ({ id, role }) => id !== snapshot.id && role !== 'quarantine',
    );
    for (const other of others) {
      const manifest = await snapshots.manifestOf(other, set, operation);
      // A manifest tells only of the past.
      if (manifest?.isReadable === true && (await snapshots.openIfGood(other, operation)) !== undefined) return;
    }
    const reason = 'it is the last good backup of a file that is damaged or gone; restore the file first';
    throw persistenceError('ERR_CONFLICT', reason);
  }
}

/** Checked like a foreign file: its name says that it is one of ours, but anybody can give a file that name. */
function decoded(
  { content }: OpenedSnapshot,
  codec: Codec,
  format: ConfigurationFormat | undefined,
): ConfigurationValue {
  if (format !== undefined && format !== codec.format) {
    const reason = `the backup is ${format}, the target ${codec.format}; give a target of the same format`;
    throw persistenceError('ERR_UNSUPPORTED_FORMAT', reason);
  }
  try {
    return codec.decode(decodeBytes(content, codec).text);
  } catch (error) {
    const reason = 'the backup is whole, but its content cannot be read: it is one of a damaged file';
    throw persistenceError('ERR_INTEGRITY', reason, { cause: error });
  }
}
