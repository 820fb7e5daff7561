/** Where the module's own XML is more than elements with text, numbers and booleans in them: see `xmlOwn.ts`. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { ConventionList, type Conventions } from '../conventions.js';
import { isElementName, typeOf } from './xmlOwn.js';

const { FORMAT_CONVENTIONS } = CONFIG_PERSISTENCE_CONSTANTS;

/** What the types of elements stand for; those that are missing count as native. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  null: FORMAT_CONVENTIONS.NULL_AS_ATTRIBUTE,
  json: FORMAT_CONVENTIONS.STRING_AS_JSON,
  array: FORMAT_CONVENTIONS.ARRAY_AS_ITEMS,
  object: FORMAT_CONVENTIONS.EMPTY_OBJECT_AS_ATTRIBUTE,
};

export function findXmlConventions(root: ConfigurationValue): Conventions {
  const found = new ConventionList();
  const look = (value: ConfigurationValue): void => {
    const isRoot = found.level === 0;
    const type = typeOf(value, isRoot);
    // A root that is an object is marked whatever is in it.
    if (type !== undefined && !(isRoot && type === 'object')) found.add(DESCRIPTIONS[type]);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) found.at(index, () => look(item));
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      found.at(key, () => {
        if (!isElementName(key)) found.add(FORMAT_CONVENTIONS.KEY_AS_ATTRIBUTE);
        look(member);
      });
    }
  };
  look(root);
  return found;
}
