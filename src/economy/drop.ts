import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

import type { Client } from 'pg'

import { isPgError, PG } from '../core/db.ts'
import { Conflict, Invalid } from '../core/errors.ts'
import { quoteName } from '../core/migrate.ts'
import { databaseOf } from '../core/postgres-url.ts'
import {
  type Control,
  type EconomyRecord,
  findEconomy,
  forgetEconomy,
  setEconomyState,
  withEconomyLock,
  withRolesLock,
} from './control.ts'
import { type DatabasePlace, databasePlace, filesOf, onServerOf } from './places.ts'
import { dropRoles } from './roles.ts'

/**
 * Drops an economy with all it ever recorded; whoever asks repeats its name. Its signing key and its checkpoints are
 * moved to `dropped/` in the data folder, so that what it has signed can still be told from what others make up. Killed
 * halfway, it is dropped by asking again.
 * Fails, in this order: confirmation_differs, economy_not_found, busy_elsewhere, url_setting_missing, database_in_use.
 */
export async function dropEconomy(control: Control, { name, confirm, now }: DropEconomy): Promise<void> {
  if (confirm !== name) {
    throw new Invalid(
      'confirmation_differs',
      `To drop the economy ${name} and all of its records, confirm with its name.`,
    )
  }
  await findEconomy(control, name)
  await withEconomyLock(control, name, async (session) => {
    const record = await findEconomy(control, name)
    await setEconomyState(control, name, 'dropping')
    // The database goes first: a server that still has it open may seal, and write checkpoints, until it does.
    await removeDatabase(control, session, record)
    await keepFiles(control.data, name, now)
    await forgetEconomy(control, name)
  })
}

/**
 * Removes an economy's database, or from one that was made by hand what is ours in it, and its roles on our own server;
 * what is gone already is no trouble. `session` holds the economy's lock.
 * Fails, in this order: url_setting_missing, database_in_use.
 */
export async function removeDatabase(control: Control, session: Client, record: EconomyRecord): Promise<void> {
  const place = databasePlace(control, record)
  await onServerOf(place, session, async (client) => {
    if (place.ours) await dropDatabase(client, record.database)
    else await dropSchemas(client, place)
  })
  // On another server they may have been made by its administrator, whose they are then to drop.
  if (place.ours) await withRolesLock(control, async (locked) => await dropRoles(locked, place.roles))
}

export interface DropEconomy {
  name: string
  /** The name once more, from whoever asked. */
  confirm: string
  now: Date
}

async function dropSchemas(client: Client, { roles, adminUrl }: DatabasePlace): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select nspname as name
    from pg_namespace
    join pg_roles on pg_roles.oid = nspowner
    where rolname = $1`,
    [roles.owner],
  )
  if (rows.length === 0) return
  await client.query(`set role ${quoteName(roles.owner)}`)
  await client.query(`drop schema ${rows.map(({ name }) => quoteName(name)).join(', ')} cascade`)
  await client.query('reset role')
  // Roles are dropped only when nothing is granted to them any more.
  await client.query(`revoke all on database ${quoteName(databaseOf(adminUrl))} from ${quoteName(roles.service)}`)
}

async function dropDatabase(client: Client, database: string): Promise<void> {
  try {
    await client.query(`drop database if exists ${quoteName(database)} with (force)`)
  } catch (error) {
    // Who is no superuser cannot end a superuser's session, autovacuum's least of all; without force that one makes
    // way.
    if (!isPgError(error, PG.insufficient_privilege)) throw error
    await client.query(`drop database if exists ${quoteName(database)}`).catch((second: unknown) => {
      if (!isPgError(second, PG.object_in_use)) throw second
      throw new Conflict(
        'database_in_use',
        `Somebody is connected to the database ${database}. Disconnect them and drop it again.`,
      )
    })
  }
}

async function keepFiles(data: string, name: string, now: Date): Promise<void> {
  const { signingKey, checkpoints } = filesOf(data, name)
  const folder = join(data, 'dropped', `${name}-${now.toISOString().replaceAll(/[:.]/g, '-')}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await renameIfThere(signingKey, join(folder, 'key.pem'))
  await renameIfThere(checkpoints, join(folder, 'checkpoints'))
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}
