/**
 * Configurations as files of the local file system.
 *
 * Composes the path guard, the journals, the locks, the reader and the commit protocol; each of them stands in its own
 * folder. What it leaves on disk: the configuration itself, `<metadata>/<key>/journal.<n>.meta`, `<locks>/<key>/<state>`,
 * `<locks>/owners/<instance>.owner` while the instance lives, and `<backups>/<key>/` with what was kept.
 */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { hasSystemCode, isSystemError } from '../../errors/StorageError.js';
import type { StoreCapabilities } from '../port/capabilities.js';
import type { EndHints, HintRequest } from '../port/ChangeHints.js';
import type {
  Change,
  CommitReceipt,
  ConfigStore,
  Etag,
  StoredConfiguration,
  VersionIds,
  WantedNames,
} from '../port/ConfigStore.js';
import { lockLost, type LockStore } from '../port/LockStore.js';
import type { History, RecordedChange, UserMetadata } from '../port/RecordedChange.js';
import type { StoreInspection } from '../port/StoreInspection.js';
import { assertOngoing, type Guard, type Location, type Work } from '../port/Work.js';
import { adoptPast } from './commit/adoptPast.js';
import type { CommitScope, CommittedChange } from './commit/CommitScope.js';
import { prepareCommit, type PreparedCommit } from './commit/prepareCommit.js';
import { removeContent } from './commit/removeContent.js';
import { saveContent } from './commit/saveContent.js';
import { saveMetadata } from './commit/saveMetadata.js';
import type { FileOperations } from './io/FileOperations.js';
import { settleClosing } from './io/files.js';
import { meteredFileOperations } from './io/metered.js';
import type { JournalContent } from './journal/JournalContent.js';
import {
  recordedChangeOf,
  recordedSaveOf,
  type RecordedProcess,
  type RevisionRecord,
} from './journal/JournalRecord.js';
import { Journals } from './journal/Journals.js';
import { LocalInspection } from './inspection/LocalInspection.js';
import { committedChain } from './journal/recovery.js';
import type { LocalEtag } from './LocalEtag.js';
import { etagOf, LocalReader } from './LocalReader.js';
import { LocalLocks } from './lock/LocalLocks.js';
import { LocalLogSegments } from './operationLog/LocalLogSegments.js';
import type { PathGuard } from './paths/PathGuard.js';
import { parseVersionId, versionId } from './paths/versionId.js';
import type { ContentProbe } from './snapshots/keepReplaced.js';
import { LocalSnapshots } from './snapshots/LocalSnapshots.js';
import { hintsOf, processFolders, processPoller } from './watch/LocalHints.js';
import type { SharedFolders } from './watch/SharedFolders.js';

const { JOURNAL, OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

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
  /** Where imports are staged; only looked at. */
  readonly tempDirectory?: string;
  /** Knows the folders whose files may be used. */
  readonly pathGuard: PathGuard;
  readonly modes: StoreModes;
  readonly maxBytes: number;
  /** Committed states that stay in a journal. */
  readonly keptVersions: number;
  /** Whether a file that cannot be replaced by a rename may be rewritten. */
  readonly mayWriteInPlace: boolean;
  readonly probe: ContentProbe;
  /** Default: those that all stores of the process share. */
  readonly folders?: SharedFolders | undefined;
  /** Recorded with changes and in locks. */
  readonly process: RecordedProcess;
}

export class LocalConfigStore implements ConfigStore {
  readonly capabilities: StoreCapabilities;
  /** All files are those of this machine. */
  readonly scope = 'files';
  readonly snapshots: LocalSnapshots;
  readonly locks: LockStore;
  readonly versionIds: VersionIds;
  readonly log: LocalLogSegments;
  readonly inspection: StoreInspection;
  readonly #io: FileOperations;
  readonly #settings: LocalConfigStoreSettings;
  readonly #locks: LocalLocks;
  readonly #journals: Journals;
  readonly #reader: LocalReader;

  constructor(io: FileOperations, settings: LocalConfigStoreSettings) {
    const { modes, maxBytes, metadataDirectory, lockDirectory } = settings;
    this.#io = io;
    this.#settings = settings;
    this.capabilities = {
      maxBytes,
      durability: 'disk',
      outsideChanges: true,
      guard: 'before-commit',
      revisions: 'per-configuration',
      watches: false,
    };
    const journals = { metadataDirectory, fileMode: modes.metadataFile, folderMode: modes.metadataDirectory };
    this.#journals = new Journals(journals, io);
    this.#reader = new LocalReader(this.#journals, maxBytes);
    this.#locks = new LocalLocks(io, {
      folder: lockDirectory,
      moduleId: settings.process.module,
      fileMode: modes.lockFile,
      folderMode: modes.lockDirectory,
    });
    this.snapshots = new LocalSnapshots(io, {
      folder: settings.backupDirectory,
      archiveFolder: settings.archiveDirectory,
      fileMode: modes.backupFile,
      folderMode: modes.backupDirectory,
      maxBytes,
      journals: this.#journals,
      isHeld: (guard, path) => this.#locks.heldBy(guard, path).isHeld(),
    });
    this.log = new LocalLogSegments(io, {
      folder: join(metadataDirectory, OPERATION_LOG.FOLDER),
      fileMode: modes.metadataFile,
      folderMode: modes.metadataDirectory,
    });
    this.locks = {
      acquire: ({ id }, request) => this.#locks.acquire(id, request),
      status: ({ id }) => this.#locks.status(id),
    };
    this.versionIds = {
      of: ({ id }, version) => versionId(this.#journals.keyOf(id), version),
      parse: parseVersionId,
      knownNameOf: (key) => this.#journals.knownPathOf(key),
      nameOf: (key, work) => this.#journals.pathOf(key, this.#metered(work)),
    };
    this.inspection = new LocalInspection(io, {
      ...settings,
      journals: this.#journals,
      snapshots: this.snapshots,
      locks: this.#locks,
      clearLeftovers: (location, guard, work) => this.#clearLeftovers(location, guard, work),
    });
  }

  /** Makes no folder: configurations can be loaded where nothing can be written. */
  async open(): Promise<void> {
    const { metadataDirectory, lockDirectory, pathGuard } = this.#settings;
    for (const folder of [metadataDirectory, lockDirectory]) {
      if (!(await isFolderOrMissing(this.#io, folder))) {
        throw persistenceError('ERR_NOT_A_FILE', 'a file stands where a folder is needed', { filePath: folder });
      }
    }
    await pathGuard.lookAround(this.#io);
    await this.#locks.sweep();
  }

  async close(): Promise<void> {
    this.#journals.clear();
    await settleClosing();
    await this.#locks.close();
  }

  nameOf(given: string): string {
    return this.#settings.pathGuard.fullPathOf(given);
  }

  resolve(given: unknown, work: Work): Promise<Location> {
    return this.#settings.pathGuard.resolve(given, this.#metered(work));
  }

  list(work: Work, wanted: WantedNames = {}): AsyncIterable<string> {
    return this.#journals.paths(this.#metered(work), wanted);
  }

  has(location: Location, work: Work): Promise<boolean> {
    return this.#reader.has(location, this.#metered(work));
  }

  read(location: Location, work: Work): Promise<StoredConfiguration> {
    return this.#reader.read(location, this.#metered(work), work);
  }

  isCurrent(location: Location, etag: Etag): boolean | Promise<boolean> {
    return etag !== undefined && this.#reader.isCurrent(location, etag as LocalEtag, this.#io);
  }

  hints(request: HintRequest): EndHints {
    const { folders = processFolders } = this.#settings;
    return hintsOf({ io: this.#io, folders, poller: processPoller }, request);
  }

  history(location: Location, work: Work, maxVersions = this.#settings.keptVersions): Promise<History> {
    return this.#reader.history(location, this.#metered(work), maxVersions);
  }

  async commit(location: Location, change: Change, guard: Guard, work: Work): Promise<CommitReceipt> {
    const scope = this.#scope(location, guard, work);
    try {
      if (change.kind === 'save' && change.past !== undefined) await adoptPast(scope, change.past);
      const prepared = await prepareCommit(scope, change);
      const { record, saved, content, identity, kept, warnings } = await commitPrepared(scope, prepared, change);
      const userMetadata = userMetadataAfter(prepared, change);
      const etag: LocalEtag | undefined =
        identity === undefined || saved === undefined
          ? undefined
          : etagOf(scope.journal, content, { checksum: saved.checksum, identity }, Date.now());
      await this.#compactWhereLarge(scope, content);
      return {
        revision: record.revision,
        sequence: record.revision,
        ...(saved === undefined ? {} : { saved: recordedSaveOf(saved) }),
        earlier: earlierChanges(content, record),
        ...(prepared.before === undefined ? {} : { before: prepared.before }),
        ...(userMetadata === undefined ? {} : { userMetadata }),
        ...(etag === undefined ? {} : { etag }),
        ...(kept === undefined ? {} : { kept: { id: kept.id, role: kept.role } }),
        warnings: [...prepared.warnings, ...warnings],
      };
    } catch (error) {
      // What fails in the system's calls may have failed to clean up too, without a word: the next holder looks.
      if (isSystemError(error)) scope.lock.needsSweep = true;
      throw error;
    }
  }

  /** What the first step of every change does after a take-over. */
  async #clearLeftovers(location: Location, guard: Guard, work: Work): Promise<void> {
    const scope = this.#scope(location, guard, work);
    scope.assertMayCommit();
    scope.lock.needsSweep = true;
    await prepareCommit(scope, { kind: 'metadata', fields: {}, time: Date.now() });
  }

  #scope(location: Location, guard: Guard, work: Work): CommitScope {
    const { modes, keptVersions, maxBytes, process, mayWriteInPlace, probe } = this.#settings;
    const lock = this.#locks.heldBy(guard, location.id);
    return {
      io: this.#metered(work),
      path: location.id,
      journal: this.#journals.of(location.id),
      snapshots: this.snapshots.folderOf(this.snapshots.setOf(location).key),
      lock,
      fileMode: modes.configFile,
      folderMode: modes.configDirectory,
      keptVersions,
      maxBytes,
      process,
      mayWriteInPlace,
      probe,
      assertMayCommit: () => {
        assertOngoing(work);
        if (!lock.isHeld()) throw lockLost();
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

  #metered(work: Work): FileOperations {
    return meteredFileOperations(this.#io, work.diskIO);
  }
}

function commitPrepared(scope: CommitScope, prepared: PreparedCommit, change: Change): Promise<CommittedChange> {
  switch (change.kind) {
    case 'save':
      return saveContent(scope, prepared, change);
    case 'delete':
      return removeContent(scope, prepared, change);
    case 'metadata':
      return saveMetadata(scope, prepared, change);
  }
}

function earlierChanges(content: JournalContent, record: RevisionRecord): RecordedChange[] {
  const changes: RecordedChange[] = [];
  for (const one of committedChain(content, record)) {
    const change = one === record ? undefined : recordedChangeOf(one);
    if (change !== undefined) changes.push(change);
    if (changes.length === OPERATION_LOG.EARLIER_CHANGES) break;
  }
  return changes;
}

function userMetadataAfter({ state }: PreparedCommit, change: Change): UserMetadata | undefined {
  if (change.kind === 'metadata') return change.fields;
  return change.kind === 'save' ? state.userMetadata : undefined;
}

async function isFolderOrMissing(io: FileOperations, folder: string): Promise<boolean> {
  try {
    return (await io.stat(folder)).isDirectory();
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return true;
    throw error;
  }
}
