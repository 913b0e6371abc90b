import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  checkContributionType,
  checkDemand,
  checkQuality,
  checkReputation,
  CONTRIBUTION_TYPES,
  shareBasePoints,
  totalPoints,
} from './points-rules.ts'

describe('totalPoints', () => {
  it("is the document's 540 for 100 × 2.5 × 1.2 × 1.8", () => {
    expect(totalPoints({ base: 100n, quality_e2: 250, reputation_e4: 12_000, demand_e2: 180 })).toBe(540n)
  })

  it.each([
    ['the base alone where all multipliers are 1', 75n, 100, 10_000, 100, 75n],
    ['a half goes up: 10 × 1.05 = 10.5', 10n, 105, 10_000, 100, 11n],
    ['just below a half goes down: 10 × 1.0499 = 10.499', 10n, 100, 10_499, 100, 10n],
    ['rounded once: 10 × 0.55 × 1.1 × 1.06 = 6.413, where 6 × 1.1 × 1.06 would be 7', 10n, 55, 11_000, 106, 6n],
    ['the least', 10n, 50, 8_000, 100, 4n],
    ['the most', 100n, 300, 15_000, 250, 1_125n],
    ['nothing for a base of nothing', 0n, 300, 15_000, 250, 0n],
    ['no limit of a double', 10n ** 20n, 300, 15_000, 250, 1_125n * 10n ** 18n],
  ])('%s', (_, base, quality_e2, reputation_e4, demand_e2, expected) => {
    expect(totalPoints({ base, quality_e2, reputation_e4, demand_e2 })).toBe(expected)
  })

  it('is within half a point of the exact product', () => {
    const [quality, reputation, demand] = [
      fc.integer({ min: 50, max: 300 }),
      fc.integer({ min: 8_000, max: 15_000 }),
      fc.integer({ min: 100, max: 250 }),
    ]
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1_000_000n }), quality, reputation, demand, (base, q, r, d) => {
        const exact_e8 = base * BigInt(q) * BigInt(r) * BigInt(d)
        const off_e8 = totalPoints({ base, quality_e2: q, reputation_e4: r, demand_e2: d }) * 10n ** 8n - exact_e8
        expect(off_e8 > -50_000_000n && off_e8 <= 50_000_000n).toBe(true)
      }),
    )
  })
})

describe('shareBasePoints', () => {
  it.each([
    [100n, 1, [100n]],
    [100n, 3, [34n, 33n, 33n]],
    [20n, 6, [4n, 4n, 3n, 3n, 3n, 3n]],
    [2n, 3, [1n, 1n, 0n]],
    [0n, 2, [0n, 0n]],
  ])('shares %i among %i people as %s', (base, people, parts) => {
    expect(shareBasePoints(base, people)).toEqual(parts)
  })

  it('sums to the base, gives the author most, and differs by one at most', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1_000n }), fc.integer({ min: 1, max: 101 }), (base, people) => {
        const parts = shareBasePoints(base, people)
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(base)
        expect(parts.toSorted((a, b) => Number(b - a))).toEqual(parts)
        expect(parts[0]! - parts.at(-1)! <= 1n).toBe(true)
      }),
    )
  })
})

describe('what is refused', () => {
  it('a type that there is not', () => {
    for (const type of CONTRIBUTION_TYPES) expect(() => checkContributionType(type)).not.toThrow()
    for (const type of ['', 'Creation', 'toString', 'delete']) {
      expect(() => checkContributionType(type)).toThrow(
        expect.objectContaining({ code: 'contribution_type_unknown', params: { type } }),
      )
    }
  })

  it.each([
    ['quality', checkQuality, { min: 50, max: 300 }, '0.49', 49, '3.01', 301],
    ['reputation', checkReputation, { min: 8_000, max: 15_000 }, '0.7999', 7_999, '1.5001', 15_001],
    ['demand', checkDemand, { min: 100, max: 250 }, '0.99', 99, '2.51', 251],
  ])('a %s out of bounds, and neither bound itself', (name, check, bounds, below, under, above, over) => {
    expect(() => check(bounds.min, bounds)).not.toThrow()
    expect(() => check(bounds.max, bounds)).not.toThrow()
    const code = `${name}_out_of_range`
    expect(() => check(under, bounds)).toThrow(expect.objectContaining({ code, status: 422 }))
    expect(() => check(under, bounds)).toThrow(`, and ${below} is not.`)
    expect(() => check(over, bounds)).toThrow(
      expect.objectContaining({ params: expect.objectContaining({ [name]: above }) }),
    )
  })

  it('in a sentence that says what is allowed', () => {
    expect(() => checkQuality(350, { min: 50, max: 300 })).toThrow('The quality must be from 0.5 to 3, and 3.5 is not.')
  })
})
