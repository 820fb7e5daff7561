/** First in, first out. */
import { removeAll } from '../Verdict.js';
import type { Strategy } from './Strategy.js';

/** The oldest go first: keeps the newest `maxCount` of those that are not too old. */
export const fifo: Strategy = {
  findExcess: (newestFirst, { maxCount = Infinity }) =>
    removeAll(newestFirst.slice(maxCount), `more than ${maxCount} backups (maxCount), and the oldest go first`),
};
