/** Which files a list of paths or a pattern means. */
import { join, resolve, sep } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Operation } from '../engine/Operation.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { HOME_ADVICE, invalidPath, requirePathText } from '../value/pathText.js';
import type { TransferParts } from './TransferParts.js';

const { EXCHANGE } = CONFIG_PERSISTENCE_CONSTANTS;

/** Paths, or one pattern such as `./config/*.json` or `./config/**`. */
export type FileSelection = string | readonly string[];

/**
 * The files in the order of the list, or of their names. What a pattern leads to are the regular files below the folder that
 * it starts with, hidden ones and links left out, but for those in the module's own folders, unless the pattern starts there.
 *
 * @param further names that are no files of this machine.
 * @throws PersistenceError `ERR_INVALID_REQUEST` where it is neither, or means too many; `ERR_INVALID_FILE_PATH`.
 */
export async function selectFiles(
  { exchange, settings }: Pick<TransferParts, 'exchange' | 'settings'>,
  selection: FileSelection,
  further: AsyncIterable<string> | undefined,
  operation: Operation,
): Promise<string[]> {
  if (Array.isArray(selection)) return [...new Set((selection as unknown[]).map((path) => requirePathText(path)))];
  if (typeof selection !== 'string' || selection === '') {
    throw persistenceError('ERR_INVALID_REQUEST', 'give a list of paths, or a pattern such as ./config/*.json');
  }
  if (selection.startsWith('~')) throw invalidPath(selection, HOME_ADVICE);
  const { default: picomatch } = await import('picomatch');
  const { base } = picomatch.scan(selection);
  const { ownDirectories, workingDirectory } = settings;
  const start = resolve(workingDirectory, base);
  const isMeant = picomatch(resolve(workingDirectory, selection));
  // Whoever names such a folder means it.
  const leftOut = ownDirectories.filter((folder) => !isIn(folder, start));
  const found = new Set<string>();
  const add = (path: string): void => {
    if (!isMeant(path) || leftOut.some((folder) => isIn(folder, path))) return;
    found.add(path);
    if (found.size > EXCHANGE.MAX_MATCHED_FILES) {
      throw persistenceError('ERR_INVALID_REQUEST', `the pattern means more than ${EXCHANGE.MAX_MATCHED_FILES} files`);
    }
  };
  for await (const path of exchange.filesBelow(start, operation)) add(path);
  if (further !== undefined) for await (const name of further) add(name);
  return [...found].sort();
}

function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(join(folder, sep));
}
