// @ts-check
// What a save pays for the backup of the content before it, against the same save that keeps nothing.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { serialize } from '../contenders/contender.mjs';
import { floor, plainSave } from '../contenders/floor.mjs';
import { ordered, quantile, summarize } from '../measure.mjs';
import { formatMs, rate, ratedTable } from '../table.mjs';
import { makeValue } from '../values.mjs';

/** @import { Store } from '../contenders/contender.mjs' */
/** @import { Rated } from '../table.mjs' */
/** @import { BackupBench } from '../backups.mjs' */

const NOTHING_KEPT = 'this package, keeps nothing';
const KEPT = 'this package, backups (default)';
const DIFFERENCE = 'difference, save by save';

/**
 * A burst is what a user's saves are to the tending, which waits for a second of rest: so it never falls into a timed
 * save as long as a burst has fewer changes than may wait together (50).
 *
 * @typedef {{ bursts: number, saves: number }} BurstPlan
 */

/**
 * `target` is the highest share of C that the keeping may add.
 *
 * @type {{ label: string, bytes: number, target?: number, full: BurstPlan, short: BurstPlan }[]}
 */
const SIZES = [
  { label: '1 KB', bytes: 1024, full: { bursts: 20, saves: 24 }, short: { bursts: 2, saves: 4 } },
  { label: '5 MB', bytes: 5_242_880, target: 0.15, full: { bursts: 10, saves: 9 }, short: { bursts: 1, saves: 2 } },
];

/** @param {BackupBench} context */
export async function runKeeping({ folder, short, openModule, print }) {
  /** @type {Record<string, unknown>} */
  const results = {};
  for (const { label, bytes, target, ...plans } of SIZES) {
    const value = makeValue(bytes);
    const settle = () => plainSave(join(folder, 'settle'), '');
    const subjects = await makeSubjects(join(folder, `keep-${bytes}`), openModule);
    const plan = short ? plans.short : plans.full;
    /** @type {Tending[]} */
    const tendings = [];
    for (let burst = 0; burst < plan.bursts; burst += 1) {
      tendings.push(await runBurst(subjects, plan.saves, value, settle));
    }
    const rows = rateSubjects(subjects, target);
    print(ratedTable(`Save ${label} (${Buffer.byteLength(serialize(value))} bytes) with backups`, 'C', rows));
    print(describeDifference(label, rows));
    const tending = summarizeTending(tendings);
    print(describeTending(label, tending));
    results[label] = { rows, tending };
  }
  return results;
}

/**
 * One way of saving, with its timings of all bursts; the saves of one place in the lists were made one after the other.
 *
 * @typedef {object} Subject
 * @property {string} name
 * @property {string} folder
 * @property {() => Promise<Store>} open
 * @property {number[]} timings
 */

/** Each in a folder of its own, with one first version in it. @param {string} root @param {BackupBench['openModule']} openModule @returns {Promise<Subject[]>} */
async function makeSubjects(root, openModule) {
  /** @param {string} folder @param {Record<string, unknown>} options @returns {Promise<Store>} */
  const openOurs = async (folder, options) => {
    const module = await openModule(folder, options);
    return { save: (file, value) => module.saveConfiguration(value, file), close: () => module.destroy() };
  };
  const nothing = { enableBackup: false, maxVersionHistory: 1 };
  /** @type {[string, (folder: string) => Promise<Store>][]} */
  const ways = [
    [floor.name, (folder) => floor.open(folder)],
    [NOTHING_KEPT, (folder) => openOurs(folder, nothing)],
    [KEPT, (folder) => openOurs(folder, { enableBackup: true })],
  ];
  const subjects = [];
  for (const [index, [name, open]] of ways.entries()) {
    const folder = join(root, String(index));
    await mkdir(folder, { recursive: true });
    const store = await open(folder);
    await store.save(join(folder, 'config.json'), makeValue(0));
    await store.close();
    subjects.push({ name, folder, open: () => open(folder), timings: [] });
  }
  return subjects;
}

/** @typedef {{ backups: number, ms: number, idleMs: number }} Tending What `destroy()` had to tend, and the one that had nothing. */

/**
 * Save by save in turns, the order turned each time. The instances are opened for the burst and closed behind it.
 *
 * @param {Subject[]} subjects
 * @param {number} saves
 * @param {import('../values.mjs').BenchValue} value
 * @param {() => Promise<unknown>} settle
 * @returns {Promise<Tending>}
 */
async function runBurst(subjects, saves, value, settle) {
  const open = [];
  for (const subject of subjects) open.push({ subject, store: await subject.open() });
  // Save 0 meets a cold instance and is not counted.
  for (let save = 0; save <= saves; save += 1) {
    for (const { subject, store } of ordered(open, save)) {
      value.revision += 1;
      await settle();
      const start = performance.now();
      await store.save(join(subject.folder, 'config.json'), value);
      const elapsed = performance.now() - start;
      if (save > 0) subject.timings.push(elapsed);
    }
  }
  const tending = { backups: 0, ms: NaN, idleMs: NaN };
  for (const { subject, store } of open) {
    if (subject.name === KEPT) tending.backups = await countUntended(subject.folder);
    await settle();
    const start = performance.now();
    await store.close();
    const elapsed = performance.now() - start;
    if (subject.name === KEPT) tending.ms = elapsed;
    if (subject.name === NOTHING_KEPT) tending.idleMs = elapsed;
  }
  return tending;
}

/** Backups that are not compressed yet. @param {string} folder */
async function countUntended(folder) {
  const names = await readdir(join(folder, 'backups'), { recursive: true });
  return names.filter((name) => name.endsWith('.backup')).length;
}

/** @param {Subject[]} subjects @param {number | undefined} target @returns {Rated[]} */
function rateSubjects(subjects, target) {
  /** @param {string} name */
  const timingsOf = (name) => subjects.find((subject) => subject.name === name)?.timings ?? [];
  const without = timingsOf(NOTHING_KEPT);
  const differences = timingsOf(KEPT).map((ms, index) => ms - (without[index] ?? NaN));
  const figures = subjects.map(({ name, timings }) => summarize(name, timings));
  figures.push(summarize(DIFFERENCE, differences));
  return rate(figures, floor.name, target === undefined ? {} : { [DIFFERENCE]: target });
}

/** @param {string} label @param {Rated[]} rows */
function describeDifference(label, rows) {
  const difference = rows.find(({ name }) => name === DIFFERENCE);
  const without = rows.find(({ name }) => name === NOTHING_KEPT);
  if (difference === undefined || without === undefined) return '';
  const { medianMs, ratio, target, reached } = difference;
  const ofSave = percent(medianMs / without.medianMs);
  const text = `backups add ${formatMs(medianMs)} to a save of ${label}: ${percent(ratio)} of C, ${ofSave} of the save`;
  if (target === undefined) return text;
  return `${text}; target <= ${percent(target)} of C: ${reached === true ? 'reached' : 'NOT reached'}`;
}

/** Medians. @param {Tending[]} tendings @returns {Tending} */
function summarizeTending(tendings) {
  /** @param {keyof Tending} key */
  const median = (key) =>
    quantile(
      tendings.map((tending) => tending[key]).toSorted((left, right) => left - right),
      0.5,
    );
  return { backups: median('backups'), ms: median('ms'), idleMs: median('idleMs') };
}

/** @param {string} label @param {Tending} tending */
function describeTending(label, { backups, ms, idleMs }) {
  const each = formatMs(ms / backups);
  return `destroy() that has ${backups} backups of ${label} to tend: ${formatMs(ms)} (${each} each); none: ${formatMs(idleMs)}`;
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
