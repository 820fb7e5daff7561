/**
 * How the operations of the last hour went: how many, how many failed, how long they took. Counted by the minute, so that it
 * costs the same whatever there is to do.
 *
 * Only failures of the storage count. A missing file, a value that is refused or a conflict is an answer that the caller
 * asked for.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Clock } from '../engine/Clock.js';
import type { OperationEnd } from '../engine/Operations.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import { StorageError } from '../errors/StorageError.js';

const { ACTIVITY_BUCKETS, ACTIVITY_BUCKET_MS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;
const { SLOW_OPERATION_THRESHOLD_MS } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

const FAILURES: ReadonlySet<string> = new Set([
  'ERR_BACKUP_DAMAGED',
  'ERR_BACKUP_FAILED',
  'ERR_INDETERMINATE',
  'ERR_INTEGRITY',
  'ERR_JOURNAL_DAMAGED',
  'ERR_LOCK_LOST',
  'ERR_LOCK_TIMEOUT',
  'ERR_TIMEOUT',
  'ERR_WRITE_VERIFICATION',
]);

/** What a file system must never say: it returned other bytes than it had taken, or lost them. */
const BROKEN_PROMISES: ReadonlySet<string> = new Set(['ERR_INDETERMINATE', 'ERR_WRITE_VERIFICATION', 'EIO', 'ESTALE']);

interface Bucket {
  /** Of the minute since the clock's beginning. */
  readonly number: number;
  operations: number;
  slow: number;
  totalMs: number;
  slowestMs: number;
  /** Code to count. */
  readonly failures: Map<string, number>;
}

export interface Activity {
  readonly operations: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly slow: number;
  readonly averageMs: number;
  readonly slowestMs: number;
}

export class OperationActivity {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #buckets: Bucket[] = [];
  /** Since the start, by code: a disk that has failed once is not to be trusted again. */
  readonly brokenPromises = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  readonly observe = ({ filePath, durationMs, error }: OperationEnd): void => {
    // What is about all files takes as long as there are files.
    if (filePath === '' && error === undefined) return;
    const bucket = this.#bucketNow();
    bucket.operations += 1;
    bucket.totalMs += durationMs;
    bucket.slowestMs = Math.max(bucket.slowestMs, durationMs);
    if (durationMs > SLOW_OPERATION_THRESHOLD_MS) bucket.slow += 1;
    const code = error instanceof PersistenceError ? error.code : undefined;
    if (code === undefined) return;
    if (error instanceof StorageError || FAILURES.has(code)) addOne(bucket.failures, code);
    if (BROKEN_PROMISES.has(code)) addOne(this.brokenPromises, code);
  };

  /** Of the last hour. */
  recent(): Activity {
    this.#bucketNow();
    const failures = new Map<string, number>();
    let [operations, slow, totalMs, slowestMs, failed] = [0, 0, 0, 0, 0];
    for (const bucket of this.#buckets) {
      operations += bucket.operations;
      slow += bucket.slow;
      totalMs += bucket.totalMs;
      slowestMs = Math.max(slowestMs, bucket.slowestMs);
      for (const [code, count] of bucket.failures) {
        addOne(failures, code, count);
        failed += count;
      }
    }
    const averageMs = operations === 0 ? 0 : totalMs / operations;
    return { operations, failed, failures: Object.fromEntries(failures), slow, averageMs, slowestMs };
  }

  #bucketNow(): Bucket {
    const number = Math.floor(this.#clock.monotonicMs() / ACTIVITY_BUCKET_MS);
    const newest = this.#buckets.at(-1);
    if (newest?.number === number) return newest;
    const bucket: Bucket = { number, operations: 0, slow: 0, totalMs: 0, slowestMs: 0, failures: new Map() };
    this.#buckets.push(bucket);
    const isOld = (one: Bucket | undefined): boolean => one !== undefined && one.number <= number - ACTIVITY_BUCKETS;
    while (isOld(this.#buckets[0])) this.#buckets.shift();
    return bucket;
  }
}

function addOne(counts: Map<string, number>, code: string, count = 1): void {
  counts.set(code, (counts.get(code) ?? 0) + count);
}
