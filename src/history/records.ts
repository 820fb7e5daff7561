/** What stands in the lines of the operation log, and how a record becomes an entry. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationDetails, OperationHistoryEntry, OperationProcess } from '../../interfaces/history.js';
import type { PerformanceMetrics } from '../../interfaces/results.js';

const ENTRY_ID = new RegExp(CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG.ENTRY_ID, 'u');

/** How far another segment had come. */
export interface SegmentHead {
  readonly id: string;
  readonly hash: string;
}

/** First line of every segment, and of each writer that goes on with one. */
export interface BeginRecord {
  readonly record: 'begin';
  readonly format: number;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly process: OperationProcess;
  /** This segment, and others whose ids sort before it, are removed now because they are old. */
  readonly floor?: string;
}

/** What other segments had come to, a moment after the beginning. */
export interface HeadsRecord {
  readonly record: 'heads';
  readonly time: number;
  readonly heads: readonly SegmentHead[];
}

/** One operation, or several equal reads. */
export interface OperationRecord {
  readonly record: 'operation';
  readonly id: string;
  readonly operationType: PersistenceOperationType;
  readonly filePath: string;
  /** The configuration's identity, where that is not its path. */
  readonly location?: string;
  /** When it ended, as epoch milliseconds. */
  readonly time: number;
  readonly durationMs: number;
  readonly user?: string;
  readonly errors?: readonly string[];
  readonly details: OperationDetails;
  /** Changes of others before this one that their processes may not have written down, newest first. */
  readonly earlier?: readonly OperationRecord[];
  readonly metrics?: Omit<PerformanceMetrics, 'duration'>;
}

/** Operations that could not be written down. */
export interface LossRecord {
  readonly record: 'lost';
  readonly time: number;
  readonly count: number;
}

export type LogRecord = BeginRecord | HeadsRecord | OperationRecord | LossRecord;

/** Undefined for a text that is no record. */
export function parseRecord(text: string): LogRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<LogRecord>;
    return typeof value.record === 'string' && typeof value.time === 'number' ? (value as LogRecord) : undefined;
  } catch {
    return undefined;
  }
}

export function entryOfRecord(record: OperationRecord): OperationHistoryEntry {
  const { id, operationType, filePath, time, durationMs, user, errors, details, metrics } = record;
  return {
    id,
    operationType,
    filePath,
    timestamp: time,
    success: errors === undefined,
    duration: durationMs,
    ...(user === undefined ? {} : { user }),
    details,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(metrics === undefined ? {} : { performanceMetrics: { duration: durationMs, ...metrics } }),
  };
}

/** Tells a change from all others. */
export function changeKey({
  location,
  filePath,
  details,
}: Pick<OperationRecord, 'location' | 'filePath'> & { readonly details: Pick<OperationDetails, 'revision'> }): string {
  return `${details.revision ?? 0} ${location ?? filePath}`;
}

/** The id of an entry tells when the operation ended, who wrote it down, and the how manieth it was. */
export function entryId(time: number, writer: string, count: number): string {
  return `${time}-${writer}-${count}`;
}

/** Undefined for what is no id. */
export function parseEntryId(id: string): { readonly time: number; readonly writer: string } | undefined {
  const [, time, writer] = ENTRY_ID.exec(id) ?? [];
  return time === undefined || writer === undefined ? undefined : { time: Number(time), writer };
}
