/** `maxAgeHours`: when a backup becomes too old. */
import { HOUR_MS } from './units.js';

/** The last epoch millisecond at which a backup is not too old. */
export function expiryOf(createdAt: number, maxAgeHours: number): number {
  return createdAt + maxAgeHours * HOUR_MS;
}

/** Why a backup is too old; undefined where it is not, or where the age is not limited. */
export function tooOldReason(createdAt: number, maxAgeHours: number | undefined, now: number): string | undefined {
  if (maxAgeHours === undefined || now <= expiryOf(createdAt, maxAgeHours)) return undefined;
  return `older than ${maxAgeHours} hours (maxAgeHours)`;
}
