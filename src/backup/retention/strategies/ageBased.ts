/** By age. */
import { fifo } from './fifo.js';
import type { Strategy } from './Strategy.js';

/**
 * All that is older than `maxAgeHours` goes, and beyond `maxCount` the oldest: keeps the newest of those that are not too
 * old. As the age limits in every strategy, this is what fifo keeps; the name says which of the two limits is meant.
 */
export const ageBased: Strategy = { findExcess: fifo.findExcess };
