// @ts-check
// Compares this package with the plain calls and with its rivals, on this machine, in one run. `--help` tells the rest.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBackups } from './backups.mjs';
import { runContention } from './contention.mjs';
import { assembled } from './contenders/assembled.mjs';
import { atomicallyContender } from './contenders/atomically.mjs';
import { confContender } from './contenders/conf.mjs';
import { floor } from './contenders/floor.mjs';
import { writeFileAtomicContender } from './contenders/writeFileAtomic.mjs';
import { runHealth } from './health.mjs';
import { describeHost } from './host.mjs';
import { runLive } from './live.mjs';
import { runLoading } from './loading.mjs';
import { runParallel } from './parallel.mjs';
import { runSaving } from './saving.mjs';
import { countTargets } from './table.mjs';
import { runTransfer } from './transfer.mjs';

const SCENARIOS = ['save', 'load', 'parallel', 'contention', 'backups', 'transfer', 'health', 'live'];
const HELP = `npm run bench -- [options]

  --short             few samples: shows that everything runs, not how fast it is
  --scenario NAME     only this one, may be repeated: ${SCENARIOS.join(', ')}
  --against FOLDER    saves also with another build of this package, such as a checkout of the last release
  --rivals-only       leaves this package out, for work on the benchmark itself
  --dir FOLDER        where the files are written (default: the system's temporary folder)
  --json FILE         writes all figures to this file
  --help              this text`;

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    scenario: { type: 'string', multiple: true, default: SCENARIOS },
    against: { type: 'string' },
    'rivals-only': { type: 'boolean', default: false },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) console.log(HELP);
else await run();

async function run() {
  const unknown = options.scenario.filter((name) => !SCENARIOS.includes(name));
  if (unknown.length > 0) throw new Error(`No such scenario: ${unknown.join(', ')}`);
  await mkdir(options.dir, { recursive: true });
  const folder = await mkdtemp(join(options.dir, 'config-bench-'));
  const start = performance.now();
  try {
    const host = await describeHost(folder);
    console.log(
      `Node ${host.node}, ${host.system}, ${host.cpu} (${host.cores} cores), ${host.fileSystem} at ${options.dir}`,
    );
    console.log('C is the floor: stringify, write a temporary file, flush it, rename it, flush the folder.');
    if (options.short) console.log('Short run: these figures only show that everything works.');
    const results = await runScenarios(folder);
    const seconds = (performance.now() - start) / 1000;
    if (options.json !== undefined) {
      const report = { host, short: options.short, takenAt: new Date().toISOString(), seconds, results };
      await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
    const { reached, targets } = countTargets(results);
    console.log(`\n${reached} of ${targets} targets reached. Done in ${seconds.toFixed(0)} s.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @returns {Promise<Record<string, unknown>>} */
async function runScenarios(folder) {
  const product = options['rivals-only'] ? undefined : await import('./contenders/ours.mjs');
  const savers = product === undefined ? [] : [product.ours, product.oursWithoutBackups];
  const others =
    product === undefined || options.against === undefined ? [] : [await product.otherBuild(options.against)];
  const plain = [writeFileAtomicContender, atomicallyContender];
  const updaters = [
    ...(product === undefined ? [] : [{ id: 'ours', name: 'this package' }]),
    { id: 'assembled', name: 'proper-lockfile + write-file-atomic' },
    { id: 'conf', name: 'conf (has no lock)' },
  ];
  const context = { folder, short: options.short, print: console.log };
  /** @type {Record<string, () => Promise<unknown>>} */
  const scenarios = {
    save: () =>
      runSaving({ ...context, contenders: [floor, ...savers, ...others, ...plain, confContender, assembled] }),
    load: () => runLoading({ ...context, ours: product?.ours, rivals: [confContender] }),
    parallel: () => runParallel({ ...context, contenders: [floor, ...savers.slice(0, 1), ...plain] }),
    contention: () => runContention({ ...context, updaters }),
    backups: () => runBackups({ ...context, openModule: product?.openModule }),
    transfer: () => runTransfer({ ...context, openModule: product?.openModule }),
    health: () => runHealth({ ...context, openModule: product?.openModule }),
    live: () => runLive({ ...context, openModule: product?.openModule }),
  };
  /** @type {Record<string, unknown>} */
  const results = {};
  for (const name of SCENARIOS.filter((scenario) => options.scenario.includes(scenario))) {
    results[name] = await scenarios[name]?.();
  }
  return results;
}
