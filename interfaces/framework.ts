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

/** What a module can be asked for, and what it tells: told to its partner by a handshake. */
export interface ModuleCapabilities {
  /** Kinds of transfers that it does something for. */
  requests: string[];
  /** Kinds of transfers that it sends. */
  replies: string[];
  /** Formats of configurations, where it deals with any. */
  formats?: string[];
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

/** One call of `transferData`, as the sender's record has it: the transfer on the first of its connections. */
export interface SentRecord extends DataTransfer {
  /** Every output connection that the call put the data on; empty where there was none. */
  connectionIds: string[];
}

/** One transfer that `receiveData` took. */
export interface ReceivedRecord extends DataTransfer {
  /** The connection that it came over, as it says: its `sourceConnectionId`. */
  source: string;
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
  /** What it was published to, where it was. */
  topic?: string;
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

/** One requirement that `validateInput` holds data against. */
export interface ValidationRule {
  /** The member of the data that it is about. */
  field: string;
  /**
   * `required`: neither undefined nor null. `custom`: what `validator` finds good. The others are types: `object` takes
   * lists too, as `typeof` does, and no null.
   */
  type: 'required' | 'string' | 'number' | 'boolean' | 'object' | 'array' | 'custom';
  /** What `errors` says where the member does not fit. */
  message: string;
  /** For `custom`. One that throws counts as not content. */
  validator?: (value: unknown) => boolean;
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

/** How serious an entry of a module's debug log is, in rising order. */
export type DebugEntryLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** What a module keeps of its debug log, and whether it prints it. Nothing is printed by default. */
export interface DebugConfig {
  /** False keeps and prints nothing; a debug module and a logger get nothing either. Default: true. */
  enabled: boolean;
  /** The least serious level that is kept and passed on. Default: debug. */
  level: DebugEntryLevel;
  /** Keep the call stack with entries of level `error`. Default: true. */
  recordStack: boolean;
  /** Entries that are kept; the oldest go. Default and maximum: 1000. */
  maxLogEntries: number;
  /** Print to the error stream, as the option `debug` does, where there is no debug module. Default: false. */
  consoleOutput: boolean;
  /** Keep an entry for each transfer and message, without its data. Default: false. */
  trackDataFlow: boolean;
}

/** One entry of a module's debug log. */
export interface DebugLogEntry {
  /** Epoch milliseconds. */
  timestamp: number;
  level: DebugEntryLevel;
  message: string;
  moduleId: string;
  /** The method that the caller named. */
  method?: string;
  /** What the caller gave, without what its keys show to be secrets; `[omitted]` where it is large. */
  data?: unknown;
  stack?: string;
}

/**
 * A debug module of the original host's form, told by its `recordDataFlow` or `addModuleConnection`. Levels are 0 (debug) to 3
 * (error). It is never given the data of a transfer.
 */
export interface HostDebugModule {
  log(message: string, level?: number, info?: ModuleInfo): unknown;
  /** @param data of the transfer, `{ transferId, type, dataOmitted: true }`. */
  recordDataFlow?(sourceId: string, targetId: string, data: object): unknown;
  addModuleConnection?(moduleId: string, direction: 'input' | 'output'): unknown;
}
