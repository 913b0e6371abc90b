import { sql } from 'kysely'

import type { Clock } from '../core/clock.ts'
import { connect, type Db, isPgError, PG, transaction } from '../core/db.ts'
import { NotFound, Unavailable } from '../core/errors.ts'
import { type Secret, secret } from '../core/secret.ts'
import { type Control, type EconomyRecord, withRolesLock } from './control.ts'
import type { Blueprint } from './define.ts'
import { migrateEconomy } from './migrations.ts'
import { setUpParameters } from './parameter-setup.ts'
import { type DatabasePlace, databasePlace, type EconomyFiles, filesOf, logOrigin, onServerOf } from './places.ts'
import { derivedSecret, resetServicePassword } from './roles.ts'

/**
 * Opens an economy: brings its tables and parameters up to date and connects as its service. Several servers may do so
 * at once, and a read-only database opens when nothing is missing.
 * Fails, in this order: economy_not_found, economy_not_ready, blueprint_unknown, url_setting_missing, database_newer,
 * migration_altered.
 */
export async function openEconomy(
  control: Control,
  record: EconomyRecord,
  { blueprints, clock, connections_max }: OpenOptions,
): Promise<OpenedEconomy> {
  const { name, state } = refuseUnready(record)
  const blueprint = blueprints.find((known) => known.name === record.blueprint)
  if (!blueprint) {
    throw new Unavailable(
      'blueprint_unknown',
      `This Florin has no blueprint ${record.blueprint}, which ${name} runs by.`,
    )
  }
  const place = databasePlace(control, record)
  await migrateEconomy(place)
  const db = await connectService(control, place, connections_max)
  try {
    await transaction(db, async (tx) => {
      const now = clock.now()
      await setUpParameters(tx, { blueprint, actor: 'system', now })
      for (const setUp of blueprint.setUp ?? []) await setUp(tx, { now })
    })
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    name,
    blueprint,
    db,
    clock,
    state,
    origin: logOrigin(control, name),
    files: filesOf(control.data, name),
    serviceUrl: secret(place.serviceUrl),
    secretFor: (purpose) => derivedSecret(control.secret, `${purpose} ${name}`),
  }
}

/** An economy that one may work with; `Economies` adds what runs for it. */
export interface OpenedEconomy {
  name: string
  blueprint: Blueprint
  /** Connected as the economy's service. */
  db: Db
  clock: Clock
  state: 'open' | 'read_only'
  /** The name of its log before any fork. */
  origin: string
  files: EconomyFiles
  /** For what needs connections of its own. */
  serviceUrl: Secret
  /** A secret of this economy alone, derived from the installation's. */
  secretFor(purpose: string): Secret
}

export interface OpenOptions {
  blueprints: readonly Blueprint[]
  clock: Clock
  /** Connections of this economy. */
  connections_max: number
}

function refuseUnready({ name, state }: EconomyRecord): { name: string; state: OpenedEconomy['state'] } {
  if (state === 'open' || state === 'read_only') return { name, state }
  if (state === 'dropping') throw new NotFound('economy_not_found', `The economy ${name} is being dropped.`)
  throw new Unavailable(
    'economy_not_ready',
    `The economy ${name} is still being created. If that was interrupted, create it again.`,
  )
}

/** A secret that has changed since, as when the data folder was lost, is no reason to stay closed. */
async function connectService(control: Control, place: DatabasePlace, connections_max: number): Promise<Db> {
  const db = connect({ url: place.serviceUrl, connections_max })
  try {
    await sql`select`.execute(db).catch(async (error: unknown) => {
      if (!isPgError(error, PG.invalid_password)) throw error
      await withRolesLock(control, async (locked) => {
        await onServerOf(place, locked, async (client) => await resetServicePassword(client, place))
      })
      await sql`select`.execute(db)
    })
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}
