// @ts-check
// Stops, breaks and races the built store in every way that this machine allows, and judges what is left. `--help`.
import { parseArgs } from 'node:util';
import { Report } from './Report.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { cleanUpOnExit } from './scratch.mjs';

/** @import { Size } from './scenarios.mjs' */

const HELP = `npm run test:faults -- [options]

  --long             all injection points, 1,000 kills, 200 power cuts, 8 processes x 500 updates; over two hours
  --short            a sample of everything in a few minutes
  --only SCENARIO    only this one, may be repeated: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --seed NUMBER      for the random instants; printed by every run
  --json             prints the reports as one line of JSON
  --help             this text`;

const SEEDS = 2 ** 31;
/** How often a running scenario tells how far it is, on the error stream. */
const PROGRESS_INTERVAL_MS = 60_000;

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    seed: { type: 'string', default: String(Math.floor(Math.random() * SEEDS)) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(HELP);
else await run();

async function run() {
  cleanUpOnExit();
  const unknown = options.only?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`No such scenario: ${unknown.join(', ')}`);
  const chosen = SCENARIOS.filter(({ name }) => options.only?.includes(name) ?? true);
  /** @type {Size} */
  const size = options.long ? 'long' : options.short ? 'short' : 'normal';
  const say = (/** @type {string} */ text) => (options.json ? undefined : console.log(text));
  say(`Node ${process.version}, ${process.platform}, size ${size}, seed ${options.seed}\n`);
  const reports = [];
  for (const scenario of chosen) {
    const report = new Report(`${scenario.name}: ${scenario.summary}`);
    const start = performance.now();
    const progress = setInterval(() => console.error(report.progress), PROGRESS_INTERVAL_MS);
    await scenario.run(report, size, Number(options.seed)).finally(() => clearInterval(progress));
    report.figure('time', `${((performance.now() - start) / 1000).toFixed(1)} s`);
    say(`${String(report)}\n`);
    reports.push(report);
  }
  if (options.json) console.log(JSON.stringify(reports));
  const failures = reports.reduce((sum, { failureCount }) => sum + failureCount, 0);
  say(failures === 0 ? 'No failure.' : `${failures} failures; repeat with --seed ${options.seed}`);
  process.exitCode = failures === 0 ? 0 : 1;
}
