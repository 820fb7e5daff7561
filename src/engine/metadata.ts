/** The metadata of a configuration: what its records and its file tell, and what the user has set. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigurationMetadata } from '../../interfaces/results.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { RecordedSave, UserMetadata } from '../storage/port/RecordedChange.js';
import { copyIntoDomain } from '../value/valueDomain.js';

const { JOURNAL } = CONFIG_PERSISTENCE_CONSTANTS;

const TEXT_FIELDS = ['version', 'createdBy', 'modifiedBy', 'description', 'schema', 'environment'] as const;
const DERIVED_FIELDS = ['createdAt', 'modifiedAt', 'checksum', 'fileSize', 'encoding', 'format', 'owner'] as const;
const KNOWN_FIELDS: readonly string[] = [...TEXT_FIELDS, ...DERIVED_FIELDS, 'tags', 'customFields'];

/** The facts of a file. */
export interface FileFacts {
  readonly checksum: string;
  readonly fileSize: number;
  readonly encoding: string;
  readonly format: ConfigurationFormat;
  /** The program whose rules the file follows, where they are not the format's own. */
  readonly owner?: string | undefined;
  /** Epoch milliseconds; what counts where no save is recorded. */
  readonly modifiedAt: number;
}

/** Everything together. What the user has set wins, except over what only the file can tell. */
export function describeMetadata(
  facts: FileFacts,
  saved: RecordedSave | undefined,
  user: UserMetadata | undefined,
): ConfigurationMetadata {
  const isAsSaved = saved?.checksum === facts.checksum;
  const createdBy = user?.createdBy ?? saved?.createdBy;
  const modifiedBy = saved?.user ?? user?.modifiedBy;
  return {
    version: user?.version ?? String(saved?.sequence ?? 0),
    createdAt: saved?.createdAt ?? facts.modifiedAt,
    modifiedAt: isAsSaved ? saved.time : facts.modifiedAt,
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(modifiedBy === undefined ? {} : { modifiedBy }),
    ...(user?.description === undefined ? {} : { description: user.description }),
    ...(user?.tags === undefined ? {} : { tags: [...user.tags] }),
    ...(user?.schema === undefined ? {} : { schema: user.schema }),
    ...(user?.environment === undefined ? {} : { environment: user.environment }),
    checksum: facts.checksum,
    fileSize: facts.fileSize,
    encoding: facts.encoding,
    format: facts.format,
    ...(facts.owner === undefined ? {} : { owner: facts.owner }),
    ...(user?.customFields === undefined ? {} : { customFields: structuredClone(user.customFields) }),
  };
}

/**
 * The fields that a user may set, taken out of a whole metadata object and checked.
 *
 * @throws PersistenceError `ERR_INVALID_METADATA` that names the field.
 */
export function userMetadataOf(input: unknown): UserMetadata {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid('it must be an object');
  const given = input as Record<string, unknown>;
  const unknown = Object.keys(given).find((key) => !KNOWN_FIELDS.includes(key));
  if (unknown !== undefined) throw invalid(`unknown field ${unknown}; put your own fields into customFields`);
  const fields: Record<string, unknown> = {};
  for (const key of TEXT_FIELDS) {
    const value = given[key];
    if (value === undefined) continue;
    if (typeof value !== 'string' || !value.isWellFormed()) throw invalid(`${key} must be a string`);
    fields[key] = value;
  }
  if (given.tags !== undefined) fields.tags = checkedTags(given.tags);
  if (given.customFields !== undefined) fields.customFields = checkedCustomFields(given.customFields);
  if (Buffer.byteLength(JSON.stringify(fields)) > JOURNAL.MAX_RECORD_BYTES) {
    throw invalid(`more than ${JOURNAL.MAX_RECORD_BYTES} bytes in total`);
  }
  return fields;
}

/**
 * Leaves out what only repeats what the records tell: somebody who reads the metadata, adds a tag and gives it back does
 * not mean to fix the version for ever.
 */
export function withoutDerived(
  fields: UserMetadata,
  current: ConfigurationMetadata,
  set: UserMetadata | undefined,
): UserMetadata {
  const repeated = (['version', 'createdBy', 'modifiedBy'] as const).filter(
    (key) => fields[key] === current[key] && set?.[key] === undefined,
  );
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !(repeated as readonly string[]).includes(key)));
}

/** Fields of `input` that describe the file and say something else than the file does. */
export function ignoredFields(input: object, current: ConfigurationMetadata): string[] {
  const given = input as Record<string, unknown>;
  return DERIVED_FIELDS.filter((key) => given[key] !== undefined && given[key] !== current[key]);
}

function checkedTags(value: unknown): string[] {
  const isRight = Array.isArray(value) && value.every((tag) => typeof tag === 'string' && tag.isWellFormed());
  if (!isRight) throw invalid('tags must be a list of strings');
  return [...(value as string[])];
}

function checkedCustomFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('customFields must be an object');
  }
  return copyIntoDomain(value, { nonFiniteNumbers: false });
}

function invalid(reason: string): Error {
  return persistenceError('ERR_INVALID_METADATA', reason);
}
