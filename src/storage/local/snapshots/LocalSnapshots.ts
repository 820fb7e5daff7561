/**
 * Snapshots as ordinary files of the local file system, in one folder for each configuration.
 *
 * So the work for one configuration does not depend on how many others there are. Each file may have a manifest beside it,
 * `<name>.<identity>.meta`; one without is whole by itself, only less is known of it.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode, storageError } from '../../../errors/StorageError.js';
import { ConfigurationKeys, relativeName } from '../paths/ConfigurationKeys.js';
import type { ConfigurationRecords } from '../journal/ConfigurationRecords.js';
import type { Location, Work } from '../../port/ConfigStore.js';
import { removeIfPresent, removeQuietly } from '../io/durableFile.js';
import { listNames } from '../io/durableFolder.js';
import type { FileOperations } from '../io/FileOperations.js';
import { MeteredFileOperations } from '../io/MeteredFileOperations.js';
import type {
  DescribedSnapshot,
  Snapshot,
  SnapshotDraft,
  SnapshotFacts,
  SnapshotManifest,
  SnapshotPacking,
  SnapshotPlace,
  SnapshotRole,
  SnapshotStore,
} from '../../port/SnapshotStore.js';
import { notAFolder, SnapshotFolder, type NewFile, type SnapshotFolderModes } from './SnapshotFolder.js';
import { isSameFile, namesOfLiveFile, sweepSnapshots } from './sweepSnapshots.js';
import { formatManifest, isOfNewerRelease, parseManifest } from './SnapshotManifest.js';
import {
  checkLabel,
  identityText,
  keyOfSnapshotId,
  manifestFileName,
  parseManifestFileName,
  parseSnapshotFileName,
  snapshotId,
} from './SnapshotName.js';

const { BACKUP_ENCRYPTION, BACKUP_SETTINGS, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;
const { MAX_WRITTEN_AT_ONCE } = BACKUP_SETTINGS;
const KEY = new RegExp(String.raw`^[^/\\]+-[0-9a-f]{${FILE_SYSTEM.KEY_HASH_DIGITS}}$`, 'u');

export interface LocalSnapshotsSettings extends SnapshotFolderModes {
  readonly folder: string;
  readonly archiveFolder: string;
  /** Largest content. */
  readonly maxBytes: number;
  readonly records: ConfigurationRecords;
}

export class LocalSnapshots implements SnapshotStore {
  readonly #io: FileOperations;
  readonly #settings: LocalSnapshotsSettings;
  readonly #keys: ConfigurationKeys;

  constructor(io: FileOperations, settings: LocalSnapshotsSettings) {
    this.#io = io;
    this.#settings = settings;
    this.#keys = new ConfigurationKeys(settings.folder);
  }

  checkLabel(label: unknown): void {
    checkLabel(label);
  }

  keyOf(id: unknown): string | undefined {
    return keyOfSnapshotId(id);
  }

  placeOf(location: Location): SnapshotPlace {
    return { key: this.#keys.of(location.real), location };
  }

  async keys(work: Work): Promise<readonly string[]> {
    const { folder } = this.#settings;
    try {
      const names = await listNames(this.#metered(work), folder);
      return names.filter((name) => KEY.test(name) && this.#isFolder(join(folder, name))).sort();
    } catch (error) {
      throw hasSystemCode(error, 'ENOTDIR') ? notAFolder(folder) : storageError(error, { filePath: folder });
    }
  }

  knownPathOf(key: string): string | undefined {
    return this.#keys.pathOf(key);
  }

  async pathOf(key: string, work: Work): Promise<string | undefined> {
    const io = this.#metered(work);
    const isItsKey = (path: string | undefined): path is string => path !== undefined && this.#keys.of(path) === key;
    // Records and backups that lie beside each other have the same keys.
    const known = this.#keys.pathOf(key) ?? (await this.#settings.records.pathOf(key, io));
    if (isItsKey(known)) return known;
    const folder = this.folderOf(key);
    for (const name of await folder.names(io)) {
      if (parseManifestFileName(folder.stem, name) === undefined) continue;
      const manifest = parseManifest(await this.#text(folder, join(folder.path, name), io));
      const path = manifest === undefined ? undefined : resolve(this.#keys.folder, key, manifest.configuration);
      if (isItsKey(path)) return path;
    }
    // Nobody has described anything yet, and the records lie elsewhere.
    return (await this.#settings.records.pathsOfName(folder.stem, io)).find(isItsKey);
  }

  async list(place: SnapshotPlace, work: Work): Promise<readonly Snapshot[]> {
    const io = this.#metered(work);
    const all = await this.folderOf(place.key).list(io);
    const uncommitted = new Set(namesOfLiveFile(io, place.location?.real, () => all.map(({ path }) => path)));
    return all.filter(({ path }) => !uncommitted.has(path));
  }

  listArchived({ key }: SnapshotPlace, work: Work): Promise<readonly Snapshot[]> {
    return new SnapshotFolder(this.#settings.archiveFolder, key, this.#settings).list(this.#metered(work));
  }

  async read(snapshot: Snapshot, work: Work): Promise<Uint8Array> {
    const maxBytes = this.#settings.maxBytes + BACKUP_ENCRYPTION.MAX_HEADER_BYTES + BACKUP_ENCRYPTION.TAG_BYTES;
    const bytes = await this.#folderOf(snapshot).read(this.#metered(work), snapshot.path, maxBytes);
    if (bytes !== undefined) return bytes;
    throw persistenceError('ERR_BACKUP_NOT_FOUND', 'its file was removed meanwhile; list the backups again');
  }

  async refind(snapshot: Snapshot, work: Work): Promise<Snapshot | undefined> {
    const all = await this.#folderOf(snapshot).list(this.#metered(work));
    return all.find(({ id }) => id === snapshot.id);
  }

  async manifest(snapshot: Snapshot, work: Work): Promise<SnapshotManifest | undefined> {
    const text = await this.#text(this.#folderOf(snapshot), this.#manifestPath(snapshot), this.#metered(work));
    const manifest = parseManifest(text);
    const isOwn = manifest?.id === snapshot.id && manifest.checksum.startsWith(snapshot.checksumStart);
    return isOwn ? manifest : undefined;
  }

  async describedIds({ key }: SnapshotPlace, work: Work): Promise<ReadonlySet<string>> {
    const folder = this.folderOf(key);
    const names = await folder.names(this.#metered(work));
    const identities = names.map((name) => parseManifestFileName(folder.stem, name));
    return new Set(identities.filter((identity) => identity !== undefined).map((identity) => `${key}.${identity}`));
  }

  draftId({ key }: SnapshotPlace, draft: SnapshotDraft): string {
    return snapshotId(key, factsOf(draft));
  }

  async add(
    place: SnapshotPlace,
    draft: SnapshotDraft,
    bytes: Uint8Array,
    manifest: SnapshotManifest,
    work: Work,
  ): Promise<Snapshot> {
    const io = this.#metered(work);
    const folder = this.folderOf(place.key);
    const facts = factsOf(draft);
    const snapshot = { ...facts, id: manifest.id, path: folder.fileOf(facts), storedBytes: bytes.length };
    work.checkpoint();
    // The manifest first: one without a snapshot is swept, a snapshot without one would say less than it should.
    await folder.writeAll(io, [this.#manifestFile(folder, snapshot, manifest, place.location)]);
    try {
      await folder.write(io, snapshot.path, bytes);
    } catch (error) {
      await removeQuietly(io, this.#manifestPath(snapshot));
      throw error;
    }
    return snapshot;
  }

  async describe(place: SnapshotPlace, described: readonly DescribedSnapshot[], work: Work): Promise<void> {
    const io = this.#metered(work);
    const folder = this.folderOf(place.key);
    const files = described.map(({ snapshot, manifest }) =>
      this.#manifestFile(folder, snapshot, manifest, place.location),
    );
    for (let done = 0; done < files.length; done += MAX_WRITTEN_AT_ONCE) {
      const some: NewFile[] = [];
      for (const file of files.slice(done, done + MAX_WRITTEN_AT_ONCE)) {
        if (!isOfNewerRelease(await this.#text(folder, file.path, io))) some.push(file);
      }
      work.checkpoint();
      if (some.length > 0) await folder.writeAll(io, some);
    }
  }

  async repack(
    snapshot: Snapshot,
    bytes: Uint8Array,
    packing: SnapshotPacking,
    work: Work,
  ): Promise<Snapshot | undefined> {
    const io = this.#metered(work);
    const folder = this.#folderOf(snapshot);
    // Whoever has removed it meant its content, however it is packed.
    if (io.lstatNow(snapshot.path) === undefined) return undefined;
    const path = folder.fileOf({ ...snapshot, ...packing });
    work.checkpoint();
    await folder.write(io, path, bytes);
    // Only now, and after the flush of the new name, may the old one go.
    if (path !== snapshot.path) {
      work.checkpoint();
      await removeIfPresent(io, snapshot.path);
      await folder.sync(io);
    }
    return { ...snapshot, ...packing, path, storedBytes: bytes.length };
  }

  async changeRole(changed: readonly Snapshot[], role: SnapshotRole, work: Work): Promise<void> {
    const io = this.#metered(work);
    for (const snapshot of changed) {
      work.checkpoint();
      await renameIfPresent(io, snapshot.path, this.#folderOf(snapshot).fileOf({ ...snapshot, role }));
    }
    for (const path of new Set(changed.map((snapshot) => dirname(snapshot.path)))) await this.#folderAt(path).sync(io);
  }

  async remove(removed: readonly Snapshot[], work: Work): Promise<void> {
    const io = this.#metered(work);
    for (const path of new Set(removed.map((snapshot) => dirname(snapshot.path)))) {
      const folder = this.#folderAt(path);
      const identities = new Set(removed.filter((snapshot) => dirname(snapshot.path) === path).map(identityText));
      for (const name of await folder.names(io)) {
        const facts = parseSnapshotFileName(folder.stem, name);
        // More than one file of an identity are there only after a kill in the middle of a repacking.
        const identity = facts === undefined ? parseManifestFileName(folder.stem, name) : identityText(facts);
        const path = join(folder.path, name);
        const isOne = identity !== undefined && identities.has(identity) && io.lstatNow(path)?.isFile() === true;
        if (!isOne) continue;
        work.checkpoint();
        await removeIfPresent(io, path);
      }
      await folder.sync(io);
    }
  }

  async archive(snapshot: Snapshot, work: Work): Promise<void> {
    const io = this.#metered(work);
    const { archiveFolder, maxBytes } = this.#settings;
    const folder = this.#folderOf(snapshot);
    const archive = new SnapshotFolder(archiveFolder, folder.key, this.#settings);
    await archive.make(io);
    if (isSameFile(io, archive.path, folder.path)) {
      const reason = 'the archive is the folder of the backups; configure another archiveDirectory';
      throw persistenceError('ERR_INVALID_OPTION', reason, { filePath: archive.path });
    }
    for (const path of [this.#manifestPath(snapshot), snapshot.path]) {
      const bytes = await folder.read(io, path, maxBytes);
      work.checkpoint();
      if (bytes !== undefined) await archive.write(io, join(archive.path, basename(path)), bytes);
    }
  }

  async sweep(place: SnapshotPlace, work: Work): Promise<void> {
    const { archiveFolder, maxBytes } = this.#settings;
    const io = this.#metered(work);
    const settings = {
      livePath: place.location?.real,
      maxBytes,
      assertMayRemove: () => {
        work.checkpoint();
      },
    };
    await sweepSnapshots(io, this.folderOf(place.key), settings);
    await sweepSnapshots(io, new SnapshotFolder(archiveFolder, place.key, this.#settings), settings);
  }

  folderOf(key: string): SnapshotFolder {
    return new SnapshotFolder(this.#settings.folder, key, this.#settings);
  }

  #manifestFile(
    folder: SnapshotFolder,
    snapshot: Snapshot,
    manifest: SnapshotManifest,
    location: Location | undefined,
  ): NewFile {
    const configuration = location === undefined ? '' : relativeName(folder.path, location.real);
    const path = join(folder.path, manifestFileName(folder.stem, snapshot));
    return { path, bytes: Buffer.from(formatManifest(manifest, configuration)) };
  }

  async #text(folder: SnapshotFolder, path: string, io: FileOperations): Promise<string> {
    try {
      const bytes = await folder.read(io, path, BACKUP_SETTINGS.MAX_MANIFEST_BYTES);
      return bytes === undefined ? '' : Buffer.from(bytes).toString();
    } catch {
      // What cannot be read tells nothing, and the snapshot itself is not touched by that.
      return '';
    }
  }

  #manifestPath(snapshot: Snapshot): string {
    const folder = this.#folderOf(snapshot);
    return join(folder.path, manifestFileName(folder.stem, snapshot));
  }

  /** Among the backups or in the archive. */
  #folderOf({ path }: Snapshot): SnapshotFolder {
    return this.#folderAt(dirname(path));
  }

  #folderAt(path: string): SnapshotFolder {
    return new SnapshotFolder(dirname(path), basename(path), this.#settings);
  }

  #isFolder(path: string): boolean {
    return this.#io.lstatNow(path)?.isDirectory() === true;
  }

  #metered(work: Work): FileOperations {
    return new MeteredFileOperations(this.#io, work.diskIO);
  }
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
