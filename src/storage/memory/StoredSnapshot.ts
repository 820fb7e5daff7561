/** A kept content in memory, and how a commit makes one of what it replaces. */
import type { Change } from '../port/ConfigStore.js';
import { hasContent, type Snapshot, type SnapshotManifest, type SnapshotRole } from '../port/Snapshot.js';
import type { CommittedState } from './CommittedState.js';
import { checksumStartOf, snapshotIdOf } from './memoryIds.js';

/** Replaced as a whole by each change; its bytes are never handed out themselves. */
export interface StoredSnapshot {
  readonly snapshot: Snapshot;
  readonly bytes: Uint8Array;
  readonly manifest?: SnapshotManifest;
}

/** The configuration that a change is of. */
export interface ReplacedIn {
  readonly key: string;
  readonly state: CommittedState;
  readonly snapshots: Map<string, StoredSnapshot>;
}

/**
 * Keeps the content that a change replaces or removes, where the change asks for it.
 *
 * Every content is known to be as it was saved, so none is looked at whether it can be read: only a change whose caller
 * knows it to be damaged makes a quarantine, which is no version. Undefined where nothing is kept, or the same damaged
 * content is kept already.
 */
export function keepReplaced(
  { key, state, snapshots }: ReplacedIn,
  { kind, keep: role, time }: Change,
): { id: string; role: SnapshotRole } | undefined {
  const { content, saved } = state;
  // There are no other programs that could edit it.
  if (role === undefined || role === 'edits') return undefined;
  if (kind === 'metadata' || content === undefined || saved === undefined) return undefined;
  const isQuarantine = role === 'quarantine';
  if (isQuarantine && [...snapshots.values()].some((kept) => isQuarantined(kept, content.checksum))) return undefined;
  const identity = {
    createdAt: time,
    sequence: isQuarantine ? 0 : saved.sequence,
    checksumStart: checksumStartOf(content.checksum),
  };
  // A backup that a user made of it in the same millisecond keeps its id.
  while (snapshots.has(snapshotIdOf(key, identity))) identity.createdAt += 1;
  const id = snapshotIdOf(key, identity);
  const packing = { isCompressed: false, isEncrypted: false };
  const storedBytes = content.bytes.length;
  const snapshot: Snapshot = { ...identity, ...packing, id, path: id, storedBytes, isAutomatic: true, role };
  snapshots.set(id, { snapshot, bytes: content.bytes });
  return { id, role };
}

function isQuarantined({ snapshot }: StoredSnapshot, checksum: string): boolean {
  return snapshot.role === 'quarantine' && hasContent(snapshot, checksum);
}
