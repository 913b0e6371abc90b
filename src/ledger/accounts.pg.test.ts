import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openWallets, outcomes, transfer } from '../../test/books.ts'
import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { addAsset, ensureAccounts, findAccount, findAsset, openAccount, setLimits, setStatus } from './accounts.ts'
import { BALANCE_MAX } from './book.ts'
import type { Item } from './items.ts'
import { postEach } from './post.ts'

const BY = { actor: 'key:owner', now: TEST_START }

let t: TestEconomy
beforeAll(async () => {
  t = await testEconomy()
})
afterAll(async () => await t[Symbol.asyncDispose]())

test('an asset comes with the account that it is issued from, and its maximum supply can be issued, not a unit more', async () => {
  const asset = { code: 'Gold.999', name: 'Gold', scale: 3, maxSupply: 1_000n }
  await transaction(t.db, async (tx) => await addAsset(tx, { ...asset, ...BY }))
  await transaction(t.db, async (tx) => await openAccount(tx, { path: 'treasury:main', asset: 'Gold.999', ...BY }))
  expect(await findAsset(t.db, 'Gold.999')).toMatchObject({ name: 'Gold', scale: 3, max_supply: 1_000n })
  expect(await findAccount(t.db, 'issuance:gold.999', 'Gold.999')).toMatchObject({ floor: -1_000n, balance: 0n })

  const issue = (amount: bigint) => transfer('issuance:gold.999', 'treasury:main', amount, { asset: 'Gold.999' })
  expect(outcomes(await submit(issue(1_001n), issue(1_000n), issue(1n)))).toEqual([
    'insufficient_funds',
    'posted',
    'insufficient_funds',
  ])
  expect(await audited('asset:Gold.999')).toEqual([
    { action: 'asset.add', diff: { after: { name: 'Gold', scale: 3, max_supply: '1000' } } },
  ])
})

test('an asset has a code of its own, which is told apart by case', async () => {
  const add = async (code: string) =>
    await transaction(t.db, async (tx) => await addAsset(tx, { code, name: 'A', scale: 0, maxSupply: 1n, ...BY }))
  await add('Abc')
  await add('ABC')
  await expect(add('Abc')).rejects.toMatchObject({ status: 409, code: 'asset_exists' })
})

test.each([
  ['no code', { code: '' }],
  ['a code that begins with a digit', { code: '1A' }],
  ['a code with a blank', { code: 'A B' }],
  ['a code that its issuance account could not have', { code: 'A::B' }],
  ['a code that ends in a colon', { code: 'A:' }],
  ['no name', { name: '' }],
  ['a name of 201 characters', { name: 'n'.repeat(201) }],
  ['a name with U+0000', { name: 'a\0b' }],
  ['31 decimals', { scale: 31 }],
  ['half a decimal', { scale: 0.5 }],
  ['a maximum supply of nothing', { maxSupply: 0n }],
  ['a maximum supply of 39 digits', { maxSupply: BALANCE_MAX + 1n }],
])('an asset with %s is refused', async (_, wrong) => {
  const asset = { code: 'NEW', name: 'New', scale: 0, maxSupply: 1n, ...BY, ...wrong }
  const adding = transaction(t.db, async (tx) => await addAsset(tx, asset))
  await expect(adding).rejects.toMatchObject({ status: 422, code: 'asset_invalid' })
})

test('an account opens empty, at zero and without a ceiling; one for the outside without a floor', async () => {
  const open = async (path: string) =>
    await transaction(t.db, async (tx) => await openAccount(tx, { path, asset: 'TOK', ...BY }))
  const empty = {
    balance: 0n,
    reserved: 0n,
    floor: 0n,
    ceiling: null,
    version: 0n,
    status: 'open',
    openedAt: TEST_START,
  }
  expect(await open('users:empty:available')).toMatchObject(empty)
  expect(await open('world:bank')).toMatchObject({ floor: null })
  expect(await audited('account:world:bank:TOK')).toEqual([
    { action: 'account.open', diff: { after: { owner: null, floor: null, ceiling: null } } },
  ])
})

test('a path may hold several assets, an account one', async () => {
  const open = async (asset: string) =>
    await transaction(t.db, async (tx) => await openAccount(tx, { path: 'users:many:available', asset, ...BY }))
  await open('TOK')
  await open('GEM')
  await expect(open('GEM')).rejects.toMatchObject({ status: 409, code: 'account_exists' })
  const missing = transfer('users:many:available', 'world:bank', 1n, { asset: 'NIL' })
  expect(outcomes(await submit(missing))).toEqual(['asset_not_found'])
})

test.each([
  ['path_invalid', { path: 'Users:1' }],
  ['path_invalid', { path: 'users:\0' }],
  ['asset_not_found', { asset: 'NIL' }],
  ['asset_not_found', { asset: 'T\0K' }],
  ['limits_invalid', { limits: { floor: 1n } }],
  ['limits_invalid', { limits: { ceiling: -1n } }],
  ['limits_invalid', { limits: { floor: -1n, ceiling: -2n } }],
  ['limits_invalid', { limits: { ceiling: BALANCE_MAX + 1n } }],
  ['limits_invalid', { limits: { floor: -BALANCE_MAX - 1n } }],
])('an account is refused with %s', async (code, wrong) => {
  const account = { path: 'users:wrong:available', asset: 'TOK', ...BY, ...wrong }
  await expect(transaction(t.db, async (tx) => await openAccount(tx, account))).rejects.toMatchObject({ code })
})

test('accounts that modules need are opened once, by however many at once', async () => {
  const accounts = Array.from({ length: 50 }, (_, i) => ({ path: `users:at-once-${i}:available` }))
  await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const mine = i % 2 === 0 ? accounts : accounts.toReversed()
      await transaction(t.db, async (tx) => await ensureAccounts(tx, { asset: 'TOK', accounts: mine, now: TEST_START }))
    }),
  )
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from ledger.account where path like 'users:at-once-%' and floor = 0
  `.execute(t.db)
  expect(rows).toEqual([{ count: 50n }])
})

test('limits hold from when they are set, and each change is recorded', async () => {
  const { a, b } = await openWallets(t.db, { a: 100n, b: 0n })
  const set = async (limits: { floor?: bigint | null; ceiling?: bigint | null }) =>
    await transaction(t.db, async (tx) => await setLimits(tx, { path: a, asset: 'TOK', ...limits, ...BY }))
  expect(await set({ floor: 40n, ceiling: 100n })).toMatchObject({ floor: 40n, ceiling: 100n })
  expect(outcomes(await submit(transfer(a, b, 61n), transfer(b, a, 1n), transfer(a, b, 60n)))).toEqual([
    'insufficient_funds',
    'insufficient_funds',
    'posted',
  ])
  expect(await set({ floor: -10n })).toMatchObject({ floor: -10n, ceiling: 100n })
  expect(outcomes(await submit(transfer(a, b, 50n), transfer(a, b, 1n), transfer(b, a, 110n)))).toEqual([
    'posted',
    'insufficient_funds',
    'posted',
  ])
  expect(await set({ floor: null, ceiling: null })).toMatchObject({ floor: null, ceiling: null })
  expect((await audited(`account:${a}:TOK`)).map(({ diff }) => diff)).toEqual([
    { before: { floor: '-0.1', ceiling: '1' }, after: { floor: null, ceiling: null } },
    { before: { floor: '0.4', ceiling: '1' }, after: { floor: '-0.1', ceiling: '1' } },
    { before: { floor: '0', ceiling: null }, after: { floor: '0.4', ceiling: '1' } },
  ])
})

test.each([
  ['a floor above what is available', 'limits_passed', { floor: 61n }],
  ['a ceiling below the balance', 'limits_passed', { ceiling: 99n }],
  ['a floor above the ceiling', 'limits_invalid', { floor: 5n, ceiling: 4n }],
  ['a ceiling of 39 digits', 'limits_invalid', { ceiling: BALANCE_MAX + 1n }],
])('%s is refused', async (_, code, limits) => {
  const { a } = await openWallets(t.db, { a: 100n })
  await submit({ reserve: 40n, on: a, asset: 'TOK' })
  const setting = transaction(t.db, async (tx) => await setLimits(tx, { path: a, asset: 'TOK', ...limits, ...BY }))
  await expect(setting).rejects.toMatchObject({ code })
})

test('the maximum supply is no limit that can be set', async () => {
  const setting = transaction(t.db, async (tx) => {
    await setLimits(tx, { path: 'issuance:tok', asset: 'TOK', floor: null, ...BY })
  })
  await expect(setting).rejects.toMatchObject({ code: 'limits_invalid' })
})

test('a frozen account takes in and gives nothing out, until it is opened again', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 10n })
  await setTo(a, 'frozen')
  expect(outcomes(await submit(transfer(a, b, 1n), transfer(b, a, 1n)))).toEqual(['account_frozen', 'posted'])
  await setTo(a, 'open')
  expect(outcomes(await submit(transfer(a, b, 11n)))).toEqual(['posted'])
  expect((await audited(`account:${a}:TOK`)).map(({ action }) => action)).toEqual([
    'account.unfreeze',
    'account.freeze',
  ])
})

test('an account closes when it is empty, and for good', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  await expect(setTo(a, 'closed')).rejects.toMatchObject({ code: 'account_not_empty', params: { balance: '0.1' } })
  await submit(transfer(a, b, 10n))
  expect(await setTo(a, 'closed')).toMatchObject({ status: 'closed' })
  expect(outcomes(await submit(transfer(b, a, 1n), transfer(a, b, 1n), { reserve: 1n, on: a, asset: 'TOK' }))).toEqual([
    'account_closed',
    'account_closed',
    'account_closed',
  ])
  await expect(setTo(a, 'open')).rejects.toMatchObject({ code: 'account_closed' })
  expect(await setTo(a, 'closed')).toMatchObject({ status: 'closed' })
})

test('an account with a hold below zero is not empty', async () => {
  const { a } = await openWallets(t.db, { a: 0n })
  await transaction(t.db, async (tx) => await setLimits(tx, { path: a, asset: 'TOK', floor: -10n, ...BY }))
  await submit({ reserve: 5n, on: a, asset: 'TOK' })
  await expect(setTo(a, 'closed')).rejects.toMatchObject({ code: 'account_not_empty', params: { reserved: '0.05' } })
})

test('limits and states that are set while postings run are never passed', async () => {
  const { a, b } = await openWallets(t.db, { a: 1_000n, b: 0n })
  const paying = Array.from({ length: 20 }, async () => outcomes(await submit(transfer(a, b, 10n))))
  const freezing = setTo(a, 'frozen')
  const outcome = (await Promise.all(paying)).flat()
  await freezing
  const posted = BigInt(outcome.filter((code) => code === 'posted').length)
  expect(outcome.filter((code) => code !== 'posted' && code !== 'account_frozen')).toEqual([])
  expect(await findAccount(t.db, a, 'TOK')).toMatchObject({ balance: 1_000n - 10n * posted, status: 'frozen' })
})

test.each(['users:nobody:available', 'no path', 'users:\0:available', 'x'.repeat(5_000)])(
  'an account that does not exist is not found, whatever its name (%#)',
  async (path) => {
    await expect(findAccount(t.db, path, 'TOK')).rejects.toMatchObject({ status: 404, code: 'account_not_found' })
    await expect(findAccount(t.db, 'world:bank', `${path}\0`)).rejects.toMatchObject({ code: 'account_not_found' })
    await expect(setTo(path, 'frozen')).rejects.toMatchObject({ code: 'account_not_found' })
  },
)

async function submit(...items: Item[]) {
  return await transaction(t.db, async (tx) => await postEach(tx, items, BY))
}

async function setTo(path: string, status: 'open' | 'frozen' | 'closed') {
  return await transaction(t.db, async (tx) => await setStatus(tx, { path, asset: 'TOK', status, ...BY }))
}

async function audited(subject: string) {
  const events = await listEvents(t.db, { subject, limit: 10 })
  return events.map(({ action, diff }) => ({ action, diff }))
}
