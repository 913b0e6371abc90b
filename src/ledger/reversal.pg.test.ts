import { afterAll, beforeAll, expect, test } from 'vitest'

import { balancesOf, openWallets, outcomes, transfer } from '../../test/books.ts'
import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { transaction } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import { ensureAccounts, setStatus } from './accounts.ts'
import { createChart } from './chart.ts'
import type { EntryItem, Item } from './items.ts'
import { postEach } from './post.ts'
import { reverseEntry } from './reversal.ts'

const BY = { actor: 'key:test', now: TEST_START }
const CHART = createChart([{ pattern: 'vaults:*', owner: 'staking', holds: 'what is staked' }])

let t: TestEconomy
beforeAll(async () => {
  t = await testEconomy()
  const accounts = [{ path: 'vaults:one' }]
  await transaction(t.db, async (tx) => await ensureAccounts(tx, { asset: 'TOK', accounts, now: TEST_START }))
})
afterAll(async () => await t[Symbol.asyncDispose]())

test('a reversal moves everything back, the last first, and names what it reverses', async () => {
  const wallets = await openWallets(t.db, { a: 10n, b: 0n, c: 0n })
  const { a, b, c } = wallets
  const { id, serial } = await posted({
    kind: 'transfer',
    postings: [transfer(a, b, 10n), transfer(b, c, 7n)].flatMap((entry) => entry.postings),
  })
  const result = await reverse(id, { metadata: { why: 'mistake' } })
  // b has 3 left: only in the opposite order is there enough to give back.
  expect(await balancesOf(t.db, wallets)).toEqual({ a: 10n, b: 0n, c: 0n })
  const entry = await t.db
    .selectFrom('ledger.entry')
    .selectAll()
    .where('id', '=', result.entry)
    .executeTakeFirstOrThrow()
  expect(entry).toMatchObject({ kind: 'reversal', reverses: serial, reference: id, metadata: { why: 'mistake' } })
})

test('what moved up to a limit comes back as much as it was', async () => {
  const { a, b } = await openWallets(t.db, { a: 6n, b: 10n })
  const { id } = await posted({ kind: 'transfer', postings: [{ from: a, to: b, asset: 'TOK', upTo: 100n }] })
  await reverse(id)
  expect(await balancesOf(t.db, { a, b })).toEqual({ a: 6n, b: 10n })
})

test('an entry is reversed once, even when two do it at the same time', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 100n })
  const { id } = await posted(transfer(a, b, 10n))
  const tries = await Promise.allSettled(Array.from({ length: 6 }, async () => await reverse(id)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const attempt of tries) {
    if (attempt.status === 'rejected')
      expect(attempt.reason).toMatchObject({ status: 409, code: 'entry_already_reversed' })
  }
  expect(await balancesOf(t.db, { a, b })).toEqual({ a: 10n, b: 100n })
})

test('that it was reversed before is said first, also when there is nothing left to take back', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const { id } = await posted(transfer(a, b, 10n))
  await reverse(id)
  await expect(reverse(id)).rejects.toMatchObject({ code: 'entry_already_reversed' })
})

test('a repetition with the same key gives the same reversal', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const { id } = await posted(transfer(a, b, 10n))
  const first = await reverse(id, { key: 'reversal' })
  expect(await reverse(id, { key: 'reversal' })).toEqual({ ...first, replayed: true })
  expect(await balancesOf(t.db, { a, b })).toEqual({ a: 10n, b: 0n })
})

test('only kinds that are marked so are reversed, and never a reversal', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const { id: gift } = await posted(transfer(a, b, 1n, { kind: 'gift' }))
  await expect(reverse(gift)).rejects.toMatchObject({ status: 409, code: 'entry_not_reversible' })
  const { id } = await posted(transfer(a, b, 1n))
  const { entry, recordedAt } = await reverse(id)
  const reversal = serialUuid(entry, recordedAt)
  await expect(reverse(reversal)).rejects.toMatchObject({ code: 'entry_not_reversible' })
})

test('what a module has taken in is given back by that module alone', async () => {
  const { a } = await openWallets(t.db, { a: 10n })
  const { id } = await posted(transfer(a, 'vaults:one', 1n))
  await expect(reverse(id)).rejects.toMatchObject({ status: 403, code: 'account_owned_by_module' })
})

test('what was spent meanwhile, or frozen, is not taken back', async () => {
  const { a, b, c } = await openWallets(t.db, { a: 10n, b: 0n, c: 0n })
  const { id } = await posted(transfer(a, b, 5n))
  await posted(transfer(b, c, 1n))
  await expect(reverse(id)).rejects.toMatchObject({ code: 'insufficient_funds' })
  await posted(transfer(c, b, 1n))
  await transaction(t.db, async (tx) => await setStatus(tx, { path: b, asset: 'TOK', status: 'frozen', ...BY }))
  await expect(reverse(id)).rejects.toMatchObject({ code: 'account_frozen' })
})

test('an entry that does not exist is not found, nor is one by the right number and another time', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const { serial } = await posted(transfer(a, b, 1n))
  for (const id of ['', 'x', serialUuid(serial, new Date(1)), serialUuid(1n << 61n, TEST_START), `${serial}`]) {
    await expect(reverse(id)).rejects.toMatchObject({ status: 404, code: 'entry_not_found' })
  }
})

async function posted(item: EntryItem): Promise<{ id: string; serial: bigint }> {
  const [result] = await submit(item)
  if (result?.status !== 'posted') throw new Error(`Not posted but ${outcomes([result!])[0]}`)
  return { id: serialUuid(result.entry, result.recordedAt), serial: result.entry }
}

async function submit(...items: Item[]) {
  return await transaction(t.db, async (tx) => await postEach(tx, items, BY))
}

async function reverse(id: string, rest: { key?: string; metadata?: Record<string, string> } = {}) {
  const reversibleKinds = new Set(['transfer', 'reversal'])
  const result = await transaction(
    t.db,
    async (tx) => await reverseEntry(tx, { id, reversibleKinds, chart: CHART, ...rest, ...BY }),
  )
  if (result.status !== 'posted') throw new Error('Not posted')
  return result
}
