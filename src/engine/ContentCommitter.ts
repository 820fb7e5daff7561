/**
 * Commits contents that are proven already, for whoever has one: saves, restores, rollbacks and recoveries.
 *
 * Owns what all of them have in common: what is recorded with a change, what is kept of the content before, the cache
 * entry of the new value, and the form of the result.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { MutationOptions, SaveOptions } from '../../interfaces/options.js';
import type { ChangeDetails, PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { ConfigurationCache } from '../cache/ConfigurationCache.js';
import type { Codec } from '../codec/Codec.js';
import { codecFor } from '../codec/codecs.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import { isSystemError } from '../errors/StorageError.js';
import type { ChangeFields, CommitReceipt, ConfigStore, Location, LockLease } from '../storage/port/ConfigStore.js';
import { checksumOf } from '../storage/local/io/durableFile.js';
import { describeMetadata } from './configurationMetadata.js';
import { isDecodable } from './configurationText.js';
import type { Operation } from './Operation.js';
import { surplusQuarantine } from './quarantine.js';

const { FILE_SYSTEM, PERFORMANCE_LIMITS, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface CommitterParts {
  readonly store: ConfigStore;
  readonly cache: ConfigurationCache;
  /** The author of changes that name none. */
  readonly user: string | undefined;
  /** What the content before a change is kept as. */
  readonly keep: 'backup' | 'version' | undefined;
  /** Told after each change, where anything is kept at all. */
  readonly onChange: (location: Location, sizeBytes: number) => void;
}

/** A content on its way to the disk. */
export interface NewContent {
  readonly bytes: Uint8Array;
  /** What the bytes decode to. */
  readonly value: ConfigurationValue;
  readonly codec: Codec;
  /** Of the bytes. Default: UTF-8. */
  readonly encoding?: string;
  /** Recorded as the kind of change. */
  readonly kind: string;
  /** Id of the backup or version that it comes from. */
  readonly source?: string;
  readonly options: SaveOptions;
  readonly expectedChecksum?: string | null | undefined;
  /** Of the content that it replaces, where that has just been read; undefined where there was none. */
  readonly replacedChecksum?: string | undefined;
  /** Whether what it replaces is known to be damaged, and goes into quarantine. */
  readonly isReplacingDamage?: boolean;
}

export class ContentCommitter {
  readonly #parts: CommitterParts;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** @throws as `ConfigStore.commit`; nothing has changed then. */
  async commit(
    location: Location,
    content: NewContent,
    lease: LockLease,
    operation: Operation,
  ): Promise<PersistenceResult> {
    const { bytes, value, codec, options } = content;
    const checksum = checksumOf(bytes);
    const change = {
      ...this.changeFields(options, codec, content.expectedChecksum),
      ...(content.isReplacingDamage === true ? { keep: 'quarantine' as const } : {}),
      ...(content.replacedChecksum === undefined ? {} : { replacedChecksum: content.replacedChecksum }),
      bytes,
      checksum,
      format: codec.format,
      operation: content.kind,
      ...(content.source === undefined ? {} : { source: content.source }),
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.tags === undefined ? {} : { tags: options.tags }),
    };
    const { store, cache } = this.#parts;
    const receipt = await operation.withPlace(() => store.commit(location, change, lease, operation));
    const facts = {
      checksum,
      fileSize: bytes.length,
      encoding: content.encoding ?? FILE_SYSTEM.DEFAULT_ENCODING,
      format: codec.format,
      modifiedAt: change.time,
    };
    if (receipt.stamp === undefined) cache.delete(location.absolute);
    else {
      const metadata = describeMetadata(facts, receipt.saved, receipt.userMetadata);
      cache.set(location.absolute, { value, metadata, issues: [], stamp: receipt.stamp });
    }
    await this.#announce(location, receipt, bytes.length, operation);
    const isLarge = bytes.length > PERFORMANCE_LIMITS.WARNING_FILE_SIZE_BYTES;
    return resultOf(operation, receipt, {
      checksum,
      fileSize: bytes.length,
      metadata: { atomicOperation: true, revision: receipt.revision, ...backupFields(receipt) },
      warnings: isLarge ? [WARNING_MESSAGES.LARGE_FILE] : [],
    });
  }

  /** @throws as `ConfigStore.remove`; nothing has changed then. */
  async remove(
    location: Location,
    options: MutationOptions,
    codec: Codec | undefined,
    lease: LockLease,
    operation: Operation,
  ): Promise<PersistenceResult> {
    const { store, cache } = this.#parts;
    const change = this.changeFields(options, codec);
    const receipt = await operation.withPlace(() => store.remove(location, change, lease, operation));
    cache.delete(location.absolute);
    await this.#announce(location, receipt, 0, operation);
    return resultOf(operation, receipt, { metadata: { atomicOperation: true, ...backupFields(receipt) } });
  }

  /** What every change records. */
  changeFields(
    options: MutationOptions,
    codec: Codec | undefined,
    expectedChecksum = options.expectedChecksum,
  ): ChangeFields {
    const { keep } = this.#parts;
    const user = options.user ?? this.#parts.user;
    return {
      time: Date.now(),
      ...(user === undefined ? {} : { user }),
      ...(expectedChecksum === undefined ? {} : { expectedChecksum }),
      ...(keep === undefined ? {} : { keep }),
      isReadable: (bytes, format) => {
        // What was saved before may have been in another format.
        const known = format === undefined ? codec : codecFor(format);
        return known === undefined || isDecodable(bytes, known);
      },
    };
  }

  async #announce(location: Location, { kept }: CommitReceipt, sizeBytes: number, operation: Operation): Promise<void> {
    const { keep, onChange } = this.#parts;
    if (keep !== undefined || kept !== undefined) onChange(location, sizeBytes);
    // Not left to the tending, which a process that ends early never comes to.
    if (kept?.role === 'quarantine') await this.#boundQuarantine(location, operation);
  }

  async #boundQuarantine(location: Location, operation: Operation): Promise<void> {
    const { snapshots } = this.#parts.store;
    try {
      const surplus = surplusQuarantine(await snapshots.list(snapshots.placeOf(location), operation));
      if (surplus.length > 0) await snapshots.remove(surplus, operation);
    } catch (error) {
      // The change is committed; the next tending tries again.
      if (!(error instanceof PersistenceError) && !isSystemError(error)) throw error;
    }
  }
}

/** The answer of a change, with what it has cost. */
export function resultOf(
  operation: Operation,
  receipt: Pick<CommitReceipt, 'warnings'>,
  fields: Partial<PersistenceResult>,
): PersistenceResult {
  const { filePath } = operation;
  const { operationType } = operation.context;
  const { warnings: further = [], ...others } = fields;
  const warnings = [...receipt.warnings, ...further];
  const performanceMetrics = operation.metrics();
  return {
    success: true,
    filePath,
    operationType,
    timestamp: Date.now(),
    ...others,
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(performanceMetrics === undefined ? {} : { performanceMetrics }),
  };
}

/** A damaged file in quarantine is evidence, not a backup; its id is told all the same. */
function backupFields({ kept }: CommitReceipt): ChangeDetails {
  if (kept === undefined || kept.role === 'version') return { backupCreated: false };
  return { backupCreated: kept.role === 'backup', backupId: kept.id };
}
