import type { Tx } from '../core/db.ts'
import { Conflict, Invalid, NotFound } from '../core/errors.ts'
import type { Person } from '../identity/identity.ts'
import { closedBefore } from '../ledger/closing.ts'
import { type Block, blockOver, lastBlock } from '../ledger/log/head.ts'
import { reasonOf } from './statement-words.ts'
import { accountsOf, linesInEffect, type MemberLine } from './statements-queries.ts'

/**
 * A person's statement for a calendar year (UTC): account by account what there was at its beginning, every line that took
 * effect in it, in that order, and what there was at its end. It holds what the log's leaves up to a checkpoint hold, the
 * newest unless `treeSize` says another, so under the same checkpoint it is always the same. Once the books are closed to
 * the year's end, nothing can be added to it any more: then it is final. Call it on a `snapshot`.
 * Fails: year_not_begun, log_empty, tree_size_unsealed, statement_too_long.
 */
export async function yearOf(tx: Tx, { person, year, treeSize, now }: YearOf): Promise<YearStatement> {
  const [from, until] = [startOf(year), startOf(year + 1)]
  if (from > now) throw new Invalid('year_not_begun', `The year ${year} has not begun.`, { year })
  const block = treeSize === undefined ? await lastBlock(tx) : await blockOver(tx, treeSize)
  if (!block) throw new NotFound('log_empty', 'Nothing has been sealed yet. Ask again in a moment.')
  const closed = await closedBefore(tx)
  let left = LINES_MAX
  const accounts: YearAccount[] = []
  for (const { id, path, asset, scale } of await accountsOf(tx, person.id)) {
    const asked = { account: id, from, until, treeSize: block.tree_size, limit: left + 1 }
    const { opening, lines } = await linesInEffect(tx, asked)
    left -= lines.length
    if (left < 0) throw tooLong(year)
    if (opening === 0n && lines.length === 0) continue
    accounts.push({ path, asset, scale, ...sumUp(opening, lines) })
  }
  const final = closed !== null && closed >= until
  return { person, year, from, until, final, block, accounts: accounts.toSorted(byAssetAndWallet) }
}

export interface YearStatement {
  person: Person
  year: number
  from: Date
  /** Exclusive. */
  until: Date
  /** Nothing can be added to it any more. */
  final: boolean
  /** The head of the log that it was made at. */
  block: Block
  accounts: YearAccount[]
}

/** Amounts in minor units of `asset`. */
export interface YearAccount {
  path: string
  asset: string
  scale: number
  opening: bigint
  received: bigint
  sent: bigint
  closing: bigint
  lines: YearLine[]
  totals: KindTotal[]
}

/** A line with the balance after it when lines are taken in the order in which they took effect. */
export interface YearLine extends MemberLine {
  reason: string
  balance: bigint
}

export interface KindTotal {
  kind: string
  lines: number
  received: bigint
  sent: bigint
}

/** A statement is for people to read and is made in memory; who has more exports the journal. */
const LINES_MAX = 5_000

function sumUp(opening: bigint, lines: readonly MemberLine[]) {
  let balance = opening
  const totals = new Map<string, KindTotal>()
  const withBalances = lines.map((line) => {
    const { kind, amount, counterparty, username } = line
    balance += amount
    const total = totals.get(kind) ?? { kind, lines: 0, received: 0n, sent: 0n }
    totals.set(kind, total)
    total.lines++
    if (amount > 0n) total.received += amount
    else total.sent -= amount
    return { ...line, balance, reason: reasonOf({ kind, counterparty, username, incoming: amount > 0n }) }
  })
  const sum = (of: 'received' | 'sent') => [...totals.values()].reduce((all, total) => all + total[of], 0n)
  return {
    opening,
    received: sum('received'),
    sent: sum('sent'),
    closing: balance,
    lines: withBalances,
    totals: [...totals.values()].toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
  }
}

/** Wallets before what is staked or set aside elsewhere. */
function byAssetAndWallet(a: YearAccount, b: YearAccount): number {
  const rank = ({ asset, path }: YearAccount) => `${asset} ${path.endsWith(':available') ? 0 : 1} ${path}`
  return rank(a) < rank(b) ? -1 : 1
}

function startOf(year: number): Date {
  return new Date(Date.UTC(year, 0, 1))
}

function tooLong(year: number): Error {
  return new Conflict(
    'statement_too_long',
    `The statement of ${year} has more than ${LINES_MAX} lines. Read it page by page, or have the journal exported.`,
    { most: LINES_MAX },
  )
}

interface YearOf {
  person: Person
  year: number
  treeSize?: bigint | undefined
  now: Date
}
