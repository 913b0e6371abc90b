import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type pg from 'pg'

import { Unavailable } from './errors.ts'

/**
 * Brings a database up to date: every file of `folder` that it lacks, in order, each in a transaction of its own that
 * records itself first, so that two starters at once collide there and the second finds the work done.
 * Runs as `roles.owner`, who owns all and cannot log in. Returns the numbers applied now.
 * Fails, in this order: database_newer (a later Florin was here), migration_altered (an applied file has changed).
 */
export async function migrate(
  client: pg.ClientBase,
  { folder, roles, through = Infinity }: MigrateOptions,
): Promise<number[]> {
  const migrations = await readMigrations(folder)
  await client.query(`set role ${quoteName(roles.owner)}`)
  try {
    const before = await readApplied(client, migrations)
    const applied: number[] = []
    // A database that is up to date is only read: it may be a read-only one.
    for (const migration of migrations.filter(({ id }) => id <= through && !before.has(id))) {
      if (await applyOne(client, migration, roles)) applied.push(migration.id)
    }
    return applied
  } finally {
    await client.query('reset role')
  }
}

/** The migrations in a folder, in order. */
export async function listMigrations(folder: string): Promise<AppliedMigration[]> {
  return (await readMigrations(folder)).map(({ id, name, hash }) => ({ id, name, hash }))
}

/** An identifier, quoted for SQL text. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

async function applyOne(client: pg.ClientBase, migration: Migration, roles: Roles): Promise<boolean> {
  await client.query('begin')
  try {
    const { rowCount } = await client.query(
      'insert into florin.migration (id, name, hash) values ($1, $2, $3) on conflict do nothing',
      [migration.id, migration.name, migration.hash],
    )
    if (rowCount === 1) await client.query(withRoles(migration.text, roles))
    await client.query('commit')
    return rowCount === 1
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

async function readApplied(client: pg.ClientBase, migrations: Migration[]): Promise<Set<number>> {
  const { rowCount } = await client.query(`select where to_regclass('florin.migration') is not null`)
  if (rowCount === 0) await client.query(FIRST_TABLE)
  const { rows } = await client.query<{ id: number; name: string; hash: string }>(
    'select id, name, hash from florin.migration order by id',
  )
  for (const row of rows) {
    const ours = migrations.find(({ id }) => id === row.id)
    if (!ours) {
      throw new Unavailable(
        'database_newer',
        `This database was migrated by a newer Florin (${row.name}). Update Florin.`,
      )
    }
    if (ours.hash !== row.hash) {
      throw new Unavailable(
        'migration_altered',
        `Migration ${row.name} is not the file that was applied to this database. Restore the file; migrations only go forward.`,
      )
    }
  }
  return new Set(rows.map(({ id }) => id))
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => MIGRATION_NAME.test(name)).toSorted()
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8')
      return { id: Number(name.slice(0, 4)), name, text, hash: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

function withRoles(text: string, roles: Roles): string {
  return text.replaceAll(ROLE_PLACEHOLDER, (_, role: keyof Roles) => quoteName(roles[role]))
}

const MIGRATION_NAME = /^\d{4}-[a-z0-9-]+\.sql$/
const ROLE_PLACEHOLDER = /(?<!:):(owner|service|member)\b/g
const FIRST_TABLE = `
  create schema if not exists florin;
  create table if not exists florin.migration (
    id int primary key,
    name text not null,
    hash text not null,
    applied_at timestamptz(3) not null default clock_timestamp()
  )`

export interface MigrateOptions {
  folder: string
  roles: Roles
  /** The last migration to apply, for a database that is to be as an older one was; all unless said. */
  through?: number | undefined
}

/** The three roles of an economy: who owns its tables, who serves it, and whom its members read as. */
export interface Roles {
  owner: string
  service: string
  member: string
}

/** What a database keeps of a migration; the hash is of the file's text. */
export interface AppliedMigration {
  id: number
  name: string
  hash: string
}

interface Migration extends AppliedMigration {
  text: string
}
