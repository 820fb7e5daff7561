/** Collects one page of the history: from the log, which comes newest first, and from the records of the configurations. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { OperationHistoryFilter } from '../../interfaces/history.js';
import { matcherOf } from './filter.js';
import { changeKey, parseEntryId, type OperationRecord } from './records.js';

const { NO_WRITER } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG;

export class Page {
  /** Nothing newer comes onto it, as epoch milliseconds. */
  readonly until: number;
  readonly #limit: number;
  readonly #filter: OperationHistoryFilter;
  readonly #matches: (record: OperationRecord) => boolean;
  readonly #logged: OperationRecord[] = [];
  readonly #unlogged: OperationRecord[] = [];
  /** What later changes know of earlier ones, by their keys. */
  readonly #earlier = new Map<string, OperationRecord>();
  /** Ids and changes that were met in the log, on the page or not. */
  readonly #met = new Set<string>();
  #isReached: boolean;
  #isFull = false;

  constructor(limit: number, filter: OperationHistoryFilter) {
    const { before, until = Number.POSITIVE_INFINITY } = filter;
    this.until = Math.min(until, parseEntryId(before ?? '')?.time ?? until);
    this.#limit = limit;
    this.#filter = filter;
    this.#matches = matcherOf(filter);
    this.#isReached = before === undefined;
  }

  /** Nothing older comes onto it, as epoch milliseconds. */
  get since(): number {
    const { since = Number.NEGATIVE_INFINITY } = this.#filter;
    const oldest = this.#isFull ? this.#logged.at(-1)?.time : undefined;
    return Math.max(since, oldest ?? since);
  }

  /** @returns false where none is wanted any more. */
  add(record: OperationRecord): boolean {
    const { since = Number.NEGATIVE_INFINITY, before } = this.#filter;
    if (record.time < since) return false;
    if (this.#met.has(record.id)) return true;
    this.#met.add(record.id);
    if (record.details.revision !== undefined) this.#met.add(changeKey(record));
    for (const earlier of record.earlier ?? []) this.#earlier.set(changeKey(earlier), earlier);
    if (record.time > this.until || !this.#hasReached(record) || record.id === before) return true;
    if (this.#matches(record)) this.#logged.push(record);
    this.#isFull = this.#logged.length === this.#limit;
    return !this.#isFull;
  }

  /** A change as the records of its configuration tell it, once the log has been added. */
  addUnlogged(record: OperationRecord): void {
    const isInside = record.time >= this.since && record.time <= this.until;
    const isKnown = this.#met.has(changeKey(record));
    if (!isInside || isKnown || record.id === this.#filter.before) return;
    this.#met.add(changeKey(record));
    if (this.#matches(record)) this.#unlogged.push(record);
  }

  /** Newest first. */
  records(): OperationRecord[] {
    for (const record of this.#earlier.values()) this.addUnlogged(record);
    return [...this.#logged, ...this.#unlogged].sort((left, right) => right.time - left.time).slice(0, this.#limit);
  }

  /** Whether the page before has ended by now. */
  #hasReached({ id, time }: OperationRecord): boolean {
    if (this.#isReached) return true;
    const { before = '' } = this.#filter;
    const isBesideLog = parseEntryId(before)?.writer === NO_WRITER;
    this.#isReached = id === before || (isBesideLog ? time <= this.until : time < this.until);
    return this.#isReached;
  }
}
