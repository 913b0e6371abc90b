/** Throws when `condition` is false: a programmer's error, never an answer to a user. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** The value, which the code around knows to be there. */
export function must<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new AssertionError(message)
  return value
}

/** Ends an exhaustive switch: the compiler refuses it when a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`Unreachable case: ${String(value)}`)
}

class AssertionError extends Error {
  override name = 'AssertionError'
}
