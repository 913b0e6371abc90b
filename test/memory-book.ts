import { formatAmount } from '../src/core/money.ts'
import { accountKey, type AccountState, type Book, type HoldState } from '../src/ledger/book.ts'
import { evaluate } from '../src/ledger/evaluate.ts'
import type { EntryItem, Item, PostingItem, Result } from '../src/ledger/items.ts'
import { withKeys } from '../src/ledger/post.ts'
import { transfer } from './books.ts'

/*
 * A book in memory, as the database would hand it to the evaluation. Accounts go by short names: `a` is
 * users:a:available.
 */

export const NOW = new Date('2026-03-02T12:00:00.000Z')

export function openBook(accounts: Record<string, Partial<AccountState>>): Book {
  const scales = new Map([
    ['TOK', 2],
    ['GEM', 0],
  ])
  let holds = 100
  const book: Book = {
    now: NOW,
    closedBefore: null,
    reversed: new Set(),
    accounts: new Map(),
    holds: new Map(),
    keys: new Map(),
    ids: Array.from({ length: 20 }, (_, i) => BigInt(i + 1)),
    idsUsed: 0,
    scaleOf: (asset) => scales.get(asset),
    format: (amount, asset) => formatAmount(amount, scales.get(asset) ?? 0),
    newHoldId: () => holdId(holds++),
    written: [],
    closedHolds: new Set(),
    claims: [],
  }
  for (const [name, state] of Object.entries(accounts)) put(book, name, state)
  return book
}

export function put(book: Book, name: string, state: Partial<AccountState>, asset = 'TOK'): void {
  const path = pathOf(name)
  book.accounts.set(accountKey(path, asset), {
    id: BigInt(book.accounts.size + 1),
    path,
    asset,
    balance: 0n,
    reserved: 0n,
    floor: 0n,
    ceiling: null,
    version: 0n,
    status: 'open',
    stored: { version: 0n, reserved: 0n },
    ...state,
  })
}

export function addHold(book: Book, no: number, name: string, hold: Partial<HoldState> & { amount: bigint }): void {
  const account = book.accounts.get(accountKey(pathOf(name), 'TOK'))!
  const state: HoldState = { id: holdId(no), account, captured: 0n, status: 'pending', expiresAt: null, ...hold }
  if (state.status === 'pending') account.reserved += hold.amount
  book.holds.set(state.id, state)
}

export function decide(book: Book, items: Item[]): Result[] {
  return evaluate(book, withKeys(items, { actor: 'key:test' }))
}

export function stateOf(book: Book): Record<string, { balance: bigint; reserved: bigint; version: bigint }> {
  const states = [...book.accounts.values()].filter(({ asset }) => asset === 'TOK')
  return Object.fromEntries(
    states.map(({ path, balance, reserved, version }) => [path.split(':')[1], { balance, reserved, version }]),
  )
}

/** `a>b 5` moves 5, `a>b ≤5` up to 5. */
export function parse(text: string, asset = 'TOK'): PostingItem {
  const [, from = '', to = '', limit, amount = ''] = /^(\w+)>(\w+) (≤?)(\d+)$/.exec(text) ?? []
  const ends = { from: pathOf(from), to: pathOf(to), asset }
  return limit ? { ...ends, upTo: BigInt(amount) } : { ...ends, amount: BigInt(amount) }
}

export function posting(from: string, to: string, amount: bigint, asset = 'TOK'): PostingItem {
  return { from: pathOf(from), to: pathOf(to), asset, amount }
}

export function pay(from: string, to: string, amount: bigint): EntryItem {
  return transfer(pathOf(from), pathOf(to), amount)
}

export function upTo(from: string, to: string, limit: bigint): EntryItem {
  return { kind: 'sweep', postings: [{ from: pathOf(from), to: pathOf(to), asset: 'TOK', upTo: limit }] }
}

export function reserve(on: string, amount: bigint) {
  return { reserve: amount, on: pathOf(on), asset: 'TOK' }
}

export function pathOf(name: string): string {
  return `users:${name}:available`
}

export function holdId(no: number): string {
  return `00000000-0000-7000-8000-${String(no).padStart(12, '0')}`
}
