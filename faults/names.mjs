// @ts-check
// Lists folders that may not be there.
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isIgnoreFile } from './fileKinds.mjs';

/** What a folder holds, but for what keeps it out of version control; nothing where there is none. @param {string} folder @returns {Promise<string[]>} */
export async function namesIn(folder) {
  try {
    return (await readdir(folder)).filter((name) => !isIgnoreFile(name));
  } catch {
    return [];
  }
}

/** What an import of several configurations reads, beside the one that is judged. */
export const ARCHIVE_OF_SEVERAL = 'in.archive';

/** The configurations that an import of several changes beside the one that is judged. @param {string} file */
export function companionsOf(file) {
  return [join(dirname(file), 'companion.yaml')];
}
