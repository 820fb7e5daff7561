/**
 * Reads the options `schema`, `defaults` and `migrations` once, as every option is read.
 *
 * Each is one thing for all files, or a list of rules for some. A schema of a library is no plain data and stays what it is.
 */
import type { FilePatterns } from '../../interfaces/schemas.js';
import { copyOnce, itemsOf, readMembers, setOwn, type Refuse } from '../value/readOnce.js';
import { filesProblem, type ExpectationOption } from './checkExpectations.js';
import { absolutePatterns } from './FileRules.js';
import { isStandardSchema } from './standardSchema.js';

/**
 * A frozen copy, with patterns that are absolute. Whether it is right is not its question.
 *
 * @param base what relative patterns are relative to.
 * @throws what `refuse` makes of a getter, a symbol, a hidden or an inherited member.
 */
export function readExpectation(key: ExpectationOption, given: unknown, refuse: Refuse, base: string): unknown {
  if (!Array.isArray(given)) return key === 'schema' ? readSchema(given, refuse) : copyOnce(given, refuse);
  return Object.freeze(itemsOf(given, refuse).map((rule) => readRule(rule, refuse, base)));
}

function readRule(rule: unknown, refuse: Refuse, base: string): unknown {
  if (typeof rule !== 'object' || rule === null) return rule;
  const copy = {};
  readMembers(rule, refuse, (name, member) => setOwn(copy, name, readMember({ name, member }, refuse, base)));
  return Object.freeze(copy);
}

function readMember(
  { name, member }: { readonly name: string; readonly member: unknown },
  refuse: Refuse,
  base: string,
): unknown {
  if (name === 'schema') return readSchema(member, refuse);
  const copy = copyOnce(member, refuse);
  return name === 'files' && filesProblem(copy) === undefined ? absolutePatterns(copy as FilePatterns, base) : copy;
}

function readSchema(given: unknown, refuse: Refuse): unknown {
  return isStandardSchema(given) ? given : copyOnce(given, refuse);
}
