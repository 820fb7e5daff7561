/**
 * Commits contents that are verified already, for whoever has one: saves, restores, rollbacks and recoveries.
 *
 * Owns what all of them have in common: what is recorded with a change, what is kept of the content before, the cache
 * entry of the new value, and the form of the result.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { MutationOptions, SaveOptions } from '../../interfaces/options.js';
import type { ChangeDetails, PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { CachedConfiguration, ConfigurationCache, CheckedValue } from '../cache/ConfigurationCache.js';
import type { Codec } from '../codec/Codec.js';
import { assertExpectedChecksum } from '../storage/port/conditions.js';
import type {
  ChangeFields,
  CommitReceipt,
  ConfigStore,
  Etag,
  StoredConfiguration,
} from '../storage/port/ConfigStore.js';
import type { Past } from '../storage/port/RecordedChange.js';
import type { Guard, Location } from '../storage/port/Work.js';
import { checksumOf } from '../value/checksum.js';
import type { Clock } from './Clock.js';
import { commitChange } from './commitChange.js';
import { saveOf } from './ConfigurationReader.js';
import { describeMetadata } from './metadata.js';
import type { Operation } from './Operation.js';

const { FILE_SYSTEM, PERFORMANCE_LIMITS, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface CommitterParts {
  readonly store: ConfigStore;
  readonly cache: ConfigurationCache;
  readonly clock: Clock;
  /** The author of changes that name none. */
  readonly user: string | undefined;
  /** What the content before a change is kept as. */
  readonly keep: 'backup' | 'edits';
}

/** A change that was committed, told to whoever has to go on from it while its lock is still held. Must not throw. */
export interface Commit {
  readonly location: Location;
  readonly receipt: CommitReceipt;
  /** What loads find from now on; absent after a removal. */
  readonly entry?: CachedConfiguration;
  /** Bytes of the new content; 0 after a removal. */
  readonly sizeBytes: number;
  readonly guard: Guard;
  readonly operation: Operation;
}

export type CommitHandler = (commit: Commit) => void | Promise<void>;

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
  /** Of the state that it replaces, where that has just been read. */
  readonly seen?: Etag;
  /** What the content before is kept as, where that is not for the options of the module to say. */
  readonly keep?: 'backup';
  /** When it was saved, as epoch milliseconds, where that was in another store. Default: now. */
  readonly time?: number;
  /** Of a configuration that comes from another store. */
  readonly past?: Past;
  /** Where it is known already what loads hand out. */
  readonly judged?: CheckedValue | undefined;
  /** Whether what it replaces is known to be damaged, and goes into quarantine. */
  readonly isReplacingDamage?: boolean;
}

export class ContentCommitter {
  readonly #parts: CommitterParts;
  readonly #afterCommit: CommitHandler[] = [];
  readonly #aroundCommit: ((location: Location) => () => void)[] = [];

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** From now on it is called before each commit, and what it returns when that has been told, or has failed. */
  aroundCommit(begin: (location: Location) => () => void): void {
    this.#aroundCommit.push(begin);
  }

  /** From now on the handler is called after each commit, before the lock is given back. */
  afterCommit(handler: CommitHandler): void {
    this.#afterCommit.push(handler);
  }

  /** @throws as `ConfigStore.commit`; nothing has changed then. */
  commit(location: Location, content: NewContent, guard: Guard, operation: Operation): Promise<PersistenceResult> {
    return this.#around(location, () => this.#save(location, content, guard, operation));
  }

  async #save(location: Location, content: NewContent, guard: Guard, operation: Operation): Promise<PersistenceResult> {
    const { bytes, value, codec, options } = content;
    const checksum = checksumOf(bytes);
    const change = {
      kind: 'save' as const,
      ...this.changeFields(options, codec, content.expectedChecksum),
      ...(content.time === undefined ? {} : { time: content.time }),
      ...(content.keep === undefined ? {} : { keep: content.keep }),
      ...(content.isReplacingDamage === true ? { keep: 'quarantine' as const } : {}),
      ...(content.seen === undefined ? {} : { seen: content.seen }),
      bytes,
      checksum,
      format: codec.format,
      operation: content.kind,
      ...(content.source === undefined ? {} : { source: content.source }),
      ...(content.past === undefined ? {} : { past: content.past }),
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.tags === undefined ? {} : { tags: options.tags }),
    };
    const { store, cache } = this.#parts;
    const receipt = await commitChange(store, location, change, guard, operation);
    const facts = {
      checksum,
      fileSize: bytes.length,
      encoding: content.encoding ?? FILE_SYSTEM.DEFAULT_ENCODING,
      format: codec.format,
      owner: codec.owner,
      modifiedAt: change.time,
    };
    const entry: CachedConfiguration = {
      location,
      value,
      metadata: describeMetadata(facts, receipt.saved, receipt.userMetadata),
      issues: [],
      etag: receipt.etag,
      ...(receipt.saved === undefined ? {} : { save: saveOf(receipt.saved) }),
      ...(content.judged === undefined ? {} : { judged: content.judged }),
    };
    if (receipt.etag === undefined) cache.delete(location.name);
    else cache.set(location.name, entry);
    await this.#tell({ location, receipt, entry, sizeBytes: bytes.length, guard, operation });
    return resultOf(operation, receipt, {
      checksum,
      fileSize: bytes.length,
      metadata: { atomicOperation: true, revision: receipt.sequence, ...backupFields(receipt) },
      warnings: largeFileWarnings(bytes),
    });
  }

  /**
   * The same over a content that was just read under the lock: nothing is written where the bytes are what was saved last,
   * or of a file that was never saved. One that was edited outside is saved as it is, and counts as saved from then on.
   *
   * @throws PersistenceError `ERR_CONFLICT` for another expected checksum, also where nothing is written.
   */
  async commitOver(
    location: Location,
    content: NewContent,
    present: StoredConfiguration | undefined,
    guard: Guard,
    operation: Operation,
  ): Promise<PersistenceResult> {
    const { bytes, codec } = content;
    const before = present?.content;
    const isSame = before?.checksum === checksumOf(bytes);
    const isSettled =
      present?.state === 'untracked' || (present?.state === 'as-saved' && present.saved?.format === codec.format);
    if (before === undefined || !isSame || !isSettled) {
      return { ...(await this.commit(location, content, guard, operation)), changed: !isSame };
    }
    assertExpectedChecksum(content.expectedChecksum, before.checksum);
    return resultOf(
      operation,
      { warnings: [] },
      {
        changed: false,
        checksum: before.checksum,
        fileSize: bytes.length,
        metadata: {
          atomicOperation: true,
          ...(present.saved === undefined ? {} : { revision: present.saved.sequence }),
          backupCreated: false,
        },
        warnings: largeFileWarnings(bytes),
      },
    );
  }

  /** @throws as `ConfigStore.commit`; nothing has changed then. */
  remove(
    location: Location,
    options: MutationOptions,
    codec: Codec | undefined,
    guard: Guard,
    operation: Operation,
  ): Promise<PersistenceResult> {
    const { store, cache } = this.#parts;
    const change = { kind: 'delete' as const, ...this.changeFields(options, codec) };
    return this.#around(location, async () => {
      const receipt = await commitChange(store, location, change, guard, operation);
      cache.delete(location.name);
      await this.#tell({ location, receipt, sizeBytes: 0, guard, operation });
      return resultOf(operation, receipt, { metadata: { atomicOperation: true, ...backupFields(receipt) } });
    });
  }

  /** The next load reads anew: something was committed past this one. */
  forget({ name }: Location): void {
    this.#parts.cache.delete(name);
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
      time: this.#parts.clock.now(),
      ...(user === undefined ? {} : { user }),
      ...(expectedChecksum === undefined ? {} : { expectedChecksum }),
      keep,
      ...(codec === undefined ? {} : { format: codec.format }),
    };
  }

  async #around<T>(location: Location, work: () => Promise<T>): Promise<T> {
    const ends = this.#aroundCommit.map((begin) => begin(location));
    try {
      return await work();
    } finally {
      for (const end of ends) end();
    }
  }

  async #tell(commit: Commit): Promise<void> {
    for (const handle of this.#afterCommit) await handle(commit);
  }
}

function largeFileWarnings({ length }: Uint8Array): string[] {
  return length > PERFORMANCE_LIMITS.WARNING_FILE_SIZE_BYTES ? [WARNING_MESSAGES.LARGE_FILE] : [];
}

/** The same answer, after further warnings. */
export function withWarnings(earlier: readonly string[], result: PersistenceResult): PersistenceResult {
  return earlier.length === 0 ? result : { ...result, warnings: [...earlier, ...(result.warnings ?? [])] };
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
