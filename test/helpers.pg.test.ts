import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { connect } from '../src/core/db.ts'
import { withSession } from '../src/core/session.ts'
import { adminUrl, createTestDatabase, testEconomy } from './helpers.ts'

async function databaseExists(name: string): Promise<boolean> {
  return await withSession({ url: adminUrl() }, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    return rowCount === 1
  })
}

test('a test economy is migrated, empty and served by somebody who is no superuser', async () => {
  await using t = await testEconomy()

  const { rows } = await sql<{ superuser: boolean; bypass: boolean }>`
    select rolsuper as superuser, rolbypassrls as bypass from pg_roles where rolname = current_user
  `.execute(t.db)
  expect(rows).toEqual([{ superuser: false, bypass: false }])
  expect(await t.db.selectFrom('ledger.entry').select('id').execute()).toEqual([])
  expect(await t.db.selectFrom('ledger.asset').select('code').orderBy('id').execute()).toEqual([
    { code: 'TOK' },
    { code: 'GEM' },
  ])
})

test('many test economies are made at once, each its own, and gone afterwards', async () => {
  const names: string[] = []
  {
    const economies = await Promise.all(Array.from({ length: 4 }, async () => await testEconomy()))
    await using stack = new AsyncDisposableStack()
    for (const t of economies) stack.use(t)
    for (const { db } of economies) {
      const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(db)
      names.push(rows[0]!.name)
    }
  }
  expect(new Set(names).size).toBe(4)
  for (const name of names) expect(await databaseExists(name)).toBe(false)
})

test('a pool left open fails the test', async () => {
  const t = await testEconomy()
  const leaked = connect({ url: t.url, connections_max: 1, name: 'the leaked one' })
  await sql`select`.execute(leaked)
  await expect(t[Symbol.asyncDispose]()).rejects.toThrow('left connections open: the leaked one')
  await leaked.destroy()
})

test('books that do not balance fail the test', async () => {
  const t = await testEconomy()
  await t.db
    .insertInto('ledger.account')
    .values({
      path: 'world:cash',
      asset: sql<number>`(select id from ledger.asset where code = 'TOK')`,
      balance: 5n,
      opened_at: t.clock.now(),
    })
    .execute()
  await expect(t[Symbol.asyncDispose]()).rejects.toThrow('sum to zero: TOK: 5')
})

test('a test database is there until the end of the test', async () => {
  let name = ''
  {
    await using database = await createTestDatabase()
    name = database.name
    expect(await databaseExists(name)).toBe(true)
  }
  expect(await databaseExists(name)).toBe(false)
})
