import type { Tx } from '../core/db.ts'
import { stakesThroughout } from '../staking/staking.ts'
import { stakingMultiplier } from './stake-rules.ts'

/**
 * For each person with a stake in `asset` that was active for the whole week, what the best one multiplies their points
 * by, in millionths; several small ones do not add up. `fullStake` is the parameter full_multiplier_stake at that time.
 */
export async function stakingMultipliers(
  tx: Tx,
  { weekStart, weekEnd, asset, fullStake }: StakesOfWeek,
): Promise<ReadonlyMap<string, number>> {
  const stakes = await stakesThroughout(tx, { asset, from: weekStart, until: weekEnd })
  const best = new Map<string, number>()
  for (const { person, amount, multiplier_e6 } of stakes) {
    const multiplier = stakingMultiplier({ tier_e6: multiplier_e6, staked: amount, fullStake })
    if (multiplier > (best.get(person) ?? 0)) best.set(person, multiplier)
  }
  return best
}

interface StakesOfWeek {
  weekStart: Date
  weekEnd: Date
  asset: string
  fullStake: bigint
}
