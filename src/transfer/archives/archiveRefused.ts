/** The refusal of an archive, which shows names of entries in a form that can do no harm to a terminal or a log. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError, type PersistenceError } from '../../errors/PersistenceError.js';

const { MAX_SHOWN_NAME_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;

/** What JSON leaves as it is although it does not show, or changes how its neighbours show. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const HEXADECIMAL = 16;

/** @param about the name of the entry that it is about, as the archive has it; never anything of a content. */
export function archiveRefused(reason: string, about: { entry?: string; cause?: unknown } = {}): PersistenceError {
  const where = about.entry === undefined ? '' : `entry ${showName(about.entry)}: `;
  return persistenceError('ERR_ARCHIVE_REFUSED', `${where}${reason}`, { cause: about.cause });
}

/** In quotes, cut, and with everything escaped that is no visible character. */
export function showName(name: string): string {
  const isCut = name.length > MAX_SHOWN_NAME_LENGTH;
  const shown = JSON.stringify(name.slice(0, MAX_SHOWN_NAME_LENGTH));
  return `${shown.replace(INVISIBLE, escapeCharacter)}${isCut ? '...' : ''}`;
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(HEXADECIMAL)}}`;
}
