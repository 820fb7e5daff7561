/**
 * The conditions of priority rules: parsed once into functions, never evaluated as code.
 *
 *     condition   = conjunction { "or" conjunction }
 *     conjunction = term { "and" term }
 *     term        = { "not" } ( "(" condition ")" | comparison )
 *     comparison  = fact operator literal | flag
 *
 * | fact | operators | literal |
 * |---|---|---|
 * | `age` | `= != < <= > >=` | duration: `30m`, `24h`, `7d`, `2w` (minutes, hours, days, weeks) |
 * | `size` of the file | `= != < <= > >=` | size: `100B`, `10KB`, `1.5MB`, `2GB`; powers of 1024, `KB` is `KiB` |
 * | `name`, `description` | `= != contains startsWith` | text in single or double quotes; an absent one is the empty text |
 * | `tag`, also written `tags` | `= != contains startsWith` | text; holds if it does for any tag, `!=` if no tag is equal |
 * | `automatic`, `named`, `verified` (the flags) | `= !=`, or none | `true`, `false` |
 *
 * `not` takes the next comparison or brackets, `and` binds closer than `or`. Words, units and texts are told apart by case.
 * A text cannot contain the quote around it. There are no regular expressions, so no condition takes long.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { FACTS, OPERATORS, type Condition } from './conditionFacts.js';
import { tokenise, type Token } from './conditionTokens.js';

const { MAX_CONDITION_DEPTH, MAX_CONDITION_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.RETENTION;

/**
 * The function that a condition means.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` that says what is wrong at which character, without showing the text.
 */
export function parseCondition(text: string): Condition {
  const condition = read(text);
  if (typeof condition === 'string') throw persistenceError('ERR_INVALID_OPTION', `the condition ${condition}`);
  return condition;
}

/** What is wrong with a condition, in words that follow its name; undefined where it is right. */
export function conditionProblem(text: string): string | undefined {
  const condition = read(text);
  return typeof condition === 'string' ? condition : undefined;
}

/** The condition, or what is wrong with it. */
function read(text: string): Condition | string {
  if (text.length > MAX_CONDITION_LENGTH) return `is longer than ${MAX_CONDITION_LENGTH} characters`;
  return new ConditionParser(text).run();
}

/** Stands where there is no condition because of a problem. */
const NEVER: Condition = () => false;

/** Recursive descent. After the first problem it is at the end, so that every method returns soon. */
class ConditionParser {
  readonly #rest: Token[];
  readonly #end: Token;
  #current: Token;
  #depth = 0;
  #problem: string | undefined;

  constructor(text: string) {
    this.#rest = tokenise(text).reverse();
    this.#end = { kind: 'end', text: '', position: text.length + 1 };
    this.#current = this.#rest.pop() ?? this.#end;
  }

  run(): Condition | string {
    const condition = this.#alternatives();
    if (this.#current.kind !== 'end') this.#refuse(this.#current, '"and", "or" or the end is expected');
    return this.#problem ?? condition;
  }

  #alternatives(): Condition {
    const parts = [this.#conjunction()];
    while (this.#skip('word', 'or')) parts.push(this.#conjunction());
    return (candidate, now) => parts.some((part) => part(candidate, now));
  }

  #conjunction(): Condition {
    const parts = [this.#term()];
    while (this.#skip('word', 'and')) parts.push(this.#term());
    return (candidate, now) => parts.every((part) => part(candidate, now));
  }

  #term(): Condition {
    let isNegated = false;
    while (this.#skip('word', 'not')) isNegated = !isNegated;
    const term = this.#skip('symbol', '(') ? this.#brackets() : this.#comparison();
    return isNegated ? (candidate, now) => !term(candidate, now) : term;
  }

  #brackets(): Condition {
    this.#depth += 1;
    if (this.#depth > MAX_CONDITION_DEPTH) {
      return this.#refuse(this.#current, `more than ${MAX_CONDITION_DEPTH} brackets inside each other`);
    }
    const inner = this.#alternatives();
    this.#depth -= 1;
    return this.#skip('symbol', ')') ? inner : this.#refuse(this.#current, '"and", "or" or ")" is expected');
  }

  #comparison(): Condition {
    const name = this.#take();
    const fact = name.kind === 'word' ? FACTS.get(name.text) : undefined;
    if (fact === undefined) return this.#refuse(name, `a fact is expected: ${[...FACTS.keys()].join(', ')}`);
    if (fact.alone !== undefined && !isOperator(this.#current)) return fact.alone;
    const operator = this.#take();
    if (!isOperator(operator) || !fact.operators.includes(operator.text)) {
      return this.#refuse(operator, `an operator of this fact is expected: ${fact.operators.join(' ')}`);
    }
    const literal = this.#take();
    return fact.compare(operator.text, literal) ?? this.#refuse(literal, `${fact.literals} is expected`);
  }

  #skip(kind: Token['kind'], text: string): boolean {
    const isThere = this.#current.kind === kind && this.#current.text === text;
    if (isThere) this.#take();
    return isThere;
  }

  #take(): Token {
    const token = this.#current;
    this.#current = this.#rest.pop() ?? this.#end;
    return token;
  }

  #refuse({ position }: Token, reason: string): Condition {
    // What follows the first problem is only its consequence.
    this.#problem ??= `is wrong at character ${position}: ${reason}`;
    this.#rest.length = 0;
    this.#current = this.#end;
    return NEVER;
  }
}

/** A text in quotes is no operator, whatever it says. */
function isOperator({ kind, text }: Token): boolean {
  return kind !== 'text' && OPERATORS.has(text);
}
