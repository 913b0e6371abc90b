import type { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'

import { must } from '../core/assert.ts'
import { Conflict } from '../core/errors.ts'
import { type AppliedMigration, quoteName } from '../core/migrate.ts'
import { withSession } from '../core/session.ts'
import type { TarFile } from '../core/tar.ts'
import { VERSION } from '../core/version.ts'
import { BACKUP_FORMAT, type Manifest, manifestFile, piecesOf, Tally, writeBackupFile } from './backup-file.ts'
import { type Control, findEconomy } from './control.ts'
import { databasePlace } from './places.ts'

/**
 * Writes all that an economy ever recorded into one file, as of one moment, while it goes on. The signing key and the
 * checkpoints are not in it: who can restore the past must not be able to sign another one.
 * Fails, in this order: economy_not_found, economy_not_ready, file_exists.
 */
export async function backupEconomy(
  control: Control,
  { name, path, now, onProgress }: BackupEconomy,
): Promise<Manifest> {
  const record = await findEconomy(control, name)
  if (record.state === 'creating' || record.state === 'dropping') {
    throw new Conflict('economy_not_ready', `The economy ${name} is ${record.state}; there is nothing to back up.`)
  }
  const { serviceUrl } = databasePlace(control, record)
  return await withSession({ url: serviceUrl, name: 'florin backup' }, async (client) => {
    await client.query('begin isolation level repeatable read read only')
    for (const setting of PLAIN_TEXT) await client.query(setting)
    const manifest = await describe(client, { economy: name, blueprint: record.blueprint, now })
    await writeBackupFile(path, filesOf(client, { path, manifest, onProgress }), now)
    return manifest
  })
}

export interface BackupEconomy {
  name: string
  path: string
  now: Date
  onProgress?: OnProgress | undefined
}

/** Hears, after each piece of a table, how many bytes of all tables are done. */
export type OnProgress = (progress: { table: string; bytes: number }) => void

/** So that any server version reads the text back as the same value. */
const PLAIN_TEXT = [
  `set local client_encoding = 'UTF8'`,
  `set local datestyle = 'ISO, YMD'`,
  `set local intervalstyle = 'iso_8601'`,
  `set local timezone = 'UTC'`,
  `set local bytea_output = 'hex'`,
  'set local extra_float_digits = 3',
]

/** The schemas that a backup leaves out: PostgreSQL's, what says how far we have migrated, and the queue of jobs. */
const NOT_OURS = `nspname ~ '^pg_' or nspname in ('information_schema', 'public', 'florin', 'graphile_worker')`

async function* filesOf(
  client: Client,
  { path, manifest, onProgress }: { path: string; manifest: Manifest; onProgress: OnProgress | undefined },
): AsyncGenerator<TarFile> {
  const tally = new Tally(path)
  let bytes = 0
  for (const table of manifest.tables) {
    const { name, columns } = table
    // As a query, which row level security lets through where the policies do.
    const rows = client.query(copyTo(`copy (select ${columns.map(quoteName).join(', ')} from ${name}) to stdout`))
    for await (const piece of piecesOf(name, rows)) {
      tally.add(piece.name, piece.content)
      yield piece
      bytes += piece.content.length
      onProgress?.({ table: name, bytes })
    }
    Object.assign(table, tally.of(name))
  }
  // Sequences know no snapshot: read last, they are beyond every number in the tables.
  manifest.sequences = await readSequences(client)
  yield manifestFile(manifest)
}

/** The manifest as far as it is known before the rows have been read. */
async function describe(
  client: Client,
  { economy, blueprint, now }: { economy: string; blueprint: string; now: Date },
): Promise<Manifest> {
  const { rows: migrations } = await client.query<AppliedMigration>(
    'select id, name, hash from florin.migration order by id',
  )
  const { rows: version } = await client.query<{ server_version: string }>('show server_version')
  const { rows: blocks } = await client.query<{ height: string; tree_size: string; checkpoint: string }>(
    `select height::text, tree_size::text, checkpoint
    from ledger.block
    order by height desc
    limit 1`,
  )
  return {
    format: BACKUP_FORMAT,
    florin: VERSION,
    economy,
    blueprint,
    created_at: now.toISOString(),
    server_version: must(version[0], 'A server has a version.').server_version,
    migrations,
    tables: parentsFirst(await readTables(client)).map(({ name, columns }) => ({
      name,
      columns,
      rows: 0,
      bytes: 0,
      sha256: '',
    })),
    sequences: [],
    log: blocks[0] ?? null,
  }
}

interface Table {
  name: string
  columns: string[]
  /** The tables that its foreign keys name. */
  refers_to: string[]
}

async function readTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select
      nspname || '.' || relname as name,
      array(
        select attname::text
        from pg_attribute
        where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
        order by attnum
      ) as columns,
      array(
        select distinct confrelid::regclass::text
        from pg_constraint
        where conrelid = pg_class.oid and contype = 'f' and confrelid <> conrelid
      ) as refers_to
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p') and not relispartition and not (${NOT_OURS})
    order by name`,
  )
  return rows
}

/** The tables in an order in which each comes after those that it refers to, else by name. */
function parentsFirst(tables: readonly Table[]): Table[] {
  const byName = new Map(tables.map((table) => [table.name, table]))
  const ordered = new Set<Table>()
  const visit = (table: Table, path: readonly Table[]): void => {
    if (ordered.has(table) || path.includes(table)) return
    for (const name of table.refers_to.toSorted()) {
      const parent = byName.get(name)
      if (parent) visit(parent, [...path, table])
    }
    ordered.add(table)
  }
  for (const table of tables) visit(table, [])
  return [...ordered]
}

async function readSequences(client: Client): Promise<Manifest['sequences']> {
  const { rows } = await client.query<{ name: string }>(
    `select nspname || '.' || relname as name
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'S' and not (${NOT_OURS})
    order by name`,
  )
  const sequences: Manifest['sequences'] = []
  for (const { name } of rows) {
    const { rows: values } = await client.query<{ last_value: string; is_called: boolean }>(
      `select last_value::text, is_called from ${name}`,
    )
    sequences.push({ name, ...must(values[0], 'A sequence has one row.') })
  }
  return sequences
}
