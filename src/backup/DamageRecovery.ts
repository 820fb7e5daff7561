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
import { PersistenceError } from '../errors/PersistenceError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { ConfigStore, Location, LockLease } from '../storage/ConfigStore.js';
import type { Snapshot } from '../storage/SnapshotStore.js';
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
    const patience = lockPatience({}, operation, lockTimeoutMs);
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
    try {
      await this.#collectRemedies(ids, location, codec, operation);
    } catch {
      // The failure that this is to help with must not be hidden by one of the help.
      operation.checkpoint();
    }
    return ids.length === 0 ? '' : `${ERROR_MESSAGES.GOOD_BACKUPS}: ${ids.join(', ')}`;
  }

  async #collectRemedies(ids: string[], location: Location, codec: Codec, operation: Operation): Promise<void> {
    for await (const { snapshot } of this.#goodSnapshots(location, codec, operation)) {
      ids.push(snapshot.id);
      if (ids.length === BACKUP_SETTINGS.MAX_NAMED_REMEDIES) break;
    }
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
    for await (const good of this.#goodSnapshots(location, codec, operation)) {
      return this.#restore(good, location, codec, operation, lease);
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
    await committer.commit(location, content, lease, operation);
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
    return issueOf(description);
  }

  /** Newest first; each opened, proven and read in its format. */
  async *#goodSnapshots(location: Location, codec: Codec, operation: Operation): AsyncGenerator<GoodSnapshot, void> {
    const { snapshots } = this.#parts.store;
    const all = await snapshots.list(snapshots.placeOf(location), operation);
    // What was saved last, where it is kept; after a rollback that is not what was kept last.
    const isKnown = await this.#parts.store.isHistoryWhole(location, operation);
    const history = isKnown ? await this.#parts.store.history(location, operation) : [];
    const saved = history.find(({ record }) => record === 'save');
    const isLast = ({ checksumStart }: Snapshot): boolean =>
      saved?.record === 'save' && saved.checksum.startsWith(checksumStart);
    for (const snapshot of [...all.filter(isLast), ...all.filter((one) => !isLast(one))]) {
      if (snapshot.role === 'quarantine') continue;
      const good = await this.#openGood(snapshot, codec, operation);
      if (good !== undefined) yield good;
    }
  }

  async #openGood(snapshot: Snapshot, codec: Codec, operation: Operation): Promise<GoodSnapshot | undefined> {
    const opened = await this.#parts.vault.openIfGood(snapshot, operation);
    if (opened === undefined) return undefined;
    try {
      const { text } = decodeBytes(opened.content, codec);
      return { snapshot, opened, value: codec.decode(text, { isOwn: snapshot.revision > 0 }) };
    } catch (error) {
      // A backup of a damaged file.
      if (error instanceof PersistenceError) return undefined;
      throw error;
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
