/**
 * The refusals of text that breaks its format: where, and why in our own words.
 *
 * The text itself never gets into a message, because configurations hold passwords and keys. For the same reason the error
 * of a parser is not attached as `cause`: parsers quote the line that they could not read.
 */
import { PersistenceError, persistenceError } from '../../errors/PersistenceError.js';

/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Runs a step of a parser; where it throws, the error is the one that `translate` makes of its own. */
export function withTranslation<T>(step: () => T, translate: (error: unknown) => PersistenceError): T {
  try {
    return step();
  } catch (error) {
    throw error instanceof PersistenceError ? error : translate(error);
  }
}

/** `ERR_PARSE` for the place that an offset stands for. */
export function parseFailure(text: string, offset: number, reason: string): PersistenceError {
  return parseFailureAt(positionOf(text, offset), reason);
}

/** `ERR_PARSE` for a place, or for the text as a whole where the place is not known. */
export function parseFailureAt(position: TextPosition | undefined, reason: string): PersistenceError {
  const where = position === undefined ? '' : `${formatPosition(position)}: `;
  return persistenceError('ERR_PARSE', `${where}${reason}`, position);
}

export function formatPosition({ line, column }: TextPosition): string {
  return `line ${line}, column ${column}`;
}

/** Line and column of an offset; LF, CRLF and a lone CR each end a line. */
export function positionOf(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  let line = 1;
  let lineStart = 0;
  for (const ending of before.matchAll(/\r\n?|\n/g)) {
    line += 1;
    lineStart = ending.index + ending[0].length;
  }
  return { line, column: before.length - lineStart + 1 };
}
