/** What a function of the caller means that gets a draft of a value: `mutate`, and the steps of migrations. */
import type { ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { copyIntoDomain } from './valueDomain.js';
import { findDifferences } from './valueEquality.js';

/**
 * Its argument where it returned nothing, otherwise what it returned.
 *
 * A short arrow function returns by accident what its one statement came to, and would replace the whole configuration by
 * it. So nothing may be returned beside an edit, and no scalar in the place of an object or a list.
 *
 * @param name of the function, for the error.
 * @param before what the argument was when it was handed over.
 * @throws PersistenceError `ERR_INVALID_REQUEST`
 */
export function mutatedValue(
  name: 'mutate' | 'migrate',
  before: ConfigurationValue,
  { draft, returned }: { readonly draft: unknown; readonly returned: unknown },
): unknown {
  if (returned === undefined || returned === draft) return draft;
  const isContainer = typeof before === 'object' && before !== null;
  if (isContainer && ['string', 'number', 'boolean'].includes(typeof returned)) {
    throw ambiguous(`${name} returned a ${typeof returned} where the configuration is an object or a list`);
  }
  if (isContainer && hasChanged(before, draft))
    throw ambiguous(`${name} changed its argument and also returned a value`);
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
