import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { inject } from 'vitest'

import { must } from '../src/core/assert.ts'
import { manualClock } from '../src/core/clock.ts'
import { connect, type Db, isPgError, PG, snapshot, transaction } from '../src/core/db.ts'
import { quoteName } from '../src/core/migrate.ts'
import { withDatabase, withUser } from '../src/core/postgres-url.ts'
import { type Secret, secret } from '../src/core/secret.ts'
import { withSession } from '../src/core/session.ts'
import { type Control, type Installation, openControl } from '../src/economy/control.ts'
import type { Blueprint } from '../src/economy/define.ts'
import { guardDatabase, servicePassword } from '../src/economy/roles.ts'
import { seedEconomy } from '../src/economy/seed.ts'
import { checkBooks, checkInvariants } from '../src/ledger/invariants.ts'

/**
 * An economy of its own for one test, cloned from a migrated template and connected as the server would be: as the
 * service, which is no superuser. When the test ends, its books and its modules' invariants are checked, a pool that it
 * left open fails it, and it is dropped: `await using t = await testEconomy()`.
 */
export async function testEconomy({
  blueprint = TEST_BLUEPRINT,
  books = 'checked',
  connections_max = 10,
}: TestEconomyOptions = {}): Promise<TestEconomy> {
  const { url, roles, secret: password, template } = inject('postgres')
  const database = await createTestDatabase({ template })
  await withSession({ url }, async (client) => await guardDatabase(client, { database: database.name, roles }))
  const serviceUrl = withUser(database.url, {
    user: roles.service,
    password: servicePassword(secret(password), roles.service).reveal(),
  })
  const db = connect({ url: serviceUrl, connections_max, name: 'florin test' })
  const clock = manualClock(TEST_START)
  const seed = { name: 'test', blueprint, origin: 'florin-test/test', actor: 'system', now: TEST_START }
  await transaction(db, async (tx) => await seedEconomy(tx, seed))
  return {
    name: 'test',
    blueprint,
    db,
    clock,
    url: serviceUrl,
    adminUrl: database.url,
    [Symbol.asyncDispose]: async () => {
      await using dropped = database
      try {
        if (books === 'checked') await refuseBrokenBooks(db, blueprint)
      } finally {
        await db.destroy()
        await refuseOpenPools(dropped.name)
      }
    },
  }
}

/** An empty database, or a clone of `template`, owned by the tests' administrator; dropped when the test ends. */
export async function createTestDatabase({
  template = 'template0',
}: { template?: string } = {}): Promise<TestDatabase> {
  const { url, prefix, roles } = inject('postgres')
  const name = `${prefix}${randomBytes(6).toString('hex')}`
  await withSession({ url }, async (client) => {
    // Copied as files: three times as fast as block by block through the log.
    const copy = `template ${quoteName(template)} strategy file_copy`
    const create = `create database ${quoteName(name)} ${copy} owner ${quoteName(roles.owner)}`
    await retryWhileInUse(async () => await client.query(create))
    // A test asks what was committed, never what survives a crash of the machine.
    await client.query(`alter database ${quoteName(name)} set synchronous_commit = off`)
  })
  return {
    name,
    url: withDatabase(url, name),
    [Symbol.asyncDispose]: async () => {
      await withSession({ url }, async (client) => {
        await client.query(`drop database if exists ${quoteName(name)} with (force)`)
      })
    },
  }
}

/**
 * An installation of its own: a control database, its own id, secret and data folder; on the server of `url`, as its
 * user. When the test ends, every database and role of that installation is dropped.
 */
export async function testInstallation({ url = adminUrl() }: { url?: string } = {}): Promise<TestInstallation> {
  const data = await mkdtemp(join(tmpdir(), 'florin-test-data-'))
  const settings = new Map<string, Secret>()
  const installation = {
    server: { url: secret(url), directUrl: secret(url) },
    secret: secret(randomBytes(32).toString('hex')),
    data,
    databaseUrlSetting: (name: string) => must(settings.get(name), `The test has not set ${name}.`),
    database: `${inject('postgres').prefix}${randomBytes(6).toString('hex')}`,
  }
  const control = await openControl({ ...installation, now: TEST_START })
  return {
    installation,
    control,
    settings,
    [Symbol.asyncDispose]: async () => {
      await control.close()
      await rm(data, { recursive: true })
      await dropInstallation(control)
    },
  }
}

/**
 * Those who may administer a server: whoever the tests connect as, and, if that is a superuser, also somebody who may
 * merely create databases and roles.
 */
export async function testAdministrators(): Promise<TestAdministrators> {
  const administrators = [{ who: 'the administrator', url: adminUrl() }]
  const name = `florin_test_${randomBytes(6).toString('hex')}`
  await withSession({ url: adminUrl() }, async (client) => {
    const { rows } = await client.query<{ superuser: boolean }>(
      'select rolsuper as superuser from pg_roles where rolname = current_user',
    )
    if (!rows[0]?.superuser) return
    await client.query(`create role ${quoteName(name)} login createdb createrole password 'test'`)
    administrators.push({ who: 'no superuser', url: withUser(adminUrl(), { user: name, password: 'test' }) })
  })
  return {
    administrators,
    [Symbol.asyncDispose]: async () => {
      await withSession({ url: adminUrl() }, async (client) => {
        await client.query(`drop role if exists ${quoteName(name)}`)
      })
    },
  }
}

/** Connects to the server's own database as somebody who may create databases and roles. */
export function adminUrl(): string {
  return inject('postgres').url
}

/** A Monday, 00:00 UTC. */
export const TEST_START = new Date('2026-01-05T00:00:00.000Z')

/** Two assets, and nothing issued: a test brings in from `world:*` what it needs. */
export const TEST_BLUEPRINT: Blueprint = {
  name: 'test',
  title: 'Test',
  assets: [
    { code: 'TOK', name: 'Token', scale: 2, maxSupply: '1000000000', genesis: [] },
    { code: 'GEM', name: 'Gem', scale: 0, maxSupply: '1000000', genesis: [] },
  ],
  modules: [],
  parameters: [],
  chart: [],
  kinds: {},
  invariants: [],
  reversibleKinds: [],
  jobs: [],
}

export interface TestEconomyOptions {
  blueprint?: Blueprint
  /** `unchecked` for a test that damages the books on purpose. */
  books?: 'checked' | 'unchecked'
  connections_max?: number
}

export interface TestEconomy extends AsyncDisposable {
  name: string
  blueprint: Blueprint
  /** Connected as the service. */
  db: Db
  /** Stands at TEST_START until it is set. */
  clock: ReturnType<typeof manualClock>
  /** The service's own connection string. */
  url: string
  /** The administrator's, to the same database. */
  adminUrl: string
}

export interface TestInstallation extends AsyncDisposable {
  installation: Installation
  control: Control
  /** The connection strings that `databaseUrlSetting` finds. */
  settings: Map<string, Secret>
}

export interface TestAdministrators extends AsyncDisposable {
  administrators: { who: string; url: string }[]
}

export interface TestDatabase extends AsyncDisposable {
  name: string
  /** The administrator's connection string. */
  url: string
}

const IN_USE_TRIES = 50
const POOLS_CLOSE_TRIES = 100
const TRY_AGAIN_MS = 20

async function refuseBrokenBooks(db: Db, { invariants }: Blueprint): Promise<void> {
  const violations = await snapshot(db, async (tx) => [
    ...(await checkBooks(tx)),
    ...(await checkInvariants(tx, invariants)),
  ])
  const sentences = violations.map(({ invariant, detail }) => `${invariant}: ${detail}`)
  if (sentences.length > 0) throw new Error(`The books are broken. ${sentences.join('; ')}`)
}

/** Cloning fails while somebody is connected to the template; autovacuum may be, for a moment. */
async function retryWhileInUse(work: () => Promise<unknown>): Promise<void> {
  for (let left = IN_USE_TRIES; ; left--) {
    try {
      await work()
      return
    } catch (error) {
      if (left === 0 || !isPgError(error, PG.object_in_use)) throw error
      await sleep(TRY_AGAIN_MS)
    }
  }
}

async function dropInstallation({ id, database }: Control): Promise<void> {
  await withSession({ url: adminUrl() }, async (client) => {
    const { rows: databases } = await client.query<{ name: string }>(
      'select datname as name from pg_database where datname = $1 or starts_with(datname, $2)',
      [database, `florin_${id}_`],
    )
    for (const { name } of databases) {
      await refuseOpenPools(name)
      await client.query(`drop database ${quoteName(name)} with (force)`)
    }
    const { rows: roles } = await client.query<{ name: string }>(
      'select rolname as name from pg_roles where starts_with(rolname, $1)',
      [`florin_${id}_`],
    )
    if (roles.length > 0) await client.query(`drop role ${roles.map(({ name }) => quoteName(name)).join(', ')}`)
  })
}

/** The server sees a connection end a moment after it was closed. */
async function refuseOpenPools(database: string): Promise<void> {
  await withSession({ url: adminUrl() }, async (client) => {
    for (let left = POOLS_CLOSE_TRIES; ; left--) {
      const { rows } = await client.query<{ name: string }>(
        `select application_name as name from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
        [database],
      )
      if (rows.length === 0) return
      if (left === 0) throw new Error(`The test left connections open: ${rows.map(({ name }) => name).join(', ')}`)
      await sleep(TRY_AGAIN_MS)
    }
  })
}
