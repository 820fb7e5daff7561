/** A duration as people read it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

const { SECOND_MS, UPTIME_UNITS } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** Such as `1d 2h 3m 4s`, from the largest unit that is not zero; parts of a second are left out. */
export function durationInWords(ms: number): string {
  const amounts: [amount: number, unit: string][] = [];
  let rest = Math.floor(ms / SECOND_MS);
  for (const [unit, size] of UPTIME_UNITS) {
    const amount = size === undefined ? rest : rest % size;
    rest = size === undefined ? 0 : Math.floor(rest / size);
    amounts.unshift([amount, unit]);
  }
  const first = amounts.findIndex(([amount]) => amount > 0);
  return amounts
    .slice(first === -1 ? -1 : first)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
