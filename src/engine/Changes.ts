/**
 * The protocols of changing a configuration: save, update, delete, set metadata.
 *
 * What can be wrong with a value is found before anything is touched. The caller's value is copied before the first wait,
 * so changing it afterwards has no effect.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { Mutate, MutationOptions, SaveOptions, UpdateOptions } from '../../interfaces/options.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import { assertExpectedChecksum, notFound } from '../storage/port/conditions.js';
import type { ConfigStore, StoredConfiguration } from '../storage/port/ConfigStore.js';
import type { Guard, Location } from '../storage/port/Work.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { mutatedValue } from '../value/mutatedValue.js';
import { commitChange } from './commitChange.js';
import { entryOf, type ConfigurationReader, type PresentConfiguration } from './ConfigurationReader.js';
import { resultOf, withWarnings, type ContentCommitter } from './ContentCommitter.js';
import { encodeOver, type LayoutRules, type NewText } from './layoutKeeping.js';
import { ignoredFields, userMetadataOf, withoutDerived } from './metadata.js';
import type { Migrations } from './Migrations.js';
import type { NewValues } from './NewValues.js';
import type { Operation } from './Operation.js';
import type { Operations } from './Operations.js';
import type { RecoveringReads } from './RecoveringReads.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface ChangesParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly reader: ConfigurationReader;
  readonly reads: RecoveringReads;
  readonly committer: ContentCommitter;
  readonly formats: Formats;
  readonly values: NewValues;
  readonly migrations: Migrations;
  /** As the options of the module say. */
  readonly layout: Omit<LayoutRules, 'maxBytes'>;
}

/** A file that is to be updated. */
interface UpdateSubject {
  readonly location: Location;
  readonly codec: Codec;
  readonly options: UpdateOptions;
}

/** A new value on its way to the disk. */
interface Draft {
  readonly value: ConfigurationValue;
  readonly codec: Codec;
  readonly options: SaveOptions;
  /** Recorded as the kind of change. */
  readonly kind: string;
  readonly expectedChecksum: string | null | undefined;
  /** What stands in the place, and what is written over that. */
  readonly present: PresentConfiguration | undefined;
  readonly encoded: NewText;
}

export class Changes {
  readonly #parts: ChangesParts;

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  /** Atomic, durable when it resolves; safe against other processes. */
  async save(input: unknown, filePath: string, options: SaveOptions): Promise<PersistenceResult> {
    const { store, operations, values, reader } = this.#parts;
    const accepted = this.#accept(input, filePath, options);
    return operations.change(
      { operationType: PersistenceOperationType.SAVE, filePath, options },
      store.nameOf(filePath),
      async (operation) => {
        const location = await store.resolve(filePath, operation);
        const { codec, value } = accepted();
        await values.assertFitting(value, location, operation);
        const { expectedChecksum } = options;
        const fields = { value, codec, options, kind: 'save', expectedChecksum };
        // Before the lock, so that a refused value leaves not even the lock's files behind.
        const present = await reader.readPresent(location, codec, operation);
        return { location, draft: { ...fields, present, encoded: this.#encode(fields, present) } };
      },
      async ({ location, draft }, guard, operation) => {
        await values.assertNotOverNewer(location, draft.codec, operation);
        return this.#commit(location, await this.#current(location, draft, operation), guard, operation);
      },
    );
  }

  /** Read, change and write as one step: nobody else's change can come in between or get lost. */
  async update(mutate: Mutate, filePath: string, options: UpdateOptions): Promise<PersistenceResult> {
    const { store, operations, formats, reads, migrations } = this.#parts;
    return operations.change(
      { operationType: PersistenceOperationType.SAVE, filePath, options },
      store.nameOf(filePath),
      async (operation) => {
        const location = await store.resolve(filePath, operation);
        const codec = formats.require(location.name, options.format);
        if (options.initial === undefined) await this.#requireContent(location, operation);
        return { location, codec, options };
      },
      async (subject, guard, operation) => {
        const { location, codec } = subject;
        const { found: read, recovered } = await reads.read(location, codec, operation, guard);
        assertExpectedChecksum(options.expectedChecksum, read?.content.checksum ?? null);
        const source = { location, codec, found: read, user: options.user };
        const { found, warnings } = await migrations.forUpdate(source, guard, operation);
        const fields = {
          value: await this.#mutated(mutate, found?.value, subject, operation),
          codec,
          options,
          kind: 'update',
          // An editor knows no locks: what it wrote while `mutate` ran must not be lost either.
          expectedChecksum: found?.content.checksum ?? null,
        };
        const present = found === undefined ? undefined : { stored: found.stored, found };
        const draft = { ...fields, present, encoded: this.#encode(fields, present) };
        const result = await this.#commit(location, draft, guard, operation);
        return withWarnings([...(recovered === undefined ? [] : [recovered.description]), ...warnings], result);
      },
    );
  }

  async remove(filePath: string, options: MutationOptions): Promise<PersistenceResult> {
    const { store, operations, formats, committer } = this.#parts;
    return operations.change(
      { operationType: PersistenceOperationType.DELETE, filePath, options },
      store.nameOf(filePath),
      async (operation) => {
        const location = await store.resolve(filePath, operation);
        await this.#requireContent(location, operation);
        return { location, codec: formats.recognise(location.name, options.format) };
      },
      ({ location, codec }, guard, operation) => committer.remove(location, options, codec, guard, operation),
    );
  }

  async setMetadata(input: object, filePath: string, options: MutationOptions): Promise<PersistenceResult> {
    const { store, operations, formats, reads, committer } = this.#parts;
    return operations.change(
      { operationType: PersistenceOperationType.SAVE, filePath, options },
      store.nameOf(filePath),
      async (operation) => {
        const fields = userMetadataOf(input);
        const location = await store.resolve(filePath, operation);
        await this.#requireContent(location, operation);
        return { location, fields };
      },
      async ({ location, fields }, guard, operation) => {
        const codec = formats.require(location.name, options.format);
        const { found } = await reads.read(location, codec, operation, guard);
        if (found === undefined) throw notFound();
        const { metadata: current } = entryOf(location, found, codec);
        const change = {
          kind: 'metadata' as const,
          ...committer.changeFields(options, codec),
          fields: withoutDerived(fields, current, found.stored.userMetadata),
        };
        const receipt = await commitChange(store, location, change, guard, operation);
        const kept = ignoredFields(input, current);
        return resultOf(operation, receipt, {
          checksum: current.checksum,
          fileSize: current.fileSize,
          warnings: kept.length === 0 ? [] : [`${WARNING_MESSAGES.DERIVED_METADATA_KEPT}: ${kept.join(', ')}`],
        });
      },
    );
  }

  /**
   * Checks and copies the value at once, before the caller can change it, but lets the operation report what is wrong, so
   * that the error names it, and comes after those about the path.
   */
  #accept(input: unknown, filePath: string, options: SaveOptions): () => { codec: Codec; value: ConfigurationValue } {
    const { formats, store, values } = this.#parts;
    try {
      const codec = formats.require(filePath, options.format);
      const value = values.accept(input, codec, store.nameOf(filePath));
      return () => ({ codec, value });
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  async #mutated(
    mutate: Mutate,
    current: ConfigurationValue | undefined,
    { location, codec, options }: UpdateSubject,
    operation: Operation,
  ): Promise<ConfigurationValue> {
    if (current === undefined && options.initial === undefined) throw notFound();
    const { values } = this.#parts;
    const expected = values.expectedOf(location.name);
    const own = current ?? copyIntoDomain(options.initial, codec.capabilities);
    const before = expected?.withDefaults(own) ?? own;
    const draft = plainCopyOf(before);
    const returned: unknown = await operation.callback<unknown>(location, () => mutate(draft) as unknown);
    const mutated = mutatedValue('mutate', before, { draft, returned });
    const input = expected?.withoutDefaults(copyIntoDomain(mutated, codec.capabilities), own) ?? mutated;
    const value = values.accept(input, codec, location.name);
    await values.assertFitting(value, location, operation);
    return value;
  }

  async #commit(location: Location, draft: Draft, guard: Guard, operation: Operation): Promise<PersistenceResult> {
    const { present, encoded } = draft;
    const { committer, values } = this.#parts;
    const judged = values.checkedValueOf(encoded.value, location.name);
    const seen = present?.stored.etag;
    const content = { ...draft, ...encoded, judged, ...(seen === undefined ? {} : { seen }) };
    const result = await committer.commitOver(location, content, present?.stored, guard, operation);
    return withWarnings(encoded.warnings, result);
  }

  #encode({ codec, value, options }: Omit<Draft, 'encoded' | 'present'>, present: Draft['present']): NewText {
    const { layout, store } = this.#parts;
    const { preserveFormatting: preserve = layout.preserve } = options;
    return encodeOver(codec, value, present, { ...layout, preserve, maxBytes: store.capabilities.maxBytes });
  }

  /** For the holder of the lock: the draft over what stands there now, which is mostly what stood there before. */
  async #current(location: Location, draft: Draft, operation: Operation): Promise<Draft> {
    const { store, reader } = this.#parts;
    const before = draft.present?.stored;
    const isSame =
      before === undefined ? !(await store.has(location, operation)) : await isCurrent(store, location, before);
    if (isSame) return draft;
    const present = await reader.readPresent(location, draft.codec, operation);
    const isSameText = present?.found?.content.checksum === draft.present?.found?.content.checksum;
    return { ...draft, present, encoded: isSameText ? draft.encoded : this.#encode(draft, present) };
  }

  /** Before the lock, so that an operation on nothing leaves not even the lock's files behind. */
  async #requireContent(location: Location, operation: Operation): Promise<void> {
    if (!(await this.#parts.store.has(location, operation))) throw notFound();
  }
}

async function isCurrent(store: ConfigStore, location: Location, { etag }: StoredConfiguration): Promise<boolean> {
  try {
    return etag !== undefined && (await store.isCurrent(location, etag));
  } catch {
    // What cannot be looked at counts as changed.
    return false;
  }
}
