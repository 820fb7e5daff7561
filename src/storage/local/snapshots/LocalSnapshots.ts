/**
 * Snapshots as ordinary files of the local file system, in one folder for each configuration.
 *
 * So the work for one configuration does not depend on how many others there are. Each file may have a manifest beside it,
 * `<name>.<identity>.meta`; one without is whole by itself, only less is known of it.
 */
import { basename, dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import {
  hasContent,
  type DescribedSnapshot,
  type Snapshot,
  type SnapshotDraft,
  type SnapshotFacts,
  type SnapshotManifest,
  type SnapshotPacking,
  type SnapshotRole,
  type SnapshotSet,
} from '../../port/Snapshot.js';
import type { SnapshotStore } from '../../port/SnapshotStore.js';
import { assertOngoing, type Guard, type Location, type Work } from '../../port/Work.js';
import type { FileOperations } from '../io/FileOperations.js';
import { readSmall, removeIfPresent, removeQuietly } from '../io/files.js';
import { meteredFileOperations } from '../io/metered.js';
import type { Journals } from '../journal/Journals.js';
import { relativeName } from '../paths/ConfigurationKeys.js';
import { SnapshotFolder, type NewFile, type SnapshotFolderModes } from './SnapshotFolder.js';
import { SnapshotKeys } from './SnapshotKeys.js';
import { formatManifest, isOfNewerRelease, parseManifest, withoutStorage } from './SnapshotManifest.js';
import {
  checkLabel,
  identityText,
  keyOfSnapshotId,
  parseManifestFileName,
  parseSnapshotFileName,
  snapshotId,
} from './SnapshotName.js';
import { isSameFile, namesOfLiveFile, sweepSnapshots } from './sweepSnapshots.js';

const { BACKUP_ENCRYPTION, BACKUP_SETTINGS, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;
const { MAX_WRITTEN_AT_ONCE } = BACKUP_SETTINGS;

export interface LocalSnapshotsSettings extends SnapshotFolderModes {
  readonly folder: string;
  readonly archiveFolder: string;
  /** Largest content. */
  readonly maxBytes: number;
  readonly journals: Journals;
  /** Whether a guard is of a lock that is still held: that of this configuration, where it is known. */
  readonly isHeld: (guard: Guard, path: string | undefined) => boolean;
}

export class LocalSnapshots implements SnapshotStore {
  readonly #io: FileOperations;
  readonly #settings: LocalSnapshotsSettings;
  readonly #keys: SnapshotKeys;

  constructor(io: FileOperations, settings: LocalSnapshotsSettings) {
    this.#io = io;
    this.#settings = settings;
    this.#keys = new SnapshotKeys(settings.folder, settings.journals);
  }

  checkLabel(label: unknown): void {
    checkLabel(label);
  }

  keyOf(id: unknown): string | undefined {
    return keyOfSnapshotId(id);
  }

  setOf(location: Location): SnapshotSet {
    return { key: this.#keys.of(location.id), location };
  }

  keys(work: Work): Promise<readonly string[]> {
    return this.#keys.all(this.#metered(work));
  }

  knownNameOf(key: string): string | undefined {
    return this.#keys.knownPathOf(key);
  }

  nameOf(key: string, work: Work): Promise<string | undefined> {
    return this.#keys.pathOf(key, this.folderOf(key), this.#metered(work));
  }

  async list(set: SnapshotSet, work: Work): Promise<readonly Snapshot[]> {
    const io = this.#metered(work);
    const all = await this.folderOf(set.key).list(io);
    const uncommitted = new Set(namesOfLiveFile(io, set.location?.id, () => all.map(({ path }) => path)));
    return all.filter(({ path }) => !uncommitted.has(path));
  }

  listArchived({ key }: SnapshotSet, work: Work): Promise<readonly Snapshot[]> {
    return this.#archiveOf(key).list(this.#metered(work));
  }

  async read(snapshot: Snapshot, work: Work): Promise<Uint8Array> {
    const maxBytes = this.#settings.maxBytes + BACKUP_ENCRYPTION.MAX_HEADER_BYTES + BACKUP_ENCRYPTION.TAG_BYTES;
    const bytes = await readSmall(this.#metered(work), snapshot.path, maxBytes);
    if (bytes !== undefined) return bytes;
    throw persistenceError('ERR_BACKUP_NOT_FOUND', 'its file was removed meanwhile; list the backups again');
  }

  async refind(snapshot: Snapshot, work: Work): Promise<Snapshot | undefined> {
    const all = await this.#folderOf(snapshot).list(this.#metered(work));
    return all.find(({ id }) => id === snapshot.id);
  }

  async manifest(snapshot: Snapshot, work: Work): Promise<SnapshotManifest | undefined> {
    const folder = this.#folderOf(snapshot);
    const stored = parseManifest(await folder.manifestText(this.#metered(work), folder.manifestOf(snapshot)));
    if (stored?.id !== snapshot.id || !hasContent(snapshot, stored.checksum)) return undefined;
    return withoutStorage(stored);
  }

  async describedIds({ key }: SnapshotSet, work: Work): Promise<ReadonlySet<string>> {
    const folder = this.folderOf(key);
    const names = await folder.names(this.#metered(work));
    const identities = names.map((name) => parseManifestFileName(folder.stem, name));
    return new Set(identities.filter((identity) => identity !== undefined).map((identity) => `${key}.${identity}`));
  }

  draftId({ key }: SnapshotSet, draft: SnapshotDraft): string {
    return snapshotId(key, factsOf(draft));
  }

  async add(
    set: SnapshotSet,
    { draft, bytes, manifest }: { draft: SnapshotDraft; bytes: Uint8Array; manifest: SnapshotManifest },
    guard: Guard,
    work: Work,
  ): Promise<Snapshot> {
    const io = this.#metered(work);
    const folder = this.folderOf(set.key);
    const facts = factsOf(draft);
    const snapshot = { ...facts, id: manifest.id, path: folder.fileOf(facts), storedBytes: bytes.length };
    this.#assertMayChange(folder, guard, work);
    // The manifest first: one without a snapshot is swept, a snapshot without one would say less than it should.
    await folder.writeAll(io, [manifestFile(folder, snapshot, manifest, set.location)]);
    try {
      await folder.write(io, snapshot.path, bytes);
    } catch (error) {
      await removeQuietly(io, folder.manifestOf(snapshot));
      throw error;
    }
    return snapshot;
  }

  async describe(
    { key, location }: SnapshotSet,
    described: readonly DescribedSnapshot[],
    guard: Guard,
    work: Work,
  ): Promise<void> {
    const io = this.#metered(work);
    const folder = this.folderOf(key);
    const files = described.map(({ snapshot, manifest }) => manifestFile(folder, snapshot, manifest, location));
    for (let done = 0; done < files.length; done += MAX_WRITTEN_AT_ONCE) {
      const some: NewFile[] = [];
      for (const file of files.slice(done, done + MAX_WRITTEN_AT_ONCE)) {
        if (!isOfNewerRelease(await folder.manifestText(io, file.path))) some.push(file);
      }
      this.#assertMayChange(folder, guard, work);
      if (some.length > 0) await folder.writeAll(io, some);
    }
  }

  async repack(
    snapshot: Snapshot,
    { bytes, packing }: { bytes: Uint8Array; packing: SnapshotPacking },
    guard: Guard,
    work: Work,
  ): Promise<Snapshot | undefined> {
    const io = this.#metered(work);
    const folder = this.#folderOf(snapshot);
    // Whoever has removed it meant its content, however it is packed.
    if (io.lstatNow(snapshot.path) === undefined) return undefined;
    const path = folder.fileOf({ ...snapshot, ...packing });
    this.#assertMayChange(folder, guard, work);
    await folder.write(io, path, bytes);
    // Only now, and after the flush of the new name, may the old one go.
    if (path !== snapshot.path) {
      this.#assertMayChange(folder, guard, work);
      await removeIfPresent(io, snapshot.path);
      await folder.sync(io);
    }
    return { ...snapshot, ...packing, path, storedBytes: bytes.length };
  }

  async changeRole(changed: readonly Snapshot[], role: SnapshotRole, guard: Guard, work: Work): Promise<void> {
    const io = this.#metered(work);
    for (const snapshot of changed) {
      const folder = this.#folderOf(snapshot);
      this.#assertMayChange(folder, guard, work);
      await renameIfPresent(io, snapshot.path, folder.fileOf({ ...snapshot, role }));
    }
    for (const folder of this.#foldersOf(changed)) await folder.sync(io);
  }

  async remove(removed: readonly Snapshot[], guard: Guard, work: Work): Promise<void> {
    const io = this.#metered(work);
    for (const folder of this.#foldersOf(removed)) {
      const inFolder = removed.filter((snapshot) => dirname(snapshot.path) === folder.path);
      const identities = new Set(inFolder.map(identityText));
      for (const name of await folder.names(io)) {
        const facts = parseSnapshotFileName(folder.stem, name);
        // More than one file of an identity are there only after a kill in the middle of a repacking.
        const identity = facts === undefined ? parseManifestFileName(folder.stem, name) : identityText(facts);
        const path = join(folder.path, name);
        const isOne = identity !== undefined && identities.has(identity) && io.lstatNow(path)?.isFile() === true;
        if (!isOne) continue;
        this.#assertMayChange(folder, guard, work);
        await removeIfPresent(io, path);
      }
      await folder.sync(io);
    }
  }

  async archive(snapshot: Snapshot, guard: Guard, work: Work): Promise<void> {
    const io = this.#metered(work);
    const folder = this.#folderOf(snapshot);
    const archive = this.#archiveOf(folder.key);
    await archive.make(io);
    if (isSameFile(io, archive.path, folder.path)) {
      const reason = 'the archive is the folder of the backups; configure another archiveDirectory';
      throw persistenceError('ERR_INVALID_OPTION', reason, { filePath: archive.path });
    }
    for (const path of [folder.manifestOf(snapshot), snapshot.path]) {
      const bytes = await readSmall(io, path, this.#settings.maxBytes);
      this.#assertMayChange(folder, guard, work);
      if (bytes !== undefined) await archive.write(io, join(archive.path, basename(path)), bytes);
    }
  }

  async sweep({ key, location }: SnapshotSet, guard: Guard, work: Work): Promise<void> {
    const io = this.#metered(work);
    for (const folder of [this.folderOf(key), this.#archiveOf(key)]) {
      await sweepSnapshots(io, folder, {
        livePath: location?.id,
        maxBytes: this.#settings.maxBytes,
        assertMayRemove: () => {
          this.#assertMayChange(folder, guard, work);
        },
      });
    }
  }

  folderOf(key: string): SnapshotFolder {
    return new SnapshotFolder(this.#settings.folder, key, this.#settings);
  }

  #archiveOf(key: string): SnapshotFolder {
    return new SnapshotFolder(this.#settings.archiveFolder, key, this.#settings);
  }

  /** Among the backups or in the archive. */
  #folderOf({ path }: Snapshot): SnapshotFolder {
    return new SnapshotFolder(dirname(dirname(path)), basename(dirname(path)), this.#settings);
  }

  #foldersOf(snapshots: readonly Snapshot[]): SnapshotFolder[] {
    return [...new Map(snapshots.map((snapshot) => [dirname(snapshot.path), this.#folderOf(snapshot)])).values()];
  }

  /** Whoever was stopped longer than its lease must not remove or rename anything. */
  #assertMayChange({ key }: SnapshotFolder, guard: Guard, work: Work): void {
    assertOngoing(work);
    if (this.#settings.isHeld(guard, this.#keys.knownPathOf(key))) return;
    const reason = 'its lease ended and another holder took it; the rest was left as it is';
    throw persistenceError('ERR_LOCK_LOST', reason);
  }

  #metered(work: Work): FileOperations {
    return meteredFileOperations(this.#io, work.diskIO);
  }
}

function manifestFile(
  folder: SnapshotFolder,
  snapshot: Snapshot,
  manifest: SnapshotManifest,
  location: Location | undefined,
): NewFile {
  const configuration = location === undefined ? '' : relativeName(folder.path, location.id);
  return { path: folder.manifestOf(snapshot), bytes: Buffer.from(formatManifest(manifest, configuration)) };
}

function factsOf({ checksum, ...others }: SnapshotDraft): SnapshotFacts {
  return { ...others, checksumStart: checksum.slice(0, FILE_SYSTEM.KEY_HASH_DIGITS) };
}

async function renameIfPresent(io: FileOperations, from: string, to: string): Promise<void> {
  try {
    await io.rename(from, to);
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT')) throw error;
  }
}
