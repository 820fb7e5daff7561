/**
 * Configurations as files of the local file system.
 *
 * Composes the path guard, the journals, the locks and the commit protocol; each of them stands in its own file. What it
 * leaves on disk: the configuration itself, `<metadata>/<key>/journal.<n>.meta`, `<locks>/<key>/<baton>`, and
 * `<locks>/owners/<instance>.json` while the instance lives, `<backups>/<key>/` with what was kept.
 */
import { dirname, resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { hasSystemCode, isSystemError } from '../../errors/StorageError.js';
import { commitContent } from './commit/commitContent.js';
import { removeContent } from './commit/removeContent.js';
import type { CommitScope } from './commit/CommitScope.js';
import { notFound, prepareCommit } from './commit/prepareCommit.js';
import type {
  ChangeFields,
  CommitReceipt,
  ConfigStore,
  ContentChange,
  Location,
  LockLease,
  LockSighting,
  MetadataChange,
  StoreCapabilities,
  StoredConfiguration,
  Work,
} from '../port/ConfigStore.js';
import { ConfigurationKeys } from './paths/ConfigurationKeys.js';
import { ConfigurationRecords } from './journal/ConfigurationRecords.js';
import { describeStored } from './describeStored.js';
import { lookAt, readFileContent, type FileContent, settleClosing } from './io/durableFile.js';
import { ensureFolder } from './io/durableFolder.js';
import { evidenceOf, lazyEvidence } from './evidence.js';
import { identityOf, isSameState, lastChangeMs, type FileIdentity } from './io/FileIdentity.js';
import type { FileOperations } from './io/FileOperations.js';
import { isUnchanged, newToken, type Journal } from './journal/Journal.js';
import type { JournalContent } from './journal/JournalContent.js';
import type { MetadataRecord, RecordedProcess, RevisionRecord } from './journal/JournalRecord.js';
import { committedChain, judge } from './journal/judgement.js';
import { LocalLocks } from './lock/LocalLocks.js';
import { MeteredFileOperations } from './io/MeteredFileOperations.js';
import { PathGuard, type GuardedPath } from './paths/PathGuard.js';
import { LocalSnapshots } from './snapshots/LocalSnapshots.js';
import { isOnlyMissed, missedInstead, redoneInstead } from './standIns.js';

const { CACHE_SETTINGS, ERROR_HANDLING, JOURNAL, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** File modes of what the store creates. */
export interface StoreModes {
  readonly configFile: number;
  readonly configDirectory: number;
  readonly metadataFile: number;
  readonly metadataDirectory: number;
  readonly lockFile: number;
  readonly lockDirectory: number;
  readonly backupFile: number;
  readonly backupDirectory: number;
}

export interface LocalConfigStoreSettings {
  readonly metadataDirectory: string;
  readonly lockDirectory: string;
  readonly backupDirectory: string;
  readonly archiveDirectory: string;
  /** Folders whose files may be used. */
  readonly allowedDirectories: readonly string[];
  readonly modes: StoreModes;
  readonly maxBytes: number;
  /** Committed states that stay in a journal. */
  readonly keptVersions: number;
  /** Whether a file that cannot be replaced by a rename may be rewritten. */
  readonly mayWriteInPlace: boolean;
  /** Recorded with changes and in locks. */
  readonly process: RecordedProcess;
}

/** The states of file and journal that a value was read from. */
interface LocalStamp {
  readonly identity: FileIdentity;
  /** Epoch milliseconds of the moment before the read. */
  readonly readAt: number;
  readonly journalPath: string;
  /** Undefined where no journal stood there. */
  readonly journalState: JournalContent | undefined;
}

export class LocalConfigStore implements ConfigStore {
  readonly capabilities: StoreCapabilities;
  readonly snapshots: LocalSnapshots;
  readonly #io: FileOperations;
  readonly #settings: LocalConfigStoreSettings;
  readonly #guard: PathGuard;
  readonly #locks: LocalLocks;
  readonly #lockKeys: ConfigurationKeys;
  readonly #records: ConfigurationRecords;

  constructor(io: FileOperations, settings: LocalConfigStoreSettings) {
    this.#io = io;
    this.#settings = settings;
    this.capabilities = { maxBytes: settings.maxBytes, durability: 'disk' };
    const { modes } = settings;
    this.#records = new ConfigurationRecords(
      {
        metadataDirectory: settings.metadataDirectory,
        fileMode: modes.metadataFile,
        folderMode: modes.metadataDirectory,
      },
      io,
    );
    this.snapshots = new LocalSnapshots(io, {
      folder: settings.backupDirectory,
      archiveFolder: settings.archiveDirectory,
      fileMode: modes.backupFile,
      folderMode: modes.backupDirectory,
      maxBytes: settings.maxBytes,
      records: this.#records,
    });
    this.#guard = new PathGuard(settings.allowedDirectories);
    this.#lockKeys = new ConfigurationKeys(settings.lockDirectory, io);
    this.#locks = new LocalLocks(io, {
      folder: settings.lockDirectory,
      moduleId: settings.process.module,
      fileMode: modes.lockFile,
      folderMode: modes.lockDirectory,
    });
  }

  /** Makes no folder: configurations can be loaded where nothing can be written. */
  async open(): Promise<void> {
    for (const folder of [this.#settings.metadataDirectory, this.#settings.lockDirectory]) {
      if (!(await isFolderOrMissing(this.#io, folder))) {
        throw persistenceError('ERR_NOT_A_FILE', 'a file stands where a folder is needed', { filePath: folder });
      }
    }
    await this.#guard.lookAround(this.#io);
    await this.#locks.sweep();
  }

  async close(): Promise<void> {
    this.#records.clear();
    await settleClosing();
    await this.#locks.close();
  }

  allowBeside(path: string): void {
    this.#guard.allow(dirname(resolve(path)));
  }

  locate(path: unknown, work: Work): Promise<GuardedPath> {
    return this.#guard.resolve(path, this.#metered(work));
  }

  keyOf(location: Location): string {
    return this.#records.keyOf(location.real);
  }

  knownPathOf(key: string): string | undefined {
    return this.#records.knownPathOf(key);
  }

  pathOf(key: string, work: Work): Promise<string | undefined> {
    return this.#records.pathOf(key, this.#metered(work));
  }

  async hasContent(location: Location, work: Work): Promise<boolean> {
    const io = this.#metered(work);
    return (
      io.statNow(location.real) !== undefined || isOnlyMissed(io, location, this.#records.journalOf(location.real))
    );
  }

  async read(location: Location, work: Work): Promise<StoredConfiguration> {
    const io = this.#metered(work);
    const journal = this.#records.journalOf(location.real);
    for (let attempt = 0; attempt < ERROR_HANDLING.MAX_READ_RACES; attempt++) {
      work.checkpoint();
      const readAt = Date.now();
      const reading = [readFileContent(io, location.real, this.capabilities.maxBytes), journal.read(io)] as const;
      await Promise.allSettled(reading);
      const [file, content] = await Promise.all(reading);
      const judgement = await judge(content, evidenceOf(io, location, file));
      const stored = describeStored(file, content, judgement, this.#stamp(journal, content, file, readAt));
      if (stored.state === 'as-saved') return stored;
      const redone = await redoneInstead(io, location, stored, this.capabilities.maxBytes);
      if (redone !== undefined) return redone;
      const missed =
        file === undefined
          ? await missedInstead(io, location, content, judgement, this.capabilities.maxBytes)
          : undefined;
      // A save may have come between the two reads. Any other answer counts only if neither has changed since.
      if ((await journal.read(io)) === content && isStillThere(io, location, file)) return missed ?? stored;
    }
    throw persistenceError('ERR_CONFLICT', 'other writers kept replacing the file while it was read; try again');
  }

  isCurrent(absolutePath: string, stamp: unknown): boolean {
    if (stamp === undefined) return false;
    const { identity, readAt, journalPath, journalState } = stamp as LocalStamp;
    const stats = this.#io.statNow(absolutePath);
    if (stats === undefined || !isSameState(identityOf(stats), identity)) return false;
    // Two changes within one tick of the clock look alike (git's "racy" entries), so a young entry is not trusted.
    if (readAt - lastChangeMs(identity) < CACHE_SETTINGS.RACY_WINDOW_MS) return false;
    const journal = this.#io.statNow(journalPath);
    if (journal === undefined || journalState === undefined) return journal === undefined && journalState === undefined;
    return isUnchanged(journalState, journal);
  }

  commit(location: Location, change: ContentChange, lease: LockLease, work: Work): Promise<CommitReceipt> {
    return sweptNextIfItFails(lease, () => this.#commit(location, change, lease, work));
  }

  remove(location: Location, change: ChangeFields, lease: LockLease, work: Work): Promise<CommitReceipt> {
    return sweptNextIfItFails(lease, () => this.#remove(location, change, lease, work));
  }

  annotate(location: Location, change: MetadataChange, lease: LockLease, work: Work): Promise<CommitReceipt> {
    return sweptNextIfItFails(lease, () => this.#annotate(location, change, lease, work));
  }

  async #commit(location: Location, change: ContentChange, lease: LockLease, work: Work): Promise<CommitReceipt> {
    const scope = this.#scope(location, lease, work);
    const prepared = await prepareCommit(scope, change);
    await ensureFolder(scope.io, dirname(location.real), this.#settings.modes.configDirectory);
    const { record, content, identity, kept, warnings } = await commitContent(scope, prepared, change);
    const stamp = identity === undefined ? undefined : this.#stampOf(scope.journal, content, identity, Date.now());
    const userMetadata = prepared.judgement.userMetadata;
    await this.#compactWhereLarge(scope, content);
    return {
      revision: record.revision,
      saved: record,
      ...(userMetadata === undefined ? {} : { userMetadata }),
      ...(stamp === undefined ? {} : { stamp }),
      ...(kept === undefined ? {} : { kept }),
      warnings: [...prepared.warnings, ...warnings],
    };
  }

  async #remove(location: Location, change: ChangeFields, lease: LockLease, work: Work): Promise<CommitReceipt> {
    const scope = this.#scope(location, lease, work);
    const prepared = await prepareCommit(scope, change);
    const { record, content, kept, warnings } = await removeContent(scope, prepared, change);
    await this.#compactWhereLarge(scope, content);
    return {
      revision: record.revision,
      ...(kept === undefined ? {} : { kept }),
      warnings: [...prepared.warnings, ...warnings],
    };
  }

  async #annotate(location: Location, change: MetadataChange, lease: LockLease, work: Work): Promise<CommitReceipt> {
    const scope = this.#scope(location, lease, work);
    const { judgement, revision, file, warnings } = await prepareCommit(scope, change);
    if (file === undefined) throw notFound();
    const record: MetadataRecord = {
      record: 'metadata',
      revision,
      parent: judgement.head?.revision ?? 0,
      token: newToken(),
      time: change.time,
      ...(change.user === undefined ? {} : { user: change.user }),
      process: this.#settings.process,
      fields: change.fields,
    };
    scope.assertMayCommit();
    // The append is the commit point: nothing but the journal changes.
    const { content, flushFailure } = await scope.journal.append(record, scope.io, this.#settings.keptVersions);
    await this.#compactWhereLarge(scope, content);
    const unsure = flushFailure === undefined ? [] : [WARNING_MESSAGES.DURABILITY_NOT_CONFIRMED];
    return { revision, userMetadata: change.fields, warnings: [...warnings, ...unsure] };
  }

  async history(
    location: Location,
    work: Work,
    maxVersions = this.#settings.keptVersions,
  ): Promise<readonly RevisionRecord[]> {
    const io = this.#metered(work);
    const content = await this.#records.journalOf(location.real).read(io);
    if (content === undefined) return [];
    const identity = await lookAt(io, location.real);
    const { head } = await judge(content, lazyEvidence(io, location, identity, this.capabilities.maxBytes));
    const changes: RevisionRecord[] = [];
    let versions = 0;
    for (const record of committedChain(content, head)) {
      if (record.record === 'save') versions += 1;
      if (versions > maxVersions) break;
      if (record.record !== 'cancel') changes.push(record);
    }
    return changes;
  }

  async lostRecordsUntil(location: Location, work: Work): Promise<number | undefined> {
    const io = this.#metered(work);
    const journal = this.#records.journalOf(location.real);
    const content = await journal.read(io);
    const isWhole = content === undefined || (content.isReadable && !content.hasDamage && !content.endsInsideLine);
    return isWhole ? journal.setAsideAt(io) : Infinity;
  }

  tryLock(location: Location, leaseMs: number): Promise<LockLease | LockSighting> {
    return this.#locks.tryLock(this.#lockKeys.of(location.real), leaseMs);
  }

  lockStatus(location: Location): Promise<LockSighting> {
    return this.#locks.status(this.#lockKeys.of(location.real));
  }

  #scope(location: Location, lease: LockLease, work: Work): CommitScope {
    return {
      io: this.#metered(work),
      path: location.real,
      journal: this.#records.journalOf(location.real),
      snapshots: this.snapshots.folderOf(this.snapshots.placeOf(location).key),
      lease,
      fileMode: this.#settings.modes.configFile,
      keptVersions: this.#settings.keptVersions,
      maxBytes: this.capabilities.maxBytes,
      process: this.#settings.process,
      mayWriteInPlace: this.#settings.mayWriteInPlace,
      assertMayCommit: () => {
        work.checkpoint();
        if (!lease.isHeld()) {
          throw persistenceError('ERR_LOCK_LOST', 'its lease ended and another holder took it; nothing was changed');
        }
      },
    };
  }

  /** Best effort: the change is committed, and a journal that stays long is only long. */
  async #compactWhereLarge({ journal, io }: CommitScope, content: JournalContent): Promise<void> {
    if (content.size <= JOURNAL.COMPACT_ABOVE_BYTES + 2 * content.carriedBytes) return;
    try {
      await journal.compact(io, this.#settings.keptVersions);
    } catch {
      // The next change finds the journal long again and tries again.
    }
  }

  #stamp(
    journal: Journal,
    content: JournalContent | undefined,
    file: FileContent | undefined,
    readAt: number,
  ): LocalStamp | undefined {
    return file === undefined ? undefined : this.#stampOf(journal, content, file.identity, readAt);
  }

  #stampOf(journal: Journal, content: JournalContent | undefined, identity: FileIdentity, readAt: number): LocalStamp {
    return {
      identity,
      readAt,
      journalPath: journal.watchedPath,
      journalState: content,
    };
  }

  #metered(work: Work): FileOperations {
    return new MeteredFileOperations(this.#io, work.diskIO);
  }
}

/** What fails in the system's calls may have failed to clean up too, without a word: the next holder looks. */
async function sweptNextIfItFails<T>(lease: LockLease, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (isSystemError(error)) lease.setNeedsSweep(true);
    throw error;
  }
}

async function isFolderOrMissing(io: FileOperations, folder: string): Promise<boolean> {
  try {
    return (await io.stat(folder)).isDirectory();
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return true;
    throw error;
  }
}

function isStillThere(io: FileOperations, location: Location, file: FileContent | undefined): boolean {
  const now = io.statNow(location.real);
  if (now === undefined || file === undefined) return now === undefined && file === undefined;
  return isSameState(identityOf(now), file.identity);
}
