import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { demandByViews } from './demand-rules.ts'

const bounds = { min: 100, max: 250 }
const demand = (...views: number[]) => demandByViews(views.map(BigInt), bounds)

describe('demandByViews', () => {
  it.each([
    ['from 1.0 for the least viewed to 2.5 for the most', [10, 30, 20], [100, 250, 175]],
    ['to two decimals, a half up: 1 + 1.5 × 1/4 = 1.375', [1, 2, 3, 4, 5], [100, 138, 175, 213, 250]],
    ['equal views share the lowest rank', [5, 9, 5, 9], [100, 200, 100, 200]],
    ['everybody equal: nothing is in demand', [7, 7, 7], [100, 100, 100]],
    ['a single article', [1_000_000], [100]],
    ['no article', [], []],
    ['two articles', [0, 1], [100, 250]],
  ])('%s', (_, views, expected) => {
    expect(demand(...views)).toEqual(expected)
  })

  it('takes its ends from the bounds', () => {
    expect(demandByViews([1n, 2n, 3n], { min: 200, max: 300 })).toEqual([200, 250, 300])
  })

  it('follows the definition: the part of the others that are viewed less', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 20n }), { minLength: 2, maxLength: 40 }), (views) => {
        const others = views.length - 1
        const expected = views.map((own) => {
          const less = views.filter((other) => other < own).length
          return 100 + Math.floor((2 * 150 * less + others) / (2 * others))
        })
        expect(demandByViews(views, bounds)).toEqual(expected)
      }),
    )
  })
})
