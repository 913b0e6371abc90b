import { Client } from 'pg'

import { isPgError, PG } from './db.ts'
import { Unavailable } from './errors.ts'

/**
 * Lends one session of its own for what a pool cannot do: creating databases and roles, session locks, COPY. It ends
 * with `work`, and with it every lock that was taken in it. `url` must reach the server itself, not a pooler.
 */
export async function withSession<T>(
  { url, name = 'florin admin' }: { url: string; name?: string },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  // A connection that breaks between two statements fails the next one; without a listener it would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Waits for the lock of that name in this database, at most `limit_ms`; the session holds it until it ends.
 * Fails: busy_elsewhere.
 */
export async function lockSession(
  client: Client,
  name: string,
  { limit_ms = LOCK_LIMIT_MS }: { limit_ms?: number } = {},
): Promise<void> {
  await client.query(`select set_config('lock_timeout', $1, false)`, [`${limit_ms}ms`])
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, $2))', [name, LOCK_SEED])
  } catch (error) {
    if (!isPgError(error, PG.lock_not_available)) throw error
    throw new Unavailable('busy_elsewhere', `Another Florin has been at work on ${name} for a while. Try again later.`)
  } finally {
    await client.query('reset lock_timeout')
  }
}

const CONNECT_TIMEOUT_MS = 10_000
const LOCK_LIMIT_MS = 120_000
/** Sets our lock names apart from those of other programs in the same database. */
const LOCK_SEED = 7411
