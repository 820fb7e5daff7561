/** By size. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { remove, type Verdicts } from '../Verdict.js';
import type { Strategy } from './Strategy.js';

const { DEFAULT_MAX_TOTAL_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.RETENTION;
const { LARGEST_FIRST } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_REASONS;

/**
 * While there are more than `maxTotalBytes` or more than `maxCount`, the largest goes, the older of equals first: keeps
 * the smallest of those that are not too old. Protected backups and those that a rule decided are not weighed.
 */
export const sizeBased: Strategy = {
  findExcess: (newestFirst, { maxCount = Infinity, maxTotalBytes = DEFAULT_MAX_TOTAL_BYTES }) => {
    const verdicts: Verdicts = new Map();
    let count = newestFirst.length;
    let totalBytes = newestFirst.reduce((total, { size }) => total + size, 0);
    // Sorting is stable, so that of equals the older stays in front.
    const largestFirst = newestFirst.toReversed().sort((left, right) => right.size - left.size);
    for (const candidate of largestFirst) {
      if (count <= maxCount && totalBytes <= maxTotalBytes) break;
      const limit =
        totalBytes > maxTotalBytes ? `${maxTotalBytes} bytes (maxTotalBytes)` : `${maxCount} backups (maxCount)`;
      verdicts.set(candidate, remove(`more than ${limit}, ${LARGEST_FIRST}`));
      count -= 1;
      totalBytes -= candidate.size;
    }
    return verdicts;
  },
};
