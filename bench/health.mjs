// @ts-check
// Health checks and statistics over many configurations, the first time and again; and the history of operations: what a
// question costs when there are many entries. What the history, metrics and tracing cost a save: `node bench/metricsCost.mjs`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileOperations } from '../dist/src/storage/local/io/FileOperations.js';
import { LocalLogSegments } from '../dist/src/storage/local/operationLog/LocalLogSegments.js';
import { SegmentChain } from '../dist/src/history/SegmentChain.js';
import { formatMs, table } from './table.mjs';

/** @import { LogRecord } from '../dist/src/history/records.js' */

const FULL = { configurations: 10_000, backups: 10, entries: 1_000_000, repetitions: 5 };
const SHORT = { configurations: 20, backups: 3, entries: 20_000, repetitions: 2 };
const AT_ONCE = 20;
const ENTRIES_AT_ONCE = 1000;
const TIMEOUT_MS = 3_600_000;
const MIN_SPEED_UP = 20;
const MAX_PAGE_MS = 50;
const MAX_PAGE_MB = 50;
const PAGE = 100;
const MIB = 1024 * 1024;

/**
 * @param {{ folder: string, short: boolean, openModule: typeof import('./contenders/ours.mjs').openModule | undefined, print: (text: string) => void }} context
 */
export async function runHealth({ folder, short, openModule, print }) {
  if (openModule === undefined) return {};
  const size = short ? SHORT : FULL;
  const home = join(folder, 'health');
  await mkdir(home);
  const options = { enableHealthChecks: false, retentionCount: size.backups };
  const writer = await openModule(home, options);
  const waiting = Array.from({ length: size.configurations }, (_, index) =>
    join(home, `config-${index}.json`),
  ).values();
  const work = async () => {
    for (const file of waiting) {
      for (let count = 0; count <= size.backups; count++) await writer.saveConfiguration({ file, count }, file);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await writer.destroy();

  const module = await openModule(home, options);
  const limits = { timeout: TIMEOUT_MS };
  const check = await timed(size.repetitions, () =>
    module.validateStorageHealth({ ...limits, maxDurationMs: TIMEOUT_MS }),
  );
  await module.destroy();
  const other = await openModule(home, options);
  const statistics = await timed(size.repetitions, () => other.getStorageStatistics(limits));
  await other.destroy();
  const rows = Object.entries({ 'health check': check, statistics }).map(([name, { firstMs, againMs }]) => [
    name,
    formatMs(firstMs),
    formatMs(againMs),
    `${(firstMs / againMs).toFixed(1)} x`,
    `>= ${MIN_SPEED_UP} x`,
    firstMs / againMs >= MIN_SPEED_UP ? 'yes' : 'NO',
  ]);
  const title = `Health of ${size.configurations} configurations with ${size.backups} backups each`;
  print(table(title, ['', 'first', 'again', 'faster by', 'target', 'reached'], rows));
  const history = await runHistory({ home: join(home, 'history'), entries: size.entries, openModule, print });
  return { check, statistics, history };
}

/**
 * @param {{ home: string, entries: number, openModule: typeof import('./contenders/ours.mjs').openModule, print: (text: string) => void }} context
 */
async function runHistory({ home, entries, openModule, print }) {
  await mkdir(home);
  await writeEntries(join(home, 'metadata', 'operations'), entries);
  const module = await openModule(home, { enableHealthChecks: false });
  await module.saveConfiguration({ last: true });
  const before = process.memoryUsage().rss;
  const pageMs = await durationOf(() => module.getOperationHistory(PAGE));
  const pageMb = Math.max(0, process.memoryUsage().rss - before) / MIB;
  const rareMs = await durationOf(() => module.getOperationHistory(PAGE, { user: 'nobody' }));
  const verifyMs = await durationOf(() => module.verifyOperationHistory({ timeout: TIMEOUT_MS }));
  await module.destroy();
  const isReached = pageMs <= MAX_PAGE_MS && pageMb <= MAX_PAGE_MB;
  print(
    table(
      `A history of ${entries} entries`,
      ['', 'time', 'memory', 'target', 'reached'],
      [
        [
          `the newest ${PAGE}`,
          formatMs(pageMs),
          `${pageMb.toFixed(0)} MB`,
          `<= ${MAX_PAGE_MS} ms, ${MAX_PAGE_MB} MB`,
          isReached ? 'yes' : 'NO',
        ],
        ['all, for one that is not there', formatMs(rareMs), '', '', ''],
        ['verification', formatMs(verifyMs), '', '', ''],
      ],
    ),
  );
  return { pageMs, pageMb, rareMs, verifyMs };
}

/** Entries as saves make them, by a writer that is gone. @param {string} folder @param {number} count */
async function writeEntries(folder, count) {
  const segments = new LocalLogSegments(nodeFileOperations, { folder, fileMode: 0o600, folderMode: 0o700 });
  const writer = { pid: 1, host: 'bench', module: 'bench' };
  const start = Date.now() - count;
  let chain = await SegmentChain.begin(segments, writer, start);
  for (let done = 0; done < count; done += ENTRIES_AT_ONCE) {
    await chain.append(Array.from({ length: ENTRIES_AT_ONCE }, (_, index) => entryOf(start, done + index, writer)));
    if (!chain.isFull) continue;
    await chain.end();
    chain = await SegmentChain.begin(segments, writer, start + done);
  }
  await chain.end();
}

/** @param {number} start @param {number} index @param {{ pid: number, host: string, module: string }} writer @returns {LogRecord} */
function entryOf(start, index, writer) {
  const checksum = String(index).padStart(64, '0');
  return {
    record: 'operation',
    id: `${start + index}-0123456789ab-${index}`,
    operationType: /** @type {any} */ ('save'),
    filePath: '/srv/application/config/app.json',
    time: start + index,
    durationMs: 4.2,
    details: {
      origin: 'caller',
      process: writer,
      kind: 'save',
      revision: index + 1,
      checksumBefore: checksum,
      checksumAfter: checksum,
    },
  };
}

/** @param {number} repetitions @param {() => Promise<unknown>} work */
async function timed(repetitions, work) {
  const firstMs = await durationOf(work);
  const again = [];
  for (let run = 0; run < repetitions; run++) again.push(await durationOf(work));
  return { firstMs, againMs: again.toSorted((left, right) => left - right)[Math.floor(again.length / 2)] ?? 0 };
}

/** @param {() => Promise<unknown>} work */
async function durationOf(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
