import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { nextReputation } from './reputation-rules.ts'

const bounds = { min: 8_000, max: 15_000 }
const next = (reputation_e4: number, ...qualities_e2: number[]) =>
  nextReputation({
    reputation_e4,
    qualitySum_e2: qualities_e2.reduce((a, b) => a + b, 0),
    count: qualities_e2.length,
    bounds,
  })

describe('nextReputation', () => {
  it.each([
    ['stays at 1 for ordinary work', 10_000, [100], 10_000],
    ['goes a tenth of the way to 1.5 for the best work', 10_000, [300], 10_500],
    ['goes a tenth of the way to 0.8 for the worst', 10_000, [50], 9_800],
    ['half way up the upper line: 2.0 → 1.25', 10_000, [200], 10_250],
    ['half way up the lower line: 0.75 → 0.9', 10_000, [75], 9_900],
    ['takes the mean quality of several, unweighted: 1.5 → 1.125', 10_000, [100, 200], 10_125],
    ['takes the mean before the line bends: (0.5 + 1.5) / 2 = 1.0', 10_000, [50, 150], 10_000],
    ['rounds once: 0.9 × 1.0001 + 0.1 × 1.0 = 1.00009', 10_001, [100], 10_001],
    // 0.9 × 1.2 + 0.1 × (1 + 0.25 × (1.02 − 1)) = 1.1805, exactly.
    ['is exact where it can be', 12_000, [102], 11_805],
    // The mean is 1.0133…, the target 1.00333…, the sum 1.080333…
    ['keeps a mean without end exact until the end', 10_889, [100, 101, 103], 10_803],
    ['a half goes up: 0.9 × 0.8005 + 0.1 × 0.8 = 0.80045', 8_005, [50], 8_005],
    ['does not leave the best', 15_000, [300], 15_000],
    ['does not leave the worst', 8_000, [50], 8_000],
  ])('%s', (_, old, qualities, expected) => {
    expect(next(old, ...qualities)).toBe(expected)
  })

  it('agrees with the formula in exact arithmetic', () => {
    const old = fc.integer({ min: 8_000, max: 15_000 })
    const qualities = fc.array(fc.integer({ min: 50, max: 300 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(old, qualities, (reputation, list) => {
        const [n, sum] = [BigInt(list.length), list.reduce((a, b) => a + BigInt(b), 0n)]
        // In ten-thousandths over n: 10,000 + 40 × (mean − 1) below one, 10,000 + 25 × (mean − 1) from one on.
        const target = 10_000n * n + (sum < 100n * n ? 40n : 25n) * (sum - 100n * n)
        const exact = 9n * BigInt(reputation) * n + target
        expect(BigInt(next(reputation, ...list))).toBe((2n * exact + 10n * n) / (20n * n))
      }),
      { numRuns: 2_000 },
    )
  })

  it('never leaves the bounds, and never moves away from the target', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8_000, max: 15_000 }), fc.integer({ min: 50, max: 300 }), (old, quality) => {
        const result = next(old, quality)
        expect(result).toBeGreaterThanOrEqual(bounds.min)
        expect(result).toBeLessThanOrEqual(bounds.max)
        const target = quality < 100 ? 8_000 + 40 * (quality - 50) : 10_000 + 25 * (quality - 100)
        expect(Math.abs(target - result)).toBeLessThanOrEqual(Math.abs(target - old))
      }),
    )
  })

  it('is flat beyond the ends of the lines, for bounds of quality that were widened', () => {
    expect(next(10_000, 1_000)).toBe(10_500)
    expect(next(10_000, 1)).toBe(9_800)
  })

  it('comes back into bounds that were drawn closer', () => {
    const closer = { min: 9_000, max: 11_000 }
    expect(nextReputation({ reputation_e4: 15_000, qualitySum_e2: 300, count: 1, bounds: closer })).toBe(11_000)
    expect(nextReputation({ reputation_e4: 8_000, qualitySum_e2: 50, count: 1, bounds: closer })).toBe(9_000)
  })

  it('is not asked for people without scored work', () => {
    expect(() => next(10_000)).toThrow('without scored work')
  })
})
