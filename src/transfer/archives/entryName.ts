/** Which names an entry may have: such that mean the same file, and nothing else, on every system. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { isReservedName } from '../../value/pathText.js';

const { MAX_ENTRY_DEPTH, MAX_ENTRY_NAME_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;
const { MAX_FILENAME_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

const CONTROL_CHARACTERS = /\p{Cc}/u;
const DRIVE = /^[A-Za-z]:/u;
/** What decoders put in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\u{FFFD}';
const ONLY_ASCII = /^[\x20-\x7e]*$/u;

/** Why a name is refused; undefined where it is not. */
export function objectionTo(name: string): string | undefined {
  if (name === '') return 'its name is empty';
  if (Buffer.byteLength(name) > MAX_ENTRY_NAME_BYTES) return `its name is longer than ${MAX_ENTRY_NAME_BYTES} bytes`;
  if (CONTROL_CHARACTERS.test(name)) return 'its name contains control characters';
  if (!name.isWellFormed() || name.includes(REPLACEMENT)) return 'its name is no valid UTF-8';
  if (name.includes('\\')) return 'its name contains a backslash; use /';
  if (name.startsWith('/')) return 'its name is an absolute path';
  if (DRIVE.test(name)) return 'its name begins with a drive';
  if (name.includes(':')) return 'its name contains a colon, which names a stream on Windows';
  const segments = name.split('/');
  if (segments.length > MAX_ENTRY_DEPTH) return `its name has more than ${MAX_ENTRY_DEPTH} parts`;
  for (const segment of segments) {
    const objection = objectionToSegment(segment);
    if (objection !== undefined) return objection;
  }
  return undefined;
}

function objectionToSegment(segment: string): string | undefined {
  if (segment === '') return 'its name has an empty part';
  if (segment === '.' || segment === '..') return 'its name leads elsewhere by . or ..';
  if (segment === '__proto__') return 'its name has the part __proto__';
  if (segment.endsWith('.') || segment.endsWith(' ')) return 'a part of its name ends with a dot or a blank';
  if (isReservedName(segment)) return 'a part of its name is reserved on Windows';
  if (Buffer.byteLength(segment) > MAX_FILENAME_BYTES) {
    return `a part of its name is longer than ${MAX_FILENAME_BYTES} bytes`;
  }
  return undefined;
}

/**
 * The same for all names that one system or another takes for the same: of any case and any canonical form.
 *
 * Down before up, because some letters (U+1E9E) meet the others of their kind only so.
 */
export function foldName(name: string): string {
  if (ONLY_ASCII.test(name)) return name.toUpperCase();
  return name.normalize('NFD').toLowerCase().toUpperCase().normalize('NFC');
}
