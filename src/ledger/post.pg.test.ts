import canonicalize from 'canonicalize'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { balancesOf, openWallets, outcomes, refusal, transfer } from '../../test/books.ts'
import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { transaction } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import { ensureAccounts } from './accounts.ts'
import { BALANCE_MAX } from './book.ts'
import { POSTINGS_MAX } from './check-items.ts'
import { findHold } from './holds.ts'
import type { Item, Metadata, PostingItem, Result } from './items.ts'
import { redactEntry } from './log/redaction.ts'
import { post, postEach } from './post.ts'

const BY = { actor: 'key:test' }

let t: TestEconomy
beforeAll(async () => {
  t = await testEconomy()
})
afterAll(async () => await t[Symbol.asyncDispose]())

test('a refused item rolls the module’s whole transaction back, and its error says what to do', async () => {
  const { a, b } = await openWallets(t.db, { a: 300n, b: 0n })
  const stake = transaction(t.db, async (tx) => {
    await ensureAccounts(tx, { asset: 'TOK', accounts: [{ path: `${a}:note` }], now: TEST_START })
    await post(tx, [transfer(a, b, 200n), transfer(a, b, 500n)], BY)
  })
  await expect(stake).rejects.toMatchObject({
    status: 409,
    code: 'insufficient_funds',
    message: `${a} has 1 TOK available and needs 5.`,
    params: { available: '1', needed: '5' },
  })
  expect(await balancesOf(t.db, { a, b })).toEqual({ a: 300n, b: 0n })
  const opened = await t.db.selectFrom('ledger.account').select('path').where('path', '=', `${a}:note`).execute()
  expect(opened).toEqual([])
})

test.each<[number, (wallets: { a: string; b: string }) => Item]>([
  [404, ({ a }) => transfer(a, 'users:nobody:available', 1n)],
  [409, ({ a, b }) => transfer(a, b, 1n)],
  [422, ({ a, b }) => transfer(a, b, 0n)],
])('a refusal is thrown with the status %i', async (status, item) => {
  const wallets = await openWallets(t.db, { a: 0n, b: 0n })
  await expect(submit(post, item(wallets))).rejects.toMatchObject({ status })
})

test('a dry run answers as the real one would, and leaves nothing and uses up no key', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const items = [
    transfer(a, b, 6n, { key: 'dry' }),
    { ...transfer(a, b, 6n), key: 'dry poor' },
    { reserve: 4n, on: a, asset: 'TOK' },
  ]
  const dry = await transaction(t.db, async (tx) => await postEach(tx, items, { ...BY, dryRun: true }))
  expect(await balancesOf(t.db, { a, b })).toEqual({ a: 10n, b: 0n })
  const real = await submit(postEach, ...items)
  expect(outcomes(dry)).toEqual(['posted', 'insufficient_funds', 'held'])
  expect(outcomes(real)).toEqual(outcomes(dry))
  expect(real[0]).not.toHaveProperty('replayed')
  expect(balancesAfter(real)).toEqual(balancesAfter(dry))
})

test('an entry keeps who did it, when it was recorded and took effect, and its metadata as it was given', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const effectiveAt = new Date('2021-12-31T23:59:59.999Z')
  const metadata: Metadata = JSON.parse(
    '{"z":"Ω 👩‍🚀 \\n \\" \\\\ {\\"a\\":1}","a":[null,true,-0.5,1e21,5e-324,9007199254740993],"":{},"__proto__":{"polluted":1}}',
  )
  const [result] = await submit(postEach, transfer(a, b, 1n, { kind: 'gift', reference: '№ 7', effectiveAt, metadata }))
  if (result?.status !== 'posted') throw new Error('Not posted')
  const entry = await t.db
    .selectFrom('ledger.entry')
    .selectAll()
    .where('id', '=', result.entry)
    .executeTakeFirstOrThrow()
  expect(entry).toMatchObject({ kind: 'gift', reference: '№ 7', actor: 'key:test', effective_at: effectiveAt })
  expect(entry.recorded_at).toEqual(result.recordedAt)
  expect(canonicalize(entry.metadata)).toBe(canonicalize(metadata))
  expect(canonicalize(entry.metadata)).toContain('"__proto__":{"polluted":1}')
  expect({}).not.toHaveProperty('polluted')
})

test('10,000 postings are one entry', async () => {
  const { a, b } = await openWallets(t.db, { a: 1n, b: 0n })
  const there = transfer(a, b, 1n).postings[0]!
  const back = transfer(b, a, 1n).postings[0]!
  const postings: PostingItem[] = Array.from({ length: POSTINGS_MAX }, (_, i) => (i % 2 === 0 ? there : back))
  const [result] = await submit(postEach, { kind: 'ping_pong', postings })
  expect(result).toMatchObject({ status: 'posted' })
  const { rows } = await sql<{ lines: bigint; last: bigint }>`
    select count(*) as lines, max(line.version) as last
    from ledger.line
    join ledger.account on account.id = line.account
    where account.path = ${a}
  `.execute(t.db)
  expect(rows).toEqual([{ lines: 10_001n, last: 10_001n }])
})

test('balances reach 38 digits on both sides of zero and not one more', async () => {
  const accounts = ['world:big', 'world:deep', 'users:rich:available'].map((path) => ({ path }))
  await transaction(t.db, async (tx) => await ensureAccounts(tx, { asset: 'GEM', accounts, now: TEST_START }))
  const pay = (from: string, to: string, amount: bigint) => transfer(from, to, amount, { asset: 'GEM' })
  const results = await submit(
    postEach,
    pay('world:deep', 'users:rich:available', BALANCE_MAX),
    pay('world:big', 'users:rich:available', 1n),
    pay('world:deep', 'world:big', 1n),
    pay('users:rich:available', 'world:deep', BALANCE_MAX),
  )
  expect(outcomes(results)).toEqual(['posted', 'balance_out_of_range', 'balance_out_of_range', 'posted'])
})

test('an account may come more than once in an entry, on either side', async () => {
  const wallets = await openWallets(t.db, { a: 5n, b: 0n, c: 0n })
  const { a, b, c } = wallets
  const postings = [transfer(a, b, 5n), transfer(b, c, 3n), transfer(b, a, 2n), transfer(a, c, 2n)].flatMap(
    (entry) => entry.postings,
  )
  expect(outcomes(await submit(postEach, { kind: 'round', postings }))).toEqual(['posted'])
  expect(await balancesOf(t.db, wallets)).toEqual({ a: 0n, b: 0n, c: 5n })
})

test('a repeated key gives the same answer for ever, whatever has happened since', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const items: Item[] = [
    transfer(a, b, 6n, { key: 'forever paid', metadata: { a: 1, b: 2 } }),
    transfer(a, b, 6n, { key: 'forever poor' }),
    { reserve: 3n, on: a, asset: 'TOK', key: 'forever held' },
  ]
  const first = await submit(postEach, ...items)
  const hold = first[2]?.status === 'held' ? first[2].hold : ''
  const voiding = { void: hold, key: 'forever voided' }
  const [voided] = await submit(postEach, voiding)
  await submit(postEach, transfer(b, a, 6n))
  const other = transfer(a, b, 6n, { key: 'forever paid', metadata: { b: 2, a: 1 } })
  const again = await submit(postEach, other, ...items.slice(1), voiding)
  expect(again).toEqual([...first, voided].map((result) => ({ ...result, replayed: true })))
  expect(await balancesOf(t.db, { a, b })).toEqual({ a: 10n, b: 0n })
})

test('a key that comes back with another request names what differs from what was posted, held, voided or refused', async () => {
  const { a, b } = await openWallets(t.db, { a: 100n, b: 0n })
  const paid = transfer(a, b, 1n, { key: 'other paid', metadata: { note: 'x' }, effectiveAt: TEST_START })
  const swept: Item = { kind: 'sweep', postings: [{ from: a, to: b, asset: 'TOK', upTo: 7n }], key: 'other swept' }
  const held: Item = { reserve: 2n, on: a, asset: 'TOK', key: 'other held', reference: 'r' }
  const poor = transfer(a, b, 1_000n, { key: 'other poor', metadata: { note: 'secret' } })
  const first = await submit(postEach, paid, swept, held, poor)
  expect(outcomes(first)).toEqual(['posted', 'posted', 'held', 'insufficient_funds'])

  const fields = async (...items: Item[]) =>
    (await submit(postEach, ...items)).map((result) => {
      expect(refusal(result).code).toBe('idempotency_key_reused')
      return refusal(result).params['fields']
    })
  expect(
    await fields(
      { ...paid, kind: 'gift', metadata: { note: 'y' } },
      { ...paid, postings: transfer(a, b, 2n).postings, reference: 'r' },
      transfer(a, b, 1n, { key: 'other paid', metadata: { note: 'x' } }),
      { ...swept, kind: 'broom' },
      { ...swept, postings: [{ from: a, to: b, asset: 'TOK', upTo: 8n }] },
      { ...held, reserve: 3n },
      { ...held, expiresAt: new Date('2100-01-01T00:00:00.000Z') },
      { ...poor, postings: transfer(a, b, 1_001n).postings },
      { void: serialUuid(1n, TEST_START), key: 'other held' },
    ),
  ).toEqual([
    'kind,metadata',
    'reference,postings',
    'effective_at',
    'kind',
    '',
    'reserve',
    'expires_at',
    'postings',
    'reference',
  ])
})

test('several requests with one used key are each compared for themselves', async () => {
  const { a, b } = await openWallets(t.db, { a: 100n, b: 0n })
  const first = transfer(a, b, 1n, { key: 'several' })
  await submit(postEach, first)
  const results = await submit(postEach, first, { ...first, kind: 'gift' }, first, { ...first, reference: 'r' })
  expect(outcomes(results)).toEqual(['posted', 'idempotency_key_reused', 'posted', 'idempotency_key_reused'])
  expect(refusal(results[1]).params['fields']).toBe('kind')
  expect(refusal(results[3]).params['fields']).toBe('reference')
})

test('nothing that was refused or erased can be read from its key, nor guessed against it', async () => {
  const { a, b } = await openWallets(t.db, { a: 1n, b: 0n })
  const poor = transfer(a, b, 5n, { key: 'private poor', metadata: { name: 'Ada Lovelace' } })
  const paid = transfer(a, b, 1n, { key: 'private paid', metadata: { name: 'Ada Lovelace' } })
  const [, result] = await submit(postEach, poor, paid)
  if (result?.status !== 'posted') throw new Error('Not posted')
  const { rows } = await sql<{ known: boolean }>`
    select exists (select from ledger.key where refusal::text like '%Lovelace%') as known
  `.execute(t.db)
  expect(rows).toEqual([{ known: false }])

  const id = serialUuid(result.entry, result.recordedAt)
  await transaction(
    t.db,
    async (tx) => await redactEntry(tx, { id, reason: 'asked', actor: 'key:test', now: TEST_START }),
  )
  expect(await submit(postEach, paid)).toMatchObject([{ status: 'posted', replayed: true }])
  const [other] = await submit(postEach, { ...paid, metadata: { name: 'Ada' }, kind: 'gift' })
  expect(refusal(other).params['fields']).toBe('kind')
  // The same request under two keys leaves nothing in common.
  await submit(postEach, { ...poor, key: 'private poor too' })
  const keys = await t.db.selectFrom('ledger.key').select('fingerprint').execute()
  expect(new Set(keys.map(({ fingerprint }) => fingerprint)).size).toBe(keys.length)
})

test('a raw entry that looks like a reversal is not taken for one under the same key', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const [first] = await submit(postEach, transfer(a, b, 1n))
  if (first?.status !== 'posted') throw new Error('Not posted')
  const look = { ...transfer(b, a, 1n), kind: 'reversal', key: 'lookalike' }
  await submit(postEach, look)
  const [reversal] = await submit(postEach, { ...look, reverses: first.entry })
  expect(refusal(reversal)).toMatchObject({ code: 'idempotency_key_reused', params: { fields: 'reverses' } })
})

test('two transactions that claim the same keys in opposite orders do not wait for each other', async () => {
  const { a, b, c, d } = await openWallets(t.db, { a: 1_000n, b: 0n, c: 1_000n, d: 0n })
  for (let round = 0; round < 5; round++) {
    const keys = Array.from({ length: 200 }, (_, i) => `order ${round} ${i}`)
    const answers = await Promise.allSettled([
      submit(postEach, ...keys.map((key) => transfer(a, b, 1n, { key }))),
      submit(postEach, ...keys.toReversed().map((key) => transfer(c, d, 1n, { key }))),
    ])
    for (const answer of answers) {
      // One comes second: it is told to ask again, or, if it was late enough, that the keys are taken.
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'idempotency_key_in_flight' })
      else expect(new Set(outcomes(answer.value)).size).toBe(1)
    }
  }
  const { b: one, d: other } = await balancesOf(t.db, { b, d })
  expect(one + other).toBe(1_000n)
})

test('a clock that goes backwards does not put an account’s lines out of the order of their times', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const at = (iso: string) => ({ ...BY, now: new Date(iso) })
  const postAt = async (iso: string) => {
    const [result] = await transaction(t.db, async (tx) => await postEach(tx, [transfer(a, b, 1n)], at(iso)))
    return result?.status === 'posted' ? result.recordedAt.toISOString() : result?.status
  }
  expect(await postAt('2090-05-01T10:00:00.001Z')).toBe('2090-05-01T10:00:00.001Z')
  expect(await postAt('2090-05-01T09:00:00.000Z')).toBe('2090-05-01T10:00:00.001Z')
  expect(await postAt('2090-05-01T10:00:00.002Z')).toBe('2090-05-01T10:00:00.002Z')
})

test('a hold can be made and captured in one call, and its id belongs to it for ever', async () => {
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const id = '01890a5d-ac96-774b-bcce-b302099a8057'
  const make: Item = { reserve: 8n, on: a, asset: 'TOK', id, linked: true }
  const results = await submit(postEach, make, transfer(a, b, 5n, { captures: id }))
  expect(outcomes(results)).toEqual(['held', 'posted'])
  expect(await findHold(t.db, id)).toMatchObject({ status: 'captured', amount: 8n, captured: 5n })
  expect(outcomes(await submit(postEach, { reserve: 1n, on: b, asset: 'TOK', id }))).toEqual(['hold_exists'])
  expect(await balancesOf(t.db, { a, b })).toEqual({ a: 5n, b: 5n })
})

async function submit(how: typeof post, ...items: Item[]): Promise<Result[]> {
  return await transaction(t.db, async (tx) => await how(tx, items, BY))
}

function balancesAfter(results: Result[]) {
  return results.map((result) => (result.status === 'posted' ? result.postings : []))
}
