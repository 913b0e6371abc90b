import type { Client } from 'pg'

import { isPgError, connect, PG, transaction } from '../core/db.ts'
import { Conflict, Invalid } from '../core/errors.ts'
import { quoteName } from '../core/migrate.ts'
import { databaseOf } from '../core/postgres-url.ts'
import {
  type Control,
  type EconomyRecord,
  forgetEconomy,
  setEconomyState,
  withEconomyLock,
  withRolesLock,
} from './control.ts'
import type { Blueprint } from './define.ts'
import { removeDatabase } from './drop.ts'
import { migrateEconomy } from './migrations.ts'
import { type DatabasePlace, databasePlace, logOrigin, onServerOf } from './places.ts'
import { ensureRoles, guardDatabase } from './roles.ts'
import { seedEconomy } from './seed.ts'

/**
 * Creates an economy from its blueprint: a database with its roles and tables, the assets, the genesis entries, the
 * first values of the parameters. Moves: issuance:{asset} -> where the blueprint allocates it.
 * Fails, in this order: economy_name_invalid, busy_elsewhere, economy_exists, url_setting_missing, url_setting_in_use,
 * roles_missing, database_not_empty, grants_missing.
 */
export async function createEconomy(
  control: Control,
  { blueprint, actor, now, ...rest }: CreateEconomy,
): Promise<void> {
  const { name } = rest
  await buildEconomy(control, { ...rest, blueprint: blueprint.name, now }, async (place) => {
    await migrateEconomy(place)
    const db = connect({ url: place.serviceUrl, connections_max: 1, name: `florin create ${name}` })
    try {
      const origin = logOrigin(control, name)
      await transaction(db, async (tx) => await seedEconomy(tx, { name, blueprint, origin, actor, now }))
    } finally {
      await db.destroy()
    }
  })
}

/**
 * Makes an empty database with its roles for a new economy, has it filled, and opens it; what fails is removed. The
 * name is claimed first: who is killed leaves an economy in the state `creating`, which the next one of that name
 * removes.
 * Fails: as `createEconomy`.
 */
export async function buildEconomy(
  control: Control,
  { name, blueprint, urlSetting, now }: BuildEconomy,
  fill: (place: DatabasePlace) => Promise<void>,
): Promise<void> {
  if (!ECONOMY_NAME.test(name)) {
    throw new Invalid('economy_name_invalid', 'Name the economy with a letter, then up to 30 of a-z, 0-9 and dashes.')
  }
  await withEconomyLock(control, name, async (session) => {
    await removeUnfinished(control, session, name)
    const record = await claimName(control, { name, blueprint, urlSetting, now })
    try {
      const place = databasePlace(control, record)
      await withRolesLock(control, async (locked) => {
        await onServerOf(place, locked, async (client) => await ensureRoles(client, place))
      })
      await onServerOf(place, session, async (client) => await makeDatabase(client, record, place))
      await fill(place)
      await setEconomyState(control, name, 'open')
    } catch (error) {
      // What cannot be removed now, the next one of this name does; the reason why it failed is what is wanted.
      await removeUnfinished(control, session, name).catch(() => undefined)
      throw error
    }
  })
}

export interface CreateEconomy {
  name: string
  blueprint: Blueprint
  /** The setting with the connection string of a database made by hand; else one is created on the server. */
  urlSetting?: string | undefined
  actor: string
  now: Date
}

export type BuildEconomy = Omit<CreateEconomy, 'blueprint' | 'actor'> & { blueprint: string }

const ECONOMY_NAME = /^[a-z][a-z0-9-]{0,30}$/

/** An economy that was never open has nothing to lose. */
async function removeUnfinished(control: Control, session: Client, name: string): Promise<void> {
  const left = await control.db
    .selectFrom('control.economy')
    .selectAll()
    .where('name', '=', name)
    .$castTo<EconomyRecord>()
    .executeTakeFirst()
  if (!left) return
  if (left.state !== 'creating') {
    throw new Conflict('economy_exists', `There is an economy ${name} already (${left.state}).`, { economy: name })
  }
  await removeDatabase(control, session, left)
  await forgetEconomy(control, name)
}

async function claimName(control: Control, { name, blueprint, urlSetting, now }: BuildEconomy): Promise<EconomyRecord> {
  if (urlSetting !== undefined) control.databaseUrlSetting(urlSetting)
  const record = {
    name,
    blueprint,
    database: urlSetting ?? `florin_${control.id}_${name}`,
    url_setting: urlSetting ?? null,
    state: 'creating' as const,
    created_at: now,
  }
  try {
    await control.db.insertInto('control.economy').values(record).execute()
    return record
  } catch (error) {
    if (!isPgError(error, PG.unique_violation, 'economy_database_key')) throw error
    throw new Conflict('url_setting_in_use', `The database in ${urlSetting} belongs to another economy already.`)
  }
}

async function makeDatabase(
  client: Client,
  record: EconomyRecord,
  { roles, ours, adminUrl }: DatabasePlace,
): Promise<void> {
  if (ours) {
    // The C locale orders by bytes, on every machine and for ever, and lets an index serve prefixes of account paths.
    await client.query(
      `create database ${quoteName(record.database)} template template0 encoding 'UTF8' locale 'C' owner ${quoteName(roles.owner)}`,
    )
  } else {
    const { rowCount } = await client.query(`select from pg_namespace where nspname in ('florin', 'ledger')`)
    if (rowCount !== 0) {
      throw new Conflict(
        'database_not_empty',
        `The database in ${record.url_setting} holds an economy. Give it an empty one.`,
      )
    }
  }
  await guardDatabase(client, { database: databaseOf(adminUrl), roles })
}
