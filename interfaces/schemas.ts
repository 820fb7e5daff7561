/** What a configuration should look like: schemas, defaults, and for which files each counts. */

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/**
 * A schema of any library that follows Standard Schema (https://standardschema.dev), such as zod, valibot and arktype. It is
 * asked whether a value is right; what it makes of the value is not used.
 *
 * @typeParam Input what it accepts, which is the type of the configuration.
 */
export interface StandardSchema<Input = unknown, Output = unknown> {
  readonly '~standard': StandardSchemaProperties<Input, Output>;
}

/** The part of a schema that all libraries have in common. */
export interface StandardSchemaProperties<Input = unknown, Output = unknown> {
  readonly version: 1;
  /** Name of the library. */
  readonly vendor: string;
  readonly validate: (value: unknown) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
  /** For the compiler only. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

/** Without `issues` the value is right. */
export type StandardSchemaResult<Output = unknown> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardSchemaIssue[] };

/** One thing that a schema does not like. */
export interface StandardSchemaIssue {
  /** May quote the value, so this package never tells it anybody. */
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type that a schema accepts. */
export type SchemaInput<S extends StandardSchema<any>> = NonNullable<S['~standard']['types']>['input'];

/** A JSON Schema, checked by the package `ajv`: draft-07, or 2019-09 and 2020-12 where `$schema` says so. */
export interface JsonSchemaObject {
  readonly [keyword: string]: unknown;
  readonly '~standard'?: never;
}

/** @typeParam T the type of the configuration; a JSON Schema says nothing about it. */
export type Schema<T = any> = StandardSchema<T> | JsonSchemaObject | boolean;

/**
 * Globs as picomatch reads them, with `/` between folders; relative ones mean the working directory at the call of
 * `configure()`. They are held against the absolute path of a file, as it is given to a method.
 */
export type FilePatterns = string | readonly string[];

/** A schema for some of the files. */
export interface SchemaRule {
  readonly files: FilePatterns;
  readonly schema: Schema;
}

/** What may be left out of a configuration: any member of it, at any depth; a list only as a whole. */
export type Defaults<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Defaults<T[K]> }
    : T;

/** Defaults for some of the files. */
export interface DefaultsRule {
  readonly files: FilePatterns;
  readonly defaults: object;
}
