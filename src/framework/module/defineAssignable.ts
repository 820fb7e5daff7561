/** Members that are accessors of a prototype, and may be assigned and shadowed like the fields that they stand for. */

type Accessors<T> = readonly [get: (target: T) => unknown, set: (target: T, value: unknown) => unknown];

export function defineAssignable<T extends object>(
  prototype: T,
  members: Readonly<Record<string, Accessors<T>>>,
): void {
  for (const [name, [get, set]] of Object.entries(members)) {
    Object.defineProperty(prototype, name, {
      get(this: T) {
        return get(this);
      },
      set(this: T, value: unknown) {
        set(this, value);
      },
      configurable: true,
      enumerable: false,
    });
  }
}
