import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NO_STAKE_E6, stakingMultiplier } from './stake-rules.ts'

const KONTRIB = 1_000_000_000n
const fullStake = 100n * KONTRIB

describe('stakingMultiplier', () => {
  it.each([
    ['the tier for a full stake', 1_300_000, 100n * KONTRIB, 1_300_000],
    ['the tier for more than a full stake', 2_000_000, 5_000n * KONTRIB, 2_000_000],
    ['half of what the tier adds for half a stake', 1_600_000, 50n * KONTRIB, 1_300_000],
    ['rounded down: 1 + 0.3 × 0.3333…', 1_300_000, 33_333_333_333n, 1_099_999],
    ['1 for a stake too small to count', 1_100_000, 1n, NO_STAKE_E6],
    ['1 for no stake', 2_000_000, 0n, NO_STAKE_E6],
    ['1 for a tier that adds nothing', 1_000_000, 100n * KONTRIB, NO_STAKE_E6],
  ])('is %s', (_, tier_e6, staked, expected) => {
    expect(stakingMultiplier({ tier_e6, staked, fullStake })).toBe(expected)
  })

  it('is never above its formula, nor a millionth below it, and never falls with the stake', () => {
    const stake = fc.bigInt({ min: 0n, max: 200n * KONTRIB })
    fc.assert(
      fc.property(fc.integer({ min: NO_STAKE_E6, max: 5_000_000 }), stake, stake, (tier_e6, staked, more) => {
        const multiplier = stakingMultiplier({ tier_e6, staked, fullStake })
        const counted = staked < fullStake ? staked : fullStake
        const exact = BigInt(NO_STAKE_E6) * fullStake + BigInt(tier_e6 - NO_STAKE_E6) * counted
        expect(BigInt(multiplier) * fullStake <= exact).toBe(true)
        expect(BigInt(multiplier + 1) * fullStake > exact).toBe(true)
        const grown = stakingMultiplier({ tier_e6, staked: staked + more, fullStake })
        expect(grown).toBeGreaterThanOrEqual(multiplier)
      }),
    )
  })

  it('has no tier that takes points away', () => {
    expect(() => stakingMultiplier({ tier_e6: 999_999, staked: 1n, fullStake })).toThrow('at least 1')
  })
})
