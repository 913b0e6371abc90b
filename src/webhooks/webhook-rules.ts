import { createHmac, randomBytes } from 'node:crypto'

/**
 * How long after its n-th attempt a message is sent again, as Standard Webhooks proposes: the first at once, the last
 * three days after. A tenth on top at most, by chance, so that what failed together does not come back together.
 */
export function nextDelayMs(attempts: number, chance: number = Math.random()): number | undefined {
  const delay_ms = DELAYS_MS[attempts - 1]
  return delay_ms === undefined ? undefined : Math.floor(delay_ms * (1 + JITTER * chance))
}

/** What came of an attempt. */
export function outcomeOf({ http_status, retry_after }: Answer, now: Date): Outcome {
  if (http_status === undefined) return { outcome: 'retry' }
  if (http_status >= 200 && http_status < 300) return { outcome: 'delivered' }
  if (http_status === 410) return { outcome: 'gone' }
  const wait_ms = http_status === 429 || http_status === 503 ? retryAfterMs(retry_after, now) : undefined
  return { outcome: 'retry', ...(wait_ms !== undefined && { wait_ms }) }
}

/** RFC 9110, section 10.2.3: seconds or a date; a day at most. */
function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  const wait_ms = /^\d{1,9}$/.test(header) ? +header * SECOND : new Date(header).getTime() - now.getTime()
  return Number.isNaN(wait_ms) ? undefined : Math.min(Math.max(wait_ms, 0), RETRY_AFTER_MAX_MS)
}

/**
 * The headers of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body under each of the keys; the id is the same in
 * every attempt, the time is that of this one.
 */
export function signedHeaders({ id, body, keys, now }: SignOptions): Record<string, string> {
  const timestamp = `${Math.floor(now.getTime() / SECOND)}`
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  )
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

export function newSigningKey(): Buffer {
  return randomBytes(SECRET_BYTES)
}

/** The key as it is shown, once, to whoever verifies. */
export function secretText(key: Buffer): string {
  return `whsec_${key.toString('base64')}`
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DELAYS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const
const JITTER = 0.1
const RETRY_AFTER_MAX_MS = 24 * HOUR
const SECRET_BYTES = 32

export interface Answer {
  /** Undefined: nobody answered. */
  http_status: number | undefined
  retry_after: string | undefined
}

export type Outcome = { outcome: 'delivered' | 'gone' } | { outcome: 'retry'; wait_ms?: number }

interface SignOptions {
  id: string
  body: string
  keys: readonly Buffer[]
  now: Date
}
