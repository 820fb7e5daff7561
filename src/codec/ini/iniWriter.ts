/** Writes the sections of an INI file: of every object first the values, then the objects in it. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { splitOwnValue, type ObjectInFile } from '../text/dottedTree.js';
import { encodeKey, encodeSection } from './iniNames.js';
import { encodeIniValue, isArrayOfScalars } from './iniValues.js';
import { isTextValue } from '../text/typedText.js';

type Members = ObjectInFile['members'];

interface Subsection extends ObjectInFile {
  readonly key: string;
}

/** Adds the section of an object and those below it, each as one text that ends with a line feed. */
export function writeSection(path: readonly string[], members: Members, sections: string[]): void {
  const lines: string[] = [];
  const subsections: Subsection[] = [];
  for (const [key, value] of members) {
    if (isTextValue(value) && !isEmptyObject(value)) addLines(lines, key, value);
    else subsections.push({ key, ...describe(value) });
  }
  // A subsection with an own value stands where the reader meets that value, so that a second save writes the same text.
  const owning = subsections.filter(({ ownValue }) => ownValue !== undefined);
  for (const { key, ownValue } of owning) addLines(lines, key, ownValue ?? null);
  if (path.length > 0 && (lines.length > 0 || members.length === 0)) lines.unshift(`[${encodeSection(path)}]`);
  if (lines.length > 0) sections.push(`${lines.join('\n')}\n`);
  const others = subsections.filter(({ ownValue }) => ownValue === undefined);
  for (const subsection of [...owning, ...others])
    writeSection([...path, subsection.key], subsection.members, sections);
}

function describe(value: ConfigurationValue): ObjectInFile {
  return isTextValue(value) ? { ownValue: undefined, members: [] } : splitOwnValue(value);
}

function addLines(lines: string[], key: string, value: ConfigurationValue): void {
  if (isArrayOfScalars(value)) for (const item of value) lines.push(formatLine(`${encodeKey(key)}[]`, item));
  else lines.push(formatLine(encodeKey(key), value));
}

function formatLine(key: string, value: ConfigurationValue): string {
  const text = encodeIniValue(value);
  return text === '' ? `${key} =` : `${key} = ${text}`;
}

function isEmptyObject(value: ConfigurationValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
