import type { EntryItem, HoldItem, Item, PostingItem } from '../src/ledger/items.ts'

/*
 * What ARCHITECTURE section 5 says of posting, in the plainest way: the whole state is copied before each linked chain
 * and put back when one of its items is refused. It shares nothing with src/ledger but the shape of the requests.
 */

/** Decides `items` on `state`, which they change. */
export function applyAll(state: Model, items: readonly Item[]): Outcome[] {
  const outcomes: Outcome[] = []
  let chain: Item[] = []
  for (const item of items) {
    chain.push(item)
    if (item.linked) continue
    outcomes.push(...applyChain(state, chain, false))
    chain = []
  }
  return chain.length > 0 ? [...outcomes, ...applyChain(state, chain, true)] : outcomes
}

export function copyOf(state: Model): Model {
  return {
    ...state,
    ...movables(state),
    keys: new Map(state.keys),
  }
}

/** What a refused chain puts back. A hold is never changed but replaced, so that its object can be shared. */
function movables({ accounts, holds }: Model): Pick<Model, 'accounts' | 'holds'> {
  return { accounts: new Map([...accounts].map(([key, account]) => [key, { ...account }])), holds: new Map(holds) }
}

/** What is set aside on an account: the sum of its pending holds. */
export function reservedOn(state: Model, account: string): bigint {
  let sum = 0n
  for (const hold of state.holds.values()) if (hold.account === account && hold.status === 'pending') sum += hold.amount
  return sum
}

export function keyOf(path: string, asset: string): string {
  return `${path} ${asset}`
}

export interface Model {
  now: Date
  closedBefore: Date | null
  assets: ReadonlySet<string>
  accounts: Map<string, ModelAccount>
  holds: Map<string, ModelHold>
  keys: Map<string, { body: string; outcome: Outcome }>
}

export interface ModelAccount {
  balance: bigint
  floor: bigint | null
  ceiling: bigint | null
  status: 'open' | 'frozen' | 'closed'
}

export interface ModelHold {
  readonly account: string
  readonly amount: bigint
  readonly captured: bigint
  readonly status: 'pending' | 'captured' | 'voided' | 'expired'
  readonly expiresAt: Date | null
}

/** The code of a refusal, or what was done: of a posted entry each amount with the two balances after it. */
export type Outcome = { refused: string } | { posted: [amount: bigint, from: bigint, to: bigint][] } | 'held' | 'voided'

/** The body of a request: all but its key, and but what a module may choose anew on a repetition. */
function bodyOf(item: Item): string {
  return JSON.stringify(item, (name, value: unknown) => {
    if (name === 'key' || name === 'id' || name === 'otherwise') return undefined
    if (typeof value === 'bigint') return `${value}`
    if (name !== 'metadata' || typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function applyChain(state: Model, chain: Item[], open: boolean): Outcome[] {
  const before = movables(state)
  const seen = new Set<string>()
  const known = chain.map((item) => {
    const first = item.key === undefined ? undefined : state.keys.get(item.key)
    if (first) return first.body === bodyOf(item) ? first.outcome : { refused: 'idempotency_key_reused' }
    if (item.key !== undefined && seen.has(item.key)) return { refused: 'idempotency_key_reused' }
    if (item.key !== undefined) seen.add(item.key)
    return undefined
  })
  if (known.every((outcome) => outcome !== undefined)) return known

  const outcomes: Outcome[] = []
  let culprit = open ? chain.length - 1 : -1
  for (const [i, item] of chain.entries()) {
    if (culprit >= 0) break
    const outcome = known[i] ? { refused: 'linked_failed' } : applyItem(state, item)
    outcomes.push(outcome)
    if (typeof outcome === 'object' && 'refused' in outcome) culprit = i
  }
  const answers = chain.map((_, i): Outcome => {
    if (known[i]) return known[i]
    if (culprit < 0) return outcomes[i]!
    if (i !== culprit) return { refused: 'linked_failed' }
    return open ? { refused: 'linked_chain_open' } : outcomes[i]!
  })
  if (culprit >= 0) Object.assign(state, before)
  for (const [i, item] of chain.entries()) {
    if (item.key !== undefined && !known[i]) state.keys.set(item.key, { body: bodyOf(item), outcome: answers[i]! })
  }
  return answers
}

function applyItem(state: Model, item: Item): Outcome {
  if ('postings' in item) return applyEntry(state, item)
  if ('reserve' in item) return applyHold(state, item)
  const hold = state.holds.get(item.void)
  if (!hold) return { refused: 'hold_not_found' }
  if (hold.status !== 'pending') return { refused: 'hold_not_pending' }
  state.holds.set(item.void, { ...hold, status: 'voided' })
  return 'voided'
}

function applyEntry(state: Model, { postings, effectiveAt = state.now, captures }: EntryItem): Outcome {
  if (effectiveAt.getTime() > state.now.getTime()) return { refused: 'effective_in_future' }
  if (state.closedBefore && effectiveAt.getTime() < state.closedBefore.getTime()) return { refused: 'period_closed' }
  let hold: ModelHold | undefined
  if (captures !== undefined) {
    hold = state.holds.get(captures)
    if (!hold) return { refused: 'hold_not_found' }
    if (hold.status !== 'pending') return { refused: 'hold_not_pending' }
    if (hold.expiresAt && hold.expiresAt.getTime() <= state.now.getTime()) return { refused: 'hold_expired' }
    state.holds.set(captures, { ...hold, status: 'captured' })
  }
  const posted: [bigint, bigint, bigint][] = []
  let taken = 0n
  for (const posting of postings) {
    const moved = applyPosting(state, posting)
    if (!Array.isArray(moved)) return moved
    posted.push(moved)
    if (hold?.account === keyOf(posting.from, posting.asset)) taken += moved[0]
  }
  if (hold && captures !== undefined) {
    if (taken === 0n || taken > hold.amount) return { refused: 'capture_exceeds_hold' }
    state.holds.set(captures, { ...hold, status: 'captured', captured: taken })
  }
  return { posted }
}

function applyPosting(state: Model, posting: PostingItem): [bigint, bigint, bigint] | { refused: string } {
  const { from: source, to: target, asset } = posting
  if (!state.assets.has(asset)) return { refused: 'asset_not_found' }
  const from = state.accounts.get(keyOf(source, asset))
  const to = state.accounts.get(keyOf(target, asset))
  if (!from || !to) return { refused: 'account_not_found' }
  if (source === target) return { refused: 'same_account' }
  const wish = posting.amount ?? posting.upTo
  if (wish === 0n) return { refused: 'amount_zero' }
  if (from.status === 'closed' || to.status === 'closed') return { refused: 'account_closed' }
  if (from.status === 'frozen') return { refused: 'account_frozen' }
  const available = from.floor === null ? wish : from.balance - reservedOn(state, keyOf(source, asset)) - from.floor
  const room = to.ceiling === null ? wish : to.ceiling - to.balance
  let amount = wish
  if (posting.upTo !== undefined) {
    for (const bound of [available, room]) if (bound < amount) amount = bound
    if (amount <= 0n) return { refused: 'nothing_to_move' }
  }
  if (amount > available) return { refused: 'insufficient_funds' }
  if (amount > room) return { refused: 'ceiling_exceeded' }
  from.balance -= amount
  to.balance += amount
  return [amount, from.balance, to.balance]
}

function applyHold(state: Model, { id, reserve, on, asset, expiresAt, otherwise }: HoldItem): Outcome {
  if (id !== undefined && state.holds.has(id)) return { refused: 'hold_exists' }
  if (reserve === 0n) return { refused: 'amount_zero' }
  if (!state.assets.has(asset)) return { refused: 'asset_not_found' }
  const key = keyOf(on, asset)
  const account = state.accounts.get(key)
  if (!account) return { refused: 'account_not_found' }
  if (account.status === 'closed') return { refused: 'account_closed' }
  if (account.status === 'frozen') return { refused: 'account_frozen' }
  if (expiresAt && expiresAt.getTime() <= state.now.getTime()) return { refused: 'expires_in_past' }
  if (account.floor === null) return { refused: 'account_without_floor' }
  const available = account.balance - reservedOn(state, key) - account.floor
  if (reserve > available) return { refused: otherwise ?? 'insufficient_funds' }
  state.holds.set(id!, { account: key, amount: reserve, captured: 0n, status: 'pending', expiresAt: expiresAt ?? null })
  return 'held'
}
