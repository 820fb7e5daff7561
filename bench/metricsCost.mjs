// @ts-check
// What metrics and tracing add to each operation, beside a durable save of 1 KB: `node bench/metricsCost.mjs`, after a build.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigPersistence } from 'rcc-config-persistence';
import { OperationMetrics } from '../dist/src/metrics/OperationMetrics.js';
import { tracesOf } from '../dist/src/metrics/tracing.js';
import { makeValue } from './values.mjs';

/** @import { OperationEnd } from '../dist/src/engine/Operations.js' */

const CALLS = 1_000_000;
const ROUNDS = 7;
const SAVES = 200;
/** Of the save; the tracing that nobody listens to included. */
const TARGET_PERCENT = 2;

/** @type {OperationEnd} */
const end = {
  operationType: /** @type {OperationEnd['operationType']} */ ('save'),
  filePath: './config/app.json',
  origin: 'caller',
  startedAt: 0,
  durationMs: 1.5,
  diskIO: { bytesRead: 2048, bytesWritten: 2048, readOperations: 4, writeOperations: 3, fsyncOperations: 5 },
  lockWaitMs: 0.4,
  isRecorded: true,
  commits: [],
};
const context = { operationType: end.operationType, filePath: end.filePath, options: {} };
const metrics = new OperationMetrics();
const startTrace = tracesOf('bench', process.cwd());

/** All that is done for an operation besides the operation: two measured waits, a look for subscribers, the counting. */
function observeOne() {
  const turnMs = -performance.now() + performance.now();
  const lockMs = -performance.now() + performance.now();
  if (startTrace(context, undefined) !== undefined) throw new Error('somebody listens');
  metrics.observe({ ...end, lockWaitMs: turnMs + lockMs });
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function nanosecondsPerOperation() {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (let call = 0; call < CALLS; call += 1) observeOne();
    return ((performance.now() - start) * 1e6) / CALLS;
  });
  return median(rounds);
}

async function nanosecondsPerSave() {
  const folder = await mkdtemp(join(tmpdir(), 'metrics-cost-'));
  const settings = await ConfigPersistence.open({ defaultConfigPath: join(folder, 'app.json') });
  const value = makeValue(1024);
  /** @type {number[]} */
  const samples = [];
  for (let save = 0; save < SAVES; save += 1) {
    value.revision += 1;
    const start = performance.now();
    await settings.saveConfiguration(value);
    samples.push((performance.now() - start) * 1e6);
  }
  await settings.close();
  await rm(folder, { recursive: true });
  return median(samples);
}

const own = nanosecondsPerOperation();
const save = await nanosecondsPerSave();
const percent = (own / save) * 100;
console.log(`metrics and tracing: ${own.toFixed(0)} ns an operation`);
console.log(`a save of 1 KB: ${(save / 1e6).toFixed(2)} ms`);
console.log(`that is ${percent.toFixed(3)} %; target < ${TARGET_PERCENT} %`);
if (percent >= TARGET_PERCENT) process.exitCode = 1;
