/**
 * The operations on single backups: make, list, restore, delete.
 *
 * Automatic backups are made by the commit of a change and tended by `BackupTender`; `BackupUpkeep` works on many at once.
 */
import { resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { BackupInfo, BackupResult, RestoreResult } from '../../interfaces/backups.js';
import { ConflictResolution, PersistenceOperationType, type ConfigurationFormat } from '../../interfaces/enums.js';
import type { MutationOptions, OperationOptions, SaveOptions } from '../../interfaces/options.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { codecFor } from '../codec/codecs.js';
import { missing, type ConfigurationReader } from '../engine/ConfigurationReader.js';
import { decodeBytes } from '../engine/configurationText.js';
import { resultOf, type ContentCommitter } from '../engine/ContentCommitter.js';
import { lockPatience } from '../engine/lockPatience.js';
import type { Operation } from '../engine/Operation.js';
import { underLease } from '../engine/underLease.js';
import type { OperationRunner } from '../engine/OperationRunner.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { ConfigStore, Location, LockLease } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotPlace } from '../storage/port/SnapshotStore.js';
import { backupInfoOf } from './backupInfo.js';
import type { BackupMaker } from './BackupMaker.js';
import type { BackupPlaces } from './BackupPlaces.js';
import type { RetentionSettings } from './RetentionSettings.js';
import type { OpenedSnapshot, SnapshotVault } from './SnapshotVault.js';

const { VERSION_DESCRIPTIONS, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface BackupManagerParts {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly runner: OperationRunner;
  readonly reader: ConfigurationReader;
  readonly committer: ContentCommitter;
  readonly places: BackupPlaces;
  readonly maker: BackupMaker;
  readonly vault: SnapshotVault;
  readonly lockTimeoutMs: number;
  readonly retention: () => RetentionSettings;
  /** Told after a backup was made by hand. */
  readonly onChange: (location: Location) => void;
}

export class BackupManager {
  readonly #parts: BackupManagerParts;

  constructor(parts: BackupManagerParts) {
    this.#parts = parts;
  }

  /** A verified copy of the present content, whatever that is. */
  create(filePath: string, label: string | undefined, options: SaveOptions): Promise<BackupResult> {
    const { store, maker, onChange } = this.#parts;
    return this.#runInOrder(PersistenceOperationType.BACKUP, filePath, options, async (operation) => {
      if (label !== undefined) store.snapshots.checkLabel(label);
      const location = await store.locate(filePath, operation);
      if (!(await store.hasContent(location, operation))) throw missing();
      const result = await this.#withLock(location, options, operation, (lease) =>
        operation.withPlace(() => maker.make({ location, label, options, lease }, operation)),
      );
      onChange(location);
      return result;
    });
  }

  /** Newest first. Without a path, those of all configurations. One that cannot be opened is listed all the same. */
  list(filePath: string | undefined, options: OperationOptions): Promise<BackupInfo[]> {
    const { places } = this.#parts;
    return this.#run(PersistenceOperationType.BACKUP, filePath ?? '', options, (operation) =>
      operation.withPlace(async () => {
        const infos: BackupInfo[] = [];
        for (const place of await places.of(filePath, operation))
          infos.push(...(await this.#listOne(place, operation)));
        return infos.sort((left, right) => right.createdAt - left.createdAt);
      }),
    );
  }

  /**
   * Puts the content of a backup back as a new version. The content before is kept as for every change.
   *
   * @throws PersistenceError `ERR_BACKUP_NOT_FOUND`, `ERR_BACKUP_DAMAGED`, `ERR_BACKUP_MISMATCH`, `ERR_WRONG_KEY`,
   *   `ERR_KEY_REQUIRED`, `ERR_NOT_ENCRYPTED`; `ERR_INTEGRITY` where the backup is one of a damaged file.
   */
  restore(backupId: string, targetPath: string | undefined, options: SaveOptions): Promise<RestoreResult> {
    const { store, reader, vault, committer, places } = this.#parts;
    const known = targetPath ?? places.knownPathOf(backupId);
    return this.#runInOrder(PersistenceOperationType.RESTORE, known, options, async (operation) => {
      const { snapshot, place } = await operation.withPlace(() => places.find(backupId, operation));
      const target = targetPath ?? place.location?.given;
      if (target !== undefined) operation.setSubject(target);
      if (target === undefined) {
        throw persistenceError(
          'ERR_BACKUP_NOT_FOUND',
          'nothing tells any more which file it is of; give a target path',
        );
      }
      const location = await store.locate(target, operation);
      const opened = await operation.withPlace(() => vault.open(snapshot, operation));
      const manifest = await vault.manifestOf(snapshot, place, operation);
      // The file that it is of may have been saved in another format than its name tells.
      const isOwnFile = place.location?.real === location.real && options.format === undefined;
      const codec =
        isOwnFile && manifest?.format !== undefined
          ? codecFor(manifest.format)
          : reader.codecOf(location.absolute, options);
      // Of a content that is no version, the format is only a guess.
      const value = decoded(opened, codec, snapshot.revision > 0 ? manifest?.format : undefined);
      return this.#withLock(location, options, operation, async (lease) => {
        const { state, content: replaced } = await operation.withPlace(() => store.read(location, operation));
        const { description = `${VERSION_DESCRIPTIONS.RESTORED} ${snapshot.id}` } = options;
        const content = {
          bytes: opened.content,
          value,
          codec,
          encoding: decodeBytes(opened.content, codec).encoding,
          kind: 'restore',
          source: snapshot.id,
          options: { ...options, description },
          replacedChecksum: replaced?.checksum,
        };
        const result = await committer.commit(location, content, lease, operation);
        return {
          ...result,
          filePath: target,
          backupId: snapshot.id,
          originalBackupPath: snapshot.path,
          restoredToPath: location.absolute,
          dataIntegrityVerified: true,
          ...(state === 'changed-outside' ? { conflictResolution: ConflictResolution.KEEP_REMOTE } : {}),
        };
      });
    });
  }

  /** @throws PersistenceError `ERR_CONFLICT` for the last good backup of a file that is damaged or gone. */
  delete(backupId: string, options: MutationOptions): Promise<PersistenceResult> {
    const { store, places } = this.#parts;
    return this.#run(PersistenceOperationType.CLEANUP, '', options, async (operation) => {
      const { snapshot, place } = await operation.withPlace(() => places.find(backupId, operation));
      const { location } = place;
      // Without it there is no lock to take, and no file to ask whether it needs the backup.
      if (location === undefined) throw persistenceError('ERR_CONFLICT', WARNING_MESSAGES.ORPHANED_BACKUPS);
      operation.setSubject(location.given);
      return this.#withLock(location, options, operation, async (lease) => {
        await this.#assertExpected(location, options, operation);
        await this.#assertNotLastGood(snapshot, place, location, operation);
        await store.snapshots.remove([snapshot], underLease(lease, operation));
        const metadata = { backupId: snapshot.id, reclaimedSpaceBytes: snapshot.storedBytes };
        return resultOf(operation, { warnings: [] }, { filePath: location.given, metadata });
      });
    });
  }

  async #listOne(place: SnapshotPlace, operation: Operation): Promise<BackupInfo[]> {
    const { store, retention } = this.#parts;
    const { policy } = retention();
    const backups = (await store.snapshots.list(place, operation)).filter(({ role }) => role === 'backup');
    const path = place.location?.absolute ?? place.key;
    const infos: BackupInfo[] = [];
    // One after the other: those that have no manifest yet are opened, and may be large.
    for (const snapshot of backups) {
      const manifest = await this.#parts.vault.manifestOf(snapshot, place, operation);
      infos.push(backupInfoOf(snapshot, manifest, path, policy));
    }
    return infos;
  }

  async #assertExpected(
    location: Location,
    { expectedChecksum }: MutationOptions,
    operation: Operation,
  ): Promise<void> {
    if (expectedChecksum === undefined) return;
    const { content } = await this.#parts.store.read(location, operation);
    if ((content?.checksum ?? null) === expectedChecksum) return;
    throw persistenceError('ERR_CONFLICT', 'the file has another checksum than expected; load it again');
  }

  async #assertNotLastGood(
    snapshot: Snapshot,
    place: SnapshotPlace,
    location: Location,
    operation: Operation,
  ): Promise<void> {
    const { store, reader, vault } = this.#parts;
    if (await reader.isHealthy(location, operation)) return;
    const others = (await store.snapshots.list(place, operation)).filter(
      ({ id, role }) => id !== snapshot.id && role !== 'quarantine',
    );
    if (snapshot.role === 'quarantine') return;
    for (const other of others) {
      const manifest = await vault.manifestOf(other, place, operation);
      // A manifest tells only of the past.
      if (manifest?.isReadable === true && (await vault.openIfGood(other, operation)) !== undefined) return;
    }
    const reason = 'it is the last good backup of a file that is damaged or gone; restore the file first';
    throw persistenceError('ERR_CONFLICT', reason);
  }

  /** After the changes of the file that were asked for before, where it is known which file that is. */
  #runInOrder<T>(
    operationType: PersistenceOperationType,
    filePath: string | undefined,
    options: MutationOptions,
    body: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    const { locks, lockTimeoutMs } = this.#parts;
    return this.#run(operationType, filePath ?? '', options, (operation) => {
      const path = filePath === undefined ? undefined : resolve(filePath);
      return locks.inOrder(path, lockPatience(options, operation, lockTimeoutMs), () => body(operation));
    });
  }

  #withLock<T>(
    location: Location,
    options: MutationOptions,
    operation: Operation,
    work: (lease: LockLease) => Promise<T>,
  ): Promise<T> {
    const { locks, lockTimeoutMs } = this.#parts;
    return locks.withLock(location, lockPatience(options, operation, lockTimeoutMs), work);
  }

  #run<T>(
    operationType: PersistenceOperationType,
    filePath: string,
    options: OperationOptions,
    body: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    return this.#parts.runner.run({ operationType, filePath, options, isMeasured: true }, body);
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
