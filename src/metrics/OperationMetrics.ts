/**
 * Counts the operations of one instance, over all its starts.
 *
 * What happens on every operation is adding to numbers that are there already; texts are made when somebody asks. No label
 * holds a path, a user or a value: the number of series is bounded.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationOrigin } from '../engine/Operation.js';
import type { OperationEnd } from '../engine/Operations.js';
import { expose, type MetricFamily, type Sample } from './exposition.js';
import { Histogram } from './Histogram.js';
import { outcomeOf } from './outcomes.js';

const {
  BYTES_READ,
  BYTES_WRITTEN,
  CACHE_LOOKUPS,
  DURATIONS,
  DURATION_BOUNDS_SECONDS,
  FLUSHES,
  LOCK_WAITS,
  OPERATIONS,
  OUTCOME_OK,
  RUNNING,
} = CONFIG_PERSISTENCE_CONSTANTS.METRICS;

const MS_PER_SECOND = 1000;

/** What is counted of one type of operation. */
class TypeCounts {
  readonly succeeded: Record<OperationOrigin, number> = { caller: 0, upkeep: 0 };
  /** By outcome; only of those that there were. */
  readonly failed: Record<OperationOrigin, Map<string, number>> = { caller: new Map(), upkeep: new Map() };
  readonly durations = new Histogram(DURATION_BOUNDS_SECONDS);
  bytesRead = 0;
  bytesWritten = 0;
  flushes = 0;
}

const TYPES = Object.values(PersistenceOperationType);

export class OperationMetrics {
  readonly #counts = Object.fromEntries(TYPES.map((type) => [type, new TypeCounts()])) as Readonly<
    Record<PersistenceOperationType, TypeCounts>
  >;
  readonly #lockWaits = new Histogram(DURATION_BOUNDS_SECONDS);
  #cacheHits = 0;
  #cacheMisses = 0;

  /** For `Operations`: one operation has ended. */
  readonly observe = ({ operationType, origin, durationMs, error, diskIO, lockWaitMs }: OperationEnd): void => {
    const counts = this.#counts[operationType];
    if (error === undefined) counts.succeeded[origin] += 1;
    else increase(counts.failed[origin], outcomeOf(error));
    counts.durations.record(durationMs / MS_PER_SECOND);
    counts.bytesRead += diskIO.bytesRead;
    counts.bytesWritten += diskIO.bytesWritten;
    counts.flushes += diskIO.fsyncOperations;
    if (lockWaitMs !== undefined) this.#lockWaits.record(lockWaitMs / MS_PER_SECOND);
  };

  /** A load that was answered without an operation. */
  hitCache(durationMs: number): void {
    this.#cacheHits += 1;
    const { succeeded, durations } = this.#counts.load;
    succeeded.caller += 1;
    durations.record(durationMs / MS_PER_SECOND);
  }

  /** A load that goes on as an operation. */
  missCache(): void {
    this.#cacheMisses += 1;
  }

  /** @param runningCount of operations at this moment. */
  text(runningCount: number): string {
    const lookups = [
      { labels: { result: 'hit' }, value: this.#cacheHits },
      { labels: { result: 'miss' }, value: this.#cacheMisses },
    ];
    const families: MetricFamily[] = [
      { ...OPERATIONS, type: 'counter', samples: this.#operationSamples() },
      { ...DURATIONS, type: 'histogram', samples: this.#durationSamples() },
      { ...RUNNING, type: 'gauge', samples: [{ labels: {}, value: runningCount }] },
      { ...LOCK_WAITS, type: 'histogram', samples: this.#lockWaits.samples() },
      { ...CACHE_LOOKUPS, type: 'counter', samples: lookups },
      { ...BYTES_READ, type: 'counter', samples: this.#totals(({ bytesRead }) => bytesRead) },
      { ...BYTES_WRITTEN, type: 'counter', samples: this.#totals(({ bytesWritten }) => bytesWritten) },
      { ...FLUSHES, type: 'counter', samples: this.#totals(({ flushes }) => flushes) },
    ];
    return expose(families);
  }

  /** Successes of callers from the beginning, so that a rate sees the first one too; the others when they have happened. */
  #operationSamples(): Sample[] {
    return TYPES.flatMap((operation) => {
      const { succeeded, failed } = this.#counts[operation];
      return (['caller', 'upkeep'] as const).flatMap((origin) => {
        const isShown = origin === 'caller' || succeeded[origin] > 0;
        const outcomes = [...(isShown ? [[OUTCOME_OK, succeeded[origin]] as const] : []), ...failed[origin]];
        return outcomes.map(([outcome, value]) => ({ labels: { operation, origin, outcome }, value }));
      });
    });
  }

  #durationSamples(): Sample[] {
    return TYPES.flatMap((operation) => {
      const { durations } = this.#counts[operation];
      return durations.isEmpty ? [] : durations.samples({ operation });
    });
  }

  /** One sample for each type of operation that has ended at least once. */
  #totals(total: (counts: TypeCounts) => number): Sample[] {
    const ended = TYPES.filter((operation) => !this.#counts[operation].durations.isEmpty);
    return ended.map((operation) => ({ labels: { operation }, value: total(this.#counts[operation]) }));
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
