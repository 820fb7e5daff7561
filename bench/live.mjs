// @ts-check
// What requests over a connection cost beside direct calls, how soon a change by somebody else is told, what a look at the
// newest value costs, and many of everything at once.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseModule, connect, openConfiguration } from 'rcc-config-persistence';
import { formatMs, table } from './table.mjs';

/** @typedef {typeof import('./contenders/ours.mjs').openModule} OpenModule */

const FULL = { saves: 500, changes: 200, reads: 1_000_000, transfers: 10_000, files: 1000 };
const SHORT = { saves: 20, changes: 5, reads: 10_000, transfers: 200, files: 50 };
const MAX_OVERHEAD = 1.05;
const MAX_NATIVE_MS = 50;
const POLLING_MS = 100;
const MAX_READ_US = 1;
const MAX_WATCHERS = 2;
const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
/** The last of ten thousand waits for all others. */
const PATIENT = { lockTimeout: 300_000, timeout: HOUR_MS };
const CONFIG = { server: { host: 'localhost', port: 8080 }, text: 'x'.repeat(900) };

class Client extends BaseModule {}

/** @param {{ folder: string, short: boolean, openModule: OpenModule | undefined, print: (text: string) => void }} context */
export async function runLive({ folder, short, openModule, print }) {
  if (openModule === undefined) return {};
  const size = short ? SHORT : FULL;
  const home = join(folder, 'live');
  await mkdir(home);
  const module = await openModule(home, { enableHealthChecks: false });
  const info = { version: '1.0.0', description: 'of the benchmark', type: 'client' };
  const client = new Client({ ...info, id: 'bench-client', name: 'Client' });
  await client.initialize();
  connect(client, module, ['save-request']);

  const { direct, requested } = await compareSaves(module, client, join(home, 'saves.json'), size.saves);
  const native = await latencyOf(module, join(home, 'native.json'), size.changes, {});
  const polled = await latencyOf(module, join(home, 'polled.json'), Math.min(size.changes, 50), {
    polling: true,
    interval: POLLING_MS,
  });
  const reads = await readsOf(join(home, 'handle.json'), size.reads);
  const queued = await queue(module, client, join(home, 'queued.json'), size.transfers);
  const many = await watchMany(module, join(home, 'many'), size.files);
  await client.destroy();
  await module.destroy();

  const overhead = requested / direct;
  const rows = [
    ['a save, called directly', formatMs(direct), '', ''],
    [
      'the same, by request',
      `${formatMs(requested)} (x ${overhead.toFixed(3)})`,
      `<= x ${MAX_OVERHEAD}`,
      said(overhead <= MAX_OVERHEAD),
    ],
    ['an edit to its listener', formatMs(native), `<= ${MAX_NATIVE_MS} ms`, said(native <= MAX_NATIVE_MS)],
    [
      `the same, looking every ${POLLING_MS} ms`,
      formatMs(polled),
      `<= ${POLLING_MS + MAX_NATIVE_MS} ms`,
      said(polled <= POLLING_MS + MAX_NATIVE_MS),
    ],
    ['value of a handle', `${reads.value.toFixed(3)} us`, `<= ${MAX_READ_US} us`, said(reads.value <= MAX_READ_US)],
    ["get('server.port')", `${reads.get.toFixed(3)} us`, `<= ${MAX_READ_US} us`, said(reads.get <= MAX_READ_US)],
    [
      `${size.transfers} requests at once`,
      `${queued.perSecond.toFixed(0)}/s, ${queued.memoryMb.toFixed(0)} MB`,
      'in order',
      said(queued.isInOrder),
    ],
    [
      `${size.files} watched files of one folder`,
      `${many.watchers} watchers, all told in ${formatMs(many.allMs)}`,
      `<= ${MAX_WATCHERS}`,
      said(many.watchers <= MAX_WATCHERS),
    ],
  ];
  print(table('Requests and live changes (medians)', ['', 'measured', 'target', 'reached'], rows));
  return { direct, requested, native, polled, reads, queued, many };
}

/** In turns, so that whatever else happens on the machine meets both. @param {any} module @param {Client} client @param {string} path @param {number} count */
async function compareSaves(module, client, path, count) {
  /** @type {number[]} */
  const direct = [];
  /** @type {number[]} */
  const requested = [];
  for (let n = 0; n < count; n++) {
    direct.push(await durationOf(() => module.saveConfiguration({ ...CONFIG, n }, path)));
    requested.push(
      await durationOf(() => client.request('save-request', { config: { ...CONFIG, n: -n - 1 }, filePath: path })),
    );
  }
  return { direct: median(direct), requested: median(requested) };
}

/** From the end of a plain write to the listener. @param {any} module @param {string} path @param {number} count @param {object} options */
async function latencyOf(module, path, count, options) {
  await writeFile(path, '{"n":-1}');
  const watch = await module.watchConfiguration(path, undefined, { ...options, persistent: true });
  const changes = watch[Symbol.asyncIterator]();
  /** @type {number[]} */
  const times = [];
  for (let n = 0; n < count; n++) {
    await writeFile(path, JSON.stringify({ n }));
    const start = performance.now();
    await changes.next();
    times.push(performance.now() - start);
  }
  await watch.close();
  return median(times);
}

/** Microseconds for one. @param {string} path @param {number} count */
async function readsOf(path, count) {
  const settings = await openConfiguration(path, { enableHealthChecks: false });
  await settings.save(CONFIG);
  let sum = 0;
  const value = await durationOf(() => {
    for (let n = 0; n < count; n++) sum += settings.value.server.port;
  });
  const get = await durationOf(() => {
    for (let n = 0; n < count; n++) sum += settings.get('server.port');
  });
  await settings.close();
  if (sum !== 2 * count * CONFIG.server.port) throw new Error('a wrong value was read');
  return { value: (value * 1000) / count, get: (get * 1000) / count };
}

/** @param {any} module @param {Client} client @param {string} path @param {number} count */
async function queue(module, client, path, count) {
  const before = process.memoryUsage().rss;
  let highest = before;
  const watching = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 50);
  /** @type {number[]} */
  const ended = [];
  const ms = await durationOf(() =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        client
          .request(
            'save-request',
            { config: { ...CONFIG, n }, filePath: path, options: PATIENT },
            { timeoutMs: HOUR_MS },
          )
          .then(() => ended.push(n)),
      ),
    ),
  );
  clearInterval(watching);
  const isInOrder =
    ended.every((n, index) => n === index) && (await module.loadConfiguration(path)).data.n === count - 1;
  return { perSecond: (count * 1000) / ms, memoryMb: (highest - before) / MIB, isInOrder };
}

/** @param {any} module @param {string} folder @param {number} count */
async function watchMany(module, folder, count) {
  await mkdir(folder);
  const before = await nativeWatchers();
  const paths = Array.from({ length: count }, (_, n) => join(folder, `file-${n}.json`));
  await Promise.all(paths.map((path) => writeFile(path, '{"n":0}')));
  let told = 0;
  /** @type {() => void} */
  let done = () => undefined;
  const all = new Promise((/** @type {(value: void) => void} */ resolve) => (done = resolve));
  const watches = [];
  for (const path of paths) {
    watches.push(
      await module.watchConfiguration(
        path,
        () => {
          told += 1;
          if (told === count) done();
        },
        { persistent: true },
      ),
    );
  }
  const watchers = (await nativeWatchers()) - before;
  const allMs = await durationOf(async () => {
    await Promise.all(paths.map((path) => writeFile(path, '{"n":1}')));
    await all;
  });
  await Promise.all(watches.map((watch) => watch.close()));
  return { watchers, allMs };
}

/** Of this process, as Linux tells it; 0 elsewhere. */
async function nativeWatchers() {
  const folder = '/proc/self/fdinfo';
  const names = await readdir(folder).catch(() => []);
  const infos = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  return infos.join('\n').match(/^inotify /gmu)?.length ?? 0;
}

/** @param {() => unknown} work */
async function durationOf(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** @param {number[]} values */
function median(values) {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}

/** @param {boolean} isReached */
function said(isReached) {
  return isReached ? 'yes' : 'NO';
}
