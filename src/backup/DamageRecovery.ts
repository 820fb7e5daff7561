/**
 * Brings a damaged configuration back from its newest good snapshot, where `autoRecover` allows it.
 *
 * The damaged file is put into quarantine by the commit that replaces it, before anything is written over it. Whatever is
 * done is told: in the result, in the history of the file, and to `alerts`.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IntegrityIssueType, IssueSeverity } from '../../interfaces/enums.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { IntegrityIssue } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import type { ConfigurationReader } from '../engine/ConfigurationReader.js';
import { decodeBytes } from '../engine/configurationText.js';
import type { ContentCommitter } from '../engine/ContentCommitter.js';
import type { DamageHandler } from '../engine/DamageHandler.js';
import { lockPatience } from '../engine/lockPatience.js';
import type { Operation } from '../engine/Operation.js';
import { hasErrorCode, PersistenceError } from '../errors/PersistenceError.js';
import { isSystemError } from '../errors/StorageError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { ConfigStore, Location, LockLease } from '../storage/port/ConfigStore.js';
import type { Snapshot } from '../storage/port/SnapshotStore.js';
import type { OpenedSnapshot, SnapshotVault } from './SnapshotVault.js';

const { INTEGRITY_FINDINGS, VERSION_DESCRIPTIONS, BACKUP_SETTINGS, ERROR_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface RecoveryParts {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly reader: ConfigurationReader;
  readonly committer: ContentCommitter;
  readonly vault: SnapshotVault;
  readonly isEnabled: boolean;
  readonly lockTimeoutMs: number;
  readonly alert: (alert: PersistenceAlert) => void;
}

interface Examined {
  readonly snapshot: Snapshot;
  /** Undefined where it would not do. */
  readonly good?: GoodSnapshot;
  /** Whether it is under a key that is not configured. */
  readonly isLocked: boolean;
}

interface GoodSnapshot {
  readonly snapshot: Snapshot;
  readonly opened: OpenedSnapshot;
  readonly value: ConfigurationValue;
}

export class DamageRecovery implements DamageHandler {
  readonly #parts: RecoveryParts;

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  async recover(
    location: Location,
    codec: Codec,
    operation: Operation,
    lease?: LockLease,
  ): Promise<IntegrityIssue | undefined> {
    const { isEnabled, locks, lockTimeoutMs } = this.#parts;
    if (!isEnabled) return undefined;
    if (lease !== undefined) return this.#bringBack(location, codec, operation, lease);
    const patience = lockPatience({}, operation, Math.min(lockTimeoutMs, BACKUP_SETTINGS.RECOVERY_LOCK_TIMEOUT_MS));
    return locks.withLock(location, patience, (own) => this.#bringBack(location, codec, operation, own));
  }

  async wasSaved(location: Location, operation: Operation): Promise<boolean> {
    const { store } = this.#parts;
    try {
      const history = await store.history(location, operation);
      const kept = await store.snapshots.list(store.snapshots.placeOf(location), operation);
      return history.length === 0 && kept.some(({ revision }) => revision > 0);
    } catch {
      // The failure that this is about must not be hidden by one of looking around.
      operation.checkpoint();
      return false;
    }
  }

  async remedies(location: Location, codec: Codec, operation: Operation): Promise<string> {
    const ids: string[] = [];
    let lockedCount = 0;
    try {
      for await (const { snapshot, good, isLocked } of this.#examined(location, codec, operation)) {
        if (good !== undefined) ids.push(snapshot.id);
        if (isLocked) lockedCount += 1;
        if (ids.length === BACKUP_SETTINGS.MAX_NAMED_REMEDIES) break;
      }
    } catch {
      // The failure that this is to help with must not be hidden by one of the help.
      operation.checkpoint();
    }
    const good = ids.length === 0 ? [] : [`${ERROR_MESSAGES.GOOD_BACKUPS}: ${ids.join(', ')}`];
    const locked = lockedCount === 0 ? [] : [`${lockedCount} ${ERROR_MESSAGES.LOCKED_BACKUPS}`];
    return [...good, ...locked].join('. ');
  }

  async #bringBack(
    location: Location,
    codec: Codec,
    operation: Operation,
    lease: LockLease,
  ): Promise<IntegrityIssue | undefined> {
    // Somebody else may have brought it back while this one waited for the lock.
    if (await this.#parts.reader.isHealthy(location, operation, codec))
      return issueOf(INTEGRITY_FINDINGS.RECOVERED_MEANWHILE);
    for await (const { good } of this.#examined(location, codec, operation)) {
      if (good !== undefined) return this.#restore(good, location, codec, operation, lease);
    }
    return undefined;
  }

  async #restore(
    { snapshot, opened, value }: GoodSnapshot,
    location: Location,
    codec: Codec,
    operation: Operation,
    lease: LockLease,
  ): Promise<IntegrityIssue> {
    const { committer, store, alert } = this.#parts;
    const { content: live } = await operation.withPlace(() => store.read(location, operation));
    const damaged = live?.checksum;
    const description = `${VERSION_DESCRIPTIONS.RECOVERED} ${snapshot.id}`;
    const content = {
      bytes: opened.content,
      value,
      codec,
      kind: 'recover',
      source: snapshot.id,
      options: { description },
      isReplacingDamage: true,
      // Somebody may repair the file by hand at this moment.
      expectedChecksum: damaged ?? null,
    };
    const { warnings = [] } = await committer.commit(location, content, lease, operation);
    const kept = await store.snapshots.list(store.snapshots.placeOf(location), operation);
    const quarantined = kept.find(
      ({ role, checksumStart }) => role === 'quarantine' && damaged?.startsWith(checksumStart) === true,
    );
    alert({
      type: 'file-recovered',
      severity: IssueSeverity.CRITICAL,
      filePath: location.given,
      description,
      backupId: snapshot.id,
      ...(quarantined === undefined ? {} : { quarantinedPath: quarantined.path }),
      timestamp: Date.now(),
    });
    return issueOf([description, ...warnings].join('. '));
  }

  /** Newest first; each opened, proven and read in its format. */
  async *#examined(location: Location, codec: Codec, operation: Operation): AsyncGenerator<Examined, void> {
    const { store } = this.#parts;
    const all = await store.snapshots.list(store.snapshots.placeOf(location), operation);
    // What was saved last, where it is kept; after a rollback that is not what was kept last.
    const isKnown = (await store.lostRecordsUntil(location, operation)) !== Infinity;
    const history = isKnown ? await store.history(location, operation) : [];
    const saved = history.find(({ record }) => record === 'save');
    const isLast = ({ checksumStart }: Snapshot): boolean =>
      saved?.record === 'save' && saved.checksum.startsWith(checksumStart);
    for (const snapshot of [...all.filter(isLast), ...all.filter((one) => !isLast(one))]) {
      if (snapshot.role !== 'quarantine') yield await this.#examine(snapshot, codec, operation);
    }
  }

  async #examine(snapshot: Snapshot, codec: Codec, operation: Operation): Promise<Examined> {
    const { vault, store } = this.#parts;
    try {
      const opened = await vault.open(snapshot, operation);
      // A version of another format could not be loaded again; of a content that is none, the format is only a guess.
      const format = snapshot.revision > 0 ? (await store.snapshots.manifest(snapshot, operation))?.format : undefined;
      if ((format ?? codec.format) !== codec.format) return { snapshot, isLocked: false };
      const { text } = decodeBytes(opened.content, codec);
      // Its name says that it is one of ours; anybody can give a file that name.
      const value = codec.decode(text);
      return { snapshot, good: { snapshot, opened, value }, isLocked: false };
    } catch (error) {
      operation.checkpoint();
      // Damaged, a backup of a damaged file, or under a key that is not at hand.
      if (!(error instanceof PersistenceError) && !isSystemError(error)) throw error;
      return { snapshot, isLocked: hasErrorCode(error, 'ERR_WRONG_KEY') || hasErrorCode(error, 'ERR_KEY_REQUIRED') };
    }
  }
}

function issueOf(description: string): IntegrityIssue {
  return {
    type: IntegrityIssueType.FILE_CORRUPTION,
    severity: IssueSeverity.HIGH,
    description,
    recommendation: INTEGRITY_FINDINGS.RECOVERED_ADVICE,
  };
}
