/**
 * JSON, as RFC 8259 has it: no comments, no trailing commas, one value of any kind.
 *
 * The built-in parser reads and writes. Two of its habits would lose data, so they are refused here: of a key that is
 * written twice it keeps the last one, and it rounds integers beyond 2^53. Decimal fractions are read as the nearest
 * double, as every JSON reader in JavaScript does.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { copyIntoDomain } from '../../value/valueDomain.js';
import type { Codec, CodecCapabilities, DecodeOptions } from '../Codec.js';
import { NO_CONVENTIONS, type Conventions } from '../conventions.js';
import { diagnoseJson } from './jsonDiagnosis.js';
import { countStrings } from './jsonStrings.js';
import { surveyJson } from './jsonSurvey.js';
import { parseFailureAt } from '../text/parseFailure.js';

const INDENT = 2;

export class JsonCodec implements Codec {
  readonly format = ConfigurationFormat.JSON;
  readonly capabilities: CodecCapabilities = {
    extensions: [CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.FILE_EXTENSION_JSON],
    usesPrevious: false,
    nonFiniteNumbers: false,
  };

  /**
   * @throws PersistenceError `ERR_PARSE` for text that is not JSON, an empty file, a key written twice, or nesting beyond
   *   the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`, half surrogate pairs, `null` as the whole
   *   text, and numbers that JavaScript cannot hold (integers beyond 2^53 that would be rounded, and overflow).
   */
  decode(text: string, options: DecodeOptions = {}): ConfigurationValue {
    const value = parse(text);
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

  /** The value domain is that of JSON. */
  conventions(): Conventions {
    return NO_CONVENTIONS;
  }

  hasComments(): boolean {
    return false;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    diagnoseJson(text);
    throw parseFailureAt(undefined, 'the text is not valid JSON');
  }
}
