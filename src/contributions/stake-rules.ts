import { assert } from '../core/assert.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { mulDiv } from '../core/money.ts'

/** 1, for who has no stake. Staking multipliers, and the effective points that they make, are in millionths. */
export const NO_STAKE_E6 = 1_000_000

/**
 * What a stake multiplies a person's points by: 1 + (tier − 1) × min(1, staked / fullStake), rounded down to a
 * millionth. The caller passes stakes that were active for the whole week, and takes the best of a person's.
 */
export function stakingMultiplier({ tier_e6, staked, fullStake }: StakeOfWeek): number {
  assert(tier_e6 >= NO_STAKE_E6, 'A tier multiplies by at least 1.')
  const counted = staked < fullStake ? staked : fullStake
  return NO_STAKE_E6 + toSafeInteger(mulDiv(BigInt(tier_e6 - NO_STAKE_E6), counted, fullStake, 'down'))
}

export interface StakeOfWeek {
  tier_e6: number
  staked: bigint
  /** The stake from which on the tier counts in full. */
  fullStake: bigint
}
