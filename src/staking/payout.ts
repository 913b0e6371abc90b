import { sql } from 'kysely'

import { pgArray, pgTimes, type Tx } from '../core/db.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import type { EntryItem, PostingItem, Result } from '../ledger/items.ts'
import { postEach } from '../ledger/post.ts'
import { stakedAccount } from './stake-row.ts'
import { type StakeStatus, TRANSITIONS } from './staking-rules.ts'

/**
 * Pays the stakes that have fallen due, the longest due first, at most `limit`; says how many it dealt with, so
 * fewer than that means that none are left. A matured stake gets principal and reward, out of the hold that was made for
 * it; one that was ended early gets its principal less the penalty. Each is an entry of its own with the stake's id as
 * reference: what the ledger refuses (somebody froze the account) stops no other, and is tried again after RETRY_MS.
 * Each is paid once: its row is locked, is not paid yet, and is marked in the transaction that pays it. What is due to a
 * person whose wallet was closed goes to treasury:unclaimed.
 * Moves: users:{person}:staked -> users:{person}:available and pools:{pool} -> users:{person}:available, kind
 * `stake_maturity`; or users:{person}:staked -> users:{person}:available and -> treasury:penalties, kind `stake_release`.
 */
export async function payDueStakes(tx: Tx, { now, limit = STAKES_PER_SWEEP }: PayDue): Promise<number> {
  const due = await lockDue(tx, { now, limit })
  if (due.length === 0) return 0
  const closed = await closedWallets(tx, due)
  const shared = [
    ...(closed.size > 0 ? [UNCLAIMED_ACCOUNT] : []),
    ...(due.some(({ penalty }) => penalty > 0n) ? [PENALTIES_ACCOUNT] : []),
  ]
  if (shared.length > 0) {
    for (const asset of new Set(due.map((stake) => stake.asset))) {
      await ensureAccounts(tx, { asset, accounts: shared.map((path) => ({ path })), now })
    }
  }
  const items = due.map((stake) => {
    const wallet = availableAccount(stake.person)
    return payment(stake, closed.has(wallet) ? UNCLAIMED_ACCOUNT : wallet)
  })
  await settle(tx, { due, results: await postEach(tx, items, { actor: 'system', now }), now })
  return due.length
}

/** Each makes two postings at most, so a transaction has 5,000 at most. */
export const STAKES_PER_SWEEP = 2_500

const RETRY_MS = 10 * 60_000
const UNCLAIMED_ACCOUNT = 'treasury:unclaimed'
const PENALTIES_ACCOUNT = 'treasury:penalties'

/** Whom somebody is just ending early is left to the next sweep. */
async function lockDue(tx: Tx, { now, limit }: Required<PayDue>): Promise<DueStake[]> {
  const { rows } = await sql<DueStake>`
    select
      stake.id, stake.person, stake.amount, stake.reward, stake.status, stake.penalty, pool.kind, pool.asset,
      pool.reward_account
    from staking.stake
    join staking.pool on pool.code = stake.pool
    where stake.paid_at is null and coalesce(stake.retry_at, stake.due_at) <= ${now}::timestamptz
    order by coalesce(stake.retry_at, stake.due_at), stake.id
    limit ${limit}::int
    for no key update of stake skip locked
  `.execute(tx)
  return rows
}

function payment(stake: DueStake, wallet: string): EntryItem {
  const { id: reference, asset, amount, penalty, reward } = stake
  const locked = stakedAccount(stake.person)
  const parts: Part[] =
    stake.status === 'active'
      ? [
          [locked, wallet, amount],
          [stake.reward_account, wallet, reward],
        ]
      : [
          [locked, wallet, amount - penalty],
          [locked, PENALTIES_ACCOUNT, penalty],
        ]
  const postings = parts.flatMap(([from, to, of]): PostingItem[] => (of > 0n ? [{ from, to, asset, amount: of }] : []))
  if (stake.status !== 'active') return { kind: 'stake_release', reference, postings }
  return { kind: 'stake_maturity', reference, postings, ...(reward > 0n && { captures: reference }) }
}

async function settle(tx: Tx, { due, results, now }: Settle): Promise<void> {
  const rows = due.map((stake, i) => {
    const result = results[i]!
    if (result.status === 'posted') return { status: paidStatus(stake), paidAt: result.recordedAt, failure: null }
    const failure = result.status === 'rejected' ? result.message : `The ledger answered ${result.status}.`
    return { status: stake.status, paidAt: null, failure }
  })
  const retryAt = new Date(now.getTime() + RETRY_MS)
  await sql`
    update staking.stake
    set
      status = new.status, paid_at = new.paid_at, failure = new.failure, updated_at = ${now}::timestamptz,
      retry_at = case when new.failure is not null then ${retryAt}::timestamptz end
    from unnest(
      ${pgArray(due.map(({ id }) => id))}::uuid[],
      ${pgArray(rows.map(({ status }) => status))}::text[],
      ${pgTimes(rows.map(({ paidAt }) => paidAt))}::timestamptz[],
      ${pgArray(rows.map(({ failure }) => failure))}::text[]
    ) as new (id, status, paid_at, failure)
    where stake.id = new.id
  `.execute(tx)
}

/** A stake that was ended early stays so; for one that matured the table of states says what it becomes. */
function paidStatus({ kind, status }: DueStake): StakeStatus {
  return TRANSITIONS.find((row) => row.kind === kind && row.from === status && row.by === 'sweeper')?.to ?? status
}

async function closedWallets(tx: Tx, due: readonly DueStake[]): Promise<Set<string>> {
  const { rows } = await sql<{ path: string }>`
    select account.path
    from unnest(
      ${pgArray(due.map(({ person }) => availableAccount(person)))}::text[],
      ${pgArray(due.map(({ asset }) => asset))}::text[]
    ) as wanted (path, code)
    join ledger.asset on asset.code = wanted.code
    join ledger.account on account.path = wanted.path and account.asset = asset.id
    where account.status = 'closed'
  `.execute(tx)
  return new Set(rows.map(({ path }) => path))
}

export interface PayDue {
  now: Date
  limit?: number
}

type Part = [from: string, to: string, amount: bigint]

interface DueStake {
  id: string
  person: string
  amount: bigint
  reward: bigint
  status: StakeStatus
  penalty: bigint
  kind: string
  asset: string
  reward_account: string
}

interface Settle {
  due: readonly DueStake[]
  results: readonly Result[]
  now: Date
}
