/** Where an application wants a module's lines: the options `logger` and `redact`. */

/** What pino, bunyan and `console` have in common. */
export interface Logger {
  debug(details: object, message: string): unknown;
  info(details: object, message: string): unknown;
  warn(details: object, message: string): unknown;
  error(details: object, message: string): unknown;
  /** Where there is one, it is asked before each line. */
  isLevelEnabled?(level: string): boolean;
}

export interface LoggingOptions {
  /** Gets the lines instead of the error stream. What it throws or rejects with is dropped; nothing waits for it. */
  logger?: Logger;
  /** Further keys whose values are secrets: whole names in any case, or patterns. */
  redact?: readonly (string | RegExp)[];
}
