/**
 * What Florin tells a caller who asked for something it will not do. `code` is stable and in snake_case (docs/errors.md
 * lists every one), the message is a sentence that says what to do, `params` carry the figures. Anything else that is
 * thrown is our own fault: it is logged, and answered with a 500 that says nothing of its cause.
 */
export class AppError extends Error {
  override name = 'AppError'
  readonly status: number
  readonly code: string
  readonly params: ErrorParams

  constructor(status: number, code: string, message: string, params: ErrorParams = {}, options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.code = code
    this.params = params
  }
}

/** The request itself cannot be read: JSON, types, unknown fields. */
export const BadRequest = errorKind(400)
export const Unauthorized = errorKind(401)
export const Forbidden = errorKind(403)
export const NotFound = errorKind(404)
/** What was asked is at odds with how things stand; it may be right later. */
export const Conflict = errorKind(409)
/** Well formed, but no state of affairs would make it right. */
export const Invalid = errorKind(422)
export const TooMany = errorKind(429)
/** Nothing is wrong with the request: try again. */
export const Unavailable = errorKind(503)

export type ErrorParams = Record<string, string | number | boolean | null | string[]>

function errorKind(status: number) {
  return class extends AppError {
    constructor(code: string, message: string, params: ErrorParams = {}, options?: ErrorOptions) {
      super(status, code, message, params, options)
    }
  }
}
