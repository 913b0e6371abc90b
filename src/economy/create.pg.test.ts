import { spawn } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { TEST_BLUEPRINT, TEST_START, testInstallation } from '../../test/helpers.ts'
import { listEvents } from '../core/audit.ts'
import { connect, type Db, snapshot } from '../core/db.ts'
import { checkBooks } from '../ledger/invariants.ts'
import { type Control, findEconomy, listEconomies, setEconomyState } from './control.ts'
import { createEconomy } from './create.ts'
import type { Blueprint } from './define.ts'
import { defineParameters } from './define.ts'
import { dropEconomy } from './drop.ts'
import { parametersAt } from './parameters.ts'
import { databasePlace, filesOf } from './places.ts'

const RULES = defineParameters('rules', { quorum: { type: 'integer', description: 'How many.', first: 3 } })
const BLUEPRINT: Blueprint = {
  ...TEST_BLUEPRINT,
  name: 'small',
  parameters: [{ of: RULES, asset: 'TOK' }],
  assets: [
    {
      code: 'TOK',
      name: 'Token',
      scale: 2,
      maxSupply: '1000',
      genesis: [
        { to: 'treasury:rewards', amount: '600.5' },
        { to: 'treasury:main', amount: '399.5' },
      ],
    },
    { code: 'GEM', name: 'Gem', scale: 0, maxSupply: '5', genesis: [{ to: 'treasury:main', amount: '5' }] },
  ],
}
const TOO_MUCH: Blueprint = { ...BLUEPRINT, assets: [{ ...BLUEPRINT.assets[0]!, maxSupply: '1' }] }

async function create(control: Control, name: string, blueprint = BLUEPRINT): Promise<void> {
  await createEconomy(control, { name, blueprint, actor: 'cli:ada', now: TEST_START })
}

async function asService<T>(control: Control, name: string, work: (db: Db) => Promise<T>): Promise<T> {
  const { serviceUrl } = databasePlace(control, await findEconomy(control, name))
  const db = connect({ url: serviceUrl, connections_max: 1 })
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

async function balances(db: Db) {
  return await db
    .selectFrom('ledger.account')
    .innerJoin('ledger.asset', 'ledger.asset.id', 'ledger.account.asset')
    .select(['path', 'code', 'balance', 'floor'])
    .orderBy('path')
    .orderBy('code')
    .execute()
}

test('an economy begins with what its blueprint says, and nothing can be issued beyond it', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')

  expect(await findEconomy(t.control, 'wiki')).toMatchObject({ state: 'open', blueprint: 'small', url_setting: null })
  await asService(t.control, 'wiki', async (db) => {
    expect(await balances(db)).toEqual([
      { path: 'issuance:gem', code: 'GEM', balance: -5n, floor: -5n },
      { path: 'issuance:tok', code: 'TOK', balance: -100_000n, floor: -100_000n },
      { path: 'treasury:main', code: 'GEM', balance: 5n, floor: 0n },
      { path: 'treasury:main', code: 'TOK', balance: 39_950n, floor: 0n },
      { path: 'treasury:rewards', code: 'TOK', balance: 60_050n, floor: 0n },
    ])
    expect(await snapshot(db, checkBooks)).toEqual([])
    expect(await parametersAt(db, RULES, TEST_START)).toEqual({ quorum: 3 })
    expect(await db.selectFrom('ledger.log').select('origin').execute()).toEqual([
      { origin: `florin-${t.control.id}/wiki` },
    ])
    expect(await listEvents(db, { limit: 9, action: 'economy.create' })).toMatchObject([
      { actor: 'cli:ada', at: TEST_START, subject: 'economy:wiki' },
    ])
    const entries = await db.selectFrom('ledger.entry').select(['kind', 'actor', 'recorded_at']).execute()
    expect(entries).toEqual([0, 1].map(() => ({ kind: 'genesis', actor: 'cli:ada', recorded_at: TEST_START })))
  })
})

test('of two who create the same economy at once, one does and the other hears that it exists', async () => {
  await using t = await testInstallation()
  const results = await Promise.allSettled([create(t.control, 'wiki'), create(t.control, 'wiki')])
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'economy_exists', status: 409 },
  })
})

test('several economies are created at once', async () => {
  await using t = await testInstallation()
  await Promise.all(['a', 'b', 'c'].map(async (name) => await create(t.control, name)))
  expect((await listEconomies(t.control)).map(({ name, state }) => [name, state])).toEqual([
    ['a', 'open'],
    ['b', 'open'],
    ['c', 'open'],
  ])
})

test('a name that is no name for an economy is refused', async () => {
  await using t = await testInstallation()
  for (const name of ['', 'Wiki', '1st', 'my wiki', '-x', 'ä', 'x'.repeat(32), 'wiki/../x']) {
    await expect(create(t.control, name)).rejects.toMatchObject({ code: 'economy_name_invalid', status: 422 })
  }
  expect(await listEconomies(t.control)).toEqual([])
})

test('a creation that fails leaves nothing, and the next one succeeds', async () => {
  await using t = await testInstallation()
  await expect(create(t.control, 'wiki', TOO_MUCH)).rejects.toThrow()
  expect(await listEconomies(t.control)).toEqual([])
  await create(t.control, 'wiki')
  await asService(t.control, 'wiki', async (db) => expect(await balances(db)).toHaveLength(5))
})

test('a creation that is killed at any moment is started over by the next one', async () => {
  await using t = await testInstallation()
  for (const [i, after_ms] of [0, 30, 60, 120, 240, 480].entries()) {
    const name = `wiki-${i}`
    await killedAfter(after_ms, t.installation.database!, name)
    const left = (await listEconomies(t.control)).find((economy) => economy.name === name)
    if (left?.state === 'open') continue
    await create(t.control, name)
    await asService(t.control, name, async (db) => {
      expect(await balances(db)).toHaveLength(5)
      expect(await snapshot(db, checkBooks)).toEqual([])
    })
  }

  /** Lets another process say when it begins to create, and kills it `after_ms` later. */
  async function killedAfter(after_ms: number, database: string, name: string): Promise<void> {
    const { server, secret, data } = t.installation
    const program = `
      const { openControl } = await import(${JSON.stringify(join(import.meta.dirname, 'control.ts'))})
      const { createEconomy } = await import(${JSON.stringify(join(import.meta.dirname, 'create.ts'))})
      const secret = (value) => ({ reveal: () => value })
      const url = secret(${JSON.stringify(server.url.reveal())})
      const now = new Date(${TEST_START.getTime()})
      const options = { server: { url, directUrl: url }, secret: secret(${JSON.stringify(secret.reveal())}), now }
      const control = await openControl({ ...options, data: ${JSON.stringify(data)}, database: ${JSON.stringify(database)} })
      console.log('creating')
      await createEconomy(control, { name: ${JSON.stringify(name)}, blueprint: ${JSON.stringify(BLUEPRINT)}, actor: 'cli:ada', now })
      await control.close()`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await sleep(after_ms)
    child.kill('SIGKILL')
    await ended
  }
})

test('an economy is dropped with its database and roles; its key and checkpoints are kept aside', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  await create(t.control, 'other')
  const files = filesOf(t.installation.data, 'wiki')
  await mkdir(files.checkpoints, { recursive: true })
  await mkdir(dirname(files.signingKey), { recursive: true })
  await writeFile(files.signingKey, 'the key')
  await writeFile(join(files.checkpoints, 'latest'), 'the head')

  await dropEconomy(t.control, { name: 'wiki', confirm: 'wiki', now: TEST_START })

  expect((await listEconomies(t.control)).map(({ name }) => name)).toEqual(['other'])
  const dropped = await readdir(join(t.installation.data, 'dropped'), { recursive: true })
  expect(dropped.toSorted()).toEqual(
    ['', '/checkpoints', '/checkpoints/latest', '/key.pem'].map((path) => `wiki-2026-01-05T00-00-00-000Z${path}`),
  )
  await asService(t.control, 'other', async (db) => expect(await balances(db)).toHaveLength(5))
  await create(t.control, 'wiki')
})

test('dropping needs the name twice, and an economy to drop', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  const drop = async (name: string, confirm: string) => await dropEconomy(t.control, { name, confirm, now: TEST_START })
  await expect(drop('wiki', 'wik')).rejects.toMatchObject({ code: 'confirmation_differs' })
  await expect(drop('none', 'none')).rejects.toMatchObject({ code: 'economy_not_found', status: 404 })
  expect(await findEconomy(t.control, 'wiki')).toMatchObject({ state: 'open' })
})

test('a drop that was interrupted is finished by the next one, and nothing is created meanwhile', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  await setEconomyState(t.control, 'wiki', 'dropping')
  await expect(create(t.control, 'wiki')).rejects.toMatchObject({ code: 'economy_exists' })
  await dropEconomy(t.control, { name: 'wiki', confirm: 'wiki', now: TEST_START })
  expect(await listEconomies(t.control)).toEqual([])
})

test('an economy is dropped although somebody is connected to it', async () => {
  await using t = await testInstallation()
  await create(t.control, 'wiki')
  await asService(t.control, 'wiki', async (db) => {
    await balances(db)
    await dropEconomy(t.control, { name: 'wiki', confirm: 'wiki', now: TEST_START })
    await expect(balances(db)).rejects.toThrow()
  })
})
