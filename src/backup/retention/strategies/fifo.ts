/** First in, first out. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { removeAll } from '../Verdict.js';
import type { Strategy } from './Strategy.js';

const { OLDEST_FIRST } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_REASONS;

/** The oldest go first: keeps the newest `maxCount` of those that are not too old. */
export const fifo: Strategy = {
  findExcess: (newestFirst, { maxCount = Infinity }) =>
    removeAll(newestFirst.slice(maxCount), `more than ${maxCount} backups (maxCount), ${OLDEST_FIRST}`),
};
