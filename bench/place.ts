import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { sql } from 'kysely'
import type { Client } from 'pg'

import { KONTRIB } from '../blueprints/kontrib.ts'
import { type App, createApp, type RunningEconomy } from '../src/app.ts'
import { type Config, readConfig } from '../src/config.ts'
import { isPgError, PG } from '../src/core/db.ts'
import { createLog } from '../src/core/log.ts'
import { quoteName } from '../src/core/migrate.ts'
import { databaseOf, withDatabase } from '../src/core/postgres-url.ts'
import { withSession } from '../src/core/session.ts'
import { findEconomy } from '../src/economy/control.ts'
import { createEconomy } from '../src/economy/create.ts'
import { dropEconomy } from '../src/economy/drop.ts'
import { databasePlace } from '../src/economy/places.ts'
import { mustBeDurable, mustBeOnDisk, type Setting, SETTINGS } from './durability.ts'

/**
 * A place to measure in, as users have it: Florin put together as ever, over the embedded PostgreSQL in a new folder beside
 * the data folder (so on the same disk), or over a server of one's own where DATABASE_URL names it. It leaves nothing.
 */
export async function openPlace(): Promise<Place> {
  const given = readConfig()
  const id = randomBytes(4).toString('hex')
  const data = `${given.data}-bench-${id}`
  const installed = await isInstalled(given)
  const app = await createApp({ ...given, data }, { log: createLog({ level: 'warn', destination: process.stderr }) })
  const database = `florin_bench_${id}`
  const economies = new Set<string>()
  const cleanups: Place['cleanups'] = []
  const settings = await onServer(app, async (client) => {
    await client.query(`create database ${quoteName(database)} template template0`)
    if (app.postgres) await mustBeOnDisk(client)
    return mustBeDurable((await client.query<Setting>(SETTINGS)).rows)
  })
  return {
    app,
    data,
    baselineUrl: withDatabase(app.control.server.directUrl.reveal(), database),
    settings,
    cleanups,
    async openEconomy({ now = app.clock.now() } = {}) {
      const name = `bench-${randomBytes(4).toString('hex')}`
      economies.add(name)
      await createEconomy(app.control, { name, blueprint: KONTRIB, actor: 'bench', now })
      return await lend(app, name)
    },
    async dropEconomy({ name }) {
      await app.economies.close(name)
      await dropEconomy(app.control, { name, confirm: name, now: app.clock.now() })
      economies.delete(name)
    },
    async remove() {
      for (const cleanup of cleanups) await cleanup()
      // The embedded server goes as a whole.
      if (!app.postgres) await removeDatabases(app, { baseline: database, economies, installed })
      await app.control.close()
      await app.postgres?.stop()
      await removeFolder(data)
    },
  }
}

export interface Place {
  app: App
  data: string
  /** To an empty database for the baseline. */
  baselineUrl: string
  settings: Record<string, string>
  /** What is to be done before it is removed, whatever happens. */
  cleanups: (() => Promise<void>)[]
  /** A new kontrib economy, open and connected as its service. Dispose of it, then drop it. */
  openEconomy: (options?: { now?: Date }) => Promise<BenchEconomy>
  dropEconomy: (economy: BenchEconomy) => Promise<void>
  /** In the middle of a benchmark too: it waits for nobody, and the process is to end afterwards. */
  remove: () => Promise<void>
}

export interface BenchEconomy extends RunningEconomy, Disposable {
  /** A session as the owner of its tables, or who may do more. */
  asOwner: <T>(work: (client: Client) => Promise<T>) => Promise<T>
  /** Lets the database come to rest after much was written at once. */
  rest: () => Promise<void>
}

async function lend(app: App, name: string): Promise<BenchEconomy> {
  const { adminUrl, roles } = databasePlace(app.control, await findEconomy(app.control, name))
  const lease = await app.economies.lease(name)
  // A database or a role may have settings of its own.
  mustBeDurable((await sql<Setting>`${sql.raw(SETTINGS)}`.execute(lease.economy.db)).rows)
  return {
    ...lease.economy,
    async asOwner(work) {
      return await withSession({ url: adminUrl, name: 'florin bench' }, async (client) => {
        await client.query(`set role ${quoteName(roles.owner)}`)
        return await work(client)
      })
    },
    async rest() {
      await withSession({ url: adminUrl, name: 'florin bench' }, async (client) => {
        await client.query('vacuum (analyze)')
        await client.query('checkpoint').catch((error: unknown) => {
          if (!isPgError(error, PG.insufficient_privilege)) throw error
        })
      })
    },
    [Symbol.dispose]: () => lease[Symbol.dispose](),
  }
}

/** Whether the server of DATABASE_URL has a Florin on it already, which then stays as it is. */
async function isInstalled({ database }: Config): Promise<boolean> {
  if (!database) return false
  const query = `select from pg_database where datname = 'florin'`
  const { rowCount } = await withSession({ url: database.direct_url.reveal() }, (client) => client.query(query))
  return rowCount === 1
}

async function removeDatabases(app: App, { baseline, economies, installed }: Databases): Promise<void> {
  const { control } = app
  for (const name of economies) await dropEconomy(control, { name, confirm: name, now: app.clock.now() })
  await onServer(app, async (client) => {
    await client.query(`drop database ${quoteName(baseline)} with (force)`)
    if (installed) return
    await client.query(`drop database ${quoteName(databaseOf(control.url))} with (force)`)
    await client.query(`drop role if exists ${quoteName(`florin_${control.id}_owner`)}`)
  })
}

interface Databases {
  baseline: string
  economies: Iterable<string>
  /** Florin was there before us. */
  installed: boolean
}

async function onServer<T>(app: App, work: (client: Client) => Promise<T>): Promise<T> {
  return await withSession({ url: app.control.server.directUrl.reveal(), name: 'florin bench' }, work)
}

/** PostgreSQL's files may be elsewhere, where its user can reach them; `postgres.location` says so. */
async function removeFolder(data: string): Promise<void> {
  const elsewhere = await readFile(join(data, 'postgres.location'), 'utf8').catch(() => undefined)
  if (elsewhere !== undefined) await rm(dirname(elsewhere.trim()), { recursive: true, force: true })
  await rm(data, { recursive: true, force: true })
}
