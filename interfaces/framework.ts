/** The data that RCC modules exchange with each other and with their host. */

/** Who a module is. `id` is unique in a registry; `type` names the registered class. */
export interface ModuleInfo {
  id: string;
  name: string;
  version: string;
  description: string;
  type: string;
  metadata?: Record<string, unknown>;
}

/** One directed connection between two modules, as one of them sees it. */
export interface ConnectionInfo {
  id: string;
  type: 'input' | 'output';
  sourceModuleId: string;
  targetModuleId: string;
  /** Transfer kinds that may pass; absent or empty means all. */
  dataTypes?: string[];
  status?: 'connected' | 'disconnected' | 'error' | 'pending';
  metadata?: Record<string, unknown>;
}

/** One piece of data on a connection; its kind is `metadata.type`. */
export interface DataTransfer {
  id: string;
  sourceConnectionId: string;
  targetConnectionId: string;
  data: unknown;
  /** Epoch milliseconds. */
  timestamp: number;
  metadata?: Record<string, unknown>;
}

/** One message through the `MessageCenter`; `type` is the kind of request. */
export interface Message {
  id: string;
  type: string;
  source: string;
  /** A module id; absent for a broadcast. */
  target?: string;
  payload?: unknown;
  /** Epoch milliseconds. */
  timestamp: number;
  correlationId?: string;
  metadata?: Record<string, unknown>;
  /** Milliseconds after `timestamp` beyond which the message is not delivered any more. */
  ttl?: number;
  priority?: number;
}

/** The answer to one message. */
export interface MessageResponse {
  messageId: string;
  correlationId: string;
  success: boolean;
  data?: unknown;
  error?: string;
  /** Epoch milliseconds. */
  timestamp: number;
}

/** The outcome of a validation. */
export interface ValidationResult {
  isValid: boolean;
  errors: string[];
  warnings?: string[];
  data?: unknown;
}

/** What `configure({ debug })` takes; nothing is printed while it is absent. Failures are logged in any case. */
export interface DebugOptions {
  /** Log transfers and messages. */
  enableRequestLogging?: boolean;
  /** Log the end of every operation, and how long it took. */
  enablePerformanceMonitoring?: boolean;
  /** The least serious level that is logged. Default: all. */
  logLevel?: 'debug' | 'info' | 'warn' | 'error';
}

/** Receives a module's diagnostics. It is never given a configuration value. */
export interface DebugModule {
  /** May be asynchronous; what it throws or rejects with is dropped. */
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, details?: Record<string, unknown>): unknown;
}
