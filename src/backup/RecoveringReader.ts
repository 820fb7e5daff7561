/**
 * Reads configurations, and brings a damaged one back from its newest good snapshot, where `autoRecover` allows it.
 *
 * The damaged file is put into quarantine by the commit that replaces it, before anything is written over it. Whatever is
 * done is told: in the result, in the history of the file, and to `alerts`. Where nothing is done, the error names the
 * backups that would do.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IntegrityIssueType, IssueSeverity } from '../../interfaces/enums.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { IntegrityIssue } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { integrityError, type ConfigurationReader } from '../engine/ConfigurationReader.js';
import type { ContentCommitter } from '../engine/ContentCommitter.js';
import { decodeBytes } from '../engine/contentText.js';
import type { Operation } from '../engine/Operation.js';
import type { RecoveredConfiguration, RecoveringReads } from '../engine/RecoveringReads.js';
import { hasErrorCode, PersistenceError } from '../errors/PersistenceError.js';
import { isSystemError, storageError } from '../errors/StorageError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import { hasContent, type Snapshot } from '../storage/port/Snapshot.js';
import type { Guard, Location } from '../storage/port/Work.js';
import type { OpenedSnapshot } from './describeSnapshot.js';
import type { SnapshotReader } from './SnapshotReader.js';

const { INTEGRITY_FINDINGS, VERSION_DESCRIPTIONS, BACKUP_SETTINGS, ERROR_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface RecoveringReaderParts {
  readonly store: ConfigStore;
  readonly reader: ConfigurationReader;
  readonly committer: ContentCommitter;
  readonly snapshots: SnapshotReader;
  readonly isEnabled: boolean;
  readonly lockTimeoutMs: number;
  readonly alert: (alert: PersistenceAlert) => void;
}

interface Candidate {
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

export class RecoveringReader implements RecoveringReads {
  readonly #parts: RecoveringReaderParts;

  constructor(parts: RecoveringReaderParts) {
    this.#parts = parts;
  }

  async read(location: Location, codec: Codec, operation: Operation, guard?: Guard): Promise<RecoveredConfiguration> {
    const { reader } = this.#parts;
    try {
      return { found: await reader.read(location, codec, operation) };
    } catch (error) {
      const damage = await this.#asDamage(error, location, operation);
      let failure: unknown;
      try {
        const recovered = await this.#recover(location, codec, operation, guard);
        if (recovered !== undefined) return { found: await reader.read(location, codec, operation), recovered };
      } catch (error) {
        operation.checkpoint();
        failure = error;
      }
      // Somebody may have repaired it at the same moment.
      if (hasErrorCode(failure, 'ERR_CONFLICT')) return { found: await reader.read(location, codec, operation) };
      const told = failure instanceof Error ? notRecovered(damage, failure) : damage;
      throw await this.withCandidates(told, location, codec, operation);
    }
  }

  async withCandidates(
    error: PersistenceError,
    location: Location,
    codec: Codec,
    operation: Operation,
  ): Promise<PersistenceError> {
    const ids: string[] = [];
    let lockedCount = 0;
    try {
      for await (const { snapshot, good, isLocked } of this.#candidates(location, codec, operation)) {
        if (good !== undefined) ids.push(snapshot.id);
        if (isLocked) lockedCount += 1;
        if (ids.length === BACKUP_SETTINGS.MAX_NAMED_CANDIDATES) break;
      }
    } catch {
      // The failure that this is to help with must not be hidden by one of the help.
      operation.checkpoint();
    }
    const good = ids.length === 0 ? [] : [`${ERROR_MESSAGES.GOOD_BACKUPS}: ${ids.join(', ')}`];
    const locked = lockedCount === 0 ? [] : [`${lockedCount} ${ERROR_MESSAGES.LOCKED_BACKUPS}`];
    error.message = [error.message, ...good, ...locked].join('. ');
    return error;
  }

  /** The error of a file that was damaged. @throws the failure itself where it was not. */
  async #asDamage(failure: unknown, location: Location, operation: Operation): Promise<PersistenceError> {
    if (hasErrorCode(failure, 'ERR_INTEGRITY')) return failure;
    const isUnreadable = hasErrorCode(failure, 'ERR_PARSE') || hasErrorCode(failure, 'ERR_INVALID_CONFIGURATION_DATA');
    if (isUnreadable && (await this.#wasSaved(location, operation))) return integrityError(failure);
    throw failure;
  }

  /** Whether kept contents tell that the file was saved through the module, where its records do not tell it any more. */
  async #wasSaved(location: Location, operation: Operation): Promise<boolean> {
    const { store, snapshots } = this.#parts;
    try {
      const { changes } = await store.history(location, operation);
      const kept = await snapshots.kept(location, operation);
      return changes.length === 0 && kept.some(({ sequence }) => sequence > 0);
    } catch {
      // The failure that this is about must not be hidden by one of looking around.
      operation.checkpoint();
      return false;
    }
  }

  /** Undefined where nothing was brought back. */
  async #recover(
    location: Location,
    codec: Codec,
    operation: Operation,
    guard: Guard | undefined,
  ): Promise<IntegrityIssue | undefined> {
    const { isEnabled, lockTimeoutMs } = this.#parts;
    if (!isEnabled) return undefined;
    if (guard !== undefined) return this.#bringBack(location, codec, operation, guard);
    return operation.underLock(
      location,
      (own) => this.#bringBack(location, codec, operation, own),
      Math.min(lockTimeoutMs, BACKUP_SETTINGS.RECOVERY_LOCK_TIMEOUT_MS),
    );
  }

  async #bringBack(
    location: Location,
    codec: Codec,
    operation: Operation,
    guard: Guard,
  ): Promise<IntegrityIssue | undefined> {
    // Somebody else may have brought it back while this one waited for the lock.
    if (await this.#parts.reader.isHealthy(location, operation, codec))
      return issueOf(INTEGRITY_FINDINGS.RECOVERED_MEANWHILE);
    for await (const { good } of this.#candidates(location, codec, operation)) {
      if (good !== undefined) return this.#restore(good, location, codec, operation, guard);
    }
    return undefined;
  }

  async #restore(
    { snapshot, opened, value }: GoodSnapshot,
    location: Location,
    codec: Codec,
    operation: Operation,
    guard: Guard,
  ): Promise<IntegrityIssue> {
    const { committer, store, snapshots, alert } = this.#parts;
    const { content: live } = await store.read(location, operation);
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
    const { warnings = [] } = await committer.commit(location, content, guard, operation);
    const kept = await snapshots.kept(location, operation);
    const quarantined = kept.find(
      (one) => one.role === 'quarantine' && damaged !== undefined && hasContent(one, damaged),
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

  /** Newest first; each opened, verified and read in its format. */
  async *#candidates(location: Location, codec: Codec, operation: Operation): AsyncGenerator<Candidate, void> {
    const { store, snapshots } = this.#parts;
    const all = await snapshots.kept(location, operation);
    // What was saved last, where it is kept; after a rollback that is not what was kept last.
    const { changes, isComplete, completeSince } = await store.history(location, operation);
    const isKnown = isComplete || completeSince !== undefined;
    const saved = isKnown ? changes.find((change) => change.kind === 'save') : undefined;
    const isLast = (snapshot: Snapshot): boolean => saved !== undefined && hasContent(snapshot, saved.checksum);
    for (const snapshot of [...all.filter(isLast), ...all.filter((one) => !isLast(one))]) {
      if (snapshot.role !== 'quarantine') yield await this.#examine(snapshot, codec, operation);
    }
  }

  async #examine(snapshot: Snapshot, codec: Codec, operation: Operation): Promise<Candidate> {
    const { snapshots, store } = this.#parts;
    try {
      const opened = await snapshots.open(snapshot, operation);
      // A version of another format could not be loaded again; of a content that is none, the format is only a guess.
      const format = snapshot.sequence > 0 ? (await store.snapshots.manifest(snapshot, operation))?.format : undefined;
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

/** Why it is damaged is told, and why it could not be brought back. */
function notRecovered(damage: PersistenceError, failure: Error): PersistenceError {
  const cause = storageError(failure, {});
  const why = cause instanceof PersistenceError ? cause.message : cause.name;
  const message = `${damage.message}. ${ERROR_MESSAGES.NOT_RECOVERED}: ${why}`;
  return new PersistenceError(damage.code, message, { paths: damage.paths, cause });
}

function issueOf(description: string): IntegrityIssue {
  return {
    type: IntegrityIssueType.FILE_CORRUPTION,
    severity: IssueSeverity.HIGH,
    description,
    recommendation: INTEGRITY_FINDINGS.RECOVERED_ADVICE,
  };
}
