import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { splitReward } from './reward-rules.ts'

describe('splitReward', () => {
  it('shares a reward over articles by the points of what was done for each', () => {
    const earned = splitReward(85_500_000_000n, [
      { article: 'defi', points: 540n },
      { article: 'wallets', points: 50n },
      { article: 'defi', points: 10n },
    ])
    expect(Object.fromEntries(earned)).toEqual({ defi: 78_375_000_000n, wallets: 7_125_000_000n })
  })

  it('gives a unit that cannot be shared to the earlier contribution', () => {
    const earned = splitReward(1n, [
      { article: 'a', points: 20n },
      { article: 'b', points: 20n },
    ])
    expect(Object.fromEntries(earned)).toEqual({ a: 1n, b: 0n })
  })

  it('gives nothing to a contribution without points', () => {
    const earned = splitReward(7n, [
      { article: 'a', points: 0n },
      { article: 'b', points: 3n },
    ])
    expect(Object.fromEntries(earned)).toEqual({ a: 0n, b: 7n })
  })

  it('sums to the reward', () => {
    const contribution = fc.record({
      article: fc.constantFrom('a', 'b', 'c'),
      points: fc.bigInt({ min: 0n, max: 999n }),
    })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 13n }), fc.array(contribution, { minLength: 1 }), (amount, list) => {
        fc.pre(list.some(({ points }) => points > 0n))
        const earned = splitReward(amount, list)
        expect([...earned.values()].reduce((a, b) => a + b, 0n)).toBe(amount)
      }),
    )
  })
})
