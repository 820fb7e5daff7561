/**
 * Answers what happened: the operation log, joined with what the configurations' own records tell of changes that a killed
 * process had not written down yet.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { HistoryVerification, OperationHistoryEntry, OperationHistoryFilter } from '../../interfaces/history.js';
import type { QueryOptions } from '../../interfaces/options.js';
import type { Clock } from '../engine/Clock.js';
import type { Operation } from '../engine/Operation.js';
import type { Operations } from '../engine/Operations.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { LogSegments } from '../storage/port/LogSegments.js';
import { mergeSegments } from './mergeSegments.js';
import type { OperationLog } from './OperationLog.js';
import { Page } from './Page.js';
import { recordOfChange } from './recordOfChange.js';
import { entryOfRecord } from './records.js';
import { verifyLog } from './verifyLog.js';

const { OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

export interface OperationHistoryParts {
  readonly store: ConfigStore;
  readonly segments: LogSegments;
  readonly log: OperationLog;
  readonly operations: Operations;
  readonly clock: Clock;
}

export class OperationHistory {
  readonly #parts: OperationHistoryParts;

  constructor(parts: OperationHistoryParts) {
    this.#parts = parts;
  }

  entries(limit: number, given: OperationHistoryFilter, options: QueryOptions): Promise<OperationHistoryEntry[]> {
    const { filePath, ...others } = given;
    // The history has full names.
    const filter = filePath === undefined ? others : { ...others, filePath: this.#parts.store.nameOf(filePath) };
    return this.#query(options, async (operation) => {
      await this.#parts.log.write();
      const page = new Page(limit, filter);
      const newest = page.until + OPERATION_LOG.JOIN_MARGIN_MS;
      for await (const record of mergeSegments(this.#parts.segments, newest, () => operation.checkpoint())) {
        if (!page.add(record)) break;
      }
      await this.#addUnlogged(page, filter, operation);
      return page.records().map(entryOfRecord);
    });
  }

  verify(options: QueryOptions): Promise<HistoryVerification> {
    return this.#query(options, async (operation) => {
      await this.#parts.log.write();
      return verifyLog(this.#parts.segments, this.#parts.clock.now(), () => operation.checkpoint());
    });
  }

  #query<T>(options: QueryOptions, body: (operation: Operation) => Promise<T>): Promise<T> {
    const context = { operationType: PersistenceOperationType.VERIFY, filePath: '', options, isRecorded: false };
    return this.#parts.operations.query(context, body);
  }

  /** Changes that are in the records of the configurations and not in the log. */
  async #addUnlogged(page: Page, { filePath }: OperationHistoryFilter, operation: Operation): Promise<void> {
    const { store } = this.#parts;
    const wanted = { changedSince: page.since, skipsUnreadable: true };
    const names = filePath === undefined ? store.list(operation, wanted) : [filePath];
    for await (const name of names) {
      try {
        const location = await store.resolve(name, operation);
        const { changes } = await store.history(location, operation, OPERATION_LOG.MAX_LIMIT);
        for (const change of changes) page.addUnlogged(recordOfChange(location, change));
      } catch {
        // Whoever asks what has happened asks because something is wrong: what can be told is told. Health tells the rest.
        operation.checkpoint();
      }
    }
  }
}
