import { expect, test } from 'vitest'

import { outcomes, refusal } from '../../test/books.ts'
import {
  addHold,
  decide,
  holdId,
  NOW,
  openBook,
  parse,
  pathOf,
  pay,
  posting,
  put,
  reserve,
  stateOf,
  upTo,
} from '../../test/memory-book.ts'
import { accountKey, BALANCE_MAX } from './book.ts'
import { evaluate } from './evaluate.ts'
import type { EntryItem, Item, PostingItem, Result } from './items.ts'
import { withKeys } from './post.ts'

const EARLIER = new Date('2026-03-02T11:59:59.999Z')
const LATER = new Date('2026-03-02T12:00:00.001Z')

test('an entry moves value and answers with the balances after each posting', () => {
  const book = openBook({ a: { balance: 1_000n }, b: {} })
  const result = decide(book, [
    { kind: 'transfer', postings: [posting('a', 'b', 300n), posting('b', 'a', 100n), posting('a', 'b', 1n)] },
  ])
  expect(result).toEqual([
    {
      status: 'posted',
      entry: 1n,
      recordedAt: NOW,
      effectiveAt: NOW,
      postings: [
        { amount: 300n, fromBalance: 700n, toBalance: 300n },
        { amount: 100n, fromBalance: 200n, toBalance: 800n },
        { amount: 1n, fromBalance: 799n, toBalance: 201n },
      ],
    },
  ])
  expect(stateOf(book)).toMatchObject({ a: { balance: 799n, version: 3n }, b: { balance: 201n, version: 3n } })
})

test('an entry of several assets moves all of them or none', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  put(book, 'a', { balance: 5n }, 'GEM')
  put(book, 'b', {}, 'GEM')
  const swap = (gems: bigint): EntryItem => ({
    kind: 'swap',
    postings: [posting('a', 'b', 10n), posting('a', 'b', gems, 'GEM')],
  })
  expect(outcomes(decide(book, [swap(6n), swap(5n)]))).toEqual(['insufficient_funds', 'posted'])
  expect(book.accounts.get(accountKey(pathOf('b'), 'GEM'))).toMatchObject({ balance: 5n, version: 1n })
  expect(stateOf(book)).toMatchObject({ a: { balance: 0n, version: 1n } })
})

test('items are decided in order: what one brings in the next may move', () => {
  const book = openBook({ a: { balance: 10n }, b: {}, c: {} })
  const items = [pay('b', 'c', 10n), pay('a', 'b', 10n), pay('b', 'c', 10n)]
  expect(outcomes(decide(book, items))).toEqual(['insufficient_funds', 'posted', 'posted'])
})

test.each<[string, string, Partial<EntryItem> & { asset?: string }, string]>([
  ['later than now', 'effective_in_future', { effectiveAt: LATER }, 'a>a 0'],
  ['in a closed period', 'period_closed', { effectiveAt: new Date('2026-01-31T23:59:59.999Z') }, 'a>a 0'],
  ['capturing a hold that does not exist', 'hold_not_found', { captures: holdId(9) }, 'a>a 0'],
  ['capturing a hold that was voided', 'hold_not_pending', { captures: holdId(1) }, 'a>a 0'],
  ['capturing a hold that has expired', 'hold_expired', { captures: holdId(2) }, 'a>a 0'],
  ['of an asset that does not exist', 'asset_not_found', { asset: 'NIL' }, 'a>a 0'],
  ['from an account that does not exist', 'account_not_found', {}, 'x>x 0'],
  ['to an account that does not exist', 'account_not_found', {}, 'a>x 0'],
  ['from an account to itself', 'same_account', {}, 'closed>closed 0'],
  ['of nothing', 'amount_zero', {}, 'closed>frozen 0'],
  ['up to nothing', 'amount_zero', {}, 'closed>frozen ≤0'],
  ['from a closed account', 'account_closed', {}, 'closed>frozen 5'],
  ['from a frozen account to a closed one', 'account_closed', {}, 'frozen>closed 5'],
  ['from a frozen account', 'account_frozen', {}, 'frozen>full 500'],
  ['of what is there, where nothing is there', 'nothing_to_move', {}, 'empty>full ≤5'],
  ['of more than is there', 'insufficient_funds', {}, 'a>full 500'],
  ['of more than there is room for', 'ceiling_exceeded', {}, 'a>full 5'],
  ['beyond 38 digits on the way in', 'balance_out_of_range', {}, 'world>rich 5'],
  ['beyond 38 digits on the way out', 'balance_out_of_range', {}, 'debtor>a 5'],
])('an entry %s is refused with %s, whatever else is wrong with it', (_, code, { asset, ...rest }, text) => {
  const book = openBook({
    a: { balance: 100n },
    closed: { status: 'closed' },
    frozen: { balance: 10n, status: 'frozen' },
    empty: {},
    full: { balance: 10n, ceiling: 14n },
    world: { floor: null },
    rich: { balance: BALANCE_MAX - 4n },
    debtor: { balance: -BALANCE_MAX, floor: null },
  })
  book.closedBefore = new Date('2026-02-01T00:00:00.000Z')
  addHold(book, 1, 'a', { amount: 5n, status: 'voided' })
  addHold(book, 2, 'a', { amount: 5n, expiresAt: NOW })
  const before = stateOf(book)

  const [result] = decide(book, [{ kind: 'transfer', postings: [parse(text, asset)], ...rest }])

  expect(refusal(result)).toMatchObject({ code, message: expect.stringMatching(/\.$/) })
  expect(stateOf(book)).toEqual(before)
  expect(book.written).toEqual([])
  expect(book.idsUsed).toBe(0)
})

test('what is there and what is needed are told in the asset’s own units', () => {
  const book = openBook({ a: { balance: 1_000n, reserved: 200n, floor: 500n }, b: { balance: 40n, ceiling: 50n } })
  const [poor, full] = decide(book, [pay('a', 'b', 301n), pay('a', 'b', 11n)]).map(refusal)
  expect(poor!.message).toBe('users:a:available has 3 TOK available and needs 3.01.')
  expect(poor!.params).toMatchObject({ available: '3', needed: '3.01' })
  expect(full!.message).toBe('users:b:available has room for 0.1 TOK and would receive 0.11.')
})

test('a floor may be above or below zero, and the last unit above it moves', () => {
  const book = openBook({ a: { balance: 10n, floor: 4n }, b: { floor: -7n }, c: {} })
  expect(outcomes(decide(book, [pay('a', 'c', 7n), pay('a', 'c', 6n)]))).toEqual(['insufficient_funds', 'posted'])
  expect(outcomes(decide(book, [pay('b', 'c', 8n), pay('b', 'c', 7n)]))).toEqual(['insufficient_funds', 'posted'])
  expect(outcomes(decide(book, [pay('b', 'c', 1n)]))).toEqual(['insufficient_funds'])
})

test('a ceiling is reached and not passed, also within an entry', () => {
  const book = openBook({ a: { balance: 100n }, b: { ceiling: 10n }, c: {} })
  const through: EntryItem = {
    kind: 'transfer',
    postings: [posting('a', 'b', 10n), posting('b', 'c', 10n), posting('a', 'b', 10n)],
  }
  expect(outcomes(decide(book, [pay('a', 'b', 11n), through, pay('a', 'b', 1n)]))).toEqual([
    'ceiling_exceeded',
    'posted',
    'ceiling_exceeded',
  ])
})

test('up_to moves what is available and fits, and no more than it says', () => {
  const book = openBook({
    a: { balance: 100n, reserved: 30n, floor: 20n },
    b: { ceiling: 60n },
    c: {},
    world: { floor: null },
  })
  expect(amountsOf(decide(book, [upTo('a', 'c', 40n), upTo('a', 'c', 40n)]))).toEqual([40n, 10n])
  expect(amountsOf(decide(book, [upTo('world', 'b', 45n), upTo('world', 'b', 45n)]))).toEqual([45n, 15n])
  expect(outcomes(decide(book, [upTo('a', 'c', 1n), upTo('world', 'b', 1n)]))).toEqual([
    'nothing_to_move',
    'nothing_to_move',
  ])
})

test('money may come into a frozen account; a hold on it can be voided and not captured', () => {
  const book = openBook({ a: { balance: 50n }, frozen: { balance: 10n, status: 'frozen' } })
  addHold(book, 1, 'frozen', { amount: 5n })
  const items: Item[] = [
    pay('a', 'frozen', 5n),
    { ...pay('frozen', 'a', 5n), captures: holdId(1) },
    { reserve: 1n, on: pathOf('frozen'), asset: 'TOK' },
    { void: holdId(1) },
  ]
  expect(outcomes(decide(book, items))).toEqual(['posted', 'account_frozen', 'account_frozen', 'voided'])
  expect(stateOf(book)['frozen']).toMatchObject({ balance: 15n, reserved: 0n })
})

test.each<[string, string, Item]>([
  ['that has the id of another', 'hold_exists', { ...reserve('x', 0n), id: holdId(1), asset: 'NIL' }],
  ['of nothing', 'amount_zero', { ...reserve('x', 0n), asset: 'NIL' }],
  ['of an asset that does not exist', 'asset_not_found', { ...reserve('x', 1n), asset: 'NIL' }],
  ['on an account that does not exist', 'account_not_found', { ...reserve('x', 1n), expiresAt: NOW }],
  ['on a closed account', 'account_closed', { ...reserve('closed', 1n), expiresAt: NOW }],
  ['on a frozen account', 'account_frozen', { ...reserve('frozen', 100n), expiresAt: NOW }],
  ['that has expired already', 'expires_in_past', { ...reserve('world', 100n), expiresAt: NOW }],
  ['on an account without a floor', 'account_without_floor', reserve('world', 1n)],
  ['of more than is available', 'insufficient_funds', reserve('a', 6n)],
  [
    'of more than is available, refused as its module says',
    'reward_not_funded',
    { ...reserve('a', 6n), otherwise: 'reward_not_funded' },
  ],
  ['of what makes 39 digits of reserves', 'balance_out_of_range', reserve('rich', BALANCE_MAX)],
])('a hold %s is refused with %s', (_, code, item) => {
  const book = openBook({
    a: { balance: 10n },
    closed: { status: 'closed' },
    frozen: { balance: 10n, status: 'frozen' },
    world: { floor: null },
    rich: { balance: BALANCE_MAX, reserved: 1n, floor: -BALANCE_MAX },
  })
  addHold(book, 1, 'a', { amount: 5n })
  const before = stateOf(book)
  expect(outcomes(decide(book, [item]))).toEqual([code])
  expect(stateOf(book)).toEqual(before)
})

test('a hold sets aside, and what is set aside does not move until the hold is captured or voided', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const [held] = decide(book, [reserve('a', 8n)])
  const hold = held?.status === 'held' ? held.hold : ''
  expect(outcomes(decide(book, [pay('a', 'b', 3n), pay('a', 'b', 2n)]))).toEqual(['insufficient_funds', 'posted'])
  expect(outcomes(decide(book, [{ ...pay('a', 'b', 5n), captures: hold }, pay('a', 'b', 3n)]))).toEqual([
    'posted',
    'posted',
  ])
  expect(stateOf(book)).toMatchObject({ a: { balance: 0n, reserved: 0n }, b: { balance: 10n } })
  expect(book.holds.get(hold)).toMatchObject({ status: 'captured', captured: 5n, entry: 2n })
})

test.each<[string, PostingItem[]]>([
  ['takes more than the hold', [posting('a', 'b', 6n)]],
  ['takes more than the hold in parts', [posting('a', 'b', 3n), posting('a', 'c', 3n)]],
  ['takes nothing from the account', [posting('c', 'b', 1n)]],
])('a capture that %s is refused, and the hold stays', (_, postings) => {
  const book = openBook({ a: { balance: 10n }, b: {}, c: { balance: 10n } })
  addHold(book, 1, 'a', { amount: 5n })
  const before = stateOf(book)
  const [result] = decide(book, [{ kind: 'transfer', postings, captures: holdId(1) }])
  expect(refusal(result)).toMatchObject({ code: 'capture_exceeds_hold', params: { hold: holdId(1), held: '0.05' } })
  expect(stateOf(book)).toEqual(before)
  expect(outcomes(decide(book, [{ ...pay('a', 'b', 5n), captures: holdId(1) }]))).toEqual(['posted'])
})

test('a hold is captured or voided once, also within one call', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  addHold(book, 1, 'a', { amount: 4n })
  addHold(book, 2, 'a', { amount: 4n })
  const capture = { ...pay('a', 'b', 1n), captures: holdId(1) }
  expect(outcomes(decide(book, [capture, capture, { void: holdId(1) }]))).toEqual([
    'posted',
    'hold_not_pending',
    'hold_not_pending',
  ])
  expect(outcomes(decide(book, [{ void: holdId(2) }, { void: holdId(2) }, { void: holdId(3) }]))).toEqual([
    'voided',
    'hold_not_pending',
    'hold_not_found',
  ])
  expect(stateOf(book)['a']).toMatchObject({ balance: 9n, reserved: 0n })
})

test('an expired hold that nobody has swept yet can still be voided', () => {
  const book = openBook({ a: { balance: 10n } })
  addHold(book, 1, 'a', { amount: 4n, expiresAt: EARLIER })
  expect(outcomes(decide(book, [{ void: holdId(1) }]))).toEqual(['voided'])
})

test('a hold can be made and captured in one call, and goes when its chain fails', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const make = { ...reserve('a', 8n), id: holdId(7), linked: true }
  const failing = { ...pay('a', 'b', 9n), captures: holdId(7) }
  expect(outcomes(decide(book, [make, failing]))).toEqual(['linked_failed', 'capture_exceeds_hold'])
  expect(book.holds.has(holdId(7))).toBe(false)
  expect(outcomes(decide(book, [make, { ...failing, postings: [posting('a', 'b', 8n)] }]))).toEqual(['held', 'posted'])
  expect(stateOf(book)['a']).toMatchObject({ balance: 2n, reserved: 0n })
})

test('a linked chain is posted as a whole', () => {
  const book = openBook({ a: { balance: 10n }, b: {}, c: {} })
  const chain = [{ ...pay('a', 'b', 10n), linked: true }, { ...pay('b', 'c', 10n), linked: true }, pay('c', 'a', 10n)]
  expect(outcomes(decide(book, chain))).toEqual(['posted', 'posted', 'posted'])
})

test('when one of a linked chain is refused all are, and nothing of it remains for those that follow', () => {
  const book = openBook({ a: { balance: 10n }, b: {}, c: {} })
  addHold(book, 1, 'a', { amount: 5n })
  const before = stateOf(book)
  const chain: Item[] = [
    { ...pay('a', 'b', 5n), linked: true },
    { void: holdId(1), linked: true },
    { ...pay('a', 'c', 5n), linked: true },
    { ...reserve('b', 5n), linked: true },
    pay('a', 'c', 1n),
  ]
  expect(outcomes(decide(book, chain))).toEqual([
    'linked_failed',
    'linked_failed',
    'linked_failed',
    'linked_failed',
    'insufficient_funds',
  ])
  expect(stateOf(book)).toEqual(before)
  expect(book.holds.get(holdId(1))).toMatchObject({ status: 'pending', captured: 0n })
  expect(book.written).toEqual([])
  expect([...book.closedHolds]).toEqual([])
  const [result] = decide(book, [pay('a', 'b', 5n)])
  expect(result).toMatchObject({ status: 'posted', entry: 1n })
})

test('a capture and a void of one hold in a chain undo each other', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  addHold(book, 1, 'a', { amount: 5n })
  const chain: Item[] = [{ ...pay('a', 'b', 5n), captures: holdId(1), linked: true }, { void: holdId(1) }]
  expect(outcomes(decide(book, chain))).toEqual(['linked_failed', 'hold_not_pending'])
  expect(stateOf(book)['a']).toMatchObject({ balance: 10n, reserved: 5n })
  expect(book.holds.get(holdId(1))).not.toHaveProperty('entry')
  expect(outcomes(decide(book, [{ void: holdId(1) }]))).toEqual(['voided'])
})

test('a chain that is still open at the end is refused', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const items = [pay('a', 'b', 1n), { ...pay('a', 'b', 1n), linked: true }, { ...pay('a', 'b', 1n), linked: true }]
  expect(outcomes(decide(book, items))).toEqual(['posted', 'linked_failed', 'linked_chain_open'])
  expect(stateOf(book)['b']).toMatchObject({ balance: 1n })
})

test('a key repeated in one call answers as the first time, and the refused are remembered too', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const first = { ...pay('a', 'b', 6n), key: 'k1' }
  const poor = { ...pay('a', 'b', 5n), key: 'k2' }
  const results = decide(book, [first, poor, first, pay('b', 'a', 6n), poor])
  expect(outcomes(results)).toEqual(['posted', 'insufficient_funds', 'posted', 'posted', 'insufficient_funds'])
  expect(results[2]).toEqual({ ...results[0], replayed: true })
  expect(results[4]).toEqual({ ...results[1], replayed: true })
  expect(book.claims).toHaveLength(2)
})

test('a key that comes with another request is refused, and the fields that differ are named', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const first: EntryItem = { ...pay('a', 'b', 1n), key: 'k', metadata: { a: 1, b: 2 }, effectiveAt: EARLIER }
  const others: EntryItem[] = [
    { ...first, metadata: { b: 2, a: 1 } },
    { ...first, kind: 'gift', metadata: { a: 1 } },
    { ...first, postings: [posting('a', 'b', 2n)], effectiveAt: NOW },
    { ...first, reference: 'r', linked: true },
  ]
  const results = decide(book, [first, ...others])
  expect(results[1]).toMatchObject({ status: 'posted', replayed: true })
  expect(results.slice(2).map((result) => refusal(result).params['fields'])).toEqual([
    'kind,metadata',
    'postings,effective_at',
    'reference,linked',
  ])
  expect(refusal(results[2]).message).toContain('kind, metadata')
})

test('the same key of another principal is another key', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const item = { ...pay('a', 'b', 1n), key: 'k' }
  const one = evaluate(book, withKeys([item], { actor: 'key:1' }))
  const other = evaluate(book, withKeys([item], { actor: 'key:2' }))
  expect(outcomes([...one, ...other])).toEqual(['posted', 'posted'])
  expect(stateOf(book)['b']).toMatchObject({ balance: 2n })
})

test('a chain whose items all happened is answered as before; where a part did, the rest is refused', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const chain = [
    { ...pay('a', 'b', 1n), key: 'k1', linked: true },
    { ...pay('a', 'b', 2n), key: 'k2' },
  ]
  const first = decide(book, chain)
  expect(decide(book, chain)).toEqual(first.map((result) => ({ ...result, replayed: true })))
  const mixed = decide(book, [
    { ...pay('a', 'b', 1n), key: 'k1', linked: true },
    { ...pay('a', 'b', 3n), key: 'k3' },
  ])
  expect(mixed[0]).toEqual({ ...first[0], replayed: true })
  expect(outcomes(mixed)).toEqual(['posted', 'linked_failed'])
  expect(stateOf(book)['b']).toMatchObject({ balance: 3n })
})

test('a key that comes twice in one linked chain refuses the chain', () => {
  const book = openBook({ a: { balance: 10n }, b: {} })
  const item = { ...pay('a', 'b', 1n), key: 'k', linked: true }
  const results = decide(book, [item, item, pay('a', 'b', 1n)])
  expect(outcomes(results)).toEqual(['linked_failed', 'idempotency_key_reused', 'linked_failed'])
  expect(book.claims.map(({ id }) => id)).toHaveLength(new Set(book.claims.map(({ id }) => id)).size)
  expect(stateOf(book)['b']).toMatchObject({ balance: 0n, version: 0n })
})

function amountsOf(results: Result[]): bigint[] {
  return results.flatMap((result) => (result.status === 'posted' ? result.postings.map(({ amount }) => amount) : []))
}
