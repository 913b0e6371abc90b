import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'

import { isPgError, PG } from './db.ts'
import { type Cluster, SUPERUSER } from './embedded-postgres-cluster.ts'
import { findPostmaster, type Postmaster } from './embedded-postgres-postmaster.ts'
import { Unavailable } from './errors.ts'
import { secret, type Secret } from './secret.ts'

/**
 * Connects to a ready postmaster and shows our presence: an advisory lock in shared mode, as long as the connection
 * lasts. Undefined when the postmaster went away meanwhile.
 * Fails with `postgres_data_foreign` when our password is not its password, `postgres_unreachable` after a while.
 */
export async function openSession({ cluster, postmaster, adopted }: SessionOptions): Promise<Session | undefined> {
  const { pid, socketFolder } = postmaster
  const url = `postgres://${SUPERUSER}:${cluster.password}@${encodeURIComponent(socketFolder)}/postgres?sslmode=disable`
  const deadline = performance.now() + CONNECT_LIMIT_MS
  for (;;) {
    const client = new Client({
      connectionString: url,
      application_name: 'florin presence',
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
    })
    // What breaks a connection also ends it, and the end is what is listened to.
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('select pg_advisory_lock_shared($1)', [PRESENCE])
      return { client, url: secret(url), cluster, postmaster, adopted }
    } catch (error) {
      client.end().catch(() => undefined)
      if (isPgError(error, PG.invalid_password))
        throw new Unavailable(
          'postgres_data_foreign',
          `The password in keys/postgres.password does not open ${cluster.path}: they are of two different data folders. Put back the one that belongs to it.`,
          { path: cluster.path },
        )
      if ((await findPostmaster(cluster.path))?.pid !== pid) return undefined
      if (performance.now() > deadline)
        throw new Unavailable(
          'postgres_unreachable',
          `PostgreSQL runs (process ${pid}) but does not answer in ${socketFolder}: ${error instanceof Error ? error.message : String(error)}. ` +
            `If that folder was deleted, end PostgreSQL with kill -INT ${pid} and start again.`,
          { pid, path: socketFolder },
        )
      await sleep(CONNECT_RETRY_MS)
    }
  }
}

/**
 * Gives up our presence and tells whether nobody else is present; undefined when the connection is broken.
 * It waits a moment for the others, because one that was killed is present until the server has noticed.
 */
export async function isLast(client: Client): Promise<boolean | undefined> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [PRESENCE])
    await client.query(`set lock_timeout = ${OTHERS_LIMIT_MS}`)
    await client.query('select pg_advisory_lock($1)', [PRESENCE])
    return true
  } catch (error) {
    return isPgError(error, PG.lock_not_available) ? false : undefined
  }
}

export interface Session extends SessionOptions {
  client: Client
  url: Secret
}

interface SessionOptions {
  cluster: Cluster
  postmaster: Postmaster
  /** Whether the server was running when we came. */
  adopted: boolean
}

const PRESENCE = 0x666c6f72 // "flor"
const OTHERS_LIMIT_MS = 200
const CONNECT_LIMIT_MS = 15_000
const CONNECT_RETRY_MS = 25
