/**
 * Decides what becomes of one imported content, before anything is written: what the configuration will hold, and what
 * that takes the place of.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConflictResolution, ConflictType, type ConfigurationFormat } from '../../interfaces/enums.js';
import type { ImportOptions } from '../../interfaces/transfer.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { ConfigurationConflict } from '../../interfaces/versions.js';
import type { Codec } from '../codec/Codec.js';
import { findConflicts } from '../comparison/findConflicts.js';
import { mergeValues } from '../comparison/mergeValues.js';
import { decodeBytes, isDecodable } from '../engine/contentText.js';
import type { ReadText } from '../engine/layoutKeeping.js';
import type { Operation } from '../engine/Operation.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { StoredConfiguration } from '../storage/port/ConfigStore.js';
import type { Location } from '../storage/port/Work.js';
import { checksumOf } from '../value/checksum.js';
import { formatPath } from '../value/valuePath.js';
import { findDifferences } from '../value/valueEquality.js';
import { bytesFor, type ImportedContent, type NewBytes } from './importContent.js';
import type { TransferParts } from './TransferParts.js';

const { COMPARISON } = CONFIG_PERSISTENCE_CONSTANTS;
const { MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

export interface Incoming {
  readonly content: ImportedContent;
  /** Of versions that it may have come from, the newest first. */
  readonly origins: readonly string[];
}

export interface ImportDecision {
  readonly location: Location;
  readonly codec: Codec;
  /** Undefined where the configuration stays as it is. */
  readonly written?: NewBytes & { readonly checksum: string };
  /** What is there now. */
  readonly stored: StoredConfiguration;
  readonly isTransformed: boolean;
  readonly conflicts: readonly ConfigurationConflict[];
}

/** The option, with its default. */
function resolutionOf({ conflictResolution = ConflictResolution.KEEP_REMOTE }: ImportOptions): string {
  return conflictResolution;
}

export class ImportJudge {
  readonly #parts: TransferParts;

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /**
   * @throws PersistenceError `ERR_CONFLICT` with the places for the resolution `manual`; `ERR_VALIDATION`,
   *   `ERR_INVALID_CONFIGURATION_DATA`, `ERR_FILE_TOO_LARGE`
   */
  async judge(
    location: Location,
    { content, origins }: Incoming,
    options: ImportOptions,
    operation: Operation,
  ): Promise<ImportDecision> {
    const { store, formats } = this.#parts;
    const codec = formats.require(location.name, options.format);
    const stored = await store.read(location, operation);
    const unwritten = { location, codec, stored, isTransformed: false };
    const resolution = resolutionOf(options);
    if (stored.content !== undefined && resolution === (ConflictResolution.SKIP as string)) {
      return { ...unwritten, conflicts: [] };
    }
    const remote = await this.#accept(location, content.value, codec, options, operation);
    if (stored.content === undefined) return this.#write(unwritten, remote, content, []);
    const found = this.#localText(stored, codec, location);
    const local = found?.value;
    // A damaged file holds no edit that could be in the way; the commit puts it into quarantine.
    if (found === undefined || local === undefined) return this.#write(unwritten, remote, content, []);
    const base = await this.#base(location, stored, origins, operation);
    if (resolution === (ConflictResolution.MERGE as string)) {
      const merged = mergeValues(base, local, remote);
      const value = await this.#accept(location, merged.value, codec, options, operation);
      if (findDifferences(local, value).length === 0) return { ...unwritten, conflicts: merged.conflicts };
      const isRemote = findDifferences(remote, value).length === 0;
      const isSameFormat = found.format === codec.format;
      const over = isRemote || !isSameFormat ? undefined : found;
      return this.#write(unwritten, isRemote ? remote : value, content, merged.conflicts, over);
    }
    const isTooLarge = stored.content.bytes.length > COMPARISON.MAX_COMPARABLE_BYTES;
    const conflicts = isTooLarge ? [unexamined()] : findConflicts(base, local, remote);
    if (conflicts.length > 0 && resolution === (ConflictResolution.MANUAL as string)) throw refusedFor(conflicts);
    if (resolution === (ConflictResolution.KEEP_LOCAL as string)) {
      return { ...unwritten, conflicts: resolved(conflicts, ConflictResolution.KEEP_LOCAL) };
    }
    return this.#write(unwritten, remote, content, resolved(conflicts, ConflictResolution.KEEP_REMOTE));
  }

  #write(
    unwritten: Omit<ImportDecision, 'conflicts' | 'written'>,
    value: ConfigurationValue,
    content: ImportedContent,
    conflicts: readonly ConfigurationConflict[],
    local?: ReadText,
  ): ImportDecision {
    const { store, layout } = this.#parts;
    const rules = { ...layout, maxBytes: store.capabilities.maxBytes };
    const written = bytesFor(value, content, local, unwritten.codec, rules);
    const checksum = checksumOf(written.bytes);
    if (checksum === unwritten.stored.content?.checksum) return { ...unwritten, conflicts };
    const isTransformed = written.bytes !== content.bytes;
    return { ...unwritten, isTransformed, conflicts, written: { ...written, checksum } };
  }

  async #accept(
    location: Location,
    value: ConfigurationValue,
    codec: Codec,
    options: ImportOptions,
    operation: Operation,
  ): Promise<ConfigurationValue> {
    if (options.validate === false) return value;
    const accepted = await this.#parts.values.acceptForeign(value, location, codec, operation);
    return accepted.isTransformed ? accepted.value : value;
  }

  #localText(
    { content, saved }: StoredConfiguration,
    codec: Codec,
    { name }: Location,
  ): (ReadText & { readonly format: ConfigurationFormat }) | undefined {
    if (content === undefined) return undefined;
    // The format that the file is in, which may be another one than it gets.
    const { formats } = this.#parts;
    const known = saved === undefined ? (formats.recognise(name) ?? codec) : formats.recorded(saved.format, name);
    if (!isDecodable(content.bytes, known)) return undefined;
    const text = decodeBytes(content.bytes, known);
    return { format: known.format, text, value: known.decode(text.text) };
  }

  /** The value that both sides come from; undefined where nothing tells which, or it is not kept. */
  async #base(
    location: Location,
    stored: StoredConfiguration,
    origins: readonly string[],
    operation: Operation,
  ): Promise<ConfigurationValue | undefined> {
    if (origins.length === 0) return undefined;
    const { store, contents, formats } = this.#parts;
    const { changes } = await store.history(location, operation);
    for (const origin of origins) {
      const save = changes.find((change) => change.kind === 'save' && change.checksum === origin);
      if (save?.kind !== 'save') continue;
      const present = stored.content?.checksum === origin ? stored.content.bytes : undefined;
      const bytes = present ?? (await contents.contentOf(location, origin, operation));
      const known = formats.recorded(save.format, location.name);
      if (bytes !== undefined && isDecodable(bytes, known)) return known.decode(decodeBytes(bytes, known).text);
    }
    return undefined;
  }
}

/** Of a configuration that is too large to tell where it says something else. */
function unexamined(): ConfigurationConflict {
  return {
    path: formatPath([]),
    type: ConflictType.MODIFICATION_CONFLICT,
    localValue: undefined,
    remoteValue: undefined,
    autoResolvable: false,
  };
}

function resolved(
  conflicts: readonly ConfigurationConflict[],
  resolution: ConflictResolution,
): ConfigurationConflict[] {
  return conflicts.map((conflict) => ({ ...conflict, resolution }));
}

function refusedFor(conflicts: readonly ConfigurationConflict[]): Error {
  const reason =
    'the configuration here says something else in these places; choose a conflictResolution: keep-local, keep-remote or merge';
  return persistenceError('ERR_CONFLICT', reason, {
    paths: conflicts.slice(0, MAX_REPORTED_PATHS).map(({ path }) => path),
  });
}
