// @ts-check
// conf, replacing its whole store; all of its calls block the thread until they are done.
import { basename, dirname, extname } from 'node:path';
import Conf from 'conf';
import { serialize } from './contender.mjs';

/** @import { Contender } from './contender.mjs' */

/** conf owns one file for each instance. @param {string} file */
export function openConf(file) {
  const extension = extname(file);
  return new Conf({
    cwd: dirname(file),
    configName: basename(file, extension),
    fileExtension: extension.slice(1),
    accessPropertiesByDotNotation: false,
    serialize,
  });
}

/** @type {Contender} */
export const confContender = {
  name: 'conf',
  open() {
    /** @type {Map<string, ReturnType<typeof openConf>>} */
    const opened = new Map();
    /** @param {string} file */
    const storeOf = (file) => {
      const known = opened.get(file) ?? openConf(file);
      opened.set(file, known);
      return known;
    };
    return Promise.resolve({
      save(file, value) {
        storeOf(file).store = { ...value };
        return Promise.resolve();
      },
      load: (file) => storeOf(file).store,
      close: () => Promise.resolve(),
    });
  },
};
