/** What the operation history tells. It never holds a value of a configuration. */
import type { PersistenceOperationType } from './enums.js';
import type { PerformanceMetrics } from './results.js';

/** The process that asked for an operation. */
export interface OperationProcess {
  pid: number;
  host: string;
  /** Id of the module in it. */
  module: string;
}

/** What is known of an operation beside its outcome. */
export interface OperationDetails {
  /** Asked for by a caller, or by the module itself to look after its files. */
  origin: 'caller' | 'upkeep';
  /** Absent for what only the records of the configuration tell. */
  process?: OperationProcess;
  /** What made the change, such as `save`, `update` or `restore`. */
  kind?: string;
  /** The number of the version that the change made. */
  revision?: number;
  /** Of the content before; null where there was none, absent where nobody had to read it. */
  checksumBefore?: string | null;
  /** Of the content after; null where it was removed. */
  checksumAfter?: string | null;
  /** Stable code of what failed. */
  code?: string;
  /** How many equal reads within one writing of the log this entry stands for, where it is more than one. */
  count?: number;
  /** `records`: the process ended before it had written its entry, and the records of the configuration tell of the change. */
  source?: 'records';
}

/** One operation. */
export interface OperationHistoryEntry {
  /** Tells it from all others; `before` of a filter takes it. */
  id: string;
  operationType: PersistenceOperationType;
  /** Absolute; empty where the operation is about no file, or about those of all configurations. */
  filePath: string;
  /** When it ended, as epoch milliseconds. */
  timestamp: number;
  success: boolean;
  /** Milliseconds; 0 where only the records of the configuration tell of it. */
  duration: number;
  user?: string;
  details?: OperationDetails;
  errors?: string[];
  performanceMetrics?: PerformanceMetrics;
}

/** Which operations are wanted; all conditions must hold. */
export interface OperationHistoryFilter {
  filePath?: string;
  operationType?: `${PersistenceOperationType}` | readonly `${PersistenceOperationType}`[];
  user?: string;
  /** Epoch milliseconds, this one included. */
  since?: number;
  /** Epoch milliseconds, this one included. */
  until?: number;
  outcome?: 'success' | 'failure';
  /** Stable code of what failed. */
  code?: string;
  origin?: 'caller' | 'upkeep';
  /** Id of the last entry of the page before: the ones after it follow. */
  before?: string;
}

/** Where the chain of entries does not hold. */
export interface HistoryBreak {
  /** `altered`: a line is not what the one before says; `cut`: lines at the end are missing; `missing`: a whole file is. */
  type: 'altered' | 'cut' | 'missing' | 'unreadable';
  /** Where a person finds it: a file's path, or a name in a store without files. */
  segment: string;
  /** Counted from 1. */
  line?: number;
  description: string;
}

/** What `verifyOperationHistory` found. */
export interface HistoryVerification {
  isIntact: boolean;
  /** Lines whose chain holds. */
  verifiedLines: number;
  segments: number;
  /** In the order of the segments. */
  breaks: HistoryBreak[];
  /** Epoch milliseconds. */
  timestamp: number;
}
