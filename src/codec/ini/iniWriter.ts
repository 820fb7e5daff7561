/** Writes the sections and lines of an INI file by the rules that IniCodec.ts lists. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { isObject } from '../../value/valueDomain.js';
import type { DottedRules } from '../text/dottedConventions.js';
import { membersOfRoot, splitOwnValue } from '../text/dottedTree.js';
import { isTextValue } from '../text/typedText.js';
import { encodeKey, encodeSection } from './iniNames.js';
import { encodeIniValue } from './iniValues.js';

const { FORMAT_CONVENTIONS } = CONFIG_PERSISTENCE_CONSTANTS;

const ARRAY_SUFFIX = '[]';

/** What other programs may not read as it is meant: see `Codec.conventions`. */
export const INI_RULES: DottedRules = {
  isNested: isObject,
  // A section has a name and keys; that a dot in the name nests it in another one is agreed between some programs only.
  nativeLevels: 1,
  isEscaped: (key, isNested) => (isNested ? encodeSection([key]) : encodeKey(key)) !== key,
  describeValue: (value) => {
    if (value === null) return FORMAT_CONVENTIONS.NULL_AS_WORD;
    if (Array.isArray(value))
      return isList(value) ? FORMAT_CONVENTIONS.ARRAY_AS_LINES : FORMAT_CONVENTIONS.ARRAY_AS_JSON;
    return typeof value === 'string' && encodeIniValue(value) !== value ? FORMAT_CONVENTIONS.QUOTED_STRING : undefined;
  },
};

export function writeIni(value: ConfigurationValue): string {
  const sections: string[] = [];
  writeSection([], membersOfRoot(value), sections);
  return sections.length === 0 ? '\n' : sections.join('\n');
}

/** Adds the section of an object and those below it, each as one text that ends with a line feed. */
function writeSection(
  path: readonly string[],
  members: readonly [string, ConfigurationValue][],
  sections: string[],
): void {
  const lines: string[] = [];
  const subsections = [];
  for (const [key, value] of members) {
    if (isObject(value)) subsections.push({ key, ...splitOwnValue(value) });
    else addLines(lines, key, value);
  }
  // A subsection with an own value stands where the reader meets that value, so that a second save writes the same text.
  const owning = subsections.filter(({ ownValue }) => ownValue !== undefined);
  for (const { key, ownValue } of owning) addLines(lines, key, ownValue ?? null);
  if (path.length > 0 && (lines.length > 0 || members.length === 0)) lines.unshift(`[${encodeSection(path)}]`);
  if (lines.length > 0) sections.push(`${lines.join('\n')}\n`);
  const others = subsections.filter(({ ownValue }) => ownValue === undefined);
  for (const subsection of [...owning, ...others]) {
    writeSection([...path, subsection.key], subsection.members, sections);
  }
}

/** An array of scalars has a line for each of them; any other is one value. */
function addLines(lines: string[], key: string, value: ConfigurationValue): void {
  const name = encodeKey(key);
  if (isList(value)) for (const item of value) lines.push(formatLine(name + ARRAY_SUFFIX, item));
  else lines.push(formatLine(name, value));
}

function formatLine(key: string, value: ConfigurationValue): string {
  const text = encodeIniValue(value);
  return text === '' ? `${key} =` : `${key} = ${text}`;
}

/** An array that has something in it, and nothing but scalars and empty objects. */
function isList(value: ConfigurationValue): value is ConfigurationValue[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => !Array.isArray(item) && isTextValue(item));
}
