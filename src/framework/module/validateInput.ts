/** Data held against rules, as `BaseModule.validateInput` does it. */
import type { ValidationResult, ValidationRule } from '../../../interfaces/framework.js';

type Fits = (value: unknown, rule: ValidationRule) => boolean;

const FITS: Readonly<Record<ValidationRule['type'], Fits>> = {
  required: (value) => value !== undefined && value !== null,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  object: (value) => typeof value === 'object' && value !== null,
  array: (value) => Array.isArray(value),
  // Without a validator there is nothing that it could fail.
  custom: (value, { validator }) => validator === undefined || validator(value),
};

/** Never throws: data that is no object has no members, and a member that throws when it is read fits nothing. */
export function validateInput(rules: unknown, data: unknown): ValidationResult {
  // A subclass may have a member of this name that is something else.
  const known = Array.isArray(rules) ? (rules as ValidationRule[]) : [];
  const errors = known.filter((rule) => !fits(rule, data)).map(({ message }) => message);
  return { isValid: errors.length === 0, errors, data };
}

function fits(rule: ValidationRule, data: unknown): boolean {
  try {
    const test = Object.hasOwn(FITS, rule.type) ? FITS[rule.type] : undefined;
    return test === undefined || test(memberOf(data, rule.field), rule);
  } catch {
    return false;
  }
}

function memberOf(data: unknown, field: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[field] : undefined;
}
