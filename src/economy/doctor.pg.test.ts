import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { adminUrl, TEST_BLUEPRINT, TEST_START, type TestInstallation, testInstallation } from '../../test/helpers.ts'
import { type Clock, manualClock, systemClock } from '../core/clock.ts'
import { quoteName } from '../core/migrate.ts'
import { withDatabase, withUser } from '../core/postgres-url.ts'
import { secret } from '../core/secret.ts'
import { withSession } from '../core/session.ts'
import { type Control, findEconomy, type Installation, listEconomies, setEconomyState } from './control.ts'
import { createEconomy } from './create.ts'
import type { Finding } from './doctor-finding.ts'
import { diagnose } from './doctor.ts'
import { filesOf } from './places.ts'
import { rolesOf } from './roles.ts'

async function examine(
  { installation }: Pick<TestInstallation, 'installation'>,
  clock: Clock = systemClock,
): Promise<Finding[]> {
  return await diagnose({ installation, blueprints: [TEST_BLUEPRINT], clock, connections_max: 40 })
}

/** What is not as it should be, the tests' own server apart: it is not durable on purpose. */
function troubles(findings: Finding[]): [level: string, code: string, subject: string][] {
  return findings
    .filter(({ level, code }) => level !== 'ok' && !/^(fsync|full_page_writes|synchronous_commit)_off$/.test(code))
    .map(({ level, code, subject }) => [level, code, subject])
}

async function create(control: Control): Promise<string> {
  await createEconomy(control, { name: 'wiki', blueprint: TEST_BLUEPRINT, actor: 'cli:ada', now: TEST_START })
  return withDatabase(adminUrl(), (await findEconomy(control, 'wiki')).database)
}

async function run(url: string, ...statements: string[]): Promise<void> {
  await withSession({ url }, async (client) => {
    for (const statement of statements) await client.query(statement)
  })
}

function onServer(installation: Installation, url: string): { installation: Installation } {
  return { installation: { ...installation, server: { url: secret(url), directUrl: secret(url) } } }
}

test('where all is well it says so, and changes nothing', async () => {
  await using t = await testInstallation()
  await create(t.control)
  const findings = await examine(t)
  expect(troubles(findings)).toEqual([])
  expect(findings.map(({ code }) => code)).toEqual(
    expect.arrayContaining([
      'data_writable',
      'disk_room',
      'server_version',
      'server_rights',
      'clocks_agree',
      'economy_ready',
    ]),
  )
  const before = { ...t.installation, database: 'florin_test_nobodys' }
  expect((await examine({ installation: before })).map(({ code }) => code)).toContain('control_new')
  await withSession({ url: adminUrl() }, async (client) => {
    expect((await client.query(`select from pg_database where datname = 'florin_test_nobodys'`)).rowCount).toBe(0)
  })
})

test('a server that cannot be reached is the only thing that is said of databases', async () => {
  await using t = await testInstallation()
  for (const url of [
    'postgres://nobody:wrong@127.0.0.1:1/postgres',
    withUser(adminUrl(), { user: 'nobody', password: 'x' }),
  ]) {
    const found = await examine(onServer(t.installation, url))
    expect(troubles(found)).toEqual([['problem', 'database_unreachable', 'database server']])
    expect(JSON.stringify(found)).not.toContain('wrong')
  }
})

test('a user who may do little learns what to ask for', async () => {
  await using t = await testInstallation()
  const user = `florin_${t.control.id}_plain`
  await run(adminUrl(), `create role ${user} login password 'test'`)
  const found = await examine(onServer(t.installation, withUser(adminUrl(), { user, password: 'test' })))
  expect(found.filter(({ code }) => code.endsWith('_missing'))).toMatchObject([
    { level: 'warning', code: 'createdb_missing', sql: [`alter role "${user}" createdb`] },
    { level: 'warning', code: 'createrole_missing', sql: [`alter role "${user}" createrole`] },
  ])
  expect(troubles(found)).toContainEqual(['problem', 'control_unreadable', 'control database'])
})

test('clocks that disagree are noticed', async () => {
  await using t = await testInstallation()
  expect(troubles(await examine(t, manualClock(TEST_START)))).toEqual([['warning', 'clock_skewed', 'database server']])
})

test('a data folder that is none, and a key that others can read, are noticed', async () => {
  await using t = await testInstallation()
  const { data } = t.installation
  const key = join(data, 'keys', 'wiki.pem')
  await mkdir(dirname(key))
  await writeFile(key, 'the key')
  await chmod(key, 0o640)
  expect(troubles(await examine(t))).toEqual([['problem', 'key_file_open', 'key file']])
  expect(troubles(await examine({ installation: { ...t.installation, data: join(key, 'x') } }))).toEqual([
    ['problem', 'data_not_writable', 'data folder'],
  ])
})

test('missing grants and roles are named with the statements that mend them', async () => {
  await using t = await testInstallation()
  const url = await create(t.control)
  const { database } = await findEconomy(t.control, 'wiki')
  const { service, member } = rolesOf(t.control.id, 'wiki')
  const damages: [code: string, statement: string][] = [
    ['grants_missing', `revoke connect on database ${quoteName(database)} from ${quoteName(service)}`],
    ['grants_missing', `grant connect on database ${quoteName(database)} to public`],
    ['roles_missing', `revoke ${quoteName(member)} from ${quoteName(service)}`],
  ]
  for (const [code, statement] of damages) {
    await run(url, statement)
    const found = await examine(t)
    expect(troubles(found), statement).toEqual([['problem', code, 'economy wiki']])
    await run(url, ...found.flatMap(({ sql }) => sql ?? []))
    expect(troubles(await examine(t)), statement).toEqual([])
  }
})

test('a database of another age is noticed', async () => {
  await using t = await testInstallation()
  const url = await create(t.control)
  const changes: [code: string, change: string, back: string][] = [
    [
      'database_newer',
      `insert into florin.migration (id, name, hash) values (9999, '9999-later.sql', 'x')`,
      'delete from florin.migration where id = 9999',
    ],
    [
      'migration_altered',
      `update florin.migration set hash = hash || 'x' where id = 1`,
      `update florin.migration set hash = rtrim(hash, 'x') where id = 1`,
    ],
    ['migrations_pending', `delete from florin.migration where id = 1`, ''],
  ]
  for (const [code, change, back] of changes) {
    await run(url, change)
    expect(troubles(await examine(t)).map(([, found]) => found)).toEqual([code])
    await run(url, back)
  }
})

test('economies that were left halfway, lost their key, or whose secret changed are noticed', async () => {
  await using t = await testInstallation()
  await create(t.control)
  for (const [state, code] of [
    ['creating', 'economy_unfinished'],
    ['dropping', 'economy_dropping'],
    ['read_only', 'economy_read_only'],
  ] as const) {
    await setEconomyState(t.control, 'wiki', state)
    expect(troubles(await examine(t))).toEqual([['warning', code, 'economy wiki']])
  }
  await setEconomyState(t.control, 'wiki', 'open')
  await mkdir(filesOf(t.installation.data, 'wiki').checkpoints, { recursive: true })
  expect(troubles(await examine(t))).toEqual([['problem', 'signing_key_missing', 'economy wiki']])
  const { signingKey } = filesOf(t.installation.data, 'wiki')
  await mkdir(dirname(signingKey))
  await writeFile(signingKey, 'the key', { mode: 0o600 })
  const changed = { installation: { ...t.installation, secret: secret('another secret') } }
  expect(troubles(await examine(changed))).toEqual([['warning', 'service_refused', 'economy wiki']])
})

test('a database that is gone is noticed, and the others are still looked at', async () => {
  await using t = await testInstallation()
  await create(t.control)
  await createEconomy(t.control, { name: 'shop', blueprint: TEST_BLUEPRINT, actor: 'cli:ada', now: TEST_START })
  const [shop] = await listEconomies(t.control)
  await run(adminUrl(), `drop database ${quoteName(shop!.database)}`)
  const found = await examine(t)
  expect(troubles(found)).toEqual([['problem', 'economy_unreachable', 'economy shop']])
  expect(found.at(-1)).toMatchObject({ level: 'ok', code: 'economy_ready', subject: 'economy wiki' })
})
