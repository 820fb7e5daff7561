// @ts-check
// Runs one part of a scenario and tells what it has done and found so far, again and again, and at the end.
import { describe } from '../errors.mjs';
import { Report } from '../Report.mjs';
import { SCENARIOS } from '../scenarios.mjs';
import { cleanUpOnExit } from '../scratch.mjs';

/** @import { ReportData } from '../Report.mjs' */
/** @import { Size } from '../scenarios.mjs' */

/** @typedef {{ scenario: string, index: number, size: Size, seed: number }} PartOrder */
/** @typedef {{ report: ReportData, isEnd: boolean }} PartNews */

const TELLS_EVERY_MS = 2000;

cleanUpOnExit();
// Whoever asked for it has ended.
process.once('disconnect', () => process.exit(1));

const { scenario, index, size, seed } = /** @type {PartOrder} */ (JSON.parse(process.argv[2] ?? '{}'));
const part = SCENARIOS.find(({ name }) => name === scenario)?.parts(size, seed)[index];
if (part === undefined) throw new Error(`No part ${index} of ${scenario}`);
const report = new Report(scenario, { measuresTime: part.measuresTime === true });
const telling = setInterval(() => void tell(false), TELLS_EVERY_MS);
await part.run(report).catch((error) => report.fail(`the scenario stops: ${describe(error)}`, `part ${index}`));
clearInterval(telling);
await tell(true);
process.exit(0);

/** @param {boolean} isEnd @returns {Promise<void>} */
function tell(isEnd) {
  /** @type {PartNews} */
  const news = { report: report.data, isEnd };
  return new Promise((resolve) => process.send?.(news, () => resolve()));
}
