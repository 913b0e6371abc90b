import { assert, must } from '../core/assert.ts'
import {
  accountKey,
  type AccountState,
  availableOf,
  BALANCE_MAX,
  type Book,
  type HoldState,
  type Keyed,
  type WrittenPosting,
} from './book.ts'
import {
  differingFields,
  type EntryItem,
  type HoldItem,
  isEntry,
  isHold,
  type Item,
  type Posted,
  type PostedPosting,
  type PostingItem,
  type Rejected,
  requestOf,
  type Result,
} from './items.ts'
import {
  accountFrozen,
  accountNotFound,
  captureTrouble,
  ceilingExceeded,
  insufficientFunds,
  keyReused,
  rejected,
} from './refusals.ts'

/**
 * Decides items in order, in memory, over the locked accounts of `book`, and leaves in the book what must be written.
 * It is the only evaluation there is: the batcher, `post` inside a module's transaction and every dry run share it.
 * A refused item changes nothing; the siblings of a refused item in a linked chain are refused with `linked_failed`.
 *
 * Refused, for the first of these that holds. Any: idempotency_key_reused, linked_chain_open. An entry:
 * entry_already_reversed, effective_in_future, period_closed, hold_not_found, hold_not_pending, hold_expired, then for
 * each posting in order asset_not_found, account_not_found, same_account, amount_zero, account_closed, account_frozen,
 * nothing_to_move, insufficient_funds, ceiling_exceeded, balance_out_of_range, at last capture_exceeds_hold. A hold:
 * hold_exists, amount_zero, asset_not_found, account_not_found, account_closed, account_frozen, expires_in_past,
 * account_without_floor, insufficient_funds, balance_out_of_range. A void: hold_not_found, hold_not_pending.
 */
export function evaluate(book: Book, items: readonly Keyed[]): Result[] {
  const results: Result[] = []
  for (let start = 0; start < items.length;) {
    const end = chainEnd(items, start)
    evaluateChain(book, items.slice(start, end), results)
    start = end
  }
  return results
}

/** The index after the chain that begins at `start`: it ends with the first item that is not linked to the next. */
export function chainEnd(items: readonly { item: Item }[], start: number): number {
  let end = start
  while (end < items.length && items[end]!.item.linked) end++
  return Math.min(end + 1, items.length)
}

function evaluateChain(book: Book, chain: readonly Keyed[], results: Result[]): void {
  const first = results.length
  const seen = new Set<string>()
  const replays = chain.map((keyed) => replayOf(book, keyed) ?? repeated(keyed, seen))
  if (replays.every((replay) => replay !== undefined)) {
    results.push(...replays)
    return
  }
  const undo: Undo = { accounts: new Map(), holds: new Map(), written: book.written.length }
  let failed = openChain(chain) ?? -1
  const openEnded = failed >= 0
  for (const [i, keyed] of chain.entries()) {
    if (failed >= 0) break
    // A chain of which a part happened before can no longer happen as a whole.
    const result = replays[i] ? LINKED_FAILED : evaluateItem(book, keyed, undo)
    if (result.status === 'rejected') failed = i
    results.push(result)
  }
  if (failed < 0) {
    for (const [i, keyed] of chain.entries()) remember(book, keyed, results[first + i]!)
    return
  }
  rollBack(book, undo)
  const cause = openEnded ? LINKED_CHAIN_OPEN : results[first + failed]!
  results.length = first
  for (const [i, keyed] of chain.entries()) {
    const result = replays[i] ?? (i === failed ? cause : LINKED_FAILED)
    results.push(result)
    if (!replays[i]) remember(book, keyed, result)
  }
}

/** The last item, when it is linked to a next one that does not exist. */
function openChain(chain: readonly Keyed[]): number | undefined {
  return chain.at(-1)!.item.linked ? chain.length - 1 : undefined
}

function evaluateItem(book: Book, keyed: Keyed, undo: Undo): Result {
  const { item } = keyed
  if (isEntry(item)) return evaluateEntry(book, keyed, item, undo)
  if (isHold(item)) return evaluateHold(book, keyed, item, undo)
  const hold = book.holds.get(item.void)
  const trouble = holdTrouble(book, hold, item.void, false)
  if (trouble) return trouble
  release(book, hold!, 'voided', undo)
  return { status: 'voided', hold: item.void }
}

function evaluateEntry(book: Book, keyed: Keyed, item: EntryItem, undo: Undo): Result {
  if (item.reverses !== undefined && isReversed(book, item.reverses)) {
    return rejected('entry_already_reversed', 'This entry was reversed before, and can be only once.')
  }
  const effectiveAt = item.effectiveAt ?? book.now
  const early = timeTrouble(book, effectiveAt)
  if (early) return early
  const hold = item.captures === undefined ? undefined : book.holds.get(item.captures)
  if (item.captures !== undefined) {
    const trouble = holdTrouble(book, hold, item.captures, true)
    if (trouble) return trouble
    release(book, hold!, 'captured', undo)
  }
  const postings: WrittenPosting[] = []
  for (const posting of item.postings) {
    const result = move(book, posting, undo)
    if ('status' in result) return result
    postings.push(result)
  }
  if (hold) {
    hold.captured = sumFrom(postings, hold.account)
    if (hold.captured === 0n || hold.captured > hold.amount) return captureTrouble(book, hold)
  }
  const entry = must(book.ids[book.idsUsed++], 'More entries than ids were drawn')
  book.written.push({ entry, item, keyed, effectiveAt, postings })
  if (hold) hold.entry = entry
  return posted(entry, book.now, effectiveAt, postings)
}

function isReversed(book: Book, entry: bigint): boolean {
  return book.reversed.has(entry) || book.written.some(({ item }) => item.reverses === entry)
}

/** Carries out one posting on the states of its two accounts, or says why not. */
function move(book: Book, posting: PostingItem, undo: Undo): WrittenPosting | Rejected {
  const scale = book.scaleOf(posting.asset)
  if (scale === undefined)
    return rejected('asset_not_found', `There is no asset ${posting.asset}.`, { asset: posting.asset })
  const from = book.accounts.get(accountKey(posting.from, posting.asset))
  const to = book.accounts.get(accountKey(posting.to, posting.asset))
  if (!from) return accountNotFound(posting.from, posting.asset)
  if (!to) return accountNotFound(posting.to, posting.asset)
  if (from === to)
    return rejected('same_account', 'A posting moves between two different accounts.', { account: from.path })
  if ((posting.amount ?? posting.upTo) === 0n) return rejected('amount_zero', 'A posting moves more than zero.')
  const closed = from.status === 'closed' ? from : to.status === 'closed' ? to : undefined
  if (closed) return rejected('account_closed', `${closed.path} is closed.`, { account: closed.path })
  if (from.status === 'frozen') return accountFrozen(from)
  const amount = posting.amount ?? upTo(posting.upTo, from, to)
  if (amount === 0n) return rejected('nothing_to_move', `Nothing can move from ${from.path} to ${to.path} now.`)
  const available = availableOf(from)
  if (available !== null && amount > available) return insufficientFunds(book, from, available, amount)
  if (to.ceiling !== null && to.balance + amount > to.ceiling) return ceilingExceeded(book, to, amount)
  if (from.balance - amount < -BALANCE_MAX || to.balance + amount > BALANCE_MAX) return OUT_OF_RANGE
  touch(from, undo)
  touch(to, undo)
  from.balance -= amount
  from.version += 1n
  to.balance += amount
  to.version += 1n
  return {
    from,
    to,
    amount,
    fromBalance: from.balance,
    fromVersion: from.version,
    toBalance: to.balance,
    toVersion: to.version,
  }
}

function evaluateHold(book: Book, keyed: Keyed, item: HoldItem, undo: Undo): Result {
  if (item.id !== undefined && book.holds.has(item.id)) {
    return rejected('hold_exists', `There is a hold ${item.id} already.`, { hold: item.id })
  }
  if (item.reserve === 0n) return rejected('amount_zero', 'A hold reserves more than zero.')
  if (book.scaleOf(item.asset) === undefined) {
    return rejected('asset_not_found', `There is no asset ${item.asset}.`, { asset: item.asset })
  }
  const account = book.accounts.get(accountKey(item.on, item.asset))
  if (!account) return accountNotFound(item.on, item.asset)
  if (account.status === 'closed')
    return rejected('account_closed', `${account.path} is closed.`, { account: account.path })
  if (account.status === 'frozen') return accountFrozen(account)
  if (item.expiresAt && item.expiresAt <= book.now) {
    return rejected('expires_in_past', 'A hold expires in the future.', { expires_at: item.expiresAt.toISOString() })
  }
  const available = availableOf(account)
  if (available === null) {
    return rejected('account_without_floor', `${account.path} has no floor, so nothing can be reserved on it.`)
  }
  if (item.reserve > available) {
    const refusal = insufficientFunds(book, account, available, item.reserve)
    return item.otherwise === undefined ? refusal : { ...refusal, code: item.otherwise }
  }
  if (account.reserved + item.reserve > BALANCE_MAX) return OUT_OF_RANGE
  touch(account, undo)
  account.reserved += item.reserve
  const hold: HoldState = {
    id: item.id ?? book.newHoldId(),
    account,
    amount: item.reserve,
    captured: 0n,
    status: 'pending',
    expiresAt: item.expiresAt ?? null,
    created: { item, keyed },
  }
  undo.holds.set(hold, null)
  book.holds.set(hold.id, hold)
  return { status: 'held', hold: hold.id }
}

function timeTrouble(book: Book, effectiveAt: Date): Rejected | undefined {
  if (effectiveAt > book.now) {
    return rejected('effective_in_future', 'An entry takes effect when it is recorded or earlier, never later.', {
      effective_at: effectiveAt.toISOString(),
      now: book.now.toISOString(),
    })
  }
  if (book.closedBefore && effectiveAt < book.closedBefore) {
    return rejected('period_closed', `The books are closed before ${book.closedBefore.toISOString()}.`, {
      effective_at: effectiveAt.toISOString(),
      closed_before: book.closedBefore.toISOString(),
    })
  }
  return undefined
}

function holdTrouble(book: Book, hold: HoldState | undefined, id: string, capture: boolean): Rejected | undefined {
  if (!hold) return rejected('hold_not_found', `There is no hold ${id}.`, { hold: id })
  if (hold.status !== 'pending') {
    return rejected('hold_not_pending', `The hold ${id} is ${hold.status}.`, { hold: id, status: hold.status })
  }
  if (capture && hold.expiresAt && hold.expiresAt <= book.now) {
    return rejected('hold_expired', `The hold ${id} expired at ${hold.expiresAt.toISOString()}.`, { hold: id })
  }
  return undefined
}

function release(book: Book, hold: HoldState, status: 'captured' | 'voided', undo: Undo): void {
  touch(hold.account, undo)
  if (!undo.holds.has(hold)) undo.holds.set(hold, { status: hold.status, captured: hold.captured })
  hold.account.reserved -= hold.amount
  hold.status = status
  assert(hold.account.reserved >= 0n, `More was reserved by holds than on ${hold.account.path}`)
  book.closedHolds.add(hold)
}

function upTo(limit: bigint, from: AccountState, to: AccountState): bigint {
  let amount = limit
  const available = availableOf(from)
  if (available !== null && available < amount) amount = available
  const room = to.ceiling === null ? null : to.ceiling - to.balance
  if (room !== null && room < amount) amount = room
  return amount > 0n ? amount : 0n
}

function touch(account: AccountState, undo: Undo): void {
  if (undo.accounts.has(account)) return
  const { balance, reserved, version } = account
  undo.accounts.set(account, { balance, reserved, version })
}

function rollBack(book: Book, undo: Undo): void {
  for (const [account, before] of undo.accounts) Object.assign(account, before)
  for (const [hold, before] of undo.holds) {
    if (before === null) book.holds.delete(hold.id)
    else Object.assign(hold, before)
    book.closedHolds.delete(hold)
    delete hold.entry
  }
  book.idsUsed -= book.written.length - undo.written
  book.written.length = undo.written
}

function replayOf(book: Book, { key, item }: Keyed): Result | undefined {
  if (!key) return undefined
  const known = book.keys.get(key.id)
  if (!known) return undefined
  if (known.fingerprint === key.fingerprint) return { ...known.result, replayed: true }
  return keyReused(differingFields(known.request(), requestOf(item)))
}

/** A key stands for one item, and a chain happens at once: in it no key can come a second time. */
function repeated({ key }: Keyed, seen: Set<string>): Rejected | undefined {
  if (!key) return undefined
  if (seen.has(key.id)) return keyReused([])
  seen.add(key.id)
  return undefined
}

function remember(book: Book, { key, item }: Keyed, result: Result): void {
  if (!key) return
  book.keys.set(key.id, { fingerprint: key.fingerprint, result, request: () => requestOf(item) })
  book.claims.push({ id: key.id, fingerprint: key.fingerprint, item, result })
}

function sumFrom(postings: WrittenPosting[], account: AccountState): bigint {
  return postings.reduce((sum, posting) => (posting.from === account ? sum + posting.amount : sum), 0n)
}

function posted(entry: bigint, recordedAt: Date, effectiveAt: Date, postings: PostedPosting[]): Posted {
  return {
    status: 'posted',
    entry,
    recordedAt,
    effectiveAt,
    postings: postings.map(({ amount, fromBalance, toBalance }) => ({ amount, fromBalance, toBalance })),
  }
}

const OUT_OF_RANGE = rejected('balance_out_of_range', 'A balance has at most 38 digits, and so has what is reserved.')
/** What the siblings of a refused item in a linked chain are answered. */
export const LINKED_FAILED = rejected('linked_failed', 'An item of the same linked chain was refused.')
const LINKED_CHAIN_OPEN = rejected('linked_chain_open', 'The last item is linked to a next one that does not exist.')

interface Undo {
  accounts: Map<AccountState, { balance: bigint; reserved: bigint; version: bigint }>
  /** Null: the hold is new. */
  holds: Map<HoldState, { status: HoldState['status']; captured: bigint } | null>
  written: number
}
