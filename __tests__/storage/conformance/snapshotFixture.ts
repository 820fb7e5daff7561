/** Short words for what the suite of kept contents does. */
import type { Snapshot, SnapshotDraft, SnapshotManifest, SnapshotSet } from '../../../src/storage/port/Snapshot.js';
import type { SnapshotStore } from '../../../src/storage/port/SnapshotStore.js';
import type { Guard, Location } from '../../../src/storage/port/Work.js';
import { checksumOf, newWork, StoreFixture } from './storeFixture.js';

export const NOW = Date.parse('2026-11-24T10:15:30.123Z');

export function draftOf(content: string, facts: Partial<SnapshotDraft> = {}): SnapshotDraft {
  const packing = { isCompressed: false, isEncrypted: false };
  return {
    createdAt: NOW,
    sequence: 1,
    checksum: checksumOf(content),
    isAutomatic: false,
    role: 'backup',
    ...packing,
    ...facts,
  };
}

/** All that a store tells of the snapshots of one configuration. */
export interface Everything {
  readonly kept: readonly unknown[];
  readonly archived: readonly unknown[];
}

export class SnapshotFixture extends StoreFixture {
  get snapshots(): SnapshotStore {
    return this.store.snapshots;
  }

  setOf(location: Location = this.location): SnapshotSet {
    return this.snapshots.setOf(location);
  }

  /** Does something under a lock of its own. */
  async under<T>(work: (guard: Guard) => Promise<T>, location?: Location): Promise<T> {
    const lease = await this.acquire({}, location === undefined ? {} : { location });
    try {
      return await work(lease.guard);
    } finally {
      await lease.release();
    }
  }

  manifestOf(draft: SnapshotDraft, fields: Partial<SnapshotManifest> = {}, set = this.setOf()): SnapshotManifest {
    const id = this.snapshots.draftId(set, draft);
    return { id, checksum: draft.checksum, size: 1, isReadable: true, verifiedAt: NOW, ...fields };
  }

  add(content: string, facts: Partial<SnapshotDraft> = {}, location = this.location): Promise<Snapshot> {
    const draft = draftOf(content, facts);
    const set = this.setOf(location);
    const manifest = this.manifestOf(draft, {}, set);
    const bytes = Buffer.from(content);
    return this.under((guard) => this.snapshots.add(set, { draft, bytes, manifest }, guard, newWork()), location);
  }

  /** One that a change has kept, which nobody has described yet. */
  async addKept(content = 'kept'): Promise<Snapshot> {
    await this.save(content);
    const { kept } = await this.save(`after ${content}`, { keep: 'backup' });
    return (await this.list()).find(({ id }) => id === kept?.id)!;
  }

  list(location?: Location): Promise<readonly Snapshot[]> {
    return this.snapshots.list(this.setOf(location), newWork());
  }

  listArchived(): Promise<readonly Snapshot[]> {
    return this.snapshots.listArchived(this.setOf(), newWork());
  }

  async textOf(snapshot: Snapshot): Promise<string> {
    return Buffer.from(await this.snapshots.read(snapshot, newWork())).toString();
  }

  async everything(): Promise<Everything> {
    const tell = async (snapshot: Snapshot) => ({
      snapshot,
      text: await this.textOf(snapshot),
      manifest: await this.snapshots.manifest(snapshot, newWork()),
    });
    return {
      kept: await Promise.all((await this.list()).map(tell)),
      archived: await Promise.all((await this.listArchived()).map(tell)),
    };
  }
}
