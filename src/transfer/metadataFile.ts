/** The metadata of a configuration as a small file of its own, beside an export or in an archive. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationMetadata } from '../../interfaces/results.js';
import { userMetadataOf } from '../engine/metadata.js';
import type { UserMetadata } from '../storage/port/RecordedChange.js';

const { EXCHANGE } = CONFIG_PERSISTENCE_CONSTANTS;
const KIND = 'rcc-configuration-metadata';
/** What a file that is exported again tells of itself. */
const DERIVED = ['createdAt', 'modifiedAt', 'checksum', 'fileSize', 'encoding', 'format', 'version'] as const;

/** What can be told of an import by it. */
export interface ImportedMetadata {
  /** Of the exported bytes that it is about. */
  readonly exportChecksum: string;
  /** Of the configuration that was exported. */
  readonly sourceChecksum: string;
  readonly fields: UserMetadata;
}

/** @param exportChecksum of the bytes that it goes with. */
export function formatMetadata(metadata: ConfigurationMetadata, exportChecksum: string): Uint8Array {
  return Buffer.from(`${JSON.stringify({ kind: KIND, format: 1, exportChecksum, metadata }, null, 2)}\n`);
}

/** Undefined for what is no such file, or holds fields that nobody may set. */
export function parseMetadata(bytes: Uint8Array): ImportedMetadata | undefined {
  if (bytes.length > EXCHANGE.MAX_METADATA_BYTES) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString());
    const { kind, exportChecksum, metadata } = parsed as Record<string, unknown>;
    if (kind !== KIND || typeof metadata !== 'object' || metadata === null) return undefined;
    const { checksum } = metadata as Record<string, unknown>;
    if (typeof exportChecksum !== 'string' || typeof checksum !== 'string') return undefined;
    const others = Object.entries(metadata).filter(([key]) => !(DERIVED as readonly string[]).includes(key));
    return { exportChecksum, sourceChecksum: checksum, fields: userMetadataOf(Object.fromEntries(others)) };
  } catch {
    // It is somebody else's file, and only bears such a name.
    return undefined;
  }
}
