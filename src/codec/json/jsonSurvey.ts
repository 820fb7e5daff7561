/**
 * One quick look at a value that `JSON.parse` just made: is there anything in it that needs a second look?
 *
 * Such a value is fresh and plain, so most of what `copyIntoDomain` checks cannot occur, and the look costs a fraction of
 * the copy.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

const { MAX_DEPTH, MAX_NODES, MAX_KEY_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

export function surveyJson(value: unknown): Readonly<JsonSurvey> {
  const survey = new JsonSurvey();
  survey.visit(value, 0);
  return survey;
}

class JsonSurvey {
  /** Strings and keys in the value; the text has more where a key is written twice. */
  strings = 0;
  isTooDeep = false;
  /** An integer beyond 2^53 or an infinity: the text may have said something else. */
  hasDoubtfulNumber = false;
  /** Something that `copyIntoDomain` refuses or changes. Half surrogate pairs are not looked for. */
  needsCheck = false;
  #nodes = 0;

  visit(value: unknown, depth: number): void {
    if (typeof value === 'string') {
      this.strings += 1;
    } else if (typeof value === 'number') {
      this.#visitNumber(value);
    } else if (typeof value === 'object' && value !== null) {
      this.#visitContainer(value, depth + 1);
    }
  }

  #visitNumber(value: number): void {
    if (value === 0) this.needsCheck ||= Object.is(value, -0);
    else if (Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value))
      this.hasDoubtfulNumber = true;
  }

  #visitContainer(container: object, depth: number): void {
    if (depth > MAX_DEPTH) {
      this.isTooDeep = true;
    } else if (Array.isArray(container)) {
      this.#count(container.length);
      for (const item of container as unknown[]) this.visit(item, depth);
    } else {
      const keys = Object.keys(container);
      this.#count(keys.length);
      this.strings += keys.length;
      for (const key of keys) {
        if (key.length > MAX_KEY_LENGTH || key === '__proto__') this.needsCheck = true;
        this.visit((container as Record<string, unknown>)[key], depth);
      }
    }
  }

  #count(members: number): void {
    this.#nodes += members;
    if (this.#nodes > MAX_NODES) this.needsCheck = true;
  }
}
