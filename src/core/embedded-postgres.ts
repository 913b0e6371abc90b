import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { must } from './assert.ts'
import { type Cluster, openCluster, openDataFolder } from './embedded-postgres-cluster.ts'
import { explainFileError } from './embedded-postgres-failure.ts'
import { launchPostmaster } from './embedded-postgres-launch.ts'
import { findPostmaster, type Postmaster, readyPostmaster, stopPostmaster } from './embedded-postgres-postmaster.ts'
import { isLast, openSession, type Session } from './embedded-postgres-session.ts'
import type { PostgresSettings } from './embedded-postgres-settings.ts'
import { Unavailable } from './errors.ts'
import { type ProcessLock, tryProcessLock, withProcessLock } from './process-lock.ts'
import type { Secret } from './secret.ts'

/**
 * The PostgreSQL of a data folder: made on first use, adopted where it runs already (because another Florin uses it, or
 * because one was killed), started otherwise. While the handle is held, a server that dies is started again with the
 * same connection string. Several processes may hold the same folder; the last one to stop shuts the server down.
 *
 * Everything that could not be done is an `Unavailable` that says what to do: see openCluster, findBinaries,
 * launchPostmaster.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    const postgres = new SharedPostgres({ ...options, dataDir: await openDataFolder(options.dataDir) })
    await postgres.join()
    return postgres
  } catch (error) {
    throw explainFileError(error)
  }
}

export interface EmbeddedPostgres {
  /** As superuser, to the database `postgres`, over the socket. */
  readonly adminUrl: Secret
  readonly pid: number
  /** True when the server was running already when it was last joined. */
  readonly adopted: boolean
  /** True when this process may be the one that serves this data folder; it then is until it stops or dies. */
  tryServeLock(): Promise<boolean>
  /** Shuts the server down, unless another process uses it. Close your own connections before. */
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** FLORIN_DATA. PostgreSQL's files are in its `postgres/`, its log is `postgres.log`. */
  dataDir: string
  log: EmbeddedPostgresLog
  /** Changes of the settings in embedded-postgres-settings.ts; they hold from the next start of the server. */
  settings?: PostgresSettings
}

/** What pino's logger can do, and all that is asked of it. */
export interface EmbeddedPostgresLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * Presence is a session that holds an advisory lock in shared mode. It ends with us, however we end, which tells the
 * others; and it ends when the server dies, which tells us. Joining and leaving are done by one process at a time.
 */
class SharedPostgres implements EmbeddedPostgres {
  readonly #options: EmbeddedPostgresOptions
  readonly #stopping = new AbortController()
  readonly #say = (what: string) => this.#options.log.info({}, what)
  #session: Session | undefined
  #recovery = Promise.resolve()
  #serveLock: ProcessLock | undefined
  #stopped: Promise<void> | undefined

  constructor(options: EmbeddedPostgresOptions) {
    this.#options = options
  }

  get adminUrl() {
    return this.#joined.url
  }

  get pid() {
    return this.#joined.postmaster.pid
  }

  get adopted() {
    return this.#joined.adopted
  }

  async tryServeLock(): Promise<boolean> {
    this.#serveLock ??= await tryProcessLock(join(this.#options.dataDir, 'serve.lock'))
    return this.#serveLock !== undefined
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#leave())
  }

  async join(): Promise<void> {
    await this.#alone(async () => {
      const cluster = await openCluster(this.#options.dataDir, this.#say)
      for (let attempt = 1; attempt <= JOIN_ATTEMPTS; attempt++) {
        const session = await this.#startOrAdopt(cluster)
        if (session) return this.#watch(session)
      }
      throw new Unavailable(
        'postgres_failed',
        `PostgreSQL started ${JOIN_ATTEMPTS} times and died each time: see postgres.log in ${this.#options.dataDir}.`,
      )
    }, this.#stopping.signal)
  }

  #watch(session: Session): void {
    this.#session = session
    session.client.once('end', () => {
      if (!this.#stopping.signal.aborted) this.#recovery = this.#recover()
    })
  }

  async #startOrAdopt(cluster: Cluster): Promise<Session | undefined> {
    const { dataDir, settings = {} } = this.#options
    const waiting = { signal: this.#stopping.signal, say: this.#say }
    const running = await readyPostmaster(cluster.path, waiting)
    if (running) return openSession({ cluster, postmaster: running, adopted: true })

    const postmaster = await launchPostmaster({ cluster, logFile: join(dataDir, 'postgres.log'), settings, ...waiting })
    try {
      return await openSession({ cluster, postmaster, adopted: false })
    } catch (error) {
      await stopPostmaster(postmaster, cluster.path)
      throw error
    }
  }

  get #joined(): Session {
    return must(this.#session, 'PostgreSQL was not joined.')
  }

  #alone<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const options = signal ? { limit_ms: JOIN_LIMIT_MS, signal } : { limit_ms: JOIN_LIMIT_MS }
    return withProcessLock(join(this.#options.dataDir, 'start.lock'), options, work)
  }

  async #recover(): Promise<void> {
    const { log } = this.#options
    const { signal } = this.#stopping
    log.warn({ pid: this.pid }, 'The connection to PostgreSQL broke. If it died, it is started again.')
    for (
      let wait_ms = RECOVERY_WAIT_MS.first;
      !signal.aborted;
      wait_ms = Math.min(wait_ms * 2, RECOVERY_WAIT_MS.last)
    ) {
      try {
        await this.join()
        log.info({ pid: this.pid }, 'PostgreSQL is there again.')
        return
      } catch (error) {
        if (signal.aborted) return
        log.error({ err: explainFileError(error) }, 'PostgreSQL could not be started again; trying on.')
        await sleep(wait_ms, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  async #leave(): Promise<void> {
    this.#stopping.abort()
    await this.#recovery
    await this.#serveLock?.release()
    const { client, cluster, postmaster: joined } = this.#joined
    await this.#alone(async () => {
      const postmaster = await findPostmaster(cluster.path)
      if (postmaster && !(await this.#isLast(postmaster))) return
      // A server that has only begun to start has not written down where its socket will be: where it was.
      await stopPostmaster({ ...joined, pid: postmaster?.pid ?? joined.pid }, cluster.path)
    })
    await client.end()
  }

  async #isLast(postmaster: Postmaster): Promise<boolean> {
    // A server that is still starting, or gone, has no sessions, and who wants one waits for us.
    if (!postmaster.ready) return true
    const { client, cluster } = this.#joined
    const last = await isLast(client)
    if (last !== undefined) return last
    // Our session broke, and with it our presence: others may be there, or nobody.
    const session = await openSession({ cluster, postmaster, adopted: true })
    if (!session) return true
    try {
      return (await isLast(session.client)) ?? false
    } finally {
      await session.client.end()
    }
  }
}

/** Longer than the recovery that whoever joins before us may be waiting for. */
const JOIN_LIMIT_MS = 11 * 60_000
/** How often a server may die between being ready and being joined. */
const JOIN_ATTEMPTS = 5
const RECOVERY_WAIT_MS = { first: 100, last: 30_000 }
