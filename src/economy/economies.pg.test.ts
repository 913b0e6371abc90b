import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'

import { adminUrl, TEST_BLUEPRINT, TEST_START, testInstallation } from '../../test/helpers.ts'
import { manualClock } from '../core/clock.ts'
import { databaseTrouble, transaction } from '../core/db.ts'
import { quoteName } from '../core/migrate.ts'
import { withDatabase, withUser } from '../core/postgres-url.ts'
import { secret } from '../core/secret.ts'
import { withSession } from '../core/session.ts'
import { createPerson, findPerson } from '../identity/identity.ts'
import { type Control, findEconomy, openControl, setEconomyState } from './control.ts'
import { buildEconomy, createEconomy } from './create.ts'
import { defineParameters } from './define.ts'
import { dropEconomy } from './drop.ts'
import { Economies } from './economies.ts'
import { openEconomy } from './open.ts'
import { parameterAt } from './parameters.ts'

const CLOCK = manualClock(TEST_START)

async function create(control: Control, ...names: string[]): Promise<void> {
  for (const name of names) {
    await createEconomy(control, { name, blueprint: TEST_BLUEPRINT, actor: 'cli:ada', now: TEST_START })
  }
}

/** Notes which economies were started and closed, in place of what a server runs for them. */
function testEconomies(control: Control, { open_max = 2, blueprints = [TEST_BLUEPRINT] } = {}) {
  const events: string[] = []
  const economies = new Economies({
    control,
    blueprints,
    clock: CLOCK,
    connections_max: 2 * open_max,
    economy_connections_max: 2,
    start: async ({ name }) => {
      events.push(`start ${name}`)
      return { close: async () => void events.push(`close ${name}`) }
    },
  })
  return { economies, events, [Symbol.asyncDispose]: async () => await economies[Symbol.asyncDispose]() }
}

test('an economy is opened when it is first asked for, once for all who ask', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  await using server = testEconomies(t.control)
  const names = await Promise.all(
    [1, 2, 3].map(async () => await server.economies.with('wiki', async ({ name, state }) => `${name} ${state}`)),
  )
  expect(names).toEqual(['wiki open', 'wiki open', 'wiki open'])
  expect(server.events).toEqual(['start wiki'])
})

test('two economies in one server never see each other', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki', 'shop')
  await using server = testEconomies(t.control)
  await server.economies.with('wiki', async ({ db }) => {
    await transaction(db, async (tx) => await createPerson(tx, { username: 'ann', actor: 'x', now: TEST_START }))
  })
  await server.economies.with('shop', async ({ db }) => {
    await expect(findPerson(db, { username: 'ann' })).rejects.toMatchObject({ code: 'person_not_found' })
  })
})

test('the one that nobody has used for longest makes room for another', async () => {
  await using t = await testInstallation()
  await create(t.control, 'a', 'b', 'c')
  await using server = testEconomies(t.control)
  for (const name of ['a', 'b', 'a', 'c', 'b']) await server.economies.with(name, async () => undefined)
  expect(server.events).toEqual(['start a', 'start b', 'close b', 'start c', 'close a', 'start b'])
})

test('an economy in use is not closed for another, which waits until it is given back', async () => {
  await using t = await testInstallation()
  await create(t.control, 'a', 'b')
  await using server = testEconomies(t.control, { open_max: 1 })
  const a = await server.economies.lease('a')
  const b = server.economies.with('b', async () => server.events.push('use b'))
  await a.economy.db.selectFrom('ledger.asset').selectAll().execute()
  server.events.push('give back a')
  a[Symbol.dispose]()
  await b
  expect(server.events).toEqual(['start a', 'give back a', 'close a', 'start b', 'use b'])
})

test('names that are no economies are refused, and close nobody', async () => {
  await using t = await testInstallation()
  await create(t.control, 'a')
  await setEconomyState(t.control, 'a', 'dropping')
  await create(t.control, 'b')
  await using server = testEconomies(t.control, { open_max: 1 })
  await server.economies.with('b', async () => undefined)
  for (const name of ['none', '', '../b', "b'", 'B']) {
    await expect(server.economies.lease(name), name).rejects.toMatchObject({ code: 'economy_not_found', status: 404 })
  }
  expect(server.events).toEqual(['start b'])
  await expect(server.economies.lease('a')).rejects.toMatchObject({ code: 'economy_not_found' })
})

test('an economy that could not be opened can be once the trouble is over', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  await setEconomyState(t.control, 'wiki', 'creating')
  await using server = testEconomies(t.control)
  await expect(server.economies.lease('wiki')).rejects.toMatchObject({ code: 'economy_not_ready', status: 503 })
  await setEconomyState(t.control, 'wiki', 'read_only')
  expect(await server.economies.with('wiki', async ({ state }) => state)).toBe('read_only')
})

test('an economy of a blueprint that this server lacks stays closed', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  await using server = testEconomies(t.control, { blueprints: [] })
  await expect(server.economies.lease('wiki')).rejects.toMatchObject({ code: 'blueprint_unknown' })
})

test('a closed economy opens again, with what its blueprint has got meanwhile', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  {
    await using before = testEconomies(t.control)
    await before.economies.with('wiki', async () => undefined)
    await before.economies.close('wiki')
    await before.economies.with('wiki', async () => undefined)
    expect(before.events).toEqual(['start wiki', 'close wiki', 'start wiki'])
  }
  const of = defineParameters('rules', { quorum: { type: 'integer', description: 'How many.', first: 3 } })
  const blueprint = { ...TEST_BLUEPRINT, parameters: [{ of, asset: 'TOK' }] }
  await using after = testEconomies(t.control, { blueprints: [blueprint] })
  const quorum = await after.economies.with('wiki', async ({ db }) => await parameterAt(db, 'quorum', TEST_START))
  expect(quorum).toMatchObject({ value: 3 })
})

test('an economy that another process drops, freezes or makes anew is closed here', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  await using t = await testInstallation()
  await using server = testEconomies(t.control)
  const passing = async () => {
    vi.advanceTimersByTime(10_000)
    await expect.poll(() => server.events.at(-1)).toBe('close wiki')
  }
  try {
    await create(t.control, 'wiki')
    await server.economies.with('wiki', async () => undefined)
    await setEconomyState(t.control, 'wiki', 'read_only')
    await passing()
    expect(await server.economies.with('wiki', async ({ state }) => state)).toBe('read_only')
    await dropEconomy(t.control, { name: 'wiki', confirm: 'wiki', now: TEST_START })
    await passing()
    await expect(server.economies.lease('wiki')).rejects.toMatchObject({ code: 'economy_not_found' })
    await create(t.control, 'wiki')
    expect(await server.economies.with('wiki', async ({ state }) => state)).toBe('open')
  } finally {
    vi.useRealTimers()
  }
})

test('a server with a new secret sets the services their new passwords', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  const control = { ...t.control, secret: secret('another secret than before') }
  await using server = testEconomies(control)
  expect(await server.economies.with('wiki', async ({ name }) => name)).toBe('wiki')
})

test('several servers that start at once migrate a database once', async () => {
  await using t = await testInstallation()
  await buildEconomy(t.control, { name: 'wiki', blueprint: 'test', now: TEST_START }, async () => undefined)
  const record = await findEconomy(t.control, 'wiki')
  const options = { blueprints: [TEST_BLUEPRINT], clock: CLOCK, connections_max: 1 }
  const opened = await Promise.all([1, 2, 3].map(async () => await openEconomy(t.control, record, options)))
  await Promise.all(opened.map(async ({ db }) => await db.destroy()))
  expect(opened).toHaveLength(3)
})

test('several servers that start at once agree on one installation', async () => {
  await using t = await testInstallation()
  const database = `${t.installation.database}_b`
  const starters = Array.from(
    { length: 4 },
    async () => await openControl({ ...t.installation, database, now: TEST_START }),
  )
  const controls = await Promise.all(starters)
  await Promise.all(controls.map(async (control) => await control.close()))
  expect(new Set(controls.map(({ id }) => id)).size).toBe(1)
  expect(controls[0]!.id).toMatch(/^[0-9a-f]{6}$/)
  await withSession({ url: adminUrl() }, async (client) => await client.query(`drop database ${quoteName(database)}`))
})

test('who may not create the control database hears what to have run', async () => {
  await using t = await testInstallation()
  const user = `florin_test_plain_${t.control.id}`
  await withSession({ url: adminUrl() }, async (client) => {
    await client.query(`create role ${user} login password 'test'`)
    const url = secret(withUser(adminUrl(), { user, password: 'test' }))
    const options = {
      ...t.installation,
      server: { url, directUrl: url },
      database: 'florin_test_none',
      now: TEST_START,
    }
    try {
      await expect(openControl(options)).rejects.toThrow(`create database "florin_test_none" owner "${user}";`)
    } finally {
      await client.query(`drop role ${user}`)
    }
  })
})

test('a read-only database opens, is read, and says clearly that it takes no writes', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  const { database } = await findEconomy(t.control, 'wiki')
  await withSession({ url: adminUrl() }, async (client) => {
    for (const name of [database, t.installation.database!]) {
      await client.query(`alter database ${quoteName(name)} set default_transaction_read_only = on`)
    }
  })
  const control = await openControl({ ...t.installation, now: TEST_START })
  await control.close()
  await using server = testEconomies(t.control)
  await server.economies.with('wiki', async ({ db }) => {
    const { rows } = await sql`select code from ledger.asset order by id`.execute(db)
    expect(rows).toEqual([{ code: 'TOK' }, { code: 'GEM' }])
    const refused = await transaction(
      db,
      async (tx) => await createPerson(tx, { username: 'ann', actor: 'x', now: TEST_START }),
    ).catch((error: unknown) => error)
    expect(databaseTrouble(refused)).toMatchObject({ code: 'database_read_only', status: 503 })
  })
})

test('a database of a newer Florin stays closed', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  const { database } = await findEconomy(t.control, 'wiki')
  const url = withDatabase(adminUrl(), database)
  await withSession({ url }, async (client) => {
    await client.query(`insert into florin.migration (id, name, hash) values (9999, '9999-later.sql', 'x')`)
  })
  await using server = testEconomies(t.control)
  await expect(server.economies.lease('wiki')).rejects.toMatchObject({ code: 'database_newer' })
})
