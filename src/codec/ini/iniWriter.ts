/** Writes the sections and lines of an INI file by the rules that IniCodec.ts lists and those of a dialect. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { isObject, refuse, type DomainProblem } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import type { DottedRules } from '../text/dottedConventions.js';
import { membersOfRoot, splitOwnValue } from '../text/dottedTree.js';
import { isTextValue, stringifyText } from '../text/typedText.js';
import type { IniDialect } from './iniDialects.js';
import { encodeKey, encodeSection, nameOfSection } from './iniNames.js';
import { isPlainForAll, quoteOwn } from './iniQuotes.js';
import { ITEM_SUFFIX } from './iniReader.js';
import { spellValue } from './iniSpelling.js';

const { FORMAT_CONVENTIONS } = CONFIG_PERSISTENCE_CONSTANTS;

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
    return typeof value === 'string' && !isPlainForAll(value) ? FORMAT_CONVENTIONS.QUOTED_STRING : undefined;
  },
};

/** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the paths of what the dialect has no form for. */
export function writeIni(value: ConfigurationValue, dialect: IniDialect): string {
  const writer = new IniWriter(dialect);
  writer.writeSection([], membersOfRoot(value));
  refuse(writer.problems);
  return writer.sections.length === 0 ? '\n' : writer.sections.join('\n');
}

/** An array that has something in it, and nothing but scalars and empty objects. */
export function isList(value: ConfigurationValue): value is ConfigurationValue[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => !Array.isArray(item) && isTextValue(item));
}

/** The text of a value in a new file, which also other readers of the dialect should understand. */
function encodeIniValue(value: ConfigurationValue, dialect: IniDialect): string | undefined {
  if (!dialect.hasOwnQuotes) {
    const spelling = spellValue(value, dialect);
    return spelling?.isExact === true ? spelling.text : undefined;
  }
  if (typeof value !== 'string') return stringifyText(value);
  return isPlainForAll(value) ? value : quoteOwn(value);
}

class IniWriter {
  /** Each a text that ends with a line feed. */
  readonly sections: string[] = [];
  readonly problems: DomainProblem[] = [];
  readonly #dialect: IniDialect;

  constructor(dialect: IniDialect) {
    this.#dialect = dialect;
  }

  /** Adds the section of an object and those below it. */
  writeSection(path: readonly string[], members: readonly [string, ConfigurationValue][]): void {
    const lines: string[] = [];
    const subsections = [];
    for (const [key, value] of members) {
      if (isObject(value)) subsections.push({ key, ...splitOwnValue(value) });
      else this.#addLines(lines, [...path, key], value);
    }
    // A subsection with an own value stands where the reader meets that value, so that a second save writes the same text.
    const owning = subsections.filter(({ ownValue }) => ownValue !== undefined);
    for (const { key, ownValue } of owning) this.#addLines(lines, [...path, key], ownValue ?? null);
    if (path.length > 0 && (lines.length > 0 || members.length === 0)) lines.unshift(this.#headerOf(path));
    if (lines.length > 0) this.sections.push(`${lines.join('\n')}\n`);
    const others = subsections.filter(({ ownValue }) => ownValue === undefined);
    for (const subsection of [...owning, ...others]) {
      this.writeSection([...path, subsection.key], subsection.members);
    }
  }

  #headerOf(path: readonly string[]): string {
    const name = nameOfSection(path, this.#dialect);
    if (name === undefined) this.#refuse(path, 'the owner of the file knows no sections inside others');
    return `[${name ?? ''}]`;
  }

  /** An array of scalars has a line for each of them; any other is one value. */
  #addLines(lines: string[], path: readonly string[], value: ConfigurationValue): void {
    const { hasItemKeys, repeatedKeys } = this.#dialect;
    const name = encodeKey(path.at(-1) ?? '');
    const isRepeated = hasItemKeys || (repeatedKeys === 'list' && Array.isArray(value) && value.length > 1);
    if (!isRepeated || !isList(value)) lines.push(this.#formatLine(name, path, value));
    else for (const item of value) lines.push(this.#formatLine(hasItemKeys ? name + ITEM_SUFFIX : name, path, item));
  }

  #formatLine(key: string, path: readonly string[], value: ConfigurationValue): string {
    const text = encodeIniValue(value, this.#dialect);
    if (text === undefined) this.#refuse(path, 'the rules of the file have no spelling for this value');
    return text === undefined || text === '' ? `${key} =` : `${key} = ${text}`;
  }

  #refuse(path: readonly string[], reason: string): void {
    this.problems.push({ path: formatPath(path), reason });
  }
}
