import { inspect } from 'node:util'

/** A text that no log, error message or JSON may carry: it shows itself as `[secret]` wherever it is printed. */
export interface Secret {
  reveal(): string
  toString(): string
}

export function secret(value: string): Secret {
  return Object.freeze({
    reveal: () => value,
    toString: () => HIDDEN,
    toJSON: () => HIDDEN,
    [inspect.custom]: () => HIDDEN,
  })
}

const HIDDEN = '[secret]'
