/** How much of what can be tried without end is tried: a fifth in `npm test`, all of it in `npm run test:long`. */
const SHORT_PART = 5;

export const isLong = process.env.TEST_LONG === '1';

/** @param all of the long form. */
export function runs(all: number): number {
  return isLong ? all : Math.ceil(all / SHORT_PART);
}
