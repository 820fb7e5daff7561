// @ts-check
// atomically with its defaults: flushes the file and waits for it, does not flush the folder.
import { readFileSync, writeFile } from 'atomically';
import { serialize } from './contender.mjs';

/** @import { Contender } from './contender.mjs' */

/** @type {Contender} */
export const atomicallyContender = {
  name: 'atomically',
  open: () =>
    Promise.resolve({
      save: (file, value) => writeFile(file, serialize(value)),
      load: (file) => JSON.parse(readFileSync(file, 'utf8')),
      close: () => Promise.resolve(),
    }),
};
