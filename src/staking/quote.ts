import type { Db, Tx } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import { formatAmount } from '../core/money.ts'
import { stakingTermsAt } from './parameters.ts'
import { findPool, type Pool } from './pools.ts'
import { daysAfter, termReward, type Tier, tierOf } from './staking-rules.ts'

/**
 * What a stake would be if it were made now: its tier, its reward, when it ends and what ending it early costs. stake
 * makes it of exactly these figures. Moves and reserves nothing.
 * Fails, in this order: staking_pool_not_found, term_not_offered, stake_too_small.
 */
export async function quoteStake(db: Db | Tx, { pool: code, amount, days, now }: QuoteStake): Promise<Quote> {
  const pool = await findPool(db, code)
  const terms = await stakingTermsAt(db, now)
  const tier = tierOf(terms.staking_tiers, days)
  if (!tier) {
    const offered = terms.staking_tiers.map(({ duration_days }) => `${duration_days}`)
    throw new Invalid('term_not_offered', `Stake for one of ${offered.join(', ')} days, not for ${days}.`, {
      duration_days: days,
      offered,
    })
  }
  if (amount < terms.minimum_stake) {
    const [least, given] = [terms.minimum_stake, amount].map((of) => formatAmount(of, pool.scale))
    throw new Invalid('stake_too_small', `Stake at least ${least} ${pool.asset}; this is ${given}.`, {
      minimum: least!,
      amount: given!,
    })
  }
  return {
    pool,
    amount,
    tier,
    reward: termReward({ principal: amount, apy_bps: tier.apy, days }),
    startsAt: now,
    endsAt: daysAfter(now, days),
    unstakeDelayDays: terms.early_unstake_delay_days,
    unstakePenalty_bps: terms.early_unstake_penalty_bps,
  }
}

export interface QuoteStake {
  pool: string
  amount: bigint
  days: number
  now: Date
}

export interface Quote {
  pool: Pool
  amount: bigint
  tier: Tier
  reward: bigint
  startsAt: Date
  endsAt: Date
  unstakeDelayDays: number
  unstakePenalty_bps: number
}
