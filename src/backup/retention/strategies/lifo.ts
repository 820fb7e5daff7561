/** Last in, first out. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { removeAll } from '../Verdict.js';
import type { Strategy } from './Strategy.js';

const { NEWEST_FIRST } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_REASONS;

/**
 * The newest go first: keeps the oldest `maxCount` of those that are not too old, such as the states right after an
 * installation. A new backup goes at once when there are enough, unless it is the only verified one.
 */
export const lifo: Strategy = {
  findExcess: (newestFirst, { maxCount = Infinity }) => {
    const excessCount = Math.max(0, newestFirst.length - maxCount);
    return removeAll(newestFirst.slice(0, excessCount), `more than ${maxCount} backups (maxCount), ${NEWEST_FIRST}`);
  },
};
