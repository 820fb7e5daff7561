// @ts-check
// The floor C: the plain calls that a durable atomic save cannot do without, and nothing else.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { serialize } from './contender.mjs';

/** @import { Contender } from './contender.mjs' */

/** @param {string} file @param {string} text */
export async function plainSave(file, text) {
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** @param {string} file @returns {unknown} */
export function bareLoad(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @param {string} file @returns {unknown} */
export function hashedLoad(file) {
  const bytes = readFileSync(file);
  createHash('sha256').update(bytes).digest('hex');
  return JSON.parse(bytes.toString('utf8'));
}

/** Like `C`, in asynchronous calls. @param {string} file @returns {Promise<unknown>} */
export async function plainHashedLoad(file) {
  const bytes = await readFile(file);
  createHash('sha256').update(bytes).digest('hex');
  return JSON.parse(bytes.toString('utf8'));
}

/** @type {Contender} */
export const floor = {
  name: 'floor C (plain calls)',
  open: () =>
    Promise.resolve({
      save: (file, value) => plainSave(file, serialize(value)),
      load: bareLoad,
      close: () => Promise.resolve(),
    }),
};
