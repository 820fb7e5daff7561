/**
 * What a store of files leaves on its disks: volumes, folders with what lies in them, locks that nobody may hold any more.
 *
 * A pass takes one folder after the other and holds no more than the names; `FolderNames` remembers those, so that the next
 * pass costs a look at each file. Repairs are `repairs.ts`' business, and the locks' own.
 */
import type { BigIntStats } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type {
  InspectedArea,
  InspectedEntry,
  InspectedFolder,
  Repairable,
  StaleLock,
  StoreInspection,
  Volume,
} from '../../port/StoreInspection.js';
import type { Guard, Location, Work } from '../../port/Work.js';
import type { FileOperations } from '../io/FileOperations.js';
import { readableStem } from '../io/names.js';
import { meteredFileOperations } from '../io/metered.js';
import type { Journals } from '../journal/Journals.js';
import type { LocalLocks } from '../lock/LocalLocks.js';
import { followFolder } from '../paths/ConfigurationKeys.js';
import type { LocalSnapshots } from '../snapshots/LocalSnapshots.js';
import { fileEntry, folderEntry, ownersWith, problemOf, type Expected } from './entries.js';
import { FolderNames, type FolderListing } from './FolderNames.js';
import { KnownConfigurations } from './KnownConfigurations.js';
import {
  inHistoryFolder,
  inJournalFolder,
  inLockFolder,
  inOtherFolder,
  inOwnerFolder,
  inParent,
  inSnapshotFolder,
  inTemporaryFolder,
  stemOfTransient,
  type Classify,
  type OwnName,
} from './ownNames.js';
import { removeDeadOwner, removeLeftover, setMode } from './repairs.js';
import { volumesOf } from './volumes.js';

const { FILE_LOCKING, OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;
const { OWNER_FOLDER } = FILE_LOCKING;
const ANY_MODE = 0o7777;

export interface LocalInspectionSettings {
  readonly metadataDirectory: string;
  readonly backupDirectory: string;
  readonly archiveDirectory: string;
  readonly lockDirectory: string;
  readonly tempDirectory?: string;
  readonly modes: {
    readonly configFile: number;
    readonly metadataFile: number;
    readonly metadataDirectory: number;
    readonly lockFile: number;
    readonly lockDirectory: number;
    readonly backupFile: number;
    readonly backupDirectory: number;
  };
  readonly journals: Journals;
  readonly snapshots: LocalSnapshots;
  readonly locks: LocalLocks;
  readonly clearLeftovers: (location: Location, guard: Guard, work: Work) => Promise<void>;
}

/** A folder that is looked at. */
interface Place {
  readonly area: InspectedArea;
  readonly path: string;
  readonly classify: Classify;
  readonly fileMode: number;
  readonly folderMode: number;
  readonly key?: string;
  readonly configuration?: string;
}

/** A folder with one folder for each configuration. */
interface Parent extends Place {
  readonly child: (key: string) => Pick<Place, 'classify'>;
  readonly configurationOf?: (key: string, stats: BigIntStats) => Promise<string | undefined>;
}

interface Looked {
  readonly folder: InspectedFolder;
  readonly own: readonly OwnName[];
}

export class LocalInspection implements StoreInspection {
  readonly #io: FileOperations;
  readonly #settings: LocalInspectionSettings;
  readonly #names = new FolderNames<OwnName>();
  readonly #known: KnownConfigurations;

  constructor(io: FileOperations, settings: LocalInspectionSettings) {
    this.#io = io;
    this.#settings = settings;
    this.#known = new KnownConfigurations(settings);
  }

  volumes(): Promise<Volume[]> {
    const { metadataDirectory, backupDirectory, archiveDirectory, lockDirectory } = this.#settings;
    return volumesOf(this.#io, [metadataDirectory, backupDirectory, archiveDirectory, lockDirectory]);
  }

  isThere(path: string): boolean {
    return this.#io.lstatNow(path) !== undefined;
  }

  async *folders(work: Work): AsyncGenerator<InspectedFolder, void> {
    const { metadataDirectory, lockDirectory, tempDirectory, modes } = this.#settings;
    const io = meteredFileOperations(this.#io, work.diskIO);
    const configurations: string[] = [];
    for await (const folder of this.#below(this.#metadata(io), io)) {
      if (folder.configuration !== undefined) configurations.push(folder.configuration);
      yield folder;
    }
    yield* this.#ofConfigurations([...new Set(configurations)], dirname(metadataDirectory), io);
    for (const parent of this.#parents(work)) yield* this.#below(parent, io);
    const locks = { fileMode: modes.lockFile, folderMode: modes.lockDirectory };
    const owners = {
      area: 'owners',
      path: join(lockDirectory, OWNER_FOLDER),
      classify: inOwnerFolder,
      ...locks,
    } as const;
    yield* await this.#folderOf(owners, io);
    const history = {
      area: 'history',
      path: join(metadataDirectory, OPERATION_LOG.FOLDER),
      classify: inHistoryFolder,
      fileMode: modes.metadataFile,
      folderMode: modes.metadataDirectory,
    } as const;
    yield* await this.#folderOf(history, io);
    if (tempDirectory === undefined) return;
    const backups = { fileMode: modes.backupFile, folderMode: modes.backupDirectory };
    yield* await this.#folderOf(
      { area: 'temporary', path: tempDirectory, classify: inTemporaryFolder, ...backups },
      io,
    );
  }

  async staleLocks(work: Work): Promise<StaleLock[]> {
    const io = meteredFileOperations(this.#io, work.diskIO);
    const stale: StaleLock[] = [];
    for await (const { key, path } of this.#heldLocks(io)) {
      const { isLocked, canBeTaken } = await this.#settings.locks.statusOfKey(key);
      if (isLocked && canBeTaken) stale.push({ key, path });
    }
    return stale;
  }

  async deadOwners(): Promise<string[]> {
    const folder = join(this.#settings.lockDirectory, OWNER_FOLDER);
    return (await this.#settings.locks.deadOwners()).map((name) => join(folder, name));
  }

  async repair(repairable: Repairable, work: Work): Promise<boolean> {
    const io = meteredFileOperations(this.#io, work.diskIO);
    switch (repairable.kind) {
      case 'mode':
        return setMode(io, repairable);
      case 'stale-lock':
        return this.#settings.locks.freeStale(repairable.key, repairable.leaseMs);
      case 'leftover':
        return removeLeftover(io, repairable);
      case 'dead-owner': {
        const dead = await this.#settings.locks.deadOwners();
        if (!dead.includes(basename(repairable.path))) return false;
        // Without its record, nobody can tell that the holder of a lock is gone.
        const heldNames: string[] = [];
        for await (const { name } of this.#heldLocks(io)) heldNames.push(name);
        return removeDeadOwner(io, repairable.path, heldNames);
      }
    }
  }

  clearLeftovers(location: Location, guard: Guard, work: Work): Promise<void> {
    return this.#settings.clearLeftovers(location, guard, work);
  }

  #metadata(io: FileOperations): Parent {
    const { metadataDirectory, modes } = this.#settings;
    this.#known.begin(followFolder(metadataDirectory, io));
    return {
      area: 'metadata',
      path: metadataDirectory,
      classify: inParent,
      fileMode: modes.metadataFile,
      folderMode: modes.metadataDirectory,
      child: () => ({ classify: inJournalFolder }),
      configurationOf: (key) => this.#known.ofJournal(key, io),
    };
  }

  #parents(work: Work): Parent[] {
    const { backupDirectory, archiveDirectory, lockDirectory, modes } = this.#settings;
    const kept = {
      classify: inParent,
      fileMode: modes.backupFile,
      folderMode: modes.backupDirectory,
      child: (key: string) => ({ classify: inSnapshotFolder(key) }),
      configurationOf: (key: string, { ctimeNs, mtimeNs }: BigIntStats) =>
        this.#known.ofSnapshots(key, `${ctimeNs}.${mtimeNs}`, work),
    };
    const lockModes = { fileMode: modes.lockFile, folderMode: modes.lockDirectory };
    return [
      { area: 'backups', path: backupDirectory, ...kept },
      { area: 'archive', path: archiveDirectory, ...kept },
      {
        area: 'locks',
        path: lockDirectory,
        classify: inParent,
        ...lockModes,
        child: () => ({ classify: inLockFolder }),
      },
    ];
  }

  /** A folder, and those of single configurations in it. */
  async *#below(parent: Parent, io: FileOperations): AsyncGenerator<InspectedFolder, void> {
    const { area, fileMode, folderMode, child, configurationOf } = parent;
    const looked = await this.#look(parent, io, true);
    if (looked === undefined) return;
    yield looked.folder;
    for (const { name: key, kind } of looked.own) {
      if (kind !== 'folder') continue;
      const path = join(parent.path, key);
      const stats = lstatOf(io, path);
      if (stats?.isDirectory() !== true) continue;
      const configuration = await configurationOf?.(key, stats);
      const known = configuration === undefined ? {} : { configuration };
      yield* await this.#folderOf({ area, path, fileMode, folderMode, key, ...known, ...child(key) }, io);
    }
  }

  async #folderOf(place: Place, io: FileOperations): Promise<InspectedFolder[]> {
    const looked = await this.#look(place, io, false);
    return looked === undefined ? [] : [looked.folder];
  }

  /** Undefined where there is no such folder. @param isLinked whether the folder itself may be a link. */
  async #look(place: Place, io: FileOperations, isLinked: boolean): Promise<Looked | undefined> {
    const { area, path, classify, key, configuration } = place;
    const about = {
      area,
      path,
      ...(key === undefined ? {} : { key }),
      ...(configuration === undefined ? {} : { configuration }),
    };
    const entries: InspectedEntry[] = [];
    try {
      const stats = isLinked ? io.statNow(path) : io.lstatNow(path);
      if (stats?.isDirectory() !== true) return undefined;
      const served = configuration === undefined ? dirname(path) : dirname(configuration);
      const live = configuration === undefined ? undefined : lstatOf(io, configuration);
      const owners = ownersWith(lstatOf(io, served), live);
      entries.push(folderEntry(path, stats, { mode: place.folderMode, owners }));
      // An automatic backup is the file that was replaced, with its mode.
      const alsoAllowed = live === undefined ? 0 : Number(live.mode) & ANY_MODE;
      const listing = await this.#names.of({ path, stats }, classify, io);
      const { own, foreignCount, isCut } = listing;
      addFiles(entries, { folder: path, own, configuration }, { mode: place.fileMode, owners, alsoAllowed }, io);
      return { folder: { ...about, entries, foreignCount, isCut }, own };
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT')) return undefined;
      return { folder: { ...about, entries, foreignCount: 0, isCut: false, problem: problemOf(error) }, own: [] };
    }
  }

  /** The configurations with what lies beside them. @param home where first ones are, that have left no records yet. */
  async *#ofConfigurations(
    configurations: readonly string[],
    home: string,
    io: FileOperations,
  ): AsyncGenerator<InspectedFolder, void> {
    const byFolder = new Map<string, string[]>([[home, []]]);
    for (const path of configurations) {
      const folder = dirname(path);
      const inFolder = byFolder.get(folder);
      if (inFolder === undefined) byFolder.set(folder, [path]);
      else inFolder.push(path);
    }
    for (const [path, inFolder] of byFolder) {
      const looked = await this.#lookBeside(path, inFolder, io);
      if (looked !== undefined) yield looked;
    }
  }

  async #lookBeside(
    path: string,
    inFolder: readonly string[],
    io: FileOperations,
  ): Promise<InspectedFolder | undefined> {
    const area = 'configurations';
    const entries: InspectedEntry[] = [];
    let listing: FolderListing<OwnName> = { own: [], foreignCount: 0, isCut: false };
    try {
      const stats = io.statNow(path);
      if (stats?.isDirectory() !== true) return undefined;
      const expected = { mode: this.#settings.modes.configFile, owners: ownersWith(stats) };
      const byStem = new Map(inFolder.map((file) => [readableStem(basename(file)), file]));
      for (const file of inFolder) {
        const entry = fileEntry(io, file, { kind: 'configuration' }, expected);
        if (entry !== undefined) entries.push(entry);
      }
      listing = await this.#names.of({ path, stats }, inOtherFolder, io);
      for (const own of listing.own) {
        const configuration = byStem.get(stemOfTransient(own.name) ?? '');
        addFiles(entries, { folder: path, own: [own], configuration }, expected, io);
      }
      return { area, path, entries, foreignCount: listing.foreignCount, isCut: listing.isCut };
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT')) return undefined;
      return { area, path, entries, foreignCount: 0, isCut: false, problem: problemOf(error) };
    }
  }

  async *#heldLocks(io: FileOperations): AsyncGenerator<{ key: string; path: string; name: string }, void> {
    const { lockDirectory } = this.#settings;
    const looked = await this.#look(
      { area: 'locks', path: lockDirectory, classify: inParent, fileMode: 0, folderMode: 0 },
      io,
      true,
    );
    for (const { name: key, kind } of looked?.own ?? []) {
      const path = join(lockDirectory, key);
      const stats = kind === 'folder' ? lstatOf(io, path) : undefined;
      if (stats?.isDirectory() !== true) continue;
      const { own } = await this.#names.of({ path, stats }, inLockFolder, io);
      for (const { name, isHeld } of own) if (isHeld === true) yield { key, path: join(path, name), name };
    }
  }
}

function addFiles(
  entries: InspectedEntry[],
  found: { readonly folder: string; readonly own: readonly OwnName[]; readonly configuration: string | undefined },
  expected: Expected,
  io: FileOperations,
): void {
  for (const own of found.own) {
    if (own.kind === 'folder') continue;
    const entry = fileEntry(io, `${found.folder}${sep}${own.name}`, own, expected);
    if (entry === undefined) continue;
    const isTransient = own.kind === 'temporary' || own.kind === 'tombstone';
    const { configuration } = found;
    entries.push(isTransient && configuration !== undefined ? { ...entry, configuration } : entry);
  }
}

/** Undefined also for what cannot be looked at; whoever lists its folder is told of that. */
function lstatOf(io: FileOperations, path: string): BigIntStats | undefined {
  try {
    return io.lstatNow(path);
  } catch {
    return undefined;
  }
}
