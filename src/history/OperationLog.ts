/**
 * Writes down how operations ended, behind their backs. Changes are appended at once, so that a process which is killed has
 * written down nearly all of them; the others wait in memory for a moment. Both are made durable together, a little later.
 *
 * Each instance writes a segment of its own, so that nobody waits for a lock. Nothing that goes wrong here reaches an
 * operation: what cannot be written is counted, and tried again with the next entries.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationDetails, OperationProcess } from '../../interfaces/history.js';
import type { PerformanceMetrics } from '../../interfaces/results.js';
import type { Clock } from '../engine/Clock.js';
import type { OperationEnd } from '../engine/Operations.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import type { LogSegments } from '../storage/port/LogSegments.js';
import type { RecordedChange } from '../storage/port/RecordedChange.js';
import type { Location } from '../storage/port/Work.js';
import { recordOfChange } from './recordOfChange.js';
import { changeKey, entryId, type LossRecord, type OperationRecord } from './records.js';
import { SegmentChain } from './SegmentChain.js';

const { OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

/** Equal ones of these become one entry: an application that loads a thousand times a second must not fill the disk. */
const MERGED: ReadonlySet<PersistenceOperationType> = new Set([
  PersistenceOperationType.LOAD,
  PersistenceOperationType.VERIFY,
]);

export interface OperationLogParts {
  readonly segments: LogSegments;
  readonly clock: Clock;
  /** As the store knows a configuration; links not followed. */
  readonly fullName: (filePath: string) => string;
  readonly process: OperationProcess;
  /** Told once when entries cannot be written, until they can be again. */
  readonly onTrouble: (error: Error) => void;
}

type Waiting = { -readonly [K in keyof OperationRecord]: OperationRecord[K] };

export class OperationLog {
  readonly #parts: OperationLogParts;
  readonly #writer = randomBytes(OPERATION_LOG.ID_BYTES).toString('hex');
  #waiting: Waiting[] = [];
  /** Of those that wait, the ones that further equal ones are added to. */
  readonly #merged = new Map<string, Waiting>();
  #lostCount = 0;
  #lastNumber = 0;
  /** Changes that this instance has written down, its own and others'. */
  readonly #known = new LRUCache<string, true>({ max: OPERATION_LOG.MAX_REMEMBERED });
  #chain: SegmentChain | undefined;
  #timer: unknown;
  #writing: Promise<void> = Promise.resolve();
  #flushing: Promise<void> = Promise.resolve();
  #isInTrouble = false;

  constructor(parts: OperationLogParts) {
    this.#parts = parts;
  }

  record(end: OperationEnd): void {
    if (!end.isRecorded) return;
    const isMerged = end.origin === 'upkeep' || MERGED.has(end.operationType);
    if (!(isMerged && this.#addToEqual(end))) {
      for (const record of this.#recordsOf(end)) this.#add(record, isMerged ? keyOf(end) : undefined);
    }
    if (end.commits.length > 0) void this.write();
    this.#timer ??= this.#parts.clock.setTimer(() => {
      void this.flush();
    }, OPERATION_LOG.WRITE_AFTER_MS);
  }

  /** Writes what waits, so that others can read it. Never rejects. */
  write(): Promise<void> {
    return this.#then(() => this.#write());
  }

  /** Writes what waits, and makes it durable. Never rejects. */
  flush(): Promise<void> {
    this.#parts.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    // One after the other: whoever closes waits for the one that runs.
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  /** Writes what waits, and leaves the segment to others. */
  async close(): Promise<void> {
    await this.flush();
    const chain = this.#chain;
    this.#chain = undefined;
    await chain?.end().catch((error: unknown) => this.#tellTrouble(error));
  }

  async #flush(): Promise<void> {
    await this.write();
    const chain = this.#chain;
    if (chain === undefined) return;
    try {
      // Beside the entries of changes, which must not wait for it.
      const others = await chain.others(this.#parts.segments, this.#parts.clock.now());
      if (others.length > 0) await this.#then(() => (this.#chain === chain ? chain.append(others) : Promise.resolve()));
      await chain.flush();
    } catch (error) {
      if (this.#chain === chain) await this.#giveUpChain(error);
    }
  }

  #then(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(work).catch((error: unknown) => this.#giveUpChain(error));
    return this.#writing;
  }

  #addToEqual(end: OperationEnd): boolean {
    const equal = this.#merged.get(keyOf(end));
    if (equal === undefined) return false;
    const { count = 1 } = equal.details;
    equal.details = { ...equal.details, count: count + 1 };
    equal.time = this.#parts.clock.now();
    equal.durationMs += end.durationMs;
    return true;
  }

  #add(record: Waiting, mergeKey: string | undefined): void {
    if (this.#waiting.length >= OPERATION_LOG.MAX_WAITING) {
      this.#lostCount += 1;
      return;
    }
    this.#waiting.push(record);
    if (mergeKey !== undefined) this.#merged.set(mergeKey, record);
  }

  /** One for each change that was committed; where there was none, one for the operation. */
  #recordsOf(end: OperationEnd): Waiting[] {
    const { operationType, filePath, origin, user, durationMs, error, metrics, commits } = end;
    const { process, clock } = this.#parts;
    const errors = error === undefined ? undefined : [describe(error)];
    const code = error === undefined ? {} : { code: error instanceof PersistenceError ? error.code : error.name };
    const common = (details: Partial<OperationDetails>, time: number) => ({
      record: 'operation' as const,
      id: entryId(time, this.#writer, (this.#lastNumber += 1)),
      operationType,
      time,
      durationMs,
      // What the module does by itself is nobody's.
      ...(user === undefined || origin === 'upkeep' ? {} : { user }),
      ...(metrics === undefined ? {} : { metrics: withoutDuration(metrics) }),
      details: { origin, process, ...details },
    });
    const committed = commits.map(({ location, kind, sequence, before, after, earlier }) => ({
      ...common(
        {
          kind,
          revision: sequence,
          ...(before === undefined ? {} : { checksumBefore: before }),
          ...(after === undefined ? {} : { checksumAfter: after }),
        },
        clock.now(),
      ),
      filePath: location.name,
      ...(location.id === location.name ? {} : { location: location.id }),
      ...this.#earlierOf(location, sequence, earlier),
    }));
    if (committed.length > 0 && errors === undefined) return committed;
    const path = filePath === '' ? '' : this.#parts.fullName(filePath);
    const whole = { ...common(code, clock.now()), filePath: path, ...(errors === undefined ? {} : { errors }) };
    return [...committed, whole];
  }

  /** Changes before its own that others have made, and that this instance has not told of yet. */
  #earlierOf(
    location: Location,
    sequence: number,
    earlier: readonly RecordedChange[],
  ): Pick<OperationRecord, 'earlier'> {
    const records = earlier
      .map((change) => recordOfChange(location, change))
      .filter((record) => !this.#known.has(changeKey(record)));
    for (const record of records) this.#known.set(changeKey(record), true);
    this.#known.set(
      changeKey({ filePath: location.name, location: location.id, details: { revision: sequence } }),
      true,
    );
    return records.length === 0 ? {} : { earlier: records };
  }

  async #write(): Promise<void> {
    const records = this.#waiting;
    const lostCount = this.#lostCount;
    if (records.length === 0 && lostCount === 0) return;
    this.#waiting = [];
    this.#merged.clear();
    this.#lostCount = 0;
    try {
      if (!(await this.#mayBegin(records))) return;
      const chain = await this.#chainToWrite();
      const loss: LossRecord[] =
        lostCount === 0 ? [] : [{ record: 'lost', time: this.#parts.clock.now(), count: lostCount }];
      await chain.append([...loss, ...records]);
      this.#isInTrouble = false;
    } catch (error) {
      // What was written of them may be there twice then, which a reader notices by their ids.
      this.#waiting = [...records, ...this.#waiting];
      this.#lostCount += lostCount + Math.max(0, this.#waiting.length - OPERATION_LOG.MAX_WAITING);
      this.#waiting.length = Math.min(this.#waiting.length, OPERATION_LOG.MAX_WAITING);
      await this.#giveUpChain(error);
    }
  }

  /** The next entries begin another segment. */
  async #giveUpChain(error: unknown): Promise<void> {
    await this.#chain?.abandon();
    this.#chain = undefined;
    this.#tellTrouble(error);
  }

  /** Whoever only reads makes no folder: configurations can be loaded where nothing can be written. */
  async #mayBegin(records: readonly OperationRecord[]): Promise<boolean> {
    if (this.#chain !== undefined || !records.every(({ operationType }) => MERGED.has(operationType))) return true;
    return (await this.#parts.segments.list()).length > 0;
  }

  async #chainToWrite(): Promise<SegmentChain> {
    const { segments, clock, process } = this.#parts;
    if (this.#chain?.isFull === true) {
      await this.#chain.end();
      this.#chain = undefined;
    }
    this.#chain ??= await SegmentChain.begin(segments, process, clock.now());
    return this.#chain;
  }

  #tellTrouble(error: unknown): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#parts.onTrouble(error as Error);
  }
}

function keyOf({ operationType, filePath, origin, user = '', error }: OperationEnd): string {
  const code = error instanceof PersistenceError ? error.code : (error?.name ?? '');
  return JSON.stringify([operationType, filePath, origin, user, code]);
}

/** Our own messages never hold values; of a foreign error, whose message might, only its name. */
function describe(error: Error): string {
  const text = error instanceof PersistenceError ? error.message : error.name;
  return text.slice(0, OPERATION_LOG.MAX_ERROR_LENGTH);
}

function withoutDuration({ duration: _, ...others }: PerformanceMetrics): Omit<PerformanceMetrics, 'duration'> {
  return others;
}
