/** The words, values and signs of a rule's condition. */

export interface Token {
  readonly kind: (typeof GROUPS)[number] | 'unknown' | 'end';
  /** As written; of a text what is between the quotes. */
  readonly text: string;
  /** Of its first character in the condition, counted from 1. */
  readonly position: number;
}

/** Every alternative begins with another character and never tries a text twice: no condition can make it slow. */
const TOKEN = /([A-Za-z]+)|(\d+(?:\.\d+)?[A-Za-z]*)|"([^"]*)"|'([^']*)'|(!=|<=|>=|[=<>()])|\S/gu;
/** What its groups match, in their order. */
const GROUPS = ['word', 'quantity', 'text', 'text', 'symbol'] as const;

/** The tokens in reading order. Takes every text: what belongs to no token is `unknown`, such as a quote never closed. */
export function tokenise(condition: string): Token[] {
  return Array.from(condition.matchAll(TOKEN), toToken);
}

function toToken(match: RegExpExecArray): Token {
  const groups: readonly (string | undefined)[] = match.slice(1);
  const group = groups.findIndex((text) => text !== undefined);
  return { kind: GROUPS[group] ?? 'unknown', text: groups[group] ?? match[0], position: match.index + 1 };
}
