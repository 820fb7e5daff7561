/** What a caller gives as a configuration, on its way to the disk: checked, copied, and shown to the option `validate`. */
import type { ValidationResult } from '../../interfaces/framework.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { findDifferences } from '../value/valueEquality.js';

export type Validate = (value: unknown) => ValidationResult | boolean;

/**
 * A copy that shares nothing with the caller's value.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the places, `ERR_VALIDATION`, `ERR_INVALID_OPTION` where
 *   `validate` answers what is no verdict.
 */
export function acceptValue(input: unknown, codec: Codec, validate: Validate | undefined): ConfigurationValue {
  const value = copyIntoDomain(input, codec.capabilities);
  if (validate === undefined) return value;
  const verdict: unknown = validate(plainCopyOf(value));
  const isValid = isVerdict(verdict) ? verdict.isValid : verdict;
  if (isValid === true) return value;
  if (isValid !== false) {
    const reason = 'validate must answer true, false or an object with isValid, not a promise or anything else';
    throw persistenceError('ERR_INVALID_OPTION', reason);
  }
  const reasons = isVerdict(verdict) && Array.isArray(verdict.errors) ? verdict.errors : [];
  throw persistenceError('ERR_VALIDATION', ['nothing was written', ...reasons.map(String)].join('; '));
}

/**
 * What a `mutate` function means: its argument where it returned nothing, otherwise what it returned.
 *
 * A short arrow function returns by accident what its one statement came to, and would replace the whole configuration by
 * it. So nothing may be returned beside an edit, and no scalar in the place of an object or a list.
 *
 * @param before what the argument was when it was handed over.
 * @throws PersistenceError `ERR_INVALID_REQUEST`
 */
export function mutatedValue(before: ConfigurationValue, draft: unknown, returned: unknown): unknown {
  if (returned === undefined || returned === draft) return draft;
  const isContainer = typeof before === 'object' && before !== null;
  if (isContainer && ['string', 'number', 'boolean'].includes(typeof returned)) {
    throw ambiguous(`mutate returned a ${typeof returned} where the configuration is an object or a list`);
  }
  if (isContainer && hasChanged(before, draft))
    throw ambiguous('mutate changed its argument and also returned a value');
  return returned;
}

function ambiguous(what: string): Error {
  const advice = 'nothing was written. Put braces around its statement, or return the whole configuration';
  return persistenceError('ERR_INVALID_REQUEST', `${what}; ${advice}`);
}

function hasChanged(before: ConfigurationValue, draft: unknown): boolean {
  try {
    return findDifferences(before, copyIntoDomain(draft, { nonFiniteNumbers: true })).length > 0;
  } catch {
    // What is no configuration any more has been changed.
    return true;
  }
}

function isVerdict(verdict: unknown): verdict is { isValid: unknown; errors?: unknown } {
  return typeof verdict === 'object' && verdict !== null && 'isValid' in verdict;
}
