/** The rules of the options `logger` and `redact`: what is wrong with a value, in words that follow the key. */
import { types } from 'node:util';

const METHODS = ['debug', 'info', 'warn', 'error'] as const;

/** Looks at a logger and calls nothing of it. */
export function loggerProblem(value: unknown): string | undefined {
  const problem = `must have the methods ${METHODS.join(', ')}, as pino and console have`;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return problem;
  try {
    const isComplete = METHODS.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
    return isComplete ? undefined : problem;
  } catch {
    return problem;
  }
}

export function redactProblem(value: unknown): string | undefined {
  const isKey = (item: unknown): boolean => (typeof item === 'string' && item !== '') || types.isRegExp(item);
  return Array.isArray(value) && value.every(isKey) ? undefined : 'must be a list of keys and regular expressions';
}
