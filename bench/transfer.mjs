// @ts-check
// Archives of many configurations, and of one with a long history; and conversions between formats. Each work on archives
// runs in a process of its own, so that its peak memory is its own.
import { execFile } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { randomBytes } from 'node:crypto';
import { formatMs, table } from './table.mjs';

/** @typedef {{ ms: number, peakMb: number }} Cost */

const WORKER = fileURLToPath(new URL('transferWorker.mjs', import.meta.url));
const BYTES = 2048;
const MAX_RATIO = 1.5;
const MAX_PEAK_MB = 150;
const HISTORY = { contents: 50, bytes: 2 * 1024 * 1024 };
const SHORT_HISTORY = { contents: 3, bytes: 20_000 };

/**
 * @param {{ folder: string, short: boolean, openModule: typeof import('./contenders/ours.mjs').openModule | undefined, print: (text: string) => void }} context
 */
export async function runTransfer({ folder, short, openModule, print }) {
  if (openModule === undefined) return {};
  const count = short ? 100 : 10_000;
  const runs = short ? 1 : 3;
  const home = join(folder, 'transfer');
  await mkdir(join(home, 'conf'), { recursive: true });
  for (let index = 0; index < count; index++) {
    await writeFile(join(home, 'conf', `config-${String(index).padStart(5, '0')}.json`), contentOf(index));
  }
  const empty = await cost('nothing', home, '', '');
  /** @type {Record<string, Cost & { bareMs: number }>} */
  const results = {};
  for (const format of ['zip', 'tar.gz']) {
    for (const direction of ['export', 'import']) {
      const work = `${direction} ${format}`;
      const archive = join(home, `all.${format}`);
      /** @type {Cost[]} */
      const own = [];
      /** @type {Cost[]} */
      const bare = [];
      for (let run = 0; run < runs; run++) {
        for (const [name, costs] of /** @type {const} */ ([
          [work, own],
          [`bare ${work}`, bare],
        ])) {
          const target = join(home, 'target');
          await rm(target, { recursive: true, force: true });
          await mkdir(target);
          const file = name.startsWith('bare export') ? `${archive}.bare` : archive;
          costs.push(await cost(name, home, file, target));
        }
      }
      results[work] = { ...median(own), bareMs: median(bare).ms };
    }
  }
  const target = join(home, 'durable');
  await mkdir(target);
  const durable = await cost('durable writes', home, '', target);
  print(
    table(
      `${count} configurations of 2 KB: beside the bare library (goal <= ${MAX_RATIO} x), memory (goal <= ${MAX_PEAK_MB} MB)`,
      ['', 'median', 'bare', 'ratio', 'goal', 'peak'],
      Object.entries(results).map(([name, { ms, bareMs, peakMb }]) => [
        name,
        formatMs(ms),
        formatMs(bareMs),
        (ms / bareMs).toFixed(2),
        ms / bareMs <= MAX_RATIO ? 'yes' : 'NO',
        `${peakMb.toFixed(0)} MB`,
      ]),
    ),
  );
  print(
    `An empty process: ${empty.peakMb.toFixed(0)} MB. The same files written durably, ten at a time: ${formatMs(durable.ms)}.`,
  );
  const history = await runHistory(join(folder, 'history'), short ? SHORT_HISTORY : HISTORY, openModule);
  print(
    table(
      `A backup archive of ${history.archiveMb.toFixed(0)} MB (goal <= ${MAX_PEAK_MB} MB of memory)`,
      ['', 'time', 'peak', 'goal'],
      Object.entries(history.costs).map(([name, { ms, peakMb }]) => [
        name,
        formatMs(ms),
        `${peakMb.toFixed(0)} MB`,
        peakMb <= MAX_PEAK_MB ? 'yes' : 'NO',
      ]),
    ),
  );
  return { archives: results, durable, history };
}

/** @param {string} home @param {{ contents: number, bytes: number }} size @param {typeof import('./contenders/ours.mjs').openModule} openModule */
async function runHistory(home, { contents, bytes }, openModule) {
  await mkdir(home, { recursive: true });
  const module = await openModule(home, {
    defaultConfigPath: join(home, 'app.json'),
    retentionCount: 50,
    maxVersionHistory: 50,
    compressionEnabled: false,
  });
  for (let revision = 0; revision < contents; revision++) {
    await module.saveConfiguration({ revision, noise: randomBytes((bytes * 3) / 4).toString('base64') });
  }
  await module.destroy();
  const archive = join(home, 'app.backup');
  const exported = await cost('export backup', home, archive, '');
  const { size } = await stat(archive);
  const target = join(home, 'target');
  await mkdir(target);
  const imported = await cost('import backup', home, archive, target);
  return { archiveMb: size / 1024 / 1024, costs: { export: exported, import: imported } };
}

/** @param {number} index */
function contentOf(index) {
  const servers = Array.from({ length: 40 }, (_, place) => ({ host: `host-${index}-${place}`, port: index + place }));
  const text = JSON.stringify({ index, servers });
  return text.length >= BYTES ? JSON.stringify({ index, servers: servers.slice(0, 38) }) : text;
}

/** @param {string} work @param {string[]} parameters @returns {Promise<Cost>} */
async function cost(work, ...parameters) {
  const { stdout } = await promisify(execFile)(process.execPath, [WORKER, work, ...parameters]);
  return JSON.parse(stdout);
}

/** @param {Cost[]} costs @returns {Cost} */
function median(costs) {
  const middle = (/** @type {number[]} */ numbers) =>
    numbers.sort((left, right) => left - right)[numbers.length >> 1] ?? NaN;
  return { ms: middle(costs.map(({ ms }) => ms)), peakMb: Math.max(...costs.map(({ peakMb }) => peakMb)) };
}
