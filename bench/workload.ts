import { transaction } from '../src/core/db.ts'
import { newUuid } from '../src/core/id.ts'
import { ensureAccounts } from '../src/ledger/accounts.ts'
import { availableAccount } from '../src/ledger/chart.ts'
import type { EntryItem, Result } from '../src/ledger/items.ts'
import { post } from '../src/ledger/post.ts'
import type { BenchEconomy } from './place.ts'
import { uniform, zipf } from './random.ts'

/** Opens `count` wallets, each of an owner of its own; gives their paths. */
export async function openWallets(economy: BenchEconomy, count: number): Promise<string[]> {
  const now = economy.clock.now()
  return await openWalletsOf(economy, { owners: Array.from({ length: count }, () => newUuid(now)) })
}

/**
 * Opens a wallet for each of `owners`, funded out of treasury:main, so that every posting is checked against a floor that
 * holds; then lets the database come to rest. Gives their paths, in the same order.
 */
export async function openWalletsOf(
  { db, clock, rest }: BenchEconomy,
  { owners, now = clock.now() }: { owners: readonly string[]; now?: Date },
): Promise<string[]> {
  const all = owners.map((owner) => ({ path: availableAccount(owner), owner }))
  for (let from = 0; from < all.length; from += WALLETS_AT_ONCE) {
    const accounts = all.slice(from, from + WALLETS_AT_ONCE)
    await transaction(db, async (tx) => {
      await ensureAccounts(tx, { asset: ASSET, accounts, now })
      const postings = accounts.map(({ path }) => ({ from: 'treasury:main', to: path, asset: ASSET, amount: FUNDS }))
      await post(tx, [{ kind: 'funding', postings }], { actor: ACTOR, now })
    })
  }
  await rest()
  return all.map(({ path }) => path)
}

/** From whom to whom: two wallets of `count`, by their numbers. */
export type Pairs = () => readonly [from: number, to: number]

/** Every wallet as likely as every other. */
export function uniformPairs(count: number): Pairs {
  return distinct(() => uniform(count))
}

/** A few wallets most of the time, by Zipf's law with the exponent 1. */
export function zipfPairs(count: number): Pairs {
  return distinct(zipf(count))
}

/** One wallet takes part in every second posting, by turns as the one that gives and the one that gets. */
export function hotPairs(count: number): Pairs {
  let turn = 0
  return () => {
    const one = 1 + uniform(count - 1)
    turn = (turn + 1) % 4
    if (turn === 0) return [HOT, one]
    if (turn === 2) return [one, HOT]
    return [one, one === count - 1 ? 1 : one + 1]
  }
}

/** The number of the wallet that `hotPairs` makes hot. */
export const HOT = 0

/** Transfers of one posting, each with an idempotency key of its own. */
export function transfers(wallets: readonly string[], pairs: Pairs, count: number): EntryItem[] {
  return Array.from({ length: count }, () => {
    const [from, to] = pairs()
    const posting = { from: wallets[from]!, to: wallets[to]!, asset: ASSET, amount: BigInt(1 + uniform(AMOUNT_MAX)) }
    return { kind: 'transfer', key: `bench-${keys++}`, postings: [posting] }
  })
}

/** Posts `count` transfers in batches of 1,000. Every `backdated_every`th took effect a day before. */
export async function load(
  { batcher, clock }: BenchEconomy,
  { wallets, pairs, count, backdated_every = Infinity }: Load,
): Promise<void> {
  const day_ms = 86_400_000
  const postFrom = async (start: number) => {
    for (let posted = start; posted < count; posted += 2 * BATCH) {
      const items = transfers(wallets, pairs, Math.min(BATCH, count - posted))
      for (let i = 0; i < items.length; i += backdated_every) {
        if (backdated_every < Infinity) items[i]!.effectiveAt = new Date(clock.now().getTime() - day_ms)
      }
      mustAllBePosted(await batcher.submit(items, { actor: ACTOR }))
    }
  }
  // While one batch is being committed, the next is on its way.
  await Promise.all([postFrom(0), postFrom(BATCH)])
}

/** A refusal would make a figure that nobody asked for. */
export function mustAllBePosted(results: readonly Result[]): void {
  const other = results.find(({ status }) => status !== 'posted')
  if (other) throw new Error(`A transfer was ${other.status}${other.status === 'rejected' ? `: ${other.message}` : ''}`)
}

export interface Load {
  wallets: readonly string[]
  pairs: Pairs
  count: number
  backdated_every?: number
}

export const ACTOR = 'bench'
/** The asset of everything here, and its decimals. */
export const ASSET = 'KONTRIB'
export const SCALE = 9
export const BATCH = 1_000
/** As the server does (src/app.ts). */
export const SEAL_EVERY_MS = 250

const WALLETS_AT_ONCE = 5_000
/** One KONTRIB, and postings of at most a ten-thousandth of it. */
export const FUNDS = 1_000_000_000n
const AMOUNT_MAX = 10_000

let keys = 0

function distinct(pick: () => number): Pairs {
  return () => {
    const from = pick()
    let to = pick()
    while (to === from) to = pick()
    return [from, to]
  }
}
