/** What a rule's condition can ask about a backup: one entry a fact, with its comparisons and its literals. */
import type { Token } from './conditionTokens.js';
import type { RetentionCandidate } from './RetentionCandidate.js';
import { DURATION_UNITS, SIZE_UNITS } from './units.js';

/** Whether a condition holds for a backup at a moment. */
export type Condition = (candidate: RetentionCandidate, now: number) => boolean;

export interface Fact {
  /** Those it can be compared with. */
  readonly operators: readonly string[];
  /** What it is compared with, for messages. */
  readonly literals: string;
  /** The comparison; undefined where the literal is of another kind. */
  readonly compare: (operator: string, literal: Token) => Condition | undefined;
  /** What it means where it is compared with nothing; absent where that means nothing. */
  readonly alone?: Condition;
}

const NUMBER_OPERATORS = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
} satisfies Record<string, (left: number, right: number) => boolean>;

/** Over all texts of a fact: `!=` is the opposite of `=`, so it holds where none of them is equal. */
const TEXT_OPERATORS = {
  '=': (texts, sought) => texts.includes(sought),
  '!=': (texts, sought) => !texts.includes(sought),
  contains: (texts, sought) => texts.some((text) => text.includes(sought)),
  startsWith: (texts, sought) => texts.some((text) => text.startsWith(sought)),
} satisfies Record<string, (texts: readonly string[], sought: string) => boolean>;

const tags = texts((candidate) => candidate.tags);

/** Name to fact. */
export const FACTS: ReadonlyMap<string, Fact> = new Map([
  ['age', quantity('a duration such as 24h', DURATION_UNITS, ({ createdAt }, now) => now - createdAt)],
  ['size', quantity('a size such as 10MB', SIZE_UNITS, ({ size }) => size)],
  ['name', texts(({ name }) => [name ?? ''])],
  ['description', texts(({ description }) => [description ?? ''])],
  ['tag', tags],
  ['tags', tags],
  ['automatic', flag(({ isAutomatic }) => isAutomatic)],
  ['named', flag(({ name }) => name !== undefined)],
  ['verified', flag(({ isVerified }) => isVerified)],
]);

/** Every operator of any fact. */
export const OPERATORS: ReadonlySet<string> = new Set([...FACTS.values()].flatMap(({ operators }) => operators));

function quantity(
  example: string,
  units: Readonly<Record<string, number>>,
  read: (candidate: RetentionCandidate, now: number) => number,
): Fact {
  return {
    operators: Object.keys(NUMBER_OPERATORS),
    literals: `${example} (${Object.keys(units).join(', ')})`,
    compare: (operator, literal) => {
      const value = literal.kind === 'quantity' ? readQuantity(literal.text, units) : undefined;
      if (value === undefined) return undefined;
      const compares = NUMBER_OPERATORS[operator as keyof typeof NUMBER_OPERATORS];
      return (candidate, now) => compares(read(candidate, now), value);
    },
  };
}

/** Undefined without a unit, with a unit of another kind, and above what a number holds exactly. */
function readQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const unit = text.replace(/^[\d.]+/, '');
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) return undefined;
  const value = Number.parseFloat(text) * factor;
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function texts(read: (candidate: RetentionCandidate) => readonly string[]): Fact {
  return {
    operators: Object.keys(TEXT_OPERATORS),
    literals: 'a text in quotes',
    compare: (operator, literal) => {
      if (literal.kind !== 'text') return undefined;
      const compares = TEXT_OPERATORS[operator as keyof typeof TEXT_OPERATORS];
      return (candidate) => compares(read(candidate), literal.text);
    },
  };
}

function flag(read: (candidate: RetentionCandidate) => boolean): Fact {
  return {
    operators: ['=', '!='],
    literals: 'true or false',
    compare: (operator, literal) => {
      if (literal.kind !== 'word' || !['true', 'false'].includes(literal.text)) return undefined;
      const sought = (literal.text === 'true') === (operator === '=');
      return (candidate) => read(candidate) === sought;
    },
    alone: read,
  };
}
