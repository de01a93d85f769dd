// Request bodies carry only what was given: a key with the value undefined would be a type error here and a surprise on the wire.

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without the keys whose value is undefined. */
export function givenOnly<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
