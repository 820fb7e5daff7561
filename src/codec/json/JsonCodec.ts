/**
 * JSON, as RFC 8259 has it: one value of any kind; with comments and trailing commas in files whose names are known for
 * them, or where the option `comments` says so.
 *
 * The built-in parser reads and writes. Two of its habits would lose data, so they are refused here: of a key that is
 * written twice it keeps the last one, and it rounds integers beyond 2^53. Decimal fractions are read as the nearest
 * double, as every JSON reader in JavaScript does.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { Difference } from '../../edits/Difference.js';
import { copyIntoDomain } from '../../value/valueDomain.js';
import type { Codec, CodecCapabilities, CodecSettings, DecodeOptions, EditedText } from '../Codec.js';
import { NO_CONVENTIONS, type Conventions } from '../conventions.js';
import { refuseManyJsonEntries } from '../text/entryLimit.js';
import { parseFailureAt } from '../text/parseFailure.js';
import { hasJsonComment, withoutComments } from './jsonComments.js';
import { diagnoseJson } from './jsonDiagnosis.js';
import { editJson } from './jsonEdit.js';
import { countStrings } from './jsonStrings.js';
import { surveyJson } from './jsonSurvey.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

const INDENT = 2;

export class JsonCodec implements Codec {
  readonly format = ConfigurationFormat.JSON;
  readonly capabilities: CodecCapabilities = {
    extensions: [FILE_SYSTEM.FILE_EXTENSION_JSON, ...FILE_SYSTEM.JSON_WITH_COMMENTS.ENDINGS],
    usesPrevious: false,
    nonFiniteNumbers: false,
  };
  readonly #hasComments: boolean;

  constructor({ hasComments }: { readonly hasComments: boolean } = { hasComments: false }) {
    this.#hasComments = hasComments;
  }

  configured({ path, comments, isRecorded }: CodecSettings): Codec {
    return isRecorded === true || comments === true || mayHaveComments(path) ? WITH_COMMENTS : this;
  }

  /**
   * @throws PersistenceError `ERR_PARSE` for text that is not JSON, an empty file, a key written twice, or nesting beyond
   *   the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`, half surrogate pairs, `null` as the whole
   *   text, and numbers that JavaScript cannot hold (integers beyond 2^53 that would be rounded, and overflow).
   */
  decode(given: string, options: DecodeOptions = {}): ConfigurationValue {
    refuseManyJsonEntries(given);
    const { text, value } = this.#parse(given);
    // The looks below cost as much again as parsing.
    if (options.isOwn === true && !text.includes('__proto__')) return value as ConfigurationValue;
    const survey = surveyJson(value);
    if (survey.isTooDeep || survey.hasDoubtfulNumber || survey.strings !== countStrings(text)) diagnoseJson(text);
    const isOrdinary = typeof value === 'object' && value !== null && !survey.needsCheck && !text.includes('\\u');
    return isOrdinary ? (value as ConfigurationValue) : copyIntoDomain(value, this.capabilities);
  }

  encode(value: ConfigurationValue): string {
    return `${JSON.stringify(value, undefined, INDENT)}\n`;
  }

  edit(previous: string, _before: ConfigurationValue, difference: Difference): EditedText {
    return { text: editJson(previous, difference), lost: [] };
  }

  /** The value domain is that of JSON. */
  conventions(): Conventions {
    return NO_CONVENTIONS;
  }

  hasComments(text: string): boolean {
    return this.#hasComments && hasJsonComment(text);
  }

  /** The value, and the text that the parser took it from. */
  #parse(text: string): { readonly text: string; readonly value: unknown } {
    try {
      return { text, value: JSON.parse(text) };
    } catch {
      const plain = this.#hasComments ? withoutComments(text) : text;
      if (plain !== text) return { text: plain, value: parse(plain) };
      diagnoseJson(text);
      throw notJson();
    }
  }
}

/** Shared, as codecs have no state. */
const WITH_COMMENTS = new JsonCodec({ hasComments: true });

function mayHaveComments(path: string): boolean {
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const { ENDINGS, STARTS } = FILE_SYSTEM.JSON_WITH_COMMENTS;
  return ENDINGS.some((ending) => fileName.endsWith(ending)) || STARTS.some((start) => fileName.startsWith(start));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    diagnoseJson(text);
    throw notJson();
  }
}

function notJson(): Error {
  return parseFailureAt(undefined, 'the text is not valid JSON');
}
