/** What is published on the channels `tracing:rcc-config-persistence:<operation type>:<event>` of `diagnostics_channel`. */
import type { PersistenceOperationType } from './enums.js';

/**
 * One operation, the same object in all of its events. It holds no configuration value and no result; what a subscriber
 * adds to it is left alone.
 */
export interface OperationTraceContext {
  readonly operationType: PersistenceOperationType;
  /** As the caller gave it; empty where the operation is about no file, or its file is known at the end only. */
  filePath: string;
  /** Asked for by a caller, or by the module itself to look after its files. */
  readonly origin: 'caller' | 'upkeep';
  /** Who asked for it, where that is known. */
  readonly user?: string;
  /** Of the module that works; `config-persistence` for `ConfigPersistence.open()`. */
  readonly instanceId: string;
  /** Absolute: what a relative `filePath` is relative to. */
  readonly workingDirectory: string;
  /** A load that the cache answered. Its events follow each other when it has ended. */
  readonly isCacheHit?: true;
  /** From the event `asyncStart` on, or `error`. */
  durationMs?: number;
  /** Why it failed. Of what a function of the caller threw, only the name and the code. */
  error?: Error;
}
