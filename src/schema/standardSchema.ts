/**
 * Schemas that follow Standard Schema: zod, valibot, arktype and others.
 *
 * They are functions of the caller, so they may be slow, throw or answer anything. Only the places of their issues are read;
 * their texts quote values.
 */
import type { StandardSchema } from '../../interfaces/schemas.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { formatPath } from '../value/valuePath.js';
import { verdictOf, type SchemaCheck, type Violation } from './SchemaCheck.js';

/** True for an object or a function with a `~standard` member that can validate. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as Partial<StandardSchema>)['~standard']?.validate === 'function';
  } catch {
    // A getter of somebody else's.
    return false;
  }
}

export function checkByStandard(schema: StandardSchema): SchemaCheck {
  return async (value, run) => {
    // Its own copy: a library may change what it is given, and keep it.
    const copy = plainCopyOf(value);
    let issues: unknown;
    try {
      const answer: unknown = await run(async () => schema['~standard'].validate(copy));
      issues = isAnswer(answer) ? answer.issues : null;
    } catch (cause) {
      throw persistenceError('ERR_VALIDATION', 'the schema itself failed', { cause });
    }
    if (issues === undefined) return undefined;
    if (Array.isArray(issues)) return verdictOf(issues.length === 0 ? [{}] : issues, violationOf);
    const reason = 'schema must answer as Standard Schema says, with a value or a list of issues';
    throw persistenceError('ERR_INVALID_OPTION', reason);
  };
}

function isAnswer(answer: unknown): answer is { readonly issues?: unknown } {
  return typeof answer === 'object' && answer !== null && ('issues' in answer || 'value' in answer);
}

function violationOf(issue: unknown): Violation {
  try {
    const { path } = issue as { readonly path?: unknown };
    return { path: Array.isArray(path) ? formatPath(Array.from(path, stepOf)) : formatPath([]) };
  } catch {
    // It cannot be read where; that it does not fit counts all the same.
    return { path: formatPath([]) };
  }
}

/** A key, or an object that has it. */
function stepOf(step: unknown): string | number {
  const key: unknown = typeof step === 'object' && step !== null ? (step as { readonly key?: unknown }).key : step;
  return typeof key === 'number' ? key : String(key);
}
