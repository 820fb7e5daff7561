// @ts-check
// One counter in one file, raised by 1, 2, 4 and 8 processes at once: updates per second, and updates lost.
import { fork } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serialize } from './contenders/contender.mjs';
import { formatMs, table } from './table.mjs';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Tally } from './contentionWorker.mjs' */

const FULL = { processCounts: [1, 2, 4, 8], durationMs: 3000 };
const SHORT = { processCounts: [1, 3], durationMs: 250 };
const WORKER = join(import.meta.dirname, 'contentionWorker.mjs');

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {number} processes
 * @property {number} updatesPerSecond Those that are in the file at the end.
 * @property {number} reported Updates that their processes call done.
 * @property {number} lost Reported, but not in the file.
 * @property {number} failed Updates that ended with an error.
 * @property {number} worstWaitMs Longest single update.
 * @property {number} fairness Updates of the unluckiest process in relation to an equal share.
 */

/**
 * @param {object} context
 * @param {string} context.folder
 * @param {boolean} context.short
 * @param {{ id: string, name: string }[]} context.updaters Ids that the worker knows.
 * @param {(text: string) => void} context.print
 */
export async function runContention({ folder, short, updaters, print }) {
  /** @type {Outcome[]} */
  const outcomes = [];
  const { processCounts, durationMs } = short ? SHORT : FULL;
  for (const processes of processCounts) {
    for (const updater of updaters) {
      const own = join(folder, `contention-${updater.id}-${processes}`);
      outcomes.push(await contend(updater, processes, own, durationMs));
    }
  }
  print(outcomeTable(outcomes));
  return outcomes;
}

/**
 * @param {{ id: string, name: string }} updater
 * @param {number} processes
 * @param {string} folder
 * @param {number} durationMs
 * @returns {Promise<Outcome>}
 */
async function contend({ id, name }, processes, folder, durationMs) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'counter.json');
  await writeFile(file, serialize({ count: 0 }), { mode: 0o600 });
  const workers = Array.from({ length: processes }, () => fork(WORKER, [id, file, String(durationMs)]));
  try {
    await Promise.all(workers.map((worker) => nextMessage(worker)));
    const start = performance.now();
    const tallies = /** @type {Tally[]} */ (
      await Promise.all(
        workers.map((worker) => {
          const tally = nextMessage(worker);
          worker.send('go');
          return tally;
        }),
      )
    );
    const seconds = (performance.now() - start) / 1000;
    const { count } = /** @type {{ count: number }} */ (JSON.parse(await readFile(file, 'utf8')));
    const reported = tallies.reduce((sum, tally) => sum + tally.done, 0);
    return {
      name,
      processes,
      updatesPerSecond: count / seconds,
      reported,
      lost: reported - count,
      failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
      worstWaitMs: Math.max(...tallies.map((tally) => tally.worstMs)),
      fairness: (Math.min(...tallies.map((tally) => tally.done)) * processes) / reported,
    };
  } finally {
    await Promise.all(workers.map((worker) => end(worker)));
  }
}

/** The next message of a worker, or a rejection where it ends without one. @param {ChildProcess} worker @returns {Promise<unknown>} */
function nextMessage(worker) {
  return new Promise((resolve, reject) => {
    /** @param {number | null} code */
    const onExit = (code) => reject(new Error(`A worker ended with code ${code} before it had answered.`));
    worker.once('exit', onExit);
    worker.once('message', (message) => {
      worker.off('exit', onExit);
      resolve(message);
    });
  });
}

/** @param {ChildProcess} worker @returns {Promise<void>} */
function end(worker) {
  return new Promise((resolve) => {
    if (worker.exitCode !== null || worker.signalCode !== null) return resolve();
    worker.once('exit', () => resolve());
    if (worker.connected) worker.disconnect();
    else worker.kill();
  });
}

/** @param {Outcome[]} outcomes */
function outcomeTable(outcomes) {
  const heading = ['', 'processes', 'updates/s', 'reported', 'lost', 'failed', 'worst wait', 'least share'];
  const rows = outcomes.map((outcome) => [
    outcome.name,
    String(outcome.processes),
    outcome.updatesPerSecond.toFixed(0),
    String(outcome.reported),
    String(outcome.lost),
    String(outcome.failed),
    formatMs(outcome.worstWaitMs),
    `${(outcome.fairness * 100).toFixed(0)} %`,
  ]);
  return table('Read, add one, save: the same file from several processes', heading, rows);
}
