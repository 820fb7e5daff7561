/**
 * JSON Schemas, checked by ajv, which the application installs where it wants them.
 *
 * Nothing is ever changed in the value: no coercion, no defaults, nothing removed. Formats are checked where ajv-formats is
 * installed too.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError, type PersistenceError } from '../errors/PersistenceError.js';
import { formatPath } from '../value/valuePath.js';
import { verdictOf, type SchemaCheck, type Violation } from './SchemaCheck.js';

const { JSON_SCHEMA_DIALECTS } = CONFIG_PERSISTENCE_CONSTANTS.EXPECTATIONS;

export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** What is used of ajv. */
interface Validator {
  (value: unknown): unknown;
  readonly errors?: readonly AjvIssue[] | null;
}

interface AjvIssue {
  /** A JSON pointer. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type AjvClass = new (options: object) => { compile(schema: JsonSchema): Validator };

/** Gives the module of this name; for tests that do without one. */
export type ImportModule = (name: string) => Promise<{ readonly default: unknown }>;

const importModule: ImportModule = (name) => import(name) as ReturnType<ImportModule>;

/** Members of an issue's parameters that name what is missing or too much at its place. */
const NAMING_PARAMETERS = ['missingProperty', 'additionalProperty', 'unevaluatedProperty', 'propertyName'];

/** What cannot be a JSON Schema here, in words that follow the option's name; undefined where it may be one. */
export function jsonSchemaProblem(schema: unknown): string | undefined {
  if (typeof schema === 'boolean') return undefined;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return 'must be a Standard Schema, a JSON Schema or a list of rules';
  }
  return isAsynchronous(schema, new Set()) ? 'must not be an asynchronous JSON Schema ($async)' : undefined;
}

/** Anywhere in it: ajv does not look into every part. @param seen ends circles. */
function isAsynchronous(part: unknown, seen: Set<object>): boolean {
  if (typeof part !== 'object' || part === null || seen.has(part)) return false;
  seen.add(part);
  return Object.entries(part).some(
    ([key, member]) => (key === '$async' && member === true) || isAsynchronous(member, seen),
  );
}

/** The schema is compiled when it is needed first, and only then ajv is loaded. */
export function checkByJsonSchema(schema: JsonSchema, load: ImportModule = importModule): SchemaCheck {
  let compiled: Promise<Validator> | undefined;
  return async (value) => {
    const validate = await (compiled ??= compile(schema, load));
    if (validate(value) === true) return undefined;
    return verdictOf(validate.errors ?? [], (issue) => violationOf(issue as AjvIssue, value));
  };
}

async function compile(schema: JsonSchema, load: ImportModule): Promise<Validator> {
  const Ajv = await loadAjv(schema, load);
  // `strict: false` as the specification wants it: unknown keywords and formats are ignored.
  const ajv = new Ajv({ allErrors: true, strict: false, logger: false });
  await addFormats(ajv, load);
  try {
    return ajv.compile(schema);
  } catch (cause) {
    throw invalidSchema('ajv refuses the JSON Schema; a $ref to another document is not followed', cause);
  }
}

async function loadAjv(schema: JsonSchema, load: ImportModule): Promise<AjvClass> {
  const dialect = typeof schema === 'object' ? String(schema.$schema).replace(/#$/u, '') : '';
  const known: Readonly<Record<string, string>> = JSON_SCHEMA_DIALECTS;
  const name = Object.hasOwn(known, dialect) ? known[dialect] : undefined;
  try {
    return (await load(name ?? 'ajv')).default as AjvClass;
  } catch (cause) {
    throw invalidSchema('a JSON Schema is checked by the package ajv: install it (npm install ajv)', cause);
  }
}

async function addFormats(ajv: object, load: ImportModule): Promise<void> {
  let add: (ajv: object) => unknown;
  try {
    add = (await load('ajv-formats')).default as typeof add;
  } catch {
    // Not installed: formats are annotations then, as the specification has them.
    return;
  }
  add(ajv);
}

function violationOf({ instancePath, keyword, params }: AjvIssue, value: ConfigurationValue): Violation {
  const steps = stepsOf(instancePath, value);
  const named = NAMING_PARAMETERS.map((name) => params[name]).find((name) => typeof name === 'string');
  return { path: formatPath(named === undefined ? steps : [...steps, named]), rule: keyword };
}

/** A pointer does not say whether `0` is an index or a key; the value does. */
function stepsOf(pointer: string, value: ConfigurationValue): (string | number)[] {
  let place: unknown = value;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(place) ? Number(key) : key;
      place =
        typeof place === 'object' && place !== null ? (place as Record<string | number, unknown>)[step] : undefined;
      return step;
    });
}

function invalidSchema(reason: string, cause: unknown): PersistenceError {
  return persistenceError('ERR_INVALID_OPTION', `schema: ${reason}`, { cause });
}
