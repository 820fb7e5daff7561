/**
 * TOML 1.0, and what TOML 1.1 adds on reading; read by smol-toml, written here.
 *
 * - The root is an object. Null stands in the file as `{ "~null" = true }` (see `tomlNull.ts`).
 * - Dates and times load as strings exactly as they are spelled. One that stood unquoted in the file stays unquoted while
 *   the string at its place is the same; every other string is written in quotes. In the same way a number keeps its
 *   spelling (`1.0`, `0xFF`, `1_000`) while its value is the same. A new or changed whole number is written as an integer.
 */
import { TomlError } from 'smol-toml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { PersistenceError } from '../../errors/PersistenceError.js';
import { acceptFresh } from '../../value/freshValues.js';
import { isObject, refuse } from '../../value/valueDomain.js';
import type { Difference } from '../../edits/Difference.js';
import type { Codec, CodecCapabilities, EditedText, EncodeOptions } from '../Codec.js';
import type { Conventions } from '../conventions.js';
import { refuseManyMarks } from '../text/entryLimit.js';
import { refuseInexactNumbers } from '../text/inexactNumbers.js';
import { parseFailureAt, withTranslation } from '../text/parseFailure.js';
import { editToml } from './tomlEdit.js';
import { findTomlConventions, fromFile, toFile } from './tomlNull.js';
import { markDates, markUnusualSpellings, parseToml, type SpelledTree } from './tomlSpelling.js';
import { hasTomlComment } from './tomlTokens.js';
import { writeToml } from './tomlWriter.js';

/** What the parser's messages contain, and what we say instead. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/redefine/, 'a key or table is defined twice'],
  [/excessively nested/, 'nested deeper than the limit'],
  [/control characters/, 'a control character stands unescaped in the text'],
  [/escape/, 'a string has an unknown escape'],
  [/key/, 'a key is malformed, or its line does not end after the value'],
  [/unfinished|end of structure/, 'a string, array, table or number does not end, or a comma is missing'],
  [/date/, 'a date or time is malformed'],
];

/** Every member, item and table has one of these; the parser has no limit of its own. */
const ENTRY_MARKS = ['\n', ',', '[', '{', '.'];

export class TomlCodec implements Codec {
  readonly format = ConfigurationFormat.TOML;
  readonly capabilities: CodecCapabilities = {
    extensions: [CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.FILE_EXTENSION_TOML],
    usesPrevious: true,
    nonFiniteNumbers: true,
  };

  /**
   * An empty file is an empty object, by the format's rules.
   *
   * @throws PersistenceError `ERR_PARSE` for text that is not TOML, a key defined twice, floats beyond the range of
   *   JavaScript, and inline nesting beyond the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`, nesting
   *   beyond the limit, and integers that JavaScript cannot hold exactly.
   */
  decode(text: string): ConfigurationValue {
    refuseManyMarks(text, ENTRY_MARKS);
    const { tree, mark } = withTranslation(() => {
      const parsed = parseToml(text);
      return markDates(text) ?? { tree: parsed, mark: '' };
    }, tomlFailure);
    const { value, hasInexactNumbers } = fromFile(tree, mark);
    if (hasInexactNumbers) refuseInexactNumbers(value);
    return acceptFresh(value, this.capabilities);
  }

  /** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` where the root is no object. */
  encode(value: ConfigurationValue, { previous }: EncodeOptions = {}): string {
    if (!isObject(value)) {
      refuse([{ path: '(root)', reason: 'a TOML file holds an object; wrap the value in one, or use another format' }]);
    }
    return writeToml(toFile(value) as ConfigurationObject, previous === undefined ? undefined : readPrevious(previous));
  }

  edit(previous: string, before: ConfigurationValue, difference: Difference): EditedText | undefined {
    return editToml(previous, before, difference);
  }

  conventions(value: ConfigurationValue): Conventions {
    return findTomlConventions(value);
  }

  hasComments(text: string): boolean {
    return hasTomlComment(text);
  }
}

function readPrevious(text: string): SpelledTree | undefined {
  try {
    parseToml(text);
    return markUnusualSpellings(text);
  } catch {
    return undefined;
  }
}

function tomlFailure(error: unknown): PersistenceError {
  if (!(error instanceof TomlError)) return parseFailureAt(undefined, 'the text cannot be read as TOML');
  const [headline = ''] = error.message.split('\n');
  const reason = REASONS.find(([pattern]) => pattern.test(headline))?.[1] ?? 'a value is malformed';
  return parseFailureAt({ line: error.line, column: error.column }, reason);
}
