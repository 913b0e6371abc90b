import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { balancesOf, openWallets, outcomes, transfer } from '../../test/books.ts'
import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { transaction } from '../core/db.ts'
import { findAccount } from './accounts.ts'
import { expireHolds, findHold } from './holds.ts'
import type { Item } from './items.ts'
import { postEach } from './post.ts'

const DAY_MS = 86_400_000
const HALF_DAY_MS = DAY_MS / 2

/** Time only goes on: each test that lets it pass has a day of its own. */
function noonOf(day: number) {
  const noon = new Date(TEST_START.getTime() + day * DAY_MS + HALF_DAY_MS)
  return { noon, before: new Date(noon.getTime() - 1), later: new Date(noon.getTime() + HALF_DAY_MS) }
}

let t: TestEconomy
beforeAll(async () => {
  t = await testEconomy()
})
afterAll(async () => await t[Symbol.asyncDispose]())

test('a hold tells what it is for, by whom and until when', async () => {
  const { a } = await openWallets(t.db, { a: 10n })
  const expiresAt = new Date('2030-01-01T00:00:00.000Z')
  const id = await hold(a, 4n, { reference: 'order 7', expiresAt })
  expect(await findHold(t.db, id)).toEqual({
    id,
    path: a,
    asset: 'TOK',
    scale: 2,
    amount: 4n,
    captured: 0n,
    status: 'pending',
    reference: 'order 7',
    actor: 'key:test',
    expires_at: expiresAt,
    created_at: TEST_START,
    closed_at: null,
    entry: null,
  })
  expect(await findAccount(t.db, a, 'TOK')).toMatchObject({ balance: 10n, reserved: 4n, version: 1n })
})

test('a capture in part gives the rest back, and names its entry', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const id = await hold(a, 8n)
  const [captured] = await submit(transfer(a, b, 3n, { captures: id }))
  if (captured?.status !== 'posted') throw new Error('Not captured')
  expect(await findHold(t.db, id)).toMatchObject({
    status: 'captured',
    amount: 8n,
    captured: 3n,
    entry: captured.entry,
    closed_at: TEST_START,
  })
  expect(await findAccount(t.db, a, 'TOK')).toMatchObject({ balance: 7n, reserved: 0n })
})

test('a capture may pay several, and move other accounts in the same entry', async () => {
  const wallets = await openWallets(t.db, { a: 10n, b: 0n, c: 5n })
  const { a, b, c } = wallets
  const id = await hold(a, 10n)
  const postings = [transfer(a, b, 6n), transfer(a, c, 4n), transfer(c, b, 9n)].flatMap((entry) => entry.postings)
  expect(outcomes(await submit({ kind: 'settlement', postings, captures: id }))).toEqual(['posted'])
  expect(await balancesOf(t.db, wallets)).toEqual({ a: 0n, b: 15n, c: 0n })
  expect(await findHold(t.db, id)).toMatchObject({ captured: 10n })
})

test('a hold is captured once, however many try at the same time', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const id = await hold(a, 5n)
  const tries = Array.from({ length: 8 }, async (_, i) => {
    return outcomes(await submit(i % 2 === 0 ? transfer(a, b, 5n, { captures: id }) : { void: id }))[0]
  })
  const results = await Promise.all(tries)
  expect(results.filter((outcome) => outcome === 'hold_not_pending')).toHaveLength(7)
  const captured = results.includes('posted')
  expect(await balancesOf(t.db, { a, b })).toEqual(captured ? { a: 5n, b: 5n } : { a: 10n, b: 0n })
})

test('an expired hold cannot be captured, and gives back what it held when it is swept', async () => {
  const { noon, before } = noonOf(0)
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const id = await hold(a, 10n, { expiresAt: noon })
  const capture = transfer(a, b, 1n, { captures: id })
  expect(outcomes(await submitAt(noon, capture))).toEqual(['hold_expired'])
  expect(outcomes(await submitAt(noon, transfer(a, b, 1n)))).toEqual(['insufficient_funds'])
  expect(await expireHolds(t.db, { now: before })).toBe(0)
  expect(await expireHolds(t.db, { now: noon })).toBe(1)
  expect(await findHold(t.db, id)).toMatchObject({ status: 'expired', captured: 0n, closed_at: noon, entry: null })
  expect(outcomes(await submitAt(noon, capture, { void: id }, transfer(a, b, 10n)))).toEqual([
    'hold_not_pending',
    'hold_not_pending',
    'posted',
  ])
})

test('a sweep takes all that are due, over as many transactions as it needs, and no others', async () => {
  const { noon, later } = noonOf(1)
  const { a } = await openWallets(t.db, { a: 10_000n })
  const item = (expiresAt?: Date): Item => ({ reserve: 1n, on: a, asset: 'TOK', ...(expiresAt && { expiresAt }) })
  await submit(...Array.from({ length: 2_500 }, () => item(noon)), item(), item(later))
  expect(await expireHolds(t.db, { now: noon })).toBe(2_500)
  expect(await findAccount(t.db, a, 'TOK')).toMatchObject({ reserved: 2n })
  expect(await expireHolds(t.db, { now: noon })).toBe(0)
})

test('a sweep beside captures and other sweeps gives everything back once', async () => {
  const { noon, before } = noonOf(2)
  const { a, b } = await openWallets(t.db, { a: 1_000n, b: 0n })
  const ids: string[] = []
  for (let i = 0; i < 30; i++) ids.push(await hold(a, 10n, { expiresAt: noon }))
  const captures = ids
    .slice(0, 15)
    .map(async (id) => outcomes(await submitAt(before, transfer(a, b, 10n, { captures: id })))[0])
  await Promise.all([expireHolds(t.db, { now: noon }), expireHolds(t.db, { now: noon })])
  const captured = (await Promise.all(captures)).filter((outcome) => outcome === 'posted').length
  expect(await findAccount(t.db, a, 'TOK')).toMatchObject({ reserved: 0n, balance: 1_000n - 10n * BigInt(captured) })
  const { rows } = await sql<{ expired: bigint }>`
    select count(*) as expired
    from ledger.hold
    join ledger.account on account.id = hold.account
    where account.path = ${a} and hold.status = 'expired'
  `.execute(t.db)
  expect(rows).toEqual([{ expired: BigInt(30 - captured) }])
})

test.each(['01890a5d-ac96-774b-bcce-b302099a8058', 'no id', "' or true --", '\0'])(
  'a hold that does not exist is not found (%#)',
  async (id) => {
    await expect(findHold(t.db, id)).rejects.toMatchObject({ status: 404, code: 'hold_not_found' })
  },
)

async function hold(on: string, reserve: bigint, rest: { reference?: string; expiresAt?: Date } = {}): Promise<string> {
  const [result] = await submit({ reserve, on, asset: 'TOK', ...rest })
  if (result?.status !== 'held') throw new Error('Not held')
  return result.hold
}

async function submit(...items: Item[]) {
  return await submitAt(TEST_START, ...items)
}

async function submitAt(now: Date, ...items: Item[]) {
  return await transaction(t.db, async (tx) => await postEach(tx, items, { actor: 'key:test', now }))
}
