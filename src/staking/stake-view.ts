import { z } from 'zod'

import { formatDecimal, toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { formatAmount } from '../core/money.ts'
import type { StakingTerms } from './parameters.ts'
import type { Pool } from './pools.ts'
import type { Quote } from './quote.ts'
import type { PoolTotals, StakeRow } from './stakes-queries.ts'
import { daysAfter, earlyPenalty, earnedBy, POOL_KINDS, STAKE_STATUSES, transitionOf } from './staking-rules.ts'

const zDecimal = z.string().meta({ description: 'A decimal text, exact.', examples: ['2.5'] })
const zDays = z.int().min(0)

export const zStakeStatus = z.enum(STAKE_STATUSES)

/** What a stake and the preview of one have in common. */
const zAgreed = {
  pool: z.string(),
  asset: z.string(),
  amount: zDecimal,
  duration_days: zDays,
  apy_rate: zDecimal.meta({ description: 'A year’s interest as a part of 1.', examples: ['0.12'] }),
  multiplier: zDecimal.meta({ description: 'Of points, for a stake that is large enough to count in full.' }),
  start_date: zTime,
  end_date: zTime,
  reward: zDecimal.meta({ description: 'For the whole term; reserved when the stake is made.' }),
  early_unstake_delay_days: zDays.meta({ description: 'How long the principal takes when it is ended early.' }),
  early_unstake_penalty: zDecimal.meta({ description: 'What ending it early costs.' }),
}

export const zStake = z.object({
  id: z.string(),
  user_id: z.string(),
  username: z.string(),
  ...zAgreed,
  status: zStakeStatus,
  rewards_earned: zDecimal.meta({ description: 'So far, linear in time; none where it was ended early.' }),
  unstaked_at: zTime.nullable(),
  penalty: zDecimal.meta({ description: 'What ending it early has cost.' }),
  due_at: zTime.meta({ description: 'When it is to be paid back.' }),
  paid_at: zTime.nullable(),
  failure: z.string().nullable().meta({ description: 'Why the payment was refused; it is tried again.' }),
  can_unstake: z.boolean(),
  ended_early_now: z
    .object({
      amount: zDecimal.meta({ description: 'What would come back: the principal less the penalty.' }),
      at: zTime.meta({ description: 'When.' }),
    })
    .nullable()
    .meta({ description: 'What ending it at this moment would bring; null where it cannot be ended early.' }),
  stake_tx_hash: z.null(),
  unstake_tx_hash: z.null(),
  stake_entry_id: z.string().nullable(),
  payout_entry_id: z.string().nullable(),
  created_at: zTime,
  updated_at: zTime,
})

export function stakeView(row: StakeRow, now: Date): z.output<typeof zStake> {
  const { id, scale, status } = row
  const amount = (units: bigint) => formatAmount(units, scale)
  const times = { startsAt: row.starts_at, endsAt: row.ends_at }
  const penalty = earlyPenalty({ principal: row.amount, penalty_bps: row.unstake_penalty_bps })
  const canUnstake = transitionOf({ kind: row.kind, status, endsAt: row.ends_at }, 'member', now) !== undefined
  return {
    id,
    user_id: row.person,
    username: row.username,
    pool: row.pool,
    asset: row.asset,
    amount: amount(row.amount),
    duration_days: row.duration_days,
    apy_rate: formatDecimal(row.apy_bps, 4),
    multiplier: formatDecimal(row.multiplier_e6, 6),
    start_date: row.starts_at,
    end_date: row.ends_at,
    reward: amount(row.reward),
    early_unstake_delay_days: row.unstake_delay_days,
    early_unstake_penalty: amount(penalty),
    status,
    rewards_earned: amount(earnedBy({ status, reward: row.reward, ...times }, now)),
    unstaked_at: row.unstaked_at,
    penalty: amount(row.penalty),
    due_at: row.due_at,
    paid_at: row.paid_at,
    failure: row.failure,
    can_unstake: canUnstake,
    ended_early_now: canUnstake
      ? { amount: amount(row.amount - penalty), at: daysAfter(now, row.unstake_delay_days) }
      : null,
    stake_tx_hash: null,
    unstake_tx_hash: null,
    stake_entry_id: row.made_by,
    payout_entry_id: row.paid_by,
    created_at: row.created_at,
    updated_at: row.updated_at,
  }
}

export const zStakePreview = z.object({
  ...zAgreed,
  total_at_end: zDecimal.meta({ description: 'Principal and reward.' }),
  total_if_ended_early: zDecimal.meta({ description: 'The principal less the penalty.' }),
  available: zDecimal.meta({ description: 'What you have to stake.' }),
  pool_available: zDecimal.meta({ description: 'What the pool can still promise.' }),
  refused: z
    .enum(['insufficient_funds', 'reward_pool_short'])
    .nullable()
    .meta({ description: 'Why the stake would be refused now; null: it would be made.' }),
})

export function previewView(quote: Quote, available: bigint): z.output<typeof zStakePreview> {
  const { pool, tier, reward } = quote
  const amount = (units: bigint) => formatAmount(units, pool.scale)
  const penalty = earlyPenalty({ principal: quote.amount, penalty_bps: quote.unstakePenalty_bps })
  const free = pool.balance - pool.reserved
  const refused = quote.amount > available ? 'insufficient_funds' : reward > free ? 'reward_pool_short' : null
  return {
    pool: pool.code,
    asset: pool.asset,
    amount: amount(quote.amount),
    duration_days: tier.duration_days,
    apy_rate: formatDecimal(tier.apy, 4),
    multiplier: formatDecimal(tier.multiplier, 6),
    start_date: quote.startsAt,
    end_date: quote.endsAt,
    reward: amount(reward),
    early_unstake_delay_days: quote.unstakeDelayDays,
    early_unstake_penalty: amount(penalty),
    total_at_end: amount(quote.amount + reward),
    total_if_ended_early: amount(quote.amount - penalty),
    available: amount(available),
    pool_available: amount(free),
    refused,
  }
}

export const zStakingPool = z.object({
  code: z.string(),
  kind: z.enum(POOL_KINDS),
  asset: z.string(),
  reward_account: z.string(),
  balance: zDecimal.meta({ description: 'What is there for rewards.' }),
  promised: zDecimal.meta({ description: 'Of it, reserved for the stakes that are active.' }),
  available: zDecimal.meta({ description: 'Of it, what can still be promised.' }),
  stakes: z.int().min(0).meta({ description: 'Not paid back yet.' }),
  staked: zDecimal.meta({ description: 'Their principal, what is on its way back included.' }),
  active: zDecimal.meta({ description: 'The principal of those that are active.' }),
  tiers: z.array(z.object({ duration_days: zDays, apy_rate: zDecimal, multiplier: zDecimal })),
  minimum_stake: zDecimal,
  early_unstake_delay_days: zDays,
  early_unstake_penalty_bps: z.int().min(0),
})

export function poolView(
  pool: Pool,
  totals: PoolTotals | undefined,
  terms: StakingTerms,
): z.output<typeof zStakingPool> {
  const amount = (units: bigint) => formatAmount(units, pool.scale)
  return {
    code: pool.code,
    kind: pool.kind,
    asset: pool.asset,
    reward_account: pool.rewardAccount,
    balance: amount(pool.balance),
    promised: amount(pool.reserved),
    available: amount(pool.balance - pool.reserved),
    stakes: toSafeInteger(totals?.stakes ?? 0n),
    staked: amount(totals?.staked ?? 0n),
    active: amount(totals?.active ?? 0n),
    tiers: terms.staking_tiers
      .toSorted((a, b) => a.duration_days - b.duration_days)
      .map(({ duration_days, apy, multiplier }) => ({
        duration_days,
        apy_rate: formatDecimal(apy, 4),
        multiplier: formatDecimal(multiplier, 6),
      })),
    minimum_stake: amount(terms.minimum_stake),
    early_unstake_delay_days: terms.early_unstake_delay_days,
    early_unstake_penalty_bps: terms.early_unstake_penalty_bps,
  }
}
