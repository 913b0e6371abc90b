import { sql } from 'kysely'

import { assert, must } from '../core/assert.ts'
import { pgArray, type Tx } from '../core/db.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import { closedBefore, keepBooksOpen } from '../ledger/closing.ts'
import { postEach, refusalError } from '../ledger/post.ts'
import type { Distribution } from './distribution-row.ts'
import { REWARDS_ACCOUNT } from './freeze.ts'
import { endOfWeek } from './weeks.ts'

/**
 * Pays the next of a distribution's payments, in one entry out of the hold that was made for it, and says which; null
 * when all are paid. A hold is captured once, in the same transaction that marks the payment: so whoever comes later,
 * after a crash or at the same time, finds it paid. Rewards of a person whose wallet was closed go to treasury:unclaimed.
 * Moves: treasury:rewards -> users:{person}:available, kind `weekly_reward`, effective at the week's end, or from when
 * on the books are open.
 */
export async function payNext(tx: Tx, { week, actor, now }: PayNext): Promise<Payment | null> {
  const payment = await lockNextPayment(tx, week.serial)
  if (!payment) return null
  await markProcessing(tx, week.serial, now)
  const rewards = await readRewards(tx, week.serial, payment)
  const { asset } = week
  const accounts = rewards.map(({ wallet, person }) => ({ path: wallet, owner: person }))
  await ensureAccounts(tx, { asset, accounts, now })
  const entry = {
    kind: 'weekly_reward',
    reference: week.id,
    captures: payment.hold,
    effectiveAt: await effectiveAt(tx, week),
  }
  const pay = async (closed: ReadonlySet<string>) => {
    const postings = rewards.map(({ wallet, amount }) => {
      return { from: REWARDS_ACCOUNT, to: closed.has(wallet) ? UNCLAIMED_ACCOUNT : wallet, asset, amount }
    })
    const [result] = await postEach(tx, [{ ...entry, postings }], { actor, now })
    return must(result, 'An item has a result')
  }
  let posted = await pay(NONE_CLOSED)
  if (posted.status === 'rejected' && posted.code === 'account_closed') {
    await ensureAccounts(tx, { asset, accounts: [{ path: UNCLAIMED_ACCOUNT }], now })
    posted = await pay(await closedWallets(tx, { asset, paths: accounts.map(({ path }) => path) }))
  }
  if (posted.status === 'rejected') throw refusalError(posted)
  assert(posted.status === 'posted', `A payment was ${posted.status}`)
  await tx
    .updateTable('contributions.payment')
    .set({ entry: posted.entry, paid_at: posted.recordedAt })
    .where('distribution', '=', week.serial)
    .where('no', '=', payment.no)
    .execute()
  await countEarnings(tx, week.serial, { ...payment, paidAt: posted.recordedAt })
  return { no: payment.no, lastReward: payment.last_reward }
}

/** Remembers why a payment was refused; a later run tries again. */
export async function markFailed(
  tx: Tx,
  { distribution, failure }: { distribution: number; failure: string },
): Promise<void> {
  await tx
    .updateTable('contributions.weekly_distribution')
    .set({ status: 'failed', failure })
    .where('id', '=', distribution)
    .where('status', '<>', 'completed')
    .execute()
}

export interface PayNext {
  week: Distribution
  actor: string
  now: Date
}

export interface Payment {
  no: number
  lastReward: number
}

const UNCLAIMED_ACCOUNT = 'treasury:unclaimed'
const NONE_CLOSED: ReadonlySet<string> = new Set()

/** Two runs at once wait here for one another: the later one sees that the payment was made, and takes the next. */
async function lockNextPayment(tx: Tx, distribution: number) {
  await sql`
    select id
    from contributions.weekly_distribution
    where id = ${distribution}
    for no key update
  `.execute(tx)
  return await tx
    .selectFrom('contributions.payment')
    .select(['no', 'first_reward', 'last_reward', 'hold'])
    .where('distribution', '=', distribution)
    .where('entry', 'is', null)
    .orderBy('no')
    .limit(1)
    .executeTakeFirst()
}

async function markProcessing(tx: Tx, distribution: number, now: Date): Promise<void> {
  await tx
    .updateTable('contributions.weekly_distribution')
    .set((eb) => ({ status: 'processing', failure: null, started_at: eb.fn.coalesce('started_at', eb.val(now)) }))
    .where('id', '=', distribution)
    .where('status', '<>', 'processing')
    .execute()
}

async function readRewards(
  tx: Tx,
  distribution: number,
  { first_reward, last_reward }: { first_reward: number; last_reward: number },
): Promise<{ person: string; wallet: string; amount: bigint }[]> {
  const { rows } = await sql<{ person: string; amount: bigint }>`
    select contributor.person, reward.token_amount as amount
    from contributions.token_reward as reward
    join contributions.contributor on contributor.id = reward.contributor
    where reward.distribution = ${distribution} and reward.no between ${first_reward} and ${last_reward}
    order by reward.no
  `.execute(tx)
  return rows.map((row) => ({ ...row, wallet: availableAccount(row.person) }))
}

/** What each has earned, kept for lists in that order; rows are locked in the order of people, also by another week. */
async function countEarnings(
  tx: Tx,
  distribution: number,
  { first_reward, last_reward, paidAt }: { first_reward: number; last_reward: number; paidAt: Date },
): Promise<void> {
  await sql`
    insert into contributions.earning (contributor, tokens, last_at)
    select contributor, token_amount, ${paidAt}::timestamptz
    from contributions.token_reward
    where distribution = ${distribution} and no between ${first_reward} and ${last_reward}
    order by contributor
    on conflict (contributor) do update
    set tokens = earning.tokens + excluded.tokens, last_at = greatest(earning.last_at, excluded.last_at)
  `.execute(tx)
}

/** The week's end, unless the books are closed to it: then as soon after it as they are open. */
async function effectiveAt(tx: Tx, { week }: Distribution): Promise<Date> {
  await keepBooksOpen(tx)
  const weekEnd = endOfWeek(week)
  const closing = await closedBefore(tx)
  return closing && closing > weekEnd ? closing : weekEnd
}

async function closedWallets(tx: Tx, { asset, paths }: { asset: string; paths: string[] }): Promise<Set<string>> {
  const { rows } = await sql<{ path: string }>`
    select account.path
    from unnest(${pgArray(paths)}::text[]) as wanted (path)
    join ledger.asset on asset.code = ${asset}
    join ledger.account on account.path = wanted.path and account.asset = asset.id
    where account.status = 'closed'
  `.execute(tx)
  return new Set(rows.map(({ path }) => path))
}
