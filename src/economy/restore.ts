import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import { connect, transaction } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import { listMigrations, quoteName } from '../core/migrate.ts'
import { withSession } from '../core/session.ts'
import { checkBackupFile, type Manifest, MANIFEST, readBackupFile, Tally } from './backup-file.ts'
import type { OnProgress } from './backup.ts'
import type { Control } from './control.ts'
import { buildEconomy } from './create.ts'
import { MIGRATIONS, migrateEconomy } from './migrations.ts'
import { type DatabasePlace, logOrigin } from './places.ts'
import { continueLog } from './restored-log.ts'

/**
 * Makes an economy from a backup, under its old name or another, in a new database; the file is read to its end before
 * anything is made, and what fails halfway is removed. Its log goes on as `continueLog` says. The database may be of
 * another version of PostgreSQL, and is brought up to date where the backup is of an older Florin.
 * Fails, in this order: file_not_found, backup_damaged, backup_newer, migration_altered, then as `createEconomy`.
 */
export async function restoreEconomy(control: Control, options: RestoreEconomy): Promise<Manifest> {
  const { path, urlSetting, actor, now, onProgress } = options
  const manifest = await checkBackupFile(path)
  await refuseStrangeMigrations(manifest)
  const name = options.name ?? manifest.economy
  const economy = { name, blueprint: manifest.blueprint, urlSetting, now }
  await buildEconomy(control, economy, async (place) => {
    await migrateEconomy(place, { through: Math.max(...manifest.migrations.map(({ id }) => id)) })
    await load(place, { path, manifest, onProgress })
    await migrateEconomy(place)
    await recordRestore(place, { control, name, manifest, actor, now })
  })
  return manifest
}

export interface RestoreEconomy {
  path: string
  /** Another name than it had. */
  name?: string | undefined
  urlSetting?: string | undefined
  actor: string
  now: Date
  onProgress?: OnProgress | undefined
}

/** Fails, in this order: backup_newer, migration_altered. */
async function refuseStrangeMigrations({ florin, migrations }: Manifest): Promise<void> {
  const ours = new Map((await listMigrations(MIGRATIONS)).map((migration) => [migration.id, migration]))
  for (const { id, name, hash } of migrations) {
    const known = ours.get(id)
    if (!known) throw new Invalid('backup_newer', `The backup is of a newer Florin, ${florin}. Update this one.`)
    if (known.hash === hash) continue
    throw new Invalid(
      'migration_altered',
      `The backup was made with another ${name} than this Florin has. Restore that file.`,
    )
  }
}

/**
 * Fills the tables, all in one transaction. COPY does not go together with row level security, so that it is lifted for
 * the owner until the rows are in.
 */
async function load(
  { adminUrl, roles }: DatabasePlace,
  { path, manifest, onProgress }: { path: string; manifest: Manifest; onProgress: OnProgress | undefined },
): Promise<void> {
  await withSession({ url: adminUrl, name: 'florin restore' }, async (client) => {
    await client.query(`set role ${quoteName(roles.owner)}`)
    await client.query('begin')
    for (const { name } of manifest.tables) await client.query(`alter table ${name} no force row level security`)
    await copyTables(client, { path, manifest, onProgress })
    for (const { name } of manifest.tables) await client.query(`alter table ${name} force row level security`)
    for (const { name, last_value, is_called } of manifest.sequences) {
      await client.query('select setval($1::regclass, $2::bigint, $3)', [name, last_value, is_called])
    }
    await client.query('commit')
    // Nobody has asked anything yet, so that nobody knows how many rows to expect.
    await client.query('analyze')
  })
}

async function copyTables(
  client: Client,
  { path, manifest, onProgress }: { path: string; manifest: Manifest; onProgress: OnProgress | undefined },
): Promise<void> {
  const columnsOf = new Map(manifest.tables.map(({ name, columns }) => [name, columns.map(quoteName).join(', ')]))
  const tally = new Tally(path)
  let bytes = 0
  for await (const { name, content } of readBackupFile(path)) {
    if (name === MANIFEST) break
    const table = tally.add(name, content)
    const columns = must(columnsOf.get(table), `The file was checked, and ${table} is in the manifest.`)
    await pipeline(Readable.from([content]), client.query(copyFrom(`copy ${table} (${columns}) from stdin`)))
    bytes += content.length
    onProgress?.({ table, bytes })
  }
  // The file may have changed since it was checked.
  tally.compare(manifest)
}

/** The log goes on with a line that says where its past came from. */
async function recordRestore(
  { serviceUrl }: DatabasePlace,
  { control, name, manifest, actor, now }: RecordRestore,
): Promise<void> {
  const db = connect({ url: serviceUrl, connections_max: 1, name: 'florin restore' })
  try {
    const after = {
      backup_of: manifest.economy,
      made_at: manifest.created_at,
      tree_size: manifest.log?.tree_size ?? '0',
    }
    await transaction(db, async (tx) => {
      await record(tx, { at: now, actor, action: 'economy.restore', subject: `economy:${name}`, diff: { after } })
      const origin = logOrigin(control, name)
      await continueLog(tx, { data: control.data, name, backup: manifest, origin, actor, now })
    })
  } finally {
    await db.destroy()
  }
}

interface RecordRestore {
  control: Control
  name: string
  manifest: Manifest
  actor: string
  now: Date
}
