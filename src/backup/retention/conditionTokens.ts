/** The words, values and signs of a rule's condition. */

export type TokenKind = 'word' | 'quantity' | 'text' | 'symbol' | 'unknown' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a text what is between the quotes. */
  readonly text: string;
  /** Of its first character in the condition, counted from 1. */
  readonly position: number;
}

/** Every alternative begins with another character and never tries a text twice: no condition can make it slow. */
const TOKEN = /([A-Za-z]+)|(\d+(?:\.\d+)?[A-Za-z]*)|"([^"]*)"|'([^']*)'|(!=|<=|>=|[=<>()])|\S/gu;

/** The tokens in reading order. Takes every text: what belongs to no token is `unknown`, such as a quote never closed. */
export function tokenise(condition: string): Token[] {
  return Array.from(condition.matchAll(TOKEN), toToken);
}

function toToken(match: RegExpExecArray): Token {
  const [whole, word, quantity, double, single, symbol] = match;
  const position = match.index + 1;
  if (word !== undefined) return { kind: 'word', text: word, position };
  if (quantity !== undefined) return { kind: 'quantity', text: quantity, position };
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, position };
  const quoted = double ?? single;
  return quoted === undefined ? { kind: 'unknown', text: whole, position } : { kind: 'text', text: quoted, position };
}
