/** What an archive that is imported may be at most. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ArchiveLimits } from './archives/ArchiveFormat.js';

const { TRANSFER, PERFORMANCE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

/** @param maxEntryBytes of a configuration. */
export function archiveLimits(maxEntryBytes: number): ArchiveLimits {
  return {
    maxPackedBytes: PERFORMANCE_LIMITS.MAX_IMPORT_SIZE_BYTES,
    maxEntries: TRANSFER.MAX_ENTRIES,
    maxEntryBytes,
    maxUnpackedBytes: TRANSFER.MAX_UNPACKED_BYTES,
    maxUnpackedRatio: TRANSFER.MAX_UNPACKED_RATIO,
  };
}
