import type { ConfigurationValue } from '../../../interfaces/value.js';

/** A text in a refused or hostile case is searched for this word in the error's message. */
export const SECRET = 'hunter2';

/** What a format's own rules say about texts that other programs wrote. */
export interface FormatRules {
  /** Texts with the value that they stand for. */
  readonly accepted: readonly (readonly [text: string, value: ConfigurationValue])[];
  /** Texts that break the rules of the format, or hold what the domain has not. */
  readonly refused: readonly string[];
  /** Texts made to do harm, by what they try. */
  readonly hostile: Readonly<Record<string, string>>;
}

/** Enough to overflow any parser that recurses without a limit. */
export const MANY = 100_000;
