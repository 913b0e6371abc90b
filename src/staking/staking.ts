import { assert } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { Conflict } from '../core/errors.ts'
import { newUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { availableAccount, type ChartRule, type KindOwners } from '../ledger/chart.ts'
import { post } from '../ledger/post.ts'
import { quoteStake } from './quote.ts'
import { lockStake, type Stake, stakedAccount, stakeOf } from './stake-row.ts'
import { daysAfter, earlyPenalty, type Transition, transitionOf } from './staking-rules.ts'

/*
 * Staking: people lock tokens for a term, and get them back with a reward that was set aside when they locked them.
 * stake and unstake are what a person does, payDueStakes pays what has fallen due (a job calls it), fundPool fills what
 * rewards come from. stakesThroughout and stakedAsOf tell other modules what stakes count for.
 */
export { STAKING_PARAMETERS } from './parameters.ts'
export { setUpPools } from './pools.ts'
export { type Stake } from './stake-row.ts'
export { stakedAsOf, stakesThroughout } from './weights.ts'

/**
 * Locks `amount` for a term of so many days, with the figures that are in force now; a person may have several stakes.
 * The whole reward is reserved at this moment, so what cannot be paid is not promised.
 * Moves: users:{person}:available -> users:{person}:staked, kind `stake`; reserves the reward on the pool's account.
 * Fails, in this order: staking_pool_not_found, term_not_offered, stake_too_small, then as `post`: account_closed,
 * account_frozen, insufficient_funds, reward_pool_short.
 */
export async function stake(tx: Tx, { person, actor, now, ...asked }: StakeOptions): Promise<Stake> {
  const quote = await quoteStake(tx, { ...asked, now })
  const { pool, amount, reward } = quote
  const { asset } = pool
  const id = newUuid(now)
  const row = await tx
    .insertInto('staking.stake')
    .values({
      id,
      pool: pool.code,
      person,
      amount,
      duration_days: quote.tier.duration_days,
      apy_bps: quote.tier.apy,
      multiplier_e6: quote.tier.multiplier,
      reward,
      unstake_delay_days: quote.unstakeDelayDays,
      unstake_penalty_bps: quote.unstakePenalty_bps,
      starts_at: now,
      ends_at: quote.endsAt,
      due_at: quote.endsAt,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()

  const [wallet, locked] = [availableAccount(person), stakedAccount(person)]
  await ensureAccounts(tx, { asset, accounts: [wallet, locked].map((path) => ({ path, owner: person })), now })
  const entry = { kind: 'stake', reference: id, postings: [{ from: wallet, to: locked, asset, amount }] }
  const reserve = {
    id,
    reserve: reward,
    on: pool.rewardAccount,
    asset,
    reference: id,
    otherwise: 'reward_pool_short',
  }
  await post(tx, reward > 0n ? [entry, reserve] : [entry], { actor, now })
  return stakeOf(row, pool)
}

/**
 * Ends a stake of `person` before its term does. It stops counting at once and its reward is released to the pool; the
 * principal comes back after the delay that was agreed when it was made, less the penalty that was (see payDueStakes).
 * Moves nothing yet; voids the hold of the reward. What was given up is an audit event.
 * Fails, in this order: stake_not_found, stake_not_active, stake_matured.
 */
export async function unstake(tx: Tx, { id, person, actor, now }: UnstakeOptions): Promise<Stake> {
  const before = await lockStake(tx, { id, person })
  const { to } = mayUnstake(before, now)
  const row = await tx
    .updateTable('staking.stake')
    .set({
      status: to,
      unstaked_at: now,
      due_at: daysAfter(now, before.unstakeDelayDays),
      penalty: earlyPenalty({ principal: before.amount, penalty_bps: before.unstakePenalty_bps }),
      updated_at: now,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const diff = {
    before: { status: before.status, reward: formatAmount(before.reward, before.scale) },
    after: { status: to, penalty: formatAmount(row.penalty ?? 0n, before.scale), due_at: row.due_at },
  }
  await record(tx, { at: now, actor, action: 'stake.unstake', subject: `stake:${id}`, diff })
  if (before.reward > 0n) await post(tx, [{ void: id, reference: id }], { actor, now })
  return stakeOf(row, { ...before, code: before.pool })
}

/** The accounts of this module, and where penalties go. */
export const STAKING_CHART: readonly ChartRule[] = [
  { pattern: 'pools:*', owner: 'staking', holds: 'what a module has to pay out, such as the rewards of stakes' },
  { pattern: 'users:*:staked', owner: 'staking', holds: 'what a member has staked, until it is paid back' },
  { pattern: 'treasury:penalties', owner: 'operator', holds: 'what it cost members to end stakes early' },
]

/** Its kinds of entries. */
export const STAKING_KINDS: KindOwners = {
  stake: 'staking',
  stake_maturity: 'staking',
  stake_release: 'staking',
  staking_funding: 'staking',
}

export interface StakeOptions {
  pool: string
  person: string
  amount: bigint
  days: number
  actor: string
  now: Date
}

export interface UnstakeOptions {
  id: string
  person: string
  actor: string
  now: Date
}

function mayUnstake({ id, kind, status, endsAt }: Stake, now: Date): Transition {
  if (status !== 'active')
    throw new Conflict('stake_not_active', `The stake is ${status} already.`, { stake: id, status })
  const transition = transitionOf({ kind, status, endsAt }, 'member', now)
  if (transition) {
    assert(
      transition.reward === 'released' && transition.principal === 'after_delay',
      'Unstaking early gives up the reward',
    )
    return transition
  }
  throw new Conflict('stake_matured', 'The term is over: principal and reward are paid by themselves in a moment.', {
    stake: id,
    ended_at: endsAt.toISOString(),
  })
}
