import { randomInt } from 'node:crypto'

import { expect, test } from 'vitest'

import { type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { accountsOf, randomItems, SOURCE } from '../../test/ledger-commands.ts'
import { applyAll, copyOf, keyOf, type Model, type Outcome, reservedOn } from '../../test/ledger-model.ts'
import { type Random, randomOf } from '../../test/random.ts'
import { transaction, type Tx } from '../core/db.ts'
import { AppError } from '../core/errors.ts'
import { serialUuid } from '../core/id.ts'
import { openAccount, setLimits, setStatus } from './accounts.ts'
import { Batcher } from './batcher.ts'
import { createChart } from './chart.ts'
import { closeBooks } from './closing.ts'
import { expireHolds } from './holds.ts'
import type { EntryItem, Item, Result } from './items.ts'
import { post, postEach } from './post.ts'
import { reverseEntry } from './reversal.ts'

const SEED = 20_260_105
const ITEMS = 15_000
const ITEMS_A_CALL = 30
const CALLS_BETWEEN_CHECKS = 40
const HOUR_MS = 3_600_000
const BY = { actor: 'key:test' }
const CHART = createChart([{ pattern: 'vaults:*', owner: 'staking', holds: 'a test' }])
const WALLETS = [
  'users:0:available',
  'users:1:available',
  'users:2:available',
  'users:3:available',
  'users:4:available',
]
const PATHS = [...WALLETS, 'treasury:main', 'vaults:one', SOURCE]

// The seed is in the test's name: put it in place of the random one to see the same run again.
test.each([SEED, randomInt(2 ** 32)])(
  'the ledger and a plain model of it agree on every answer and every balance (seed %i)',
  async (seed) => {
    await using t = await testEconomy({ connections_max: 4 })
    const run = await openRun(t, seed)
    let items = 0
    for (let call = 0; items < ITEMS; call++) {
      if (run.random.chance(45)) await operate(run)
      else items += await submitSome(run)
      if (call % CALLS_BETWEEN_CHECKS === 0) await compareBooks(run)
    }
    await run.batcher.close()
    await compareBooks(run)
    // A run in which hardly anything is posted, or some refusal never comes, would show nothing.
    if (seed === SEED) expect(USUAL.filter((outcome) => !run.counts.has(outcome))).toEqual([])
    expect(run.counts.get('posted')! / items).toBeGreaterThan(0.1)
  },
  120_000,
)

/** What every run meets. */
const USUAL = `
  posted held voided linked_failed linked_chain_open idempotency_key_reused asset_not_found account_not_found
  same_account amount_zero account_closed account_frozen nothing_to_move insufficient_funds ceiling_exceeded
  effective_in_future period_closed hold_not_found hold_not_pending hold_expired capture_exceeds_hold hold_exists
  expires_in_past account_without_floor reward_not_funded entry_already_reversed entry_not_reversible
  account_owned_by_module
`
  .trim()
  .split(/\s+/)

interface Run {
  t: TestEconomy
  random: Random
  model: Model
  batcher: Batcher
  /** Requests with keys that may come again. */
  used: Item[]
  posted: PostedEntry[]
  counts: Map<string, number>
  walletsOpened: number
}

interface PostedEntry {
  id: string
  item: EntryItem
  amounts: bigint[]
  reversed: boolean
}

async function openRun(t: TestEconomy, seed: number): Promise<Run> {
  const model: Model = {
    now: t.clock.now(),
    closedBefore: null,
    assets: new Set(['TOK', 'GEM']),
    accounts: new Map(),
    holds: new Map(),
    keys: new Map(),
  }
  const batcher = new Batcher(t.db, t.clock)
  const counts = new Map<string, number>()
  const run = { t, random: randomOf(seed), model, batcher, used: [], posted: [], counts, walletsOpened: WALLETS.length }
  for (const path of PATHS) await open(run, path)
  return run
}

async function open({ t, model }: Run, path: string): Promise<void> {
  for (const asset of model.assets) {
    await transaction(t.db, async (tx) => await openAccount(tx, { path, asset, actor: BY.actor, now: model.now }))
    const floor = path === SOURCE ? null : 0n
    model.accounts.set(keyOf(path, asset), { balance: 0n, floor, ceiling: null, status: 'open' })
  }
}

/** Posts random items by a random way in; returns how many. */
async function submitSome(run: Run): Promise<number> {
  const { random, model, used } = run
  const items = randomItems(random, model, used, ITEMS_A_CALL)
  const way = random.pick([submitEach, submitEach, submitAll, submitBatched, submitBatched, submitDry])
  const { expected, actual } = await way(run, items)
  expect({ items, outcomes: actual }).toEqual({ items, outcomes: expected })
  for (const outcome of expected) count(run, outcome)
  return items.length
}

async function submitEach(run: Run, items: Item[]) {
  const { t, model } = run
  const options = { ...BY, now: model.now }
  const results = await transaction(t.db, async (tx) => await postEach(tx, items, options))
  keepPosted(run, items, results)
  return { expected: applyAll(model, items), actual: results.map(outcomeOf) }
}

/** All of the items or none: the first refusal is thrown. */
async function submitAll(run: Run, items: Item[]) {
  const { t, model } = run
  const trial = copyOf(model)
  const outcomes = applyAll(trial, items)
  const refused = outcomes.find((outcome) => typeof outcome === 'object' && 'refused' in outcome)
  if (!refused) Object.assign(model, trial)
  const options = { ...BY, now: model.now }
  const actual = await attempt(t, async (tx) => {
    const results = await post(tx, items, options)
    keepPosted(run, items, results)
    return results.map(outcomeOf)
  })
  return { expected: refused ? [refused] : outcomes, actual: Array.isArray(actual) ? actual : [actual] }
}

/** By several callers at once, who are served in the order of their calls. */
async function submitBatched(run: Run, items: Item[]) {
  const { batcher, random, model } = run
  const calls: Item[][] = []
  for (let rest = items; rest.length > 0;) {
    const size = 1 + random.below(rest.length)
    calls.push(rest.slice(0, size))
    rest = rest.slice(size)
  }
  const results = (await Promise.all(calls.map(async (call) => await batcher.submit(call, BY)))).flat()
  keepPosted(run, items, results)
  return { expected: calls.flatMap((call) => applyAll(model, call)), actual: results.map(outcomeOf) }
}

async function submitDry({ t, model }: Run, items: Item[]) {
  const options = { ...BY, now: model.now, dryRun: true }
  const results = await transaction(t.db, async (tx) => await postEach(tx, items, options))
  return { expected: applyAll(copyOf(model), items), actual: results.map(outcomeOf) }
}

/** Something other than posting: time passes, accounts change, an entry is reversed. */
async function operate(run: Run): Promise<void> {
  const operation = run.random.pick([
    passTime,
    passTime,
    changeStatus,
    changeLimits,
    reverse,
    reverse,
    sweep,
    closeTime,
  ])
  const { expected, actual } = await operation(run)
  expect({ operation: operation.name, outcome: actual }).toEqual({ operation: operation.name, outcome: expected })
  if (expected !== undefined) count(run, expected)
}

async function passTime({ t, random, model }: Run) {
  model.now = new Date(model.now.getTime() + random.below(2 * HOUR_MS))
  t.clock.set(model.now)
  return await Promise.resolve({ expected: undefined, actual: undefined })
}

async function changeStatus(run: Run) {
  const { t, random, model } = run
  const { path, asset, key } = random.pick(changeable(model))
  const account = model.accounts.get(key)!
  const status = random.pick(['open', 'open', 'open', 'open', 'open', 'frozen', 'closed'] as const)
  const empty = account.balance === 0n && reservedOn(model, key) === 0n
  let expected: Outcome | undefined
  if (account.status === 'closed' && status !== 'closed') expected = { refused: 'account_closed' }
  else if (status === 'closed' && !empty) expected = { refused: 'account_not_empty' }
  const closes = status === 'closed' && account.status !== 'closed' && !expected
  if (!expected) account.status = status
  const actual = await attempt(t, async (tx) => {
    await setStatus(tx, { path, asset, status, ...BY, now: model.now })
    return undefined
  })
  if (closes) await open(run, `users:${run.walletsOpened++}:available`)
  return { expected, actual }
}

async function changeLimits({ t, random, model }: Run) {
  const { path, asset, key } = random.pick(changeable(model))
  const account = model.accounts.get(key)!
  const floor = random.pick([null, 0n, 0n, 0n, BigInt(random.below(60) - 40), account.floor])
  const ceiling = random.pick([null, BigInt(random.below(150)), account.ceiling])
  let expected: Outcome | undefined
  const available = account.balance - reservedOn(model, key)
  if (floor !== null && ceiling !== null && floor > ceiling) expected = { refused: 'limits_invalid' }
  else if ((floor !== null && available < floor) || (ceiling !== null && account.balance > ceiling)) {
    expected = { refused: 'limits_passed' }
  } else Object.assign(account, { floor, ceiling })
  const actual = await attempt(t, async (tx) => {
    await setLimits(tx, { path, asset, floor, ceiling, ...BY, now: model.now })
    return undefined
  })
  return { expected, actual }
}

async function reverse({ t, random, model, posted }: Run) {
  if (posted.length === 0) return { expected: undefined, actual: undefined }
  const reversed = random.chance(30) ? posted.findLast((entry) => entry.reversed) : undefined
  const entry = reversed ?? random.pick(posted)
  const postings = entry.item.postings.map(({ from, to, asset }, i) => {
    return { from: to, to: from, asset, amount: entry.amounts[i]! }
  })
  const owned = postings.some(({ from, to }) => `${from} ${to}`.includes('vaults:'))
  let expected: Outcome | undefined
  if (entry.item.kind !== 'transfer') expected = { refused: 'entry_not_reversible' }
  else if (owned) expected = { refused: 'account_owned_by_module' }
  else if (entry.reversed) expected = { refused: 'entry_already_reversed' }
  else [expected] = applyAll(model, [{ kind: 'reversal', postings: postings.toReversed() }])
  const reversibleKinds = new Set(['transfer'])
  const actual = await attempt(t, async (tx) => {
    return outcomeOf(await reverseEntry(tx, { id: entry.id, reversibleKinds, chart: CHART, ...BY, now: model.now }))
  })
  if (typeof expected === 'object' && 'posted' in expected) entry.reversed = true
  return { expected, actual }
}

async function sweep({ t, model }: Run) {
  for (const [id, hold] of model.holds) {
    const due = hold.status === 'pending' && hold.expiresAt !== null && hold.expiresAt.getTime() <= model.now.getTime()
    if (due) model.holds.set(id, { ...hold, status: 'expired' })
  }
  await expireHolds(t.db, { now: model.now })
  return { expected: undefined, actual: undefined }
}

async function closeTime({ t, random, model }: Run) {
  const before = new Date(model.now.getTime() - (random.below(10) + 4) * 24 * HOUR_MS)
  const closed = model.closedBefore !== null && before.getTime() <= model.closedBefore.getTime()
  if (!closed) model.closedBefore = before
  const actual = await attempt(t, async (tx) => {
    await closeBooks(tx, { before, ...BY, now: model.now })
    return undefined
  })
  return { expected: closed ? { refused: 'period_closed' } : undefined, actual }
}

/** Everything that the books say of accounts and holds. */
async function compareBooks({ t, model }: Run): Promise<void> {
  const accounts = await t.db
    .selectFrom('ledger.account')
    .innerJoin('ledger.asset', 'ledger.asset.id', 'ledger.account.asset')
    .select(['path', 'code', 'balance', 'reserved', 'floor', 'ceiling', 'status'])
    .where('path', 'not like', 'issuance:%')
    .execute()
  const actual = accounts.map(({ path, code, ...rest }) => [keyOf(path, code), rest] as const)
  const expected = [...model.accounts].map(([key, account]) => [key, { ...account, reserved: reservedOn(model, key) }])
  expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected))

  const holds = await t.db.selectFrom('ledger.hold').select(['id', 'amount', 'captured', 'status']).execute()
  const modelled = [...model.holds].map(([id, { amount, captured, status }]) => ({ id, amount, captured, status }))
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  expect(holds.toSorted(byId)).toEqual(modelled.toSorted(byId))
}

/** Nearly all accounts, lest most requests meet one that is frozen or full. */
function changeable(model: Model) {
  return accountsOf(model).filter(({ path }) => path !== SOURCE && path !== WALLETS[0])
}

/** What `work` answers, or the code that it fails with. */
async function attempt<T>(t: TestEconomy, work: (tx: Tx) => Promise<T>): Promise<T | { refused: string }> {
  try {
    return await transaction(t.db, work)
  } catch (error) {
    if (error instanceof AppError) return { refused: error.code }
    throw error
  }
}

function outcomeOf(result: Result): Outcome {
  if (result.status === 'rejected') return { refused: result.code }
  if (result.status !== 'posted') return result.status
  return { posted: result.postings.map(({ amount, fromBalance, toBalance }) => [amount, fromBalance, toBalance]) }
}

function keepPosted({ posted }: Run, items: Item[], results: Result[]): void {
  for (const [i, result] of results.entries()) {
    const item = items[i]!
    if (result.status !== 'posted' || result.replayed || !('postings' in item)) continue
    const id = serialUuid(result.entry, result.recordedAt)
    posted.push({ id, item, amounts: result.postings.map(({ amount }) => amount), reversed: false })
  }
  posted.splice(0, Math.max(0, posted.length - 30))
}

function count({ counts }: Run, outcome: Outcome): void {
  const name = typeof outcome === 'string' ? outcome : 'posted' in outcome ? 'posted' : outcome.refused
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
