/**
 * The protocols of changing a configuration: save, update, delete, set metadata.
 *
 * Each runs in the same order: check the path and the value, wait for a place and for the lock, encode and prove, let the
 * store commit. What can be wrong with the value is found before anything is touched. The caller's value is copied
 * before the first wait, so changing it afterwards has no effect.
 */
import { resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { Mutate, MutationOptions, SaveOptions, UpdateOptions } from '../../interfaces/options.js';
import type { ValidationResult } from '../../interfaces/framework.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { ConfigStore, Location, LockLease } from '../storage/port/ConfigStore.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { ignoredFields, userMetadataOf, withoutDerived } from './configurationMetadata.js';
import { decodeBytes, encodeProven, type EncodedValue } from './configurationText.js';
import { entryOf, missing, type ConfigurationReader } from './ConfigurationReader.js';
import { resultOf, type ContentCommitter } from './ContentCommitter.js';
import { lockPatience } from './lockPatience.js';
import type { Operation, OperationContext } from './Operation.js';
import type { OperationRunner } from './OperationRunner.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface EngineParts {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly reader: ConfigurationReader;
  readonly committer: ContentCommitter;
  readonly runner: OperationRunner;
  readonly settings: EngineSettings;
}

export interface EngineSettings {
  readonly lockTimeoutMs: number;
  readonly validate: ((value: unknown) => ValidationResult | boolean) | undefined;
}

/** A new value on its way to the disk. */
interface Draft {
  readonly value: ConfigurationValue;
  readonly codec: Codec;
  readonly options: SaveOptions;
  /** Recorded as the kind of change. */
  readonly kind: string;
  readonly expectedChecksum: string | null | undefined;
  /** Present where the text on disk has no influence. */
  readonly encoded?: EncodedValue;
  /** The text on disk, where it is known already. */
  readonly previous?: string | undefined;
}

export class PersistenceEngine {
  readonly #store: ConfigStore;
  readonly #locks: LockManager;
  readonly #committer: ContentCommitter;
  readonly #reader: ConfigurationReader;
  readonly #runner: OperationRunner;
  readonly #settings: EngineSettings;

  constructor(parts: EngineParts) {
    this.#store = parts.store;
    this.#locks = parts.locks;
    this.#committer = parts.committer;
    this.#reader = parts.reader;
    this.#runner = parts.runner;
    this.#settings = parts.settings;
  }

  /** Atomic, durable when it resolves; safe against other processes. */
  async save(input: unknown, filePath: string, options: SaveOptions): Promise<PersistenceResult> {
    const operationType = PersistenceOperationType.SAVE;
    const checked = this.#check(input, filePath, options);
    return this.#change({ operationType, filePath, options }, async (operation) => {
      const { codec, value } = checked();
      const location = await this.#store.locate(filePath, operation);
      // Before the lock, so that a refused value leaves not even the lock's files behind.
      const encoded = encodeProven(codec, value, undefined, this.#store.capabilities.maxBytes);
      const { expectedChecksum } = options;
      const isReady = !codec.capabilities.usesPrevious || !(await this.#store.hasContent(location, operation));
      const draft = { value, codec, options, kind: 'save', expectedChecksum, ...(isReady ? { encoded } : {}) };
      return this.#withLock(location, options, operation, (lease) => this.#commit(location, draft, lease, operation));
    });
  }

  /** Read, change and write as one step: nobody else's change can come in between or get lost. */
  async update(mutate: Mutate, filePath: string, options: UpdateOptions): Promise<PersistenceResult> {
    const operationType = PersistenceOperationType.SAVE;
    return this.#change({ operationType, filePath, options }, async (operation) => {
      const location = await this.#store.locate(filePath, operation);
      const codec = this.#reader.codecOf(location.absolute, options);
      if (options.initial === undefined) await this.#requireContent(location, operation);
      return this.#withLock(location, options, operation, async (lease) => {
        const { found, recovered } = await this.#reader.readOrRecover(location, codec, operation, lease);
        const present = found?.content.checksum ?? null;
        if (options.expectedChecksum !== undefined && options.expectedChecksum !== present) {
          throw persistenceError('ERR_CONFLICT', 'the file has another checksum than expected; load it again');
        }
        const draft = {
          value: await this.#locks.callOut(location, () =>
            this.#mutated(mutate, found?.value, codec, options, operation),
          ),
          codec,
          options,
          kind: 'update',
          // An editor knows no locks: what it wrote while `mutate` ran must not be lost either.
          expectedChecksum: present,
          previous: found?.text.text,
        };
        const result = await this.#commit(location, draft, lease, operation);
        if (recovered === undefined) return result;
        return { ...result, warnings: [recovered.description, ...(result.warnings ?? [])] };
      });
    });
  }

  async remove(filePath: string, options: MutationOptions): Promise<PersistenceResult> {
    const operationType = PersistenceOperationType.DELETE;
    return this.#change({ operationType, filePath, options }, async (operation) => {
      const location = await this.#store.locate(filePath, operation);
      await this.#requireContent(location, operation);
      const codec = this.#reader.findCodec(location.absolute, options);
      return this.#withLock(location, options, operation, (lease) =>
        this.#committer.remove(location, options, codec, lease, operation),
      );
    });
  }

  async setMetadata(input: object, filePath: string, options: MutationOptions): Promise<PersistenceResult> {
    const operationType = PersistenceOperationType.SAVE;
    return this.#change({ operationType, filePath, options }, async (operation) => {
      const fields = userMetadataOf(input);
      const location = await this.#store.locate(filePath, operation);
      await this.#requireContent(location, operation);
      return this.#withLock(location, options, operation, async (lease) => {
        const codec = this.#reader.codecOf(location.absolute, options);
        const { found } = await this.#reader.readOrRecover(location, codec, operation, lease);
        if (found === undefined) throw missing();
        const { metadata: current } = entryOf(found, codec);
        const change = {
          ...this.#committer.changeFields(options, codec),
          fields: withoutDerived(fields, current, found.stored.userMetadata),
        };
        const receipt = await operation.withPlace(() => this.#store.annotate(location, change, lease, operation));
        const kept = ignoredFields(input, current);
        return resultOf(operation, receipt, {
          checksum: current.checksum,
          fileSize: current.fileSize,
          warnings: kept.length === 0 ? [] : [`${WARNING_MESSAGES.DERIVED_METADATA_KEPT}: ${kept.join(', ')}`],
        });
      });
    });
  }

  /**
   * Checks and copies the value at once, before the caller can change it, but lets the operation report what is wrong,
   * so that the error names it.
   */
  #check(input: unknown, filePath: string, options: SaveOptions): () => { codec: Codec; value: ConfigurationValue } {
    try {
      const codec = this.#reader.codecOf(filePath, options);
      const value = this.#validated(copyIntoDomain(input, codec.capabilities));
      return () => ({ codec, value });
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  #validated(value: ConfigurationValue): ConfigurationValue {
    const { validate } = this.#settings;
    if (validate === undefined) return value;
    const verdict: unknown = validate(plainCopyOf(value));
    const isValid = isVerdict(verdict) ? verdict.isValid : verdict;
    if (isValid === true) return value;
    if (isValid !== false) {
      const reason = 'validate must answer true, false or an object with isValid, not a promise or anything else';
      throw persistenceError('ERR_INVALID_OPTION', reason);
    }
    const reasons = isVerdict(verdict) && Array.isArray(verdict.errors) ? verdict.errors : [];
    throw persistenceError('ERR_VALIDATION', ['nothing was written', ...reasons.map(String)].join('; '));
  }

  async #mutated(
    mutate: Mutate,
    current: ConfigurationValue | undefined,
    codec: Codec,
    options: UpdateOptions,
    operation: Operation,
  ): Promise<ConfigurationValue> {
    if (current === undefined && options.initial === undefined) throw missing();
    const draft = current === undefined ? copyIntoDomain(options.initial, codec.capabilities) : plainCopyOf(current);
    const returned = await operation.callOut(() => mutate(draft));
    // Returning nothing means that the argument was edited.
    return this.#validated(copyIntoDomain(returned === undefined ? draft : returned, codec.capabilities));
  }

  async #commit(location: Location, draft: Draft, lease: LockLease, operation: Operation): Promise<PersistenceResult> {
    const { bytes, value } = draft.encoded ?? (await this.#encode(location, draft, operation));
    return this.#committer.commit(location, { ...draft, bytes, value }, lease, operation);
  }

  async #encode(location: Location, draft: Draft, operation: Operation): Promise<EncodedValue> {
    const { codec, value } = draft;
    const previous = draft.previous ?? (await this.#previousText(location, codec, operation));
    return encodeProven(codec, value, previous, this.#store.capabilities.maxBytes);
  }

  /** Before the lock, so that an operation on nothing leaves not even the lock's files behind. */
  async #requireContent(location: Location, operation: Operation): Promise<void> {
    if (!(await this.#store.hasContent(location, operation))) throw missing();
  }

  /** The text on disk, for codecs that keep something of it; one that cannot be read has nothing worth keeping. */
  async #previousText(location: Location, codec: Codec, operation: Operation): Promise<string | undefined> {
    if (!codec.capabilities.usesPrevious) return undefined;
    const { content } = await operation.withPlace(() => this.#store.read(location, operation));
    if (content === undefined) return undefined;
    try {
      return decodeBytes(content.bytes, codec).text;
    } catch {
      return undefined;
    }
  }

  /** One change of a file, after those of this module that were asked for before. */
  #change<T>(
    context: OperationContext & { readonly options: MutationOptions },
    work: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    return this.#runner.run({ ...context, isMeasured: true }, (operation) => {
      const patience = lockPatience(context.options, operation, this.#settings.lockTimeoutMs);
      return this.#locks.inOrder(resolve(context.filePath), patience, () => work(operation));
    });
  }

  #withLock<T>(
    location: Location,
    options: MutationOptions,
    operation: Operation,
    work: (lease: LockLease) => Promise<T>,
  ): Promise<T> {
    return this.#locks.withLock(location, lockPatience(options, operation, this.#settings.lockTimeoutMs), work);
  }
}

function isVerdict(verdict: unknown): verdict is { isValid: unknown; errors?: unknown } {
  return typeof verdict === 'object' && verdict !== null && 'isValid' in verdict;
}
