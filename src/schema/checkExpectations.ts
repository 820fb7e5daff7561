/** What is wrong with the options `schema`, `defaults` and `migrations`, after they were read. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import { copyIntoDomain, isObject } from '../value/valueDomain.js';
import { kindOfVersion } from './dataVersion.js';
import { jsonSchemaProblem } from './jsonSchema.js';
import { isStandardSchema } from './standardSchema.js';

const { EXPECTATIONS, MIGRATIONS } = CONFIG_PERSISTENCE_CONSTANTS;

/** The options that this folder is about. */
export const EXPECTATION_OPTIONS = ['schema', 'defaults', 'migrations'] as const;
export type ExpectationOption = (typeof EXPECTATION_OPTIONS)[number];

export function isExpectationOption(key: string): key is ExpectationOption {
  return (EXPECTATION_OPTIONS as readonly string[]).includes(key);
}

/** In words that follow the option's name; undefined for what is right. */
type Problem = string | undefined;

export function expectationProblem(key: ExpectationOption): (value: unknown) => Problem {
  const problemOf = { schema: schemaProblem, defaults: defaultsProblem, migrations: planProblem }[key];
  return (value) => {
    if (!Array.isArray(value)) return problemOf(value);
    if (value.length === 0 || value.length > EXPECTATIONS.MAX_RULES)
      return `must have 1 to ${EXPECTATIONS.MAX_RULES} rules`;
    for (const [index, rule] of value.entries()) {
      const problem = ruleProblem(key, rule, problemOf);
      if (problem !== undefined) return `[${index}] ${problem}`;
    }
    return undefined;
  };
}

function ruleProblem(key: ExpectationOption, rule: unknown, problemOf: (value: unknown) => Problem): Problem {
  if (typeof rule !== 'object' || rule === null) return 'must be an object with files';
  const { files, ...others } = rule as Record<string, unknown>;
  const problem = filesProblem(files);
  if (problem !== undefined) return `.files ${problem}`;
  if (key === 'migrations') return problemOf(others);
  const unknown = Object.keys(others).find((name) => name !== key);
  if (unknown !== undefined) return `has the unknown member ${unknown}`;
  const found = problemOf(others[key]);
  return found === undefined ? undefined : `.${key} ${found}`;
}

export function filesProblem(files: unknown): Problem {
  const patterns: readonly unknown[] = Array.isArray(files) ? files : [files];
  const isRight = (pattern: unknown): boolean =>
    typeof pattern === 'string' && pattern !== '' && !pattern.startsWith('!') && !/\p{Cc}/u.test(pattern);
  const isCount = patterns.length > 0 && patterns.length <= EXPECTATIONS.MAX_RULES;
  return isCount && patterns.every(isRight)
    ? undefined
    : 'must be a pattern or a list of patterns, none of them with ! first';
}

function schemaProblem(schema: unknown): Problem {
  return isStandardSchema(schema) ? undefined : jsonSchemaProblem(schema);
}

function defaultsProblem(defaults: unknown): Problem {
  try {
    // Whether the format has a form for every number is known for each file.
    return isObject(copyIntoDomain(defaults, { nonFiniteNumbers: true }))
      ? undefined
      : 'must be an object or a list of rules';
  } catch (error) {
    if (!(error instanceof PersistenceError) || error.paths === undefined) throw error;
    return `cannot be stored at ${error.paths.join(', ')}`;
  }
}

function planProblem(plan: unknown): Problem {
  if (typeof plan !== 'object' || plan === null) return 'must be a plan with key and steps, or a list of rules';
  const { key, steps, current, ...others } = plan as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `has the unknown member ${unknown}`;
  return keyProblem(key) ?? stepsProblem(steps) ?? versionsProblem(steps as { readonly version: unknown }[], current);
}

function keyProblem(key: unknown): Problem {
  const keys: readonly unknown[] = Array.isArray(key) ? key : [key];
  const isRight = keys.every((step) => typeof step === 'string' && step !== '' && step !== '__proto__');
  const isCount = keys.length > 0 && keys.length <= MIGRATIONS.MAX_KEY_DEPTH;
  return isRight && isCount ? undefined : `.key must be a key, or a list of 1 to ${MIGRATIONS.MAX_KEY_DEPTH} keys`;
}

function stepsProblem(steps: unknown): Problem {
  if (!Array.isArray(steps) || steps.length > MIGRATIONS.MAX_STEPS) {
    return `.steps must be a list of at most ${MIGRATIONS.MAX_STEPS} steps`;
  }
  for (const [index, step] of (steps as unknown[]).entries()) {
    if (typeof step !== 'object' || step === null) return `.steps[${index}] must be an object`;
    const { migrate, description, ...others } = step as Record<string, unknown>;
    const unknown = Object.keys(others).find((name) => name !== 'version');
    if (unknown !== undefined) return `.steps[${index}] has the unknown member ${unknown}`;
    if (typeof migrate !== 'function') return `.steps[${index}].migrate must be a function`;
    const isText = typeof description === 'string' && description.isWellFormed();
    if (description !== undefined && !isText) return `.steps[${index}].description must be a string`;
  }
  return undefined;
}

function versionsProblem(steps: readonly { readonly version: unknown }[], current: unknown): Problem {
  const places = steps.map(({ version }, index) => ({ place: `.steps[${index}].version`, version }));
  if (current !== undefined) places.push({ place: '.current', version: current });
  const [first] = places;
  if (first === undefined) return 'must have a step or current';
  const kind = kindOfVersion(first.version);
  const expected = 'must be a semantic version such as 1.0.0, without v, range or build metadata, or a whole number';
  if (kind === undefined) return `${first.place} ${expected}`;
  for (const { place, version } of places) {
    const found = kindOfVersion(version);
    if (found === undefined) return `${place} ${expected}`;
    if (found !== kind) return `${place} must be a ${kind}, as ${first.place} is`;
  }
  const isTwice = new Set(steps.map(({ version }) => String(version))).size < steps.length;
  return isTwice ? '.steps has two steps to one version' : undefined;
}
