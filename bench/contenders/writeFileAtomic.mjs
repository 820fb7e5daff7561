// @ts-check
// write-file-atomic as its page shows it: flushes the file, not the folder.
import { readFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { serialize } from './contender.mjs';

/** @import { Contender } from './contender.mjs' */

/** @type {Contender} */
export const writeFileAtomicContender = {
  name: 'write-file-atomic',
  open: () =>
    Promise.resolve({
      save: (file, value) => writeFileAtomic(file, serialize(value)),
      load: (file) => JSON.parse(readFileSync(file, 'utf8')),
      close: () => Promise.resolve(),
    }),
};
