/**
 * The types of YAML scalars on reading: the core schema of YAML 1.2, the merge key, and exact numbers.
 *
 * Dates have no type in the core schema and load as strings in their own spelling. A number that JavaScript cannot hold as
 * written is marked, so that it is refused with its path instead of being rounded.
 */
import {
  boolYaml11Tag,
  CORE_SCHEMA,
  defineScalarTag,
  floatCoreTag,
  floatYaml11Tag,
  intCoreTag,
  intYaml11Tag,
  mergeTag,
  nullYaml11Tag,
  NOT_RESOLVED,
  type ScalarTagDefinition,
} from 'js-yaml';
import { INEXACT_NUMBER } from '../text/inexactNumbers.js';

const INTEGER = /^(?:[-+]?\d+|0x[\dA-Fa-f]+|0o[0-7]+)$/;
const OLD_INTEGER = /^[-+]?(?:0b[01_]+|0x[\dA-Fa-f_]+|[\d_]+(?::[0-5]?\d)*)$/;
const DECIMAL_FLOAT = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const LEADING_ZEROS = /^([-+]?)0+(?=\d)/;

/** For files whose owner reads YAML 1.1: `no`, `0644`, `12:30:45` and `1_000` are what they are there; dates stay strings. */
export const OLD_READ_SCHEMA = CORE_SCHEMA.withTags(
  mergeTag,
  nullYaml11Tag,
  boolYaml11Tag,
  exactTag(intYaml11Tag, (source) => OLD_INTEGER.test(source)),
  exactTag(floatYaml11Tag, (source) => DECIMAL_FLOAT.test(source)),
);

export const READ_SCHEMA = CORE_SCHEMA.withTags(
  mergeTag,
  exactTag(intCoreTag, (source) => INTEGER.test(source)),
  exactTag(floatCoreTag, (source) => DECIMAL_FLOAT.test(source)),
);

/** The library's tag, except that a literal whose value does not survive gives the mark of an inexact number. */
function exactTag(
  tag: ScalarTagDefinition<number>,
  matches: (source: string) => boolean,
): ScalarTagDefinition<number | bigint> {
  return defineScalarTag<number | bigint>(tag.tagName, {
    ...tag,
    resolve: (source, isExplicit, tagName) => {
      const value = tag.resolve(source, isExplicit, tagName);
      // The library gives up on numbers beyond the largest double, and would hand them out as strings.
      if (value === NOT_RESOLVED) return matches(source) ? INEXACT_NUMBER : NOT_RESOLVED;
      if ((tag !== intCoreTag && tag !== intYaml11Tag) || Number.isSafeInteger(value)) return value;
      return isSameInteger(source, value) ? value : INEXACT_NUMBER;
    },
  });
}

function isSameInteger(spelled: string, value: number): boolean {
  const source = spelled.replaceAll('_', '');
  if (/[box]/i.test(source)) return BigInt(source.replace(/^[-+]/, '')) === BigInt(Math.abs(value));
  return source.replace(LEADING_ZEROS, '$1').replace(/^\+/, '') === String(value);
}
