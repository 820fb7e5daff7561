/**
 * What is to become the content of a file, on its way to the disk: copied, checked, given its version, and shown to the
 * option `validate`. The schema, which may be asynchronous, comes after that.
 */
import type { ValidationResult } from '../../interfaces/framework.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { FileExpectations } from '../schema/FileExpectations.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { copyIntoDomain } from '../value/valueDomain.js';

export type Validate = (value: unknown) => ValidationResult | boolean;

/** What a value is held against. */
export interface ValueRules {
  readonly codec: Codec;
  readonly validate: Validate | undefined;
  readonly expected: FileExpectations | undefined;
}

/**
 * A copy that shares nothing with the caller's value.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the places, `ERR_VALIDATION`, `ERR_INVALID_OPTION` where
 *   `validate` answers what is no verdict, `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`.
 */
export function acceptValue(input: unknown, { codec, validate, expected }: ValueRules): ConfigurationValue {
  const copy = copyIntoDomain(input, codec.capabilities);
  const value = expected?.stamped(copy) ?? copy;
  if (validate !== undefined) assertValidated(expected?.withDefaults(value) ?? value, validate);
  return value;
}

function assertValidated(value: ConfigurationValue, validate: Validate): void {
  const verdict: unknown = validate(plainCopyOf(value));
  const isValid = isVerdict(verdict) ? verdict.isValid : verdict;
  if (isValid === true) return;
  if (isValid !== false) {
    const reason = 'validate must answer true, false or an object with isValid, not a promise or anything else';
    throw persistenceError('ERR_INVALID_OPTION', reason);
  }
  const reasons = isVerdict(verdict) && Array.isArray(verdict.errors) ? verdict.errors : [];
  const told = ['the option validate refused it; nothing was written', ...reasons.map(String)];
  throw persistenceError('ERR_VALIDATION', told.join('; '));
}

function isVerdict(verdict: unknown): verdict is { isValid: unknown; errors?: unknown } {
  return typeof verdict === 'object' && verdict !== null && 'isValid' in verdict;
}
