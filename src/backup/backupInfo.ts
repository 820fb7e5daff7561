/** What callers are told of a backup. */
import type { BackupInfo, BackupRetentionPolicy } from '../../interfaces/backups.js';
import type { Snapshot, SnapshotManifest } from '../storage/port/Snapshot.js';
import { expiryOf } from './retention/limits.js';
import type { RetentionCandidate } from './retention/planRetention.js';

/** `manifest` is undefined where nobody has looked at the content yet, or it could not be read. */
export function backupInfoOf(
  snapshot: Snapshot,
  manifest: SnapshotManifest | undefined,
  originalFilePath: string,
  { maxAgeHours }: BackupRetentionPolicy,
): BackupInfo {
  const { metadata, description, tags } = manifest ?? {};
  return {
    id: snapshot.id,
    originalFilePath,
    backupPath: snapshot.path,
    createdAt: snapshot.createdAt,
    fileSize: manifest?.size ?? snapshot.storedBytes,
    ...(snapshot.isCompressed ? { compressedSize: snapshot.storedBytes } : {}),
    checksum: manifest?.checksum ?? snapshot.checksumStart,
    ...(metadata === undefined ? {} : { metadata: structuredClone(metadata) }),
    isAutomatic: snapshot.isAutomatic,
    isEncrypted: snapshot.isEncrypted,
    ...(maxAgeHours === undefined ? {} : { retentionExpiry: expiryOf(snapshot.createdAt, maxAgeHours) }),
    ...(snapshot.label === undefined ? {} : { name: snapshot.label }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags: [...tags] }),
    ...(manifest === undefined ? {} : { verifiedAt: manifest.verifiedAt }),
  };
}

/** What the retention rules are told of a backup. Only a content that can be read in its format counts as good. */
export function candidateOf(snapshot: Snapshot, manifest: SnapshotManifest | undefined): RetentionCandidate {
  const { description, tags = [], metadata } = manifest ?? {};
  return {
    id: snapshot.id,
    createdAt: snapshot.createdAt,
    size: snapshot.storedBytes,
    isAutomatic: snapshot.isAutomatic,
    ...(snapshot.label === undefined ? {} : { name: snapshot.label }),
    ...(description === undefined ? {} : { description }),
    tags: [...tags, ...(metadata?.tags ?? [])],
    isVerified: manifest?.isReadable === true,
  };
}
