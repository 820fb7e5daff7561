/**
 * JSON, as RFC 8259 has it: no comments, no trailing commas, one value of any kind.
 *
 * The built-in parser reads and writes. Two of its habits would lose data, so they are refused here: of a key that is
 * written twice it keeps the last one, and it rounds integers beyond 2^53. Decimal fractions are read as the nearest
 * double, as every JSON reader in JavaScript does.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import type { Codec, CodecCapabilities } from './Codec.js';
import { diagnoseJson } from './jsonDiagnosis.js';
import { collectJsonFacts, type JsonFacts } from './jsonFacts.js';
import { parseFailureAt } from './parseFailure.js';

const { FILE_SYSTEM, VALUE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

const INDENT = 2;

export class JsonCodec implements Codec {
  readonly format = ConfigurationFormat.JSON;
  readonly capabilities: CodecCapabilities = {
    extensions: [FILE_SYSTEM.FILE_EXTENSION_JSON],
    usesPrevious: false,
    nonFiniteNumbers: false,
  };

  /**
   * @throws PersistenceError `ERR_PARSE` for text that is not JSON, an empty file, a key written twice, or nesting beyond
   *   the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`, half surrogate pairs, `null` as the whole
   *   text, and numbers that JavaScript cannot hold (integers beyond 2^53 that would be rounded, and overflow).
   */
  decode(text: string): ConfigurationValue {
    const value = parse(text);
    const facts = collectJsonFacts(text);
    if (facts.depth > VALUE_LIMITS.MAX_DEPTH) diagnoseJson(text);
    if (facts.hasDoubtfulNumber || facts.members !== countMembers(value)) diagnoseJson(text);
    // The parser's value is fresh and plain, so the copying check is only needed where the text may hold what it refuses.
    return isOrdinary(text, facts) ? (value as ConfigurationValue) : copyIntoDomain(value, this.capabilities);
  }

  encode(value: ConfigurationValue): string {
    return `${JSON.stringify(value, undefined, INDENT)}\n`;
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

/** Whether nothing in the text can be outside the domain: then the parsed value needs no copying check. */
function isOrdinary(text: string, facts: JsonFacts): boolean {
  return (
    facts.containers > 0 &&
    facts.separators + facts.containers <= VALUE_LIMITS.MAX_NODES &&
    facts.longestString <= VALUE_LIMITS.MAX_KEY_LENGTH &&
    !facts.hasDoubtfulNumber &&
    !text.includes('\\u') &&
    !text.includes('__proto__')
  );
}

/** Members of all objects in a value whose depth is within the limit. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) members += countMembers(item);
    return members;
  }
  const keys = Object.keys(value);
  members = keys.length;
  for (const key of keys) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object' && member !== null) members += countMembers(member);
  }
  return members;
}
