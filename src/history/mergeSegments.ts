/**
 * The operations of all segments, newest first.
 *
 * Each segment is in order by itself; a segment is opened only when it may hold the next operation, so that a page costs the
 * end of a few segments, however many there are.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { LogSegment, LogSegments } from '../storage/port/LogSegments.js';
import { parseLine } from './chain.js';
import { linesBackwards } from './readSegment.js';
import { parseRecord, type OperationRecord } from './records.js';

const { CLOCK_MARGIN_MS } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG;

interface Source {
  /** Nothing newer comes from it. */
  newestAt: number;
  next: OperationRecord | undefined;
  readonly records: AsyncGenerator<OperationRecord, void>;
}

/** @param until epoch milliseconds; newer operations are left out. */
export async function* mergeSegments(
  segments: LogSegments,
  until: number,
  checkpoint: () => void,
): AsyncGenerator<OperationRecord, void> {
  const sources: Source[] = (await segments.list()).map((segment) => ({
    newestAt: segment.modifiedAt + CLOCK_MARGIN_MS,
    next: undefined,
    records: operationsOf(segments, segment, until),
  }));
  for (;;) {
    checkpoint();
    const source = sources.reduce<Source | undefined>(
      (newest, one) => (newest === undefined || one.newestAt > newest.newestAt ? one : newest),
      undefined,
    );
    if (source === undefined) return;
    if (source.next !== undefined) yield source.next;
    const { value } = await source.records.next();
    source.next = value ?? undefined;
    if (value === undefined) sources.splice(sources.indexOf(source), 1);
    else source.newestAt = value.time;
  }
}

async function* operationsOf(
  segments: LogSegments,
  segment: LogSegment,
  until: number,
): AsyncGenerator<OperationRecord, void> {
  for await (const line of linesBackwards(segments, segment)) {
    const text = parseLine(line)?.text;
    const record = text === undefined ? undefined : parseRecord(text);
    if (record?.record === 'operation' && record.time <= until) yield record;
  }
}
