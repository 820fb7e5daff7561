// @ts-check
// Stops, breaks and races the built store in every way that this machine allows, and judges what is left. `--help`.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { PartProcess } from './PartProcess.mjs';
import { Report } from './Report.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { cleanUpOnExit } from './scratch.mjs';

/** @import { Scenario, Size } from './scenarios.mjs' */

const HELP = `npm run test:faults -- [options]

  --long             all injection points, 1,000 kills, 200 power cuts, 8 processes x 500 updates; about an hour
  --short            a sample of everything in a few minutes
  --only SCENARIO    only this one, may be repeated: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --seed NUMBER      for the random instants; printed by every run
  --json             prints the reports as one line of JSON
  --help             this text`;

const SEEDS = 2 ** 31;
/** One more than there are processors, because each waits for a disk or a timer now and then. */
const PROCESSES_AT_ONCE = availableParallelism() + 1;
/** How often the running scenarios tell how far they are, on the error stream. */
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

/**
 * @typedef {object} Job one part of a scenario
 * @property {PartProcess} part
 * @property {boolean} measuresTime
 * @property {number} seconds that it has taken
 * @property {'waiting' | 'running' | 'done'} state
 */

/** @typedef {{ scenario: Scenario, jobs: Job[] }} Task a scenario with all its parts */

async function run() {
  cleanUpOnExit();
  const unknown = options.only?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`No such scenario: ${unknown.join(', ')}`);
  const chosen = SCENARIOS.filter(({ name }) => options.only?.includes(name) ?? true);
  /** @type {Size} */
  const size = options.long ? 'long' : options.short ? 'short' : 'normal';
  say(`Node ${process.version}, ${process.platform}, size ${size}, seed ${options.seed}\n`);
  const tasks = chosen.map((scenario) => taskOf(scenario, size));
  const progress = setInterval(() => tellProgress(tasks), PROGRESS_INTERVAL_MS);
  await runAll(tasks).finally(() => clearInterval(progress));
  const reports = tasks.map(reportOf);
  if (options.json) console.log(JSON.stringify(reports));
  const failures = reports.reduce((sum, { failureCount }) => sum + failureCount, 0);
  say(failures === 0 ? 'No failure.' : `${failures} failures; repeat with --seed ${options.seed}`);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** @param {Scenario} scenario @param {Size} size @returns {Task} */
function taskOf(scenario, size) {
  const seed = Number(options.seed);
  const jobs = scenario.parts(size, seed).map(({ measuresTime = false }, index) => {
    const part = new PartProcess({ scenario: scenario.name, index, size, seed });
    return { part, measuresTime, seconds: 0, state: /** @type {const} */ ('waiting') };
  });
  return { scenario, jobs };
}

/** First what measures time, one at a time; then the rest, so many at once. Reports come in the order of the tasks. @param {readonly Task[]} tasks */
async function runAll(tasks) {
  const jobs = tasks.flatMap((task) => task.jobs);
  const unreported = [...tasks];
  const work = async (/** @type {Iterable<Job>} */ queue) => {
    for (const job of queue) {
      await runJob(job);
      while (unreported[0]?.jobs.every(({ state }) => state === 'done')) {
        say(`${String(reportOf(/** @type {Task} */ (unreported.shift())))}\n`);
      }
    }
  };
  await work(jobs.filter(({ measuresTime }) => measuresTime));
  // All workers take from one queue.
  const queue = jobs.filter(({ measuresTime }) => !measuresTime).values();
  await Promise.all(Array.from({ length: PROCESSES_AT_ONCE }, () => work(queue)));
}

/** @param {Job} job */
async function runJob(job) {
  const start = performance.now();
  job.state = 'running';
  await job.part.run();
  job.state = 'done';
  job.seconds = (performance.now() - start) / 1000;
}

/** What all parts of a scenario have done and found so far. @param {Task} task */
function reportOf({ scenario, jobs }) {
  const report = new Report(`${scenario.name}: ${scenario.summary}`);
  for (const { part } of jobs) report.add(part.told);
  const seconds = jobs.reduce((sum, job) => sum + job.seconds, 0);
  const processes = jobs.length === 1 ? '' : `, the sum of ${jobs.length} processes`;
  report.figure('time', `${seconds.toFixed(1)} s${processes}`);
  return report;
}

/** @param {readonly Task[]} tasks */
function tellProgress(tasks) {
  for (const task of tasks.filter(({ jobs }) => jobs.some(({ state }) => state === 'running'))) {
    console.error(reportOf(task).progress);
  }
}

/** @param {string} text */
function say(text) {
  if (!options.json) console.log(text);
}
