/**
 * What the server refused, as it said so: `code` is stable (docs/errors.md lists all), the message is a sentence for
 * people, `params` are the figures behind it, and `errors` the fields that are wrong.
 */
export class FlorinError extends Error {
  override name = 'FlorinError'
  readonly code: string
  readonly status: number
  readonly params: Record<string, unknown>
  readonly errors: readonly { path: string; message: string }[]
  /** What the server's log knows the request by. */
  readonly request_id: string | undefined

  constructor(problem: Partial<Problem>, status: number) {
    super(problem.detail ?? `The server answered ${status}.`)
    this.code = problem.code ?? 'unknown'
    this.status = status
    this.params = problem.params ?? {}
    this.errors = problem.errors ?? []
    this.request_id = problem.request_id
  }
}

/** The answer of a call, or a FlorinError: `const account = unwrap(await api.GET('/me'))`. */
export function unwrap<Data>({ data, error, response }: Result<Data>): Data {
  if (response.ok && error === undefined) return data as Data
  throw new FlorinError(typeof error === 'object' && error !== null ? error : {}, response.status)
}

interface Result<Data> {
  data?: Data
  error?: unknown
  response: Response
}

interface Problem {
  code: string
  detail: string
  params: Record<string, unknown>
  errors: { path: string; message: string }[]
  request_id: string
}
