/**
 * What may become the content of a file: values that callers give, and contents that come back from backups and versions.
 * Whatever is refused is refused before anything is written.
 */
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { CheckedValue } from '../cache/ConfigurationCache.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import type { AcceptedValue, Expectations } from '../schema/Expectations.js';
import type { FileExpectations } from '../schema/FileExpectations.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Location } from '../storage/port/Work.js';
import { acceptValue, type Validate } from './acceptValue.js';
import type { ConfigurationReader } from './ConfigurationReader.js';
import { decodeBytes } from './contentText.js';
import type { Operation } from './Operation.js';
import { withCallbacks } from './withCallbacks.js';

export interface NewValuesParts {
  readonly store: ConfigStore;
  readonly formats: Formats;
  readonly reader: ConfigurationReader;
  readonly expectations: Expectations;
  readonly validate: Validate | undefined;
}

export class NewValues {
  readonly #parts: NewValuesParts;

  constructor(parts: NewValuesParts) {
    this.#parts = parts;
  }

  /** What is expected of a configuration, by its full name. */
  expectedOf(name: string): FileExpectations | undefined {
    return this.#parts.expectations.of(name);
  }

  /** The first half, which needs no wait: a copy of what a caller gives. @throws as `acceptValue`. */
  accept(input: unknown, codec: Codec, name: string): ConfigurationValue {
    return acceptValue(input, { codec, validate: this.#parts.validate, expected: this.expectedOf(name) });
  }

  /**
   * The second half: the schema, and the version. Of an older version, what the steps would make of the value is judged.
   *
   * @throws PersistenceError `ERR_VALIDATION` with the places, `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`,
   *   `ERR_MIGRATION_FAILED`
   */
  async assertFitting(value: ConfigurationValue, location: Location, operation: Operation): Promise<void> {
    const expected = this.expectedOf(location.name);
    if (expected === undefined) return;
    await withCallbacks(operation, location, (run) => expected.assertFitting(value, run));
  }

  /**
   * A decoded value that comes from elsewhere: migrated in memory where its version is older, then held against `validate`
   * and the schema.
   *
   * @throws PersistenceError as `accept` and `assertFitting`.
   */
  async acceptForeign(
    value: ConfigurationValue,
    location: Location,
    codec: Codec,
    operation: Operation,
  ): Promise<AcceptedValue> {
    const { expectations, validate } = this.#parts;
    const expected = this.expectedOf(location.name);
    const migrated =
      expected === undefined
        ? { value, isTransformed: false }
        : await withCallbacks(operation, location, (run) => expectations.accept(location.name, value, run));
    return { ...migrated, value: acceptValue(migrated.value, { codec, validate, expected }) };
  }

  /** An older release must not replace what a newer one has saved. @throws PersistenceError `ERR_NEWER_VERSION` */
  async assertNotOverNewer(location: Location, codec: Codec, operation: Operation): Promise<void> {
    const plan = this.expectedOf(location.name)?.plan;
    if (plan === undefined) return;
    const known = await this.#parts.reader.known(location.name);
    const present = known?.value ?? (await this.#presentValue(location, codec, operation));
    // A version that cannot be read is no reason: a save is how it is repaired.
    if (present !== undefined && plan.isNewer(present)) plan.pending(present);
  }

  /** What loads hand out of a value that was accepted; undefined where they have to migrate it first. */
  checkedValueOf(value: ConfigurationValue, name: string): CheckedValue | undefined {
    const expected = this.expectedOf(name);
    return expected === undefined || expected.isOutdated(value) ? undefined : fitting(expected, value);
  }

  /** In the format that it was saved in; undefined where there is no value, or none that can be read. */
  async #presentValue(location: Location, codec: Codec, operation: Operation): Promise<ConfigurationValue | undefined> {
    const { content, saved, state } = await this.#parts.store.read(location, operation);
    if (content === undefined) return undefined;
    const isSaved = state === 'as-saved' && saved !== undefined;
    const own = isSaved ? this.#parts.formats.recorded(saved.format, location.name) : codec;
    try {
      return own.decode(decodeBytes(content.bytes, own).text);
    } catch {
      return undefined;
    }
  }
}

/** What loads hand out of a value that was found to fit. */
export function fitting(expected: FileExpectations, value: ConfigurationValue): CheckedValue {
  return { value: expected.withDefaults(value), issues: [], notes: [] };
}
