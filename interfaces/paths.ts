/** Types of places inside a configuration, written as `server.port` or `servers.0.name`, or as a list of keys. */

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is a configuration whose shape nobody has declared */

type Scalar =
  string | number | boolean | bigint | symbol | null | undefined | Date | ((...parameters: any[]) => unknown);

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Whether nothing is known of the members of a type: `any`, `unknown`, or an open record. */
type IsOpen<T> = IsAny<T> extends true ? true : unknown extends T ? true : string extends keyof T ? true : false;

/** How deep the compiler goes; below that any path is taken. */
type Deeper = [never, 0, 1, 2, 3, 4, 5, 6, 7];

/** Every place inside `T`; keys with a dot, and what lies below them, need a list of keys. */
export type PathIn<T, Depth extends number = 7> =
  IsOpen<T> extends true
    ? string
    : [Depth] extends [0]
      ? string
      : T extends Scalar
        ? never
        : T extends readonly (infer Item)[]
          ? `${number}` | `${number}.${PathIn<Item, Deeper[Depth]>}`
          : { [K in keyof T & string]: PathFrom<K, T[K], Depth> }[keyof T & string];

type PathFrom<K extends string, Member, Depth extends number> = K extends `${string}.${string}` | ''
  ? never
  : K | ([Exclude<Member, Scalar>] extends [never] ? never : `${K}.${PathIn<Exclude<Member, Scalar>, Deeper[Depth]>}`);

/** The member or item of `T` under one key; `undefined` among its types where it may be missing. */
type MemberAt<T, K> =
  IsOpen<T> extends true
    ? any
    : T extends readonly (infer Item)[]
      ? K extends `${number}` | number
        ? Item | undefined
        : undefined
      : K extends keyof T
        ? T[K]
        : undefined;

type Members<T, K> = T extends Scalar ? undefined : MemberAt<T, K>;

/** What stands at a place; `undefined` among its types where it may be missing. */
export type ValueAt<T, P> =
  IsAny<T> extends true
    ? any
    : P extends `${infer Key}.${infer Rest}`
      ? ValueAt<Members<T, Key>, Rest>
      : P extends readonly [infer Key, ...infer Rest]
        ? Rest extends readonly []
          ? Members<T, Key>
          : ValueAt<Members<T, Key>, Rest>
        : P extends readonly unknown[]
          ? any
          : Members<T, P>;

/** What may be set at a place: `undefined` is no value. */
export type Settable<T, P> = Exclude<ValueAt<T, P>, undefined>;

/** Keys and indexes from the root to a place. */
export type KeyPath = readonly [string | number, ...(string | number)[]];

/** A value that nobody can change. */
export type DeepReadonly<T> =
  IsAny<T> extends true
    ? any
    : T extends Scalar
      ? T
      : T extends readonly (infer Item)[]
        ? readonly DeepReadonly<Item>[]
        : { readonly [K in keyof T]: DeepReadonly<T[K]> };
