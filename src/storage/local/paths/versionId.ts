/**
 * The ids of versions: the key of the configuration, the number of the version, and the start of the content's checksum,
 * such as `app.json-<16 digits>.r12.<16 digits>`. The last part keeps an id from ever naming another content, should the
 * records be lost and the numbers start again.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { VersionReference } from '../../port/ConfigStore.js';
import type { RecordedSave } from '../../port/RecordedChange.js';

const { KEY_HASH_DIGITS, MAX_FILENAME_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;
const ID = /^([^/\\\p{Cc}]+-[0-9a-f]{16})\.r(\d{1,16})\.([0-9a-f]{16})$/u;

export function versionId(key: string, { sequence, checksum }: Pick<RecordedSave, 'sequence' | 'checksum'>): string {
  return `${key}.r${sequence}.${checksum.slice(0, KEY_HASH_DIGITS)}`;
}

/** Undefined for what is no id of a version. The key is never a path: it has no separator. */
export function parseVersionId(id: unknown): VersionReference | undefined {
  const isText = typeof id === 'string' && Buffer.byteLength(id) <= MAX_FILENAME_BYTES;
  const [, key, sequence, checksumStart] = (isText ? ID.exec(id) : null) ?? [];
  if (key === undefined || checksumStart === undefined) return undefined;
  return { key, sequence: Number(sequence), checksumStart };
}
