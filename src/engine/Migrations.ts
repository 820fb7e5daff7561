/**
 * Brings a file of an older version to the newest: reads, runs the steps on a copy, keeps the content before as a backup, and
 * commits once. Under the file's lock, so that of many processes that meet the file one does it.
 *
 * The backup comes after the steps: steps that fail, at every load anew, leave nothing behind.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IntegrityIssueType, IssueSeverity } from '../../interfaces/enums.js';
import type { MutationOptions } from '../../interfaces/options.js';
import type { IntegrityIssue, PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { CachedConfiguration } from '../cache/ConfigurationCache.js';
import type { Codec } from '../codec/Codec.js';
import { persistenceError, PersistenceError } from '../errors/PersistenceError.js';
import { hasSystemCode } from '../errors/StorageError.js';
import { hasPlan, type ExpectationsWithPlan } from '../schema/FileExpectations.js';
import type { MigratedValue } from '../schema/MigrationPlan.js';
import { notFound } from '../storage/port/conditions.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Guard, Location } from '../storage/port/Work.js';
import { entryOf, type ReadConfiguration } from './ConfigurationReader.js';
import { withWarnings, type ContentCommitter } from './ContentCommitter.js';
import { encodeOver, type LayoutRules, type NewText } from './layoutKeeping.js';
import { fitting, type NewValues } from './NewValues.js';
import type { Operation } from './Operation.js';
import type { RecoveringReads } from './RecoveringReads.js';
import { withCallbacks } from './withCallbacks.js';

const { INTEGRITY_FINDINGS, MIGRATIONS } = CONFIG_PERSISTENCE_CONSTANTS;

/** What the system says where nothing may be written. */
const NOT_WRITABLE = ['EROFS', 'EACCES', 'EPERM'] as const;

const IN_MEMORY: IntegrityIssue = {
  type: IntegrityIssueType.STRUCTURE_VIOLATION,
  severity: IssueSeverity.MEDIUM,
  description: INTEGRITY_FINDINGS.MIGRATED_IN_MEMORY,
  recommendation: INTEGRITY_FINDINGS.MIGRATED_IN_MEMORY_ADVICE,
};

/** Keeps the present content under a name and gives the id of what it is kept as; for the holder of the lock. */
export type KeepUnderName = (
  request: { readonly location: Location; readonly label: string; readonly options: MutationOptions },
  guard: Guard,
  operation: Operation,
) => Promise<string>;

export interface MigrationsParts {
  readonly store: ConfigStore;
  readonly reads: RecoveringReads;
  readonly committer: ContentCommitter;
  readonly values: NewValues;
  /** Undefined where no backups are made. */
  readonly keepUnderName: KeepUnderName | undefined;
  /** As the options of the module say. */
  readonly layout: Omit<LayoutRules, 'maxBytes'>;
}

/** A file as it was read, in a format. */
export interface MigrationSubject {
  readonly location: Location;
  readonly codec: Codec;
  readonly found: ReadConfiguration;
  /** The author, where the caller names one. */
  readonly user?: string | undefined;
}

/** A migration that was committed. */
export interface CommittedMigration {
  readonly result: PersistenceResult;
  readonly backupId?: string;
}

export class Migrations {
  readonly #parts: MigrationsParts;

  constructor(parts: MigrationsParts) {
    this.#parts = parts;
  }

  /** @throws PersistenceError `ERR_INVALID_REQUEST` where there is no plan for the file. */
  require(location: Location): ExpectationsWithPlan {
    const expected = this.#parts.values.expectedOf(location.name);
    if (expected !== undefined && hasPlan(expected)) return expected;
    throw persistenceError('ERR_INVALID_REQUEST', 'the option migrations says nothing about this file');
  }

  /**
   * What the steps make of a content, checked as a value that is saved. Writes nothing.
   *
   * @throws PersistenceError `ERR_MIGRATION_FAILED`, `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`
   */
  async inMemory({ location, codec, found }: MigrationSubject, operation: Operation): Promise<MigratedValue> {
    const expected = this.require(location);
    const migrated = await withCallbacks(operation, location, (run) => expected.migrate(found.value, run));
    try {
      return { ...migrated, value: this.#parts.values.accept(migrated.value, codec, location.name) };
    } catch (cause) {
      throw failed(cause);
    }
  }

  /** For the holder of the lock, of a content that it has just read. @throws as `inMemory`, and as a save. */
  async commit(
    { location, codec, found, user }: MigrationSubject,
    { value, to, description }: MigratedValue,
    guard: Guard,
    operation: Operation,
  ): Promise<CommittedMigration> {
    const { store, committer, keepUnderName, layout } = this.#parts;
    const rules = { ...layout, maxBytes: store.capabilities.maxBytes };
    const encoded = encodeMigrated(codec, value, found, rules);
    // An editor knows no locks: what it wrote while the steps ran must not be lost.
    const expectedChecksum = found.content.checksum;
    const author = user === undefined ? {} : { user };
    const label = `${MIGRATIONS.BACKUP_NAME}${to}`;
    const request = { location, label, options: { ...author, expectedChecksum } };
    const backupId = await keepUnderName?.(request, guard, operation);
    const content = {
      ...encoded,
      codec,
      kind: 'migrate',
      options: { ...author, description },
      expectedChecksum,
      seen: found.stored.etag,
      judged: fitting(this.require(location), encoded.value),
    };
    const result = await committer.commit(location, content, guard, operation);
    const told = withWarnings(encoded.warnings, result);
    return { result: told, ...(backupId === undefined ? {} : { backupId }) };
  }

  /**
   * What a load that has met an older file goes on with: the entry of the file as it was migrated, by this process or by
   * another; where the file cannot be written, that of the file as it is, with the value that the steps made of it.
   */
  async forLoad({ location }: CachedConfiguration, codec: Codec, operation: Operation): Promise<CachedConfiguration> {
    const expected = this.require(location);
    let subject: MigrationSubject | undefined;
    let migrated: MigratedValue | undefined;
    try {
      await operation.underLock(location, async (guard) => {
        subject = { location, codec, found: await this.#read(location, codec, operation, guard) };
        // Somebody else may have migrated it meanwhile.
        if (!expected.isOutdated(subject.found.value)) return;
        migrated = await this.inMemory(subject, operation);
        await this.commit(subject, migrated, guard, operation);
      });
      return entryOf(location, await this.#read(location, codec, operation), codec);
    } catch (error) {
      if (!isNotWritable(error)) throw error;
    }
    await operation.enterSlot();
    subject ??= { location, codec, found: await this.#read(location, codec, operation) };
    const entry = entryOf(location, subject.found, codec);
    if (!expected.isOutdated(entry.value)) return entry;
    migrated ??= await this.inMemory(subject, operation);
    return { ...entry, judged: { ...fitting(expected, migrated.value), notes: [IN_MEMORY] } };
  }

  /** What an update starts from: a file of an older version is migrated first, as a change of its own. */
  async forUpdate(
    { found, ...file }: Omit<MigrationSubject, 'found'> & { readonly found: ReadConfiguration | undefined },
    guard: Guard,
    operation: Operation,
  ): Promise<{ readonly found: ReadConfiguration | undefined; readonly warnings: readonly string[] }> {
    const { location, codec } = file;
    const isOutdated = found !== undefined && this.#parts.values.expectedOf(location.name)?.isOutdated(found.value);
    if (isOutdated !== true) return { found, warnings: [] };
    const subject = { ...file, found };
    const { result } = await this.commit(subject, await this.inMemory(subject, operation), guard, operation);
    return { found: await this.#read(location, codec, operation, guard), warnings: result.warnings ?? [] };
  }

  async #read(location: Location, codec: Codec, operation: Operation, guard?: Guard): Promise<ReadConfiguration> {
    const { found } = await this.#parts.reads.read(location, codec, operation, guard);
    if (found === undefined) throw notFound();
    return found;
  }
}

function encodeMigrated(
  codec: Codec,
  value: ConfigurationValue,
  found: ReadConfiguration,
  rules: LayoutRules,
): NewText {
  try {
    return encodeOver(codec, value, { found }, rules);
  } catch (cause) {
    throw failed(cause);
  }
}

function failed(cause: unknown): PersistenceError {
  const { paths } = cause as Partial<PersistenceError>;
  const reason = 'what the steps made cannot be saved; nothing was written';
  return persistenceError('ERR_MIGRATION_FAILED', reason, { cause, paths });
}

function isNotWritable(error: unknown): boolean {
  // What a step threw has become the cause of another error.
  if (error instanceof PersistenceError) return (NOT_WRITABLE as readonly string[]).includes(error.code);
  return hasSystemCode(error, ...NOT_WRITABLE);
}
