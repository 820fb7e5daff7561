/**
 * The kept contents of configurations in memory, as one module instance sees them.
 *
 * Each call that changes something does so in one step, so nothing is ever left half done. What is archived has the same id
 * and another `path`, by which it is told apart.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import {
  hasContent,
  type DescribedSnapshot,
  type Snapshot,
  type SnapshotDraft,
  type SnapshotManifest,
  type SnapshotPacking,
  type SnapshotRole,
  type SnapshotSet,
} from '../port/Snapshot.js';
import type { SnapshotStore } from '../port/SnapshotStore.js';
import { assertOngoing, type Guard, type Location, type Work } from '../port/Work.js';
import { countRead, countWrite } from './countBytes.js';
import type { MemoryConfiguration, MemoryData } from './MemoryData.js';
import { checksumStartOf, keyOfSnapshotId, snapshotIdOf } from './memoryIds.js';
import type { StoredSnapshot } from './StoredSnapshot.js';

const { MAX_NAME_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;
/** A key has no colon. */
const ARCHIVE_PREFIX = 'archive:';
const CONTROL_CHARACTERS = /\p{Cc}/u;

/* The methods are async, so that whatever they throw is a rejected promise. */
/* eslint-disable @typescript-eslint/require-await */
export class MemorySnapshots implements SnapshotStore {
  readonly #data: MemoryData;
  readonly #knownNameOf: (key: string) => string | undefined;

  /** @param knownNameOf the name of a key's configuration, where the instance has met it. */
  constructor(data: MemoryData, knownNameOf: (key: string) => string | undefined) {
    this.#data = data;
    this.#knownNameOf = knownNameOf;
  }

  checkLabel(label: unknown): void {
    const isText = typeof label === 'string' && label.trim() !== '' && label.isWellFormed();
    if (isText && !CONTROL_CHARACTERS.test(label) && Buffer.byteLength(label) <= MAX_NAME_BYTES) return;
    const reason = `a name has 1 to ${MAX_NAME_BYTES} bytes, not only spaces and no control characters`;
    throw persistenceError('ERR_INVALID_BACKUP_NAME', reason);
  }

  keyOf(id: unknown): string | undefined {
    return keyOfSnapshotId(id);
  }

  setOf(location: Location): SnapshotSet {
    return { key: location.id, location };
  }

  async keys(work: Work): Promise<readonly string[]> {
    assertOngoing(work);
    const withSnapshots = this.#data.all().filter(({ snapshots }) => snapshots.size > 0);
    return withSnapshots.map(({ key }) => key).sort();
  }

  knownNameOf(key: string): string | undefined {
    return this.#knownNameOf(key);
  }

  async nameOf(key: string, work: Work): Promise<string | undefined> {
    assertOngoing(work);
    return this.#data.nameOf(key);
  }

  async list({ key }: SnapshotSet, work: Work): Promise<readonly Snapshot[]> {
    assertOngoing(work);
    return newestFirst(this.#data.find(key)?.snapshots);
  }

  async listArchived({ key }: SnapshotSet, work: Work): Promise<readonly Snapshot[]> {
    assertOngoing(work);
    return newestFirst(this.#data.find(key)?.archived);
  }

  async refind(snapshot: Snapshot, work: Work): Promise<Snapshot | undefined> {
    assertOngoing(work);
    const stored = this.#find(snapshot);
    return stored === undefined ? undefined : { ...stored.snapshot };
  }

  async read(snapshot: Snapshot, work: Work): Promise<Uint8Array> {
    assertOngoing(work);
    const stored = this.#find(snapshot);
    if (stored === undefined) {
      throw persistenceError('ERR_BACKUP_NOT_FOUND', 'it was removed meanwhile; list the backups again');
    }
    countRead(work, stored.bytes);
    return new Uint8Array(stored.bytes);
  }

  async manifest(snapshot: Snapshot, work: Work): Promise<SnapshotManifest | undefined> {
    assertOngoing(work);
    const manifest = this.#find(snapshot)?.manifest;
    const isOwn = manifest?.id === snapshot.id && hasContent(snapshot, manifest.checksum);
    return isOwn ? structuredClone(manifest) : undefined;
  }

  draftId({ key }: SnapshotSet, { checksum, ...draft }: SnapshotDraft): string {
    return snapshotIdOf(key, { ...draft, checksumStart: checksumStartOf(checksum) });
  }

  async add(
    { key }: SnapshotSet,
    content: { readonly draft: SnapshotDraft; readonly bytes: Uint8Array; readonly manifest: SnapshotManifest },
    guard: Guard,
    work: Work,
  ): Promise<Snapshot> {
    const { checksum, ...draft } = content.draft;
    const facts = { ...draft, checksumStart: checksumStartOf(checksum) };
    const id = snapshotIdOf(key, facts);
    const bytes = new Uint8Array(content.bytes);
    const snapshot = { ...facts, id, path: id, storedBytes: bytes.length };
    const { snapshots } = this.#changeable(key, guard, work);
    snapshots.set(id, { snapshot, bytes, manifest: structuredClone(content.manifest) });
    countWrite(work, bytes);
    return { ...snapshot };
  }

  async describedIds({ key }: SnapshotSet, work: Work): Promise<ReadonlySet<string>> {
    assertOngoing(work);
    const stored = [...(this.#data.find(key)?.snapshots.values() ?? [])];
    return new Set(stored.filter(({ manifest }) => manifest !== undefined).map(({ snapshot }) => snapshot.id));
  }

  async describe(
    { key }: SnapshotSet,
    described: readonly DescribedSnapshot[],
    guard: Guard,
    work: Work,
  ): Promise<void> {
    this.#changeable(key, guard, work);
    for (const { snapshot, manifest } of described) {
      this.#replace(snapshot, (stored) => ({ ...stored, manifest: structuredClone(manifest) }));
    }
  }

  async repack(
    snapshot: Snapshot,
    packed: { readonly bytes: Uint8Array; readonly packing: SnapshotPacking },
    guard: Guard,
    work: Work,
  ): Promise<Snapshot | undefined> {
    this.#changeable(keyOf(snapshot), guard, work);
    const { isCompressed, isEncrypted } = packed.packing;
    const bytes = new Uint8Array(packed.bytes);
    const stored = this.#replace(snapshot, (before) => ({
      ...before,
      bytes,
      snapshot: { ...before.snapshot, isCompressed, isEncrypted, storedBytes: bytes.length },
    }));
    if (stored === undefined) return undefined;
    countWrite(work, bytes);
    return { ...stored.snapshot };
  }

  async changeRole(changed: readonly Snapshot[], role: SnapshotRole, guard: Guard, work: Work): Promise<void> {
    this.#allChangeable(changed, guard, work);
    for (const snapshot of changed) {
      this.#replace(snapshot, (stored) => ({ ...stored, snapshot: { ...stored.snapshot, role } }));
    }
  }

  async remove(removed: readonly Snapshot[], guard: Guard, work: Work): Promise<void> {
    this.#allChangeable(removed, guard, work);
    for (const snapshot of removed) this.#placeOf(snapshot)?.delete(snapshot.id);
  }

  async archive({ id }: Snapshot, guard: Guard, work: Work): Promise<void> {
    const { snapshots, archived } = this.#changeable(keyOf({ id }), guard, work);
    const stored = snapshots.get(id);
    // What somebody has removed meanwhile is not brought back.
    if (stored === undefined) return;
    archived.set(id, { ...stored, snapshot: { ...stored.snapshot, path: `${ARCHIVE_PREFIX}${id}` } });
  }

  async sweep({ key }: SnapshotSet, guard: Guard, work: Work): Promise<void> {
    // Nothing is left over: what is in memory ends with the process that was killed.
    this.#changeable(key, guard, work);
  }

  /** A configuration whose snapshots may be changed right now. */
  #changeable(key: string, guard: Guard, work: Work): MemoryConfiguration {
    assertOngoing(work);
    const configuration = this.#data.at(key);
    configuration.lock.assertHeldUnder(guard);
    this.#data.number();
    return configuration;
  }

  /** Before the first of them is changed, so that either all are or none. */
  #allChangeable(snapshots: readonly Snapshot[], guard: Guard, work: Work): void {
    assertOngoing(work);
    for (const key of new Set(snapshots.map(keyOf))) this.#changeable(key, guard, work);
  }

  #placeOf({ id, path }: Snapshot): Map<string, StoredSnapshot> | undefined {
    const configuration = this.#data.find(keyOf({ id }));
    return path.startsWith(ARCHIVE_PREFIX) ? configuration?.archived : configuration?.snapshots;
  }

  #find(snapshot: Snapshot): StoredSnapshot | undefined {
    return this.#placeOf(snapshot)?.get(snapshot.id);
  }

  #replace(snapshot: Snapshot, change: (stored: StoredSnapshot) => StoredSnapshot): StoredSnapshot | undefined {
    const stored = this.#find(snapshot);
    if (stored === undefined) return undefined;
    const changed = change(stored);
    this.#placeOf(snapshot)?.set(snapshot.id, changed);
    return changed;
  }
}

/** No configuration has the key of what is no id. */
function keyOf({ id }: Pick<Snapshot, 'id'>): string {
  return keyOfSnapshotId(id) ?? '';
}

function newestFirst(stored: ReadonlyMap<string, StoredSnapshot> | undefined): Snapshot[] {
  const snapshots = [...(stored?.values() ?? [])].map(({ snapshot }) => ({ ...snapshot }));
  return snapshots.sort(
    (left, right) =>
      right.createdAt - left.createdAt || right.sequence - left.sequence || (left.id < right.id ? 1 : -1),
  );
}
