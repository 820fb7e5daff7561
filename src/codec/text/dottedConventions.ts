/** What a format of dotted paths, INI or .properties, writes by convention: the same walk for both, with their own rules. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { isObject } from '../../value/valueDomain.js';
import { ConventionList, type Conventions } from '../conventions.js';
import { isReservedRoot, OWN_VALUE_KEY, splitOwnValue } from './dottedTree.js';

const { FORMAT_CONVENTIONS } = CONFIG_PERSISTENCE_CONSTANTS;

/** The rules of a format, in the terms of its encoder. */
export interface DottedRules {
  /** Whether the members of a value get lines of their own; any other value is the text of one. */
  readonly isNested: (value: ConfigurationValue) => value is ConfigurationObject;
  /** Levels of objects below the root that the format itself has. */
  readonly nativeLevels: number;
  /** Whether the name of a nested object, or of any other member, is written with escapes of our own. */
  readonly isEscaped: (key: string, isNested: boolean) => boolean;
  /** What is written for a value that is not nested; undefined where that is its plain text. */
  readonly describeValue: (value: ConfigurationValue) => string | undefined;
}

export function findDottedConventions(root: ConfigurationValue, rules: DottedRules): Conventions {
  const search = new DottedSearch(rules);
  search.lookAtRoot(root);
  return search.found;
}

class DottedSearch {
  readonly found = new ConventionList();
  readonly #rules: DottedRules;

  constructor(rules: DottedRules) {
    this.#rules = rules;
  }

  lookAtRoot(root: ConfigurationValue): void {
    if (isObject(root)) {
      const isReserved = isReservedRoot(root);
      for (const [key, value] of Object.entries(root)) {
        if (isReserved) this.found.at(key, () => this.found.add(FORMAT_CONVENTIONS.RESERVED_KEY));
        this.#lookAtMember(key, value);
      }
    } else {
      this.found.add(FORMAT_CONVENTIONS.ROOT_VALUE);
      this.found.add(this.#rules.describeValue(root));
    }
  }

  #lookAtMember(key: string, value: ConfigurationValue): void {
    this.found.at(key, () => {
      if (this.#rules.isNested(value)) {
        this.#lookAtNested(key, value);
      } else {
        if (this.#rules.isEscaped(key, false)) this.found.add(FORMAT_CONVENTIONS.ESCAPED_KEY);
        this.found.add(this.#rules.describeValue(value));
      }
    });
  }

  #lookAtNested(key: string, object: ConfigurationObject): void {
    const { ownValue, members } = splitOwnValue(object);
    const isEscaped = this.#rules.isEscaped(key, true) || (ownValue !== undefined && this.#rules.isEscaped(key, false));
    if (isEscaped) this.found.add(FORMAT_CONVENTIONS.ESCAPED_KEY);
    if (this.found.level > this.#rules.nativeLevels) this.found.add(FORMAT_CONVENTIONS.DOTTED_SECTION);
    if (ownValue !== undefined) {
      this.found.at(OWN_VALUE_KEY, () => {
        this.found.add(FORMAT_CONVENTIONS.OWN_VALUE);
        this.found.add(this.#rules.describeValue(ownValue));
      });
    }
    for (const [name, member] of members) this.#lookAtMember(name, member);
  }
}
