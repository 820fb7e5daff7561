/** What a configuration can be: the same domain for all six formats. */
export type ConfigurationValue = null | boolean | number | string | ConfigurationValue[] | ConfigurationObject;

/** An object of the domain: string keys other than `__proto__`, no accessors, no symbols. */
export interface ConfigurationObject {
  [key: string]: ConfigurationValue;
}

/**
 * `T` itself, in places that the compiler must not guess it from: an argument is held against the type that the module was
 * declared with. (The compiler's own `NoInfer` would keep classes from implementing the interface.)
 */
export type NotInferred<T> = [T][T extends unknown ? 0 : never];
