import { expect, test } from 'vitest'

import {
  adminUrl,
  createTestDatabase,
  TEST_BLUEPRINT,
  TEST_START,
  testAdministrators,
  testInstallation,
} from '../../test/helpers.ts'
import { PG } from '../core/db.ts'
import { databaseOf, withDatabase, withUser } from '../core/postgres-url.ts'
import { secret } from '../core/secret.ts'
import { withSession } from '../core/session.ts'
import { type Control, findEconomy } from './control.ts'
import { createEconomy } from './create.ts'
import { dropEconomy } from './drop.ts'
import { type DatabasePlace, databasePlace } from './places.ts'
import { ensureRoles, rolesOf, servicePassword } from './roles.ts'

const BLUEPRINT = {
  ...TEST_BLUEPRINT,
  assets: [{ ...TEST_BLUEPRINT.assets[0]!, genesis: [{ to: 'treasury:main', amount: '12' }] }],
}

async function create(control: Control, name: string): Promise<DatabasePlace> {
  await createEconomy(control, { name, blueprint: BLUEPRINT, actor: 'cli:ada', now: TEST_START })
  return databasePlace(control, await findEconomy(control, name))
}

async function run(url: string, statement: string): Promise<unknown[]> {
  return await withSession({ url }, async (client) => (await client.query(statement)).rows)
}

test('whoever may create databases and roles can run economies, superuser or not', async () => {
  await using all = await testAdministrators()
  for (const { who, url } of all.administrators) {
    await using t = await testInstallation({ url })
    const { serviceUrl } = await create(t.control, 'wiki')
    expect(await run(serviceUrl, 'select count(*)::int as entries from ledger.entry'), who).toEqual([{ entries: 1 }])
    await withSession({ url: serviceUrl }, async () => {
      await dropEconomy(t.control, { name: 'wiki', confirm: 'wiki', now: TEST_START })
    }).catch(() => undefined)
    await expect(run(serviceUrl, 'select'), who).rejects.toThrow()
    const left = await run(url, `select rolname from pg_roles where rolname like 'florin_${t.control.id}_%_wiki'`)
    expect(left, who).toEqual([])
  }
})

test('the service of one economy can neither connect to another nor act as its roles', async () => {
  await using all = await testAdministrators()
  for (const { who, url } of all.administrators) {
    await using t = await testInstallation({ url })
    const wiki = await create(t.control, 'wiki')
    const shop = await create(t.control, 'shop')
    const elsewhere = (database: string) => withDatabase(wiki.serviceUrl, database)
    await expect(run(elsewhere(databaseOf(shop.adminUrl)), 'select'), who).rejects.toThrow(
      'permission denied for database',
    )
    await expect(run(elsewhere(databaseOf(t.control.url)), 'select'), who).rejects.toThrow(
      'permission denied for database',
    )
    for (const role of [shop.roles.service, shop.roles.member, shop.roles.owner, 'pg_read_all_data']) {
      await expect(run(wiki.serviceUrl, `set role "${role}"`), who).rejects.toThrow('permission denied to set role')
    }
  }
})

test('a service is no superuser, creates nothing outside of its grants, and reads no other server file', async () => {
  await using t = await testInstallation()
  const { serviceUrl, roles } = await create(t.control, 'wiki')
  const refused = [
    'create role intruder',
    'create database intruder',
    'create schema intruder',
    'create table public.intruder ()',
    'create table ledger.intruder ()',
    'create temporary table intruder ()',
    'alter table ledger.posting disable trigger all',
    'alter table ledger.account disable row level security',
    'drop policy everything on ledger.account',
    `set role "${roles.owner}"`,
    `select pg_read_file('postgresql.conf')`,
    `copy ledger.asset to program 'true'`,
    'select passwd from pg_shadow',
    'update florin.migration set hash = hash',
  ]
  for (const statement of refused) {
    await expect(run(serviceUrl, statement), statement).rejects.toThrow(/permission denied|must be (owner|superuser)/)
  }
})

test('a service logs in with its own password, which no other knows and no log carries', async () => {
  await using t = await testInstallation()
  const { serviceUrl, roles, password } = await create(t.control, 'wiki')
  expect(new URL(serviceUrl).password).toBe(password.reveal())
  expect(servicePassword(t.control.secret, rolesOf(t.control.id, 'shop').service).reveal()).not.toBe(password.reveal())
  expect(servicePassword(secret('another'), roles.service).reveal()).not.toBe(password.reveal())
  const [stored] = await run(adminUrl(), `select rolpassword as it from pg_authid where rolname = '${roles.service}'`)
  expect(stored).toEqual({ it: expect.stringMatching(/^SCRAM-SHA-256\$4096:[^$]+\$[^:]+:[^:]+$/) })
  const guess = withUser(serviceUrl, { user: roles.service, password: 'wrong' })
  await expect(run(guess, 'select')).rejects.toMatchObject({ code: PG.invalid_password })
})

test('a member reads what is public and what is theirs, and nothing at all without a name', async () => {
  await using t = await testInstallation()
  const { serviceUrl, adminUrl: url, roles } = await create(t.control, 'wiki')
  const [ann, bob] = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']
  await run(
    serviceUrl,
    `insert into ledger.account (path, asset, owner, opened_at)
    select 'users:' || owner || ':available', asset.id, owner, now()
    from ledger.asset, unnest(array['${ann}', '${bob}']::uuid[]) as owner`,
  )
  const asMember = async (user: string, statement: string) =>
    await withSession({ url: serviceUrl }, async (client) => {
      await client.query('begin')
      await client.query(`set local role "${roles.member}"`)
      await client.query(`select set_config('app.user_id', $1, true)`, [user])
      return (await client.query(statement)).rows
    })
  expect(await asMember(ann, 'select owner from ledger.account')).toEqual([{ owner: ann }])
  expect(await asMember('', 'select owner from ledger.account')).toEqual([])
  expect(await asMember('', 'select code from ledger.asset')).toEqual([{ code: 'TOK' }])
  for (const table of [
    'ledger.entry',
    'ledger.posting',
    'ledger.line',
    'identity.invitation',
    'audit.event',
    'api.answer',
  ]) {
    await expect(asMember(ann, `select from ${table}`), table).rejects.toThrow('permission denied')
  }
  await expect(asMember(ann, 'select hash from identity.api_key')).rejects.toThrow('permission denied')
  // A view that is not security_invoker reads as its owner, past every policy.
  const views = `select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('v', 'm') and nspname !~ '^(pg_|information_schema)' and not coalesce(reloptions @> '{security_invoker=true}', false)`
  expect(await run(url, views)).toEqual([])
})

test('every table has row level security, forced, with a policy for the service', async () => {
  await using t = await testInstallation()
  const { adminUrl: url } = await create(t.control, 'wiki')
  const bare = `select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p') and nspname !~ '^(pg_|information_schema|florin)' and not (
      relrowsecurity and relforcerowsecurity
      and exists (select from pg_policy where polrelid = pg_class.oid and polname = 'everything')
    )`
  expect(await run(url, bare)).toEqual([])
})

test('who may not create roles hears what to have run, and then needs nothing more', async () => {
  await using database = await createTestDatabase()
  await using t = await testInstallation()
  const name = `florin_test_plain_${t.control.id}`
  await run(adminUrl(), `create role ${name} login password 'test'`)
  const url = database.url.replace(/\/\/[^@]*@/, `//${name}:test@`)
  const roles = rolesOf(t.control.id, 'wiki')
  const password = servicePassword(t.control.secret, roles.service)
  try {
    const refused = await withSession({ url }, async (client) => await ensureRoles(client, { roles, password })).catch(
      (error: { code: string; params: { sql: string[] } }) => error,
    )
    expect(refused).toMatchObject({ code: 'roles_missing', status: 503 })
    const { sql } = (refused as { params: { sql: string[] } }).params
    expect(sql.join()).not.toContain(password.reveal())
    await run(adminUrl(), sql.join(';'))
    await withSession({ url }, async (client) => await ensureRoles(client, { roles, password }))
  } finally {
    await run(adminUrl(), `drop role ${name}`)
  }
})
