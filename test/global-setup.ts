import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { statfs } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

import type { Client } from 'pg'
import type { TestProject } from 'vitest/node'

import { PROJECT_ROOT, readConfig } from '../src/config.ts'
import { systemClock } from '../src/core/clock.ts'
import { startEmbeddedPostgres } from '../src/core/embedded-postgres.ts'
import { quoteName, type Roles } from '../src/core/migrate.ts'
import { withDatabase } from '../src/core/postgres-url.ts'
import { type Secret, secret } from '../src/core/secret.ts'
import { withSession } from '../src/core/session.ts'
import { migrateEconomy } from '../src/economy/migrations.ts'
import { dropRoles, ensureRoles, rolesOf, servicePassword } from '../src/economy/roles.ts'

/*
 * One PostgreSQL server for a whole run, with an economy's database that is migrated once and that each test clones
 * (test/helpers.ts).
 */

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await openServer()
  const url = server.url.reveal()
  const run = newRun()
  await dropStale(url)
  await withSession({ url }, async (client) => {
    await ensureRoles(client, { roles: run.roles, password: servicePassword(secret(run.secret), run.roles.service) })
    await client.query(
      `create database ${quoteName(run.template)} template template0 encoding 'UTF8' locale 'C' owner ${quoteName(run.roles.owner)}`,
    )
  })
  await migrateEconomy({ adminUrl: withDatabase(url, run.template), roles: run.roles })
  project.provide('postgres', { url, ...run })
  const shared = await mkdtemp(join(tmpdir(), 'florin-test-shared-'))
  await chmod(shared, 0o755)
  project.provide('shared', shared)
  return async () => {
    await rm(shared, { recursive: true, force: true })
    await dropAll(url, run)
    await server.stop()
  }
}

/** The server, and this run's name on it. */
export interface TestServer extends TestRun {
  url: string
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestServer
    /** A folder for what several files of tests make once and share. */
    shared: string
  }
}

interface TestRun {
  /** What the names of all of its databases start with. */
  prefix: string
  roles: Roles
  secret: string
  /** The database to clone. */
  template: string
}

/** Databases of earlier runs that were killed are dropped once they are this old. */
const STALE_MS = 2 * 3_600_000

/**
 * The server at DATABASE_URL, or an embedded one that is kept from run to run, for no one to wait for initdb. It never
 * syncs and lies in memory where there is room: what it holds is worth nothing after a crash of the machine, and a test's
 * database of 700 files is there in a tenth of a second instead of half of one.
 */
async function openServer(): Promise<{ url: Secret; stop: () => Promise<void> }> {
  const { database } = readConfig()
  if (database) return { url: database.direct_url, stop: async () => undefined }
  const place = createHash('sha256').update(PROJECT_ROOT).digest('hex').slice(0, 8)
  const postgres = await startEmbeddedPostgres({
    dataDir: join(await roomyFolder(), `florin-test-${userInfo().username}-${place}`),
    log: { info: () => undefined, warn: complain, error: complain },
    settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' },
  })
  return { url: postgres.adminUrl, stop: async () => await postgres.stop() }
}

async function roomyFolder(): Promise<string> {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }))
  return bavail * bsize >= MEMORY_MIN ? MEMORY : tmpdir()
}

const MEMORY = '/dev/shm'
const MEMORY_MIN = 6 * 1024 ** 3

function complain(_: object, message: string): void {
  process.stderr.write(`${message}\n`)
}

function newRun(): TestRun {
  const installation = randomBytes(3).toString('hex')
  const prefix = `florin_test_${systemClock.now().getTime()}_${installation}_`
  return {
    prefix,
    roles: rolesOf(installation, 'test'),
    secret: randomBytes(32).toString('hex'),
    template: `${prefix}template`,
  }
}

async function dropAll(url: string, { prefix, roles }: TestRun): Promise<void> {
  await withSession({ url }, async (client) => {
    await dropDatabases(client, prefix)
    await dropRoles(client, roles)
    await client.query(`drop role if exists ${quoteName(roles.owner)}`)
  })
}

async function dropStale(url: string): Promise<void> {
  await withSession({ url }, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname ~ '^florin_test_[0-9]{13}_[0-9a-f]{6}_'`,
    )
    const runs = new Set(rows.map(({ datname }) => datname.split('_').slice(0, 4).join('_')))
    for (const run of runs) {
      const [, , started_ms, installation] = run.split('_')
      if (!installation || systemClock.now().getTime() - Number(started_ms) < STALE_MS) continue
      await dropDatabases(client, `${run}_`)
      const roles = rolesOf(installation, 'test')
      await dropRoles(client, roles)
      await client.query(`drop role if exists ${quoteName(roles.owner)}`)
    }
  })
}

async function dropDatabases(client: Client, prefix: string): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1)',
    [prefix],
  )
  for (const { datname } of rows) await client.query(`drop database if exists ${quoteName(datname)} with (force)`)
}
