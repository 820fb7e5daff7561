/** What a configuration can be: the same domain for all six formats. */
export type ConfigurationValue = null | boolean | number | string | ConfigurationValue[] | ConfigurationObject;

/** An object of the domain: string keys other than `__proto__`, no accessors, no symbols. */
export interface ConfigurationObject {
  [key: string]: ConfigurationValue;
}
