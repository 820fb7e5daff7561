// @ts-check
// Lists folders that may not be there.
import { readdir } from 'node:fs/promises';

/** What a folder holds; nothing where there is none. @param {string} folder @returns {Promise<string[]>} */
export async function namesIn(folder) {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
