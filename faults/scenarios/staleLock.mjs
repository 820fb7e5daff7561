// @ts-check
// Many processes meet one lock whose holder was killed. A common log tells whether two of them ever owned it at once.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { discard, ended, folderOnDisk, forkChild } from '../scratch.mjs';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Report } from '../Report.mjs' */

// Longer than a run: no lease ends, so only the death of the holder lets anybody in.
const LEASE_MS = 600_000;
// Long enough for all to wait for the lock when its holder dies.
const SETTLE_MS = 100;

/** All locks of one dead holder, one after the other. @param {Report} report @param {{ processes: number, rounds: number }} size */
export async function staleLock(report, { processes, rounds }) {
  const folder = await folderOnDisk();
  const log = join(folder, 'owners.log');
  const names = Array.from({ length: rounds }, (_, round) => `round-${round}.json`);
  const start = () => forkChild('contender', [folder, log, String(LEASE_MS)]);
  const holder = start();
  await told(holder);
  await order(holder, { hold: names });
  const contenders = Array.from({ length: processes }, start);
  await Promise.all(contenders.map(told));
  holder.kill('SIGKILL');
  await ended(holder);
  for (const name of names) {
    const answers = await Promise.all(contenders.map((contender) => order(contender, { compete: name })));
    report.count('ownerships', answers.filter((answer) => answer === 'owned').length);
    if (answers.some((answer) => answer !== 'owned')) report.fail('a contender never got the lock', name);
    report.count('rounds');
  }
  for (const contender of contenders) contender.kill('SIGKILL');
  await Promise.all(contenders.map(ended));
  report.count('two owners at once', overlapsIn(await readFile(log, 'utf8'), report));
  await discard(folder);
}

/**
 * How long the first of many waiting processes needs to own the lock of a holder that is killed.
 *
 * @param {Report} report @param {{ processes: number, deaths: number }} size
 */
export async function measureTakeOver(report, { processes, deaths }) {
  const folder = await folderOnDisk();
  const log = join(folder, 'take-overs.log');
  const start = () => forkChild('contender', [folder, log, String(LEASE_MS)]);
  const waiting = Array.from({ length: processes }, start);
  await Promise.all(waiting.map(told));
  const times = [];
  for (let death = 0; death < deaths; death++) {
    const name = `death-${death}.json`;
    const holder = start();
    await told(holder);
    await order(holder, { hold: [name] });
    const answers = waiting.map((contender) => order(contender, { compete: name }));
    await delay(SETTLE_MS);
    const hasEnded = ended(holder);
    const killedAt = performance.now();
    holder.kill('SIGKILL');
    await Promise.race(answers);
    times.push(performance.now() - killedAt);
    report.count('holders killed under the eyes of all');
    await Promise.all([...answers, hasEnded]);
  }
  for (const contender of waiting) contender.kill('SIGKILL');
  await Promise.all(waiting.map(ended));
  report.figure('take-over of a dead holder by one of many waiting', timesInWords(times));
  report.count('two owners at once', overlapsIn(await readFile(log, 'utf8'), report));
  await discard(folder);
}

/** @param {number[]} times in milliseconds */
function timesInWords(times) {
  const sorted = times.toSorted((left, right) => left - right);
  const [median = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `median ${median.toFixed(1)} ms, at most ${most.toFixed(1)} ms`;
}

/** @param {string} log @param {Report} report */
function overlapsIn(log, report) {
  let overlaps = 0;
  /** @type {Map<string, string>} */
  const owners = new Map();
  for (const line of log.trimEnd().split('\n')) {
    const [name = '', event, pid = ''] = line.split(' ');
    const owner = owners.get(name);
    if (event === '+' && owner !== undefined) {
      overlaps += 1;
      report.fail('two processes owned one lock at once', line);
    }
    if (event === '+') owners.set(name, pid);
    else owners.delete(name);
  }
  return overlaps;
}

/** @param {ChildProcess} child @param {import('../children/contender.mjs').Order} message */
function order(child, message) {
  const answer = told(child);
  child.send(message);
  return answer;
}

/** @param {ChildProcess} child @returns {Promise<unknown>} */
function told(child) {
  return new Promise((resolve, reject) => {
    const tooEarly = () => reject(new Error('a contender ended before it answered'));
    child.once('exit', tooEarly);
    child.once('message', (message) => {
      child.off('exit', tooEarly);
      resolve(message);
    });
  });
}
