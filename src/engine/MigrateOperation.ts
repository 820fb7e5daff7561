/** The operation `migrateConfiguration`: migrates a file at once, or tells what that would change. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { MigrationResult } from '../../interfaces/migrations.js';
import type { MigrationOptions } from '../../interfaces/options.js';
import type { Formats } from '../codec/Formats.js';
import { describeChanges } from '../comparison/describeChanges.js';
import type { MigratedValue } from '../schema/MigrationPlan.js';
import { assertExpectedChecksum, notFound } from '../storage/port/conditions.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Guard, Location } from '../storage/port/Work.js';
import type { ReadConfiguration } from './ConfigurationReader.js';
import { resultOf, withWarnings } from './ContentCommitter.js';
import type { Migrations, MigrationSubject } from './Migrations.js';
import type { Operation } from './Operation.js';
import type { Operations } from './Operations.js';
import type { RecoveringReads } from './RecoveringReads.js';

const { MAX_COMPARED_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

export interface MigrateOperationParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly reads: RecoveringReads;
  readonly formats: Formats;
  readonly migrations: Migrations;
}

export class MigrateOperation {
  readonly #parts: MigrateOperationParts;

  constructor(parts: MigrateOperationParts) {
    this.#parts = parts;
  }

  /**
   * @throws PersistenceError `ERR_INVALID_REQUEST` where the file has no plan, `ERR_FILE_NOT_FOUND`, `ERR_CONFLICT`,
   *   `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`, `ERR_MIGRATION_FAILED`, and as a save.
   */
  run(filePath: string, options: MigrationOptions): Promise<MigrationResult> {
    const { store, operations } = this.#parts;
    const prepare = async (operation: Operation): Promise<{ location: Location }> => {
      const location = await store.resolve(filePath, operation);
      this.#parts.migrations.require(location);
      if (!(await store.has(location, operation))) throw notFound();
      return { location };
    };
    if (options.dryRun === true) {
      const context = { operationType: PersistenceOperationType.LOAD, filePath, options, isMeasured: true };
      return operations.query(context, async (operation) =>
        this.#migrate((await prepare(operation)).location, options, undefined, operation),
      );
    }
    return operations.change(
      { operationType: PersistenceOperationType.SAVE, filePath, options },
      store.nameOf(filePath),
      prepare,
      ({ location }, guard, operation) => this.#migrate(location, options, guard, operation),
    );
  }

  /** @param guard undefined for one that only tells. */
  async #migrate(
    location: Location,
    options: MigrationOptions,
    guard: Guard | undefined,
    operation: Operation,
  ): Promise<MigrationResult> {
    const { migrations, reads, formats } = this.#parts;
    const expected = migrations.require(location);
    const codec = formats.require(location.name, options.format);
    const { found, recovered } = await reads.read(location, codec, operation, guard);
    if (found === undefined) throw notFound();
    assertExpectedChecksum(options.expectedChecksum, found.content.checksum);
    const asItIs = resultOf(
      operation,
      { warnings: recovered === undefined ? [] : [recovered.description] },
      { checksum: found.content.checksum, fileSize: found.content.bytes.length },
    );
    if (!expected.isOutdated(found.value)) {
      const version = expected.plan.versionOf(found.value);
      const from = version === undefined ? {} : { fromVersion: version };
      return { ...asItIs, ...from, toVersion: version ?? expected.plan.newest, steps: [], changed: false };
    }
    const subject: MigrationSubject = { location, codec, found, user: options.user };
    const migrated = await migrations.inMemory(subject, operation);
    const outcome = outcomeOf(found, migrated);
    if (guard === undefined) return { ...asItIs, ...outcome, changed: false };
    const { result, backupId } = await migrations.commit(subject, migrated, guard, operation);
    const kept = backupId === undefined ? {} : { backupId };
    return { ...withWarnings(asItIs.warnings ?? [], result), ...outcome, changed: true, ...kept };
  }
}

function outcomeOf({ value, content }: ReadConfiguration, { from, to, steps, value: after }: MigratedValue) {
  const isCompared = content.bytes.length <= MAX_COMPARED_BYTES;
  const described = isCompared ? describeChanges(value, after) : undefined;
  return {
    ...(from === undefined ? {} : { fromVersion: from }),
    toVersion: to,
    steps: [...steps],
    ...(described === undefined ? {} : { changes: described.changes }),
    ...(described?.isComplete === false ? { hasMoreChanges: true } : {}),
  };
}
