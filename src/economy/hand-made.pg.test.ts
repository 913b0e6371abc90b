import { expect, test } from 'vitest'

import {
  adminUrl,
  createTestDatabase,
  TEST_BLUEPRINT,
  TEST_START,
  type TestInstallation,
  testInstallation,
} from '../../test/helpers.ts'
import { manualClock } from '../core/clock.ts'
import type { AppError } from '../core/errors.ts'
import { quoteName } from '../core/migrate.ts'
import { withUser } from '../core/postgres-url.ts'
import { secret } from '../core/secret.ts'
import { withSession } from '../core/session.ts'
import { type Control, findEconomy, listEconomies } from './control.ts'
import { createEconomy } from './create.ts'
import { dropEconomy } from './drop.ts'
import { openEconomy } from './open.ts'

/*
 * Economies in a database that somebody made by hand, where Florin may do little: it is named by a setting that holds
 * its connection string.
 */

const SETTING = 'WIKI_DATABASE_URL'
const CREATE = { name: 'wiki', blueprint: TEST_BLUEPRINT, urlSetting: SETTING, actor: 'cli:ada', now: TEST_START }

async function run(url: string, ...statements: string[]): Promise<unknown[]> {
  return await withSession({ url }, async (client) => {
    let rows: unknown[] = []
    for (const statement of statements) ({ rows } = await client.query(statement))
    return rows
  })
}

/** A database in the setting, whose user has these rights. The user goes with the other roles of the installation. */
async function handMade({ control, settings }: TestInstallation, { rights = '', owns = true } = {}) {
  const database = await createTestDatabase()
  const user = `florin_${control.id}_maker`
  await run(adminUrl(), `create role ${user} login ${rights} password 'test'`)
  if (owns) await run(adminUrl(), `alter database ${quoteName(database.name)} owner to ${user}`)
  const url = withUser(database.url, { user, password: 'test' })
  settings.set(SETTING, secret(url))
  return { ...database, url, adminUrl: database.url }
}

async function expectOpens(control: Control): Promise<void> {
  const record = await findEconomy(control, 'wiki')
  const options = { blueprints: [TEST_BLUEPRINT], clock: manualClock(TEST_START), connections_max: 1 }
  const { db } = await openEconomy(control, record, options)
  const assets = await db.selectFrom('ledger.asset').select('code').execute()
  await db.destroy()
  expect(assets).toHaveLength(2)
}

test('an economy lives in a database made by hand, and leaves it empty when it is dropped', async () => {
  await using t = await testInstallation()
  await using database = await handMade(t, { rights: 'createrole' })
  await createEconomy(t.control, CREATE)
  await expectOpens(t.control)
  expect(await findEconomy(t.control, 'wiki')).toMatchObject({ url_setting: SETTING, state: 'open' })
  const open = `select has_database_privilege('public', current_database(), 'connect') as open`
  expect(await run(database.adminUrl, open)).toEqual([{ open: false }])

  await dropEconomy(t.control, { name: 'wiki', confirm: 'wiki', now: TEST_START })
  const schemas = `select nspname from pg_namespace where nspname !~ '^(pg_|information_schema|public)'`
  expect(await run(database.adminUrl, schemas)).toEqual([])
  await createEconomy(t.control, CREATE)
})

test('without the right to create roles, it says what to have run, and works once that is done', async () => {
  await using t = await testInstallation()
  await using _ = await handMade(t)
  const refused = await createEconomy(t.control, CREATE).catch((error: AppError) => error)
  expect(refused).toMatchObject({ code: 'roles_missing' })
  await run(adminUrl(), ...(refused!.params.sql as string[]))
  await createEconomy(t.control, CREATE)
  await expectOpens(t.control)
})

test('without the right to grant, it says what to have run, and works once that is done', async () => {
  await using t = await testInstallation()
  await using database = await handMade(t, { rights: 'createrole', owns: false })
  const refused = await createEconomy(t.control, CREATE).catch((error: AppError) => error)
  expect(refused).toMatchObject({ code: 'grants_missing' })
  await run(database.adminUrl, ...(refused!.params.sql as string[]))
  await createEconomy(t.control, CREATE)
  await expectOpens(t.control)
})

test('a database that is not empty, or is another economy’s, is refused', async () => {
  await using t = await testInstallation()
  await using database = await handMade(t, { rights: 'createrole' })
  await run(database.url, 'create schema ledger')
  await expect(createEconomy(t.control, CREATE)).rejects.toMatchObject({ code: 'database_not_empty' })
  await run(database.url, 'drop schema ledger')
  await createEconomy(t.control, CREATE)
  await expect(createEconomy(t.control, { ...CREATE, name: 'shop' })).rejects.toMatchObject({
    code: 'url_setting_in_use',
  })
  expect((await listEconomies(t.control)).map(({ name }) => name)).toEqual(['wiki'])
})
