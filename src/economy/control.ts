import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

import type { Kysely, Selectable } from 'kysely'
import type { Client } from 'pg'

import { must } from '../core/assert.ts'
import { connect, isPgError, PG } from '../core/db.ts'
import { NotFound, Unavailable } from '../core/errors.ts'
import { migrate, quoteName } from '../core/migrate.ts'
import { withDatabase } from '../core/postgres-url.ts'
import type { Secret } from '../core/secret.ts'
import { lockSession, withSession } from '../core/session.ts'
import type { ControlEconomy, DB as ControlTables } from './control-schema.gen.ts'

/**
 * Opens the control database, which says who this installation is and which economies it has; makes and migrates it
 * first where that is needed. Several servers may start at once.
 * Fails: control_database_missing, database_newer, migration_altered.
 */
export async function openControl({ now, ...installation }: OpenControl): Promise<Control> {
  const { server, database = CONTROL_DATABASE } = installation
  await withSession({ url: server.directUrl.reveal() }, async (client) => await ensureDatabase(client, database))
  const url = withDatabase(server.directUrl.reveal(), database)
  const id = await withSession({ url }, async (client) => {
    await lockSession(client, 'control')
    await closeToPublic(client, database)
    const { rows } = await client.query<{ name: string }>('select current_user as name')
    const { name } = must(rows[0], 'There is always a current user.')
    // Nobody but who administers the server has business here, so there are no roles of its own.
    await migrate(client, { folder: MIGRATIONS, roles: { owner: name, service: name, member: name } })
    return await installationId(client, now)
  })
  const db = connect<ControlTables>({ url, connections_max: CONNECTIONS_MAX, name: 'florin control' })
  return { ...installation, id, url, db, close: async () => await db.destroy() }
}

/** The control database as it stands, without making or changing anything; undefined where there is none yet. */
export async function readControl(installation: Installation): Promise<Control | undefined> {
  const { server, database = CONTROL_DATABASE } = installation
  const url = withDatabase(server.directUrl.reveal(), database)
  const exists = await withSession({ url: server.directUrl.reveal() }, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
    return rowCount === 1
  })
  if (!exists) return undefined
  const db = connect<ControlTables>({ url, connections_max: 1, name: 'florin control' })
  const row = await db
    .selectFrom('control.installation')
    .select('id')
    .executeTakeFirst()
    .catch((error: unknown) => {
      if (!isPgError(error, PG.undefined_table)) throw error
    })
  if (row) return { ...installation, id: row.id, url, db, close: async () => await db.destroy() }
  await db.destroy()
  return undefined
}

/** All economies, by name, whatever their state. */
export async function listEconomies({ db }: Control): Promise<EconomyRecord[]> {
  return await db.selectFrom('control.economy').selectAll().orderBy('name').$castTo<EconomyRecord>().execute()
}

/** Fails: economy_not_found. */
export async function findEconomy({ db }: Control, name: string): Promise<EconomyRecord> {
  const record = await db
    .selectFrom('control.economy')
    .selectAll()
    .where('name', '=', name)
    .$castTo<EconomyRecord>()
    .executeTakeFirst()
  if (record) return record
  throw new NotFound('economy_not_found', `There is no economy ${JSON.stringify(name.slice(0, NAME_SHOWN))}.`)
}

/** Notes a new state. Who changes it holds the economy's lock. */
export async function setEconomyState({ db }: Control, name: string, state: EconomyState): Promise<void> {
  await db.updateTable('control.economy').set({ state }).where('name', '=', name).execute()
}

/** Takes an economy off the list; whoever does holds its lock. */
export async function forgetEconomy({ db }: Control, name: string): Promise<void> {
  await db.deleteFrom('control.economy').where('name', '=', name).execute()
}

/**
 * Runs `work` while no other Florin creates, restores or drops the economy of that name. The session that it is given
 * holds the lock: what goes on in it after this process is killed keeps the next one waiting until it is over.
 * Fails: busy_elsewhere.
 */
export async function withEconomyLock<T>({ url }: Control, name: string, work: Work<T>): Promise<T> {
  return await withSession({ url }, async (client) => {
    await lockSession(client, `economy ${name}`)
    return await work(client)
  })
}

/** The same for roles, which all economies of an installation share. */
export async function withRolesLock<T>({ url }: Control, work: Work<T>): Promise<T> {
  return await withSession({ url }, async (client) => {
    await lockSession(client, 'roles')
    return await work(client)
  })
}

type Work<T> = (client: Client) => Promise<T>

export interface Control extends Installation {
  /** Six hexadecimal characters, part of the name of every database and role. */
  id: string
  /** The administrator's connection string to the control database. */
  url: string
  db: Kysely<ControlTables>
  close(): Promise<void>
}

/** What an installation is made of besides its databases. */
export interface Installation {
  server: DatabaseServer
  /** What the passwords of the services derive from (see `installationSecret`). */
  secret: Secret
  /** FLORIN_DATA, where keys and checkpoints are. */
  data: string
  /** What the origins of its logs begin with; the installation's id unless said. */
  logOrigin?: string
  /** The connection string in a setting, for databases that were made by hand. */
  databaseUrlSetting: (name: string) => Secret
  /** The control database's name; `florin` but in tests. */
  database?: string
}

/** A PostgreSQL server, as somebody who may create databases and roles; `directUrl` reaches it past a pooler. */
export interface DatabaseServer {
  url: Secret
  directUrl: Secret
}

export type EconomyRecord = Omit<Selectable<ControlEconomy>, 'state'> & { state: EconomyState }
export type EconomyState = 'creating' | 'open' | 'read_only' | 'dropping'

interface OpenControl extends Installation {
  now: Date
}

const CONTROL_DATABASE = 'florin'
const MIGRATIONS = join(import.meta.dirname, '../../migrations/control')
const CONNECTIONS_MAX = 3
const NAME_SHOWN = 64

async function ensureDatabase(client: Client, database: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
  if (rowCount === 1) return
  try {
    await client.query(`create database ${quoteName(database)} template template0 encoding 'UTF8' locale 'C'`)
  } catch (error) {
    // Another server that starts made it meanwhile.
    if (isPgError(error, PG.duplicate_database) || isPgError(error, PG.unique_violation)) return
    if (!isPgError(error, PG.insufficient_privilege)) throw error
    throw new Unavailable(
      'control_database_missing',
      `The database user may not create databases. Have an administrator of the server run: create database ${quoteName(database)} owner ${quoteName(client.user ?? '')};`,
    )
  }
}

/** Writes only where there is something to do: the server may be a read-only one. */
async function closeToPublic(client: Client, database: string): Promise<void> {
  const { rows } = await client.query<{ open: boolean }>(
    `select has_database_privilege('public', $1, 'connect') as open`,
    [database],
  )
  if (rows[0]?.open) await client.query(`revoke all on database ${quoteName(database)} from public`)
}

async function installationId(client: Client, now: Date): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select id from control.installation')
  if (rows[0]) return rows[0].id
  const id = randomBytes(3).toString('hex')
  await client.query('insert into control.installation (id, created_at) values ($1, $2)', [id, now])
  return id
}
