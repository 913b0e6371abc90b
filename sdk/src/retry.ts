import retry from 'p-retry'

/**
 * Sends a request again that got no answer, or one that says that repeating it helps: 429 and 503, and 409 while the first
 * request of the same key is still worked on. It is the same request with the same Idempotency-Key, so it happens once; what
 * carries no key is sent again only where it changes nothing. `Retry-After` is waited for.
 */
export function fetchAgain(send: Send, { retries = RETRIES, patience_ms = PATIENCE_MS }: RetryOptions): Send {
  return async (request) => {
    const again = request.method === 'GET' || request.headers.has('idempotency-key')
    const attempt = async (no: number): Promise<Response> => {
      const response = await send(request.clone())
      if (!again || no > retries || !(await helps(response))) return response
      const wait_ms = retryAfterMs(response)
      if (wait_ms > patience_ms) return response
      await new Promise((resolve) => setTimeout(resolve, wait_ms))
      throw new Repeat(response)
    }
    if (!again) return await attempt(1)
    return await retry(attempt, {
      retries,
      minTimeout: FIRST_WAIT_MS,
      maxTimeout: patience_ms,
      randomize: true,
      signal: request.signal,
      shouldRetry: ({ error }) => error instanceof Repeat || error instanceof TypeError,
    })
  }
}

export interface RetryOptions {
  /** How often a request is sent again at most; 4 unless said. */
  retries?: number
  /** The longest that a single wait may take; a minute unless said. */
  patience_ms?: number
}

type Send = (request: Request) => Promise<Response>

/** Nothing was wrong with the request. */
class Repeat extends Error {
  readonly response: Response

  constructor(response: Response) {
    super(`The server answered ${response.status}.`)
    this.response = response
  }
}

async function helps(response: Response): Promise<boolean> {
  if (response.status === 429 || response.status === 503) return true
  if (response.status !== 409) return false
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  return (
    typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === 'idempotency_key_in_flight'
  )
}

function retryAfterMs(response: Response): number {
  const header = response.headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(header) ? +header * 1_000 : 0
}

const RETRIES = 4
const FIRST_WAIT_MS = 200
const PATIENCE_MS = 60_000
