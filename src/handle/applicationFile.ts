/** Where the file of an application is: where the system keeps such files, for those that name only themselves. */
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { requirePathText } from '../value/pathText.js';

const { DEFAULT_CONFIG_FILENAME } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/** One path, or the name of an application whose settings are in the user's folder for such files. */
export type ConfigurationPlace =
  | string
  | {
      /** Names the folder; one part of a path. */
      readonly appName: string;
      /** Its extension tells the format. Default: `config.json`. */
      readonly fileName?: string;
    };

/** The full path. @throws PersistenceError `ERR_INVALID_FILE_PATH`, `ERR_INVALID_REQUEST` for what is no place. */
export function fileOf(place: ConfigurationPlace): string {
  if (typeof place === 'string') return resolve(requirePathText(place));
  if (typeof place !== 'object' || (place as object | null) === null) {
    throw persistenceError('ERR_INVALID_REQUEST', 'name a path, or an object with appName');
  }
  const { appName, fileName = DEFAULT_CONFIG_FILENAME } = place;
  const folder = envPaths(nameOf('appName', appName), { suffix: '' }).config;
  return requirePathText(join(folder, nameOf('fileName', fileName)));
}

function nameOf(what: string, given: unknown): string {
  // What the system cannot have as a name is refused with the whole path.
  const isName = typeof given === 'string' && given !== '' && !/^\.{1,2}$|[\\/:]|\p{Cc}/u.test(given);
  if (isName) return given;
  throw persistenceError('ERR_INVALID_FILE_PATH', `${what} must be a name without separators`);
}
