import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { qualityOf } from './quality-rules.ts'

const by = (scores: number[], staffScores: number[] = []) => [
  ...scores.map((score_e2) => ({ score_e2, staff: false })),
  ...staffScores.map((score_e2) => ({ score_e2, staff: true })),
]
const quality = (reviews: ReturnType<typeof by>, quorum = 3) => qualityOf({ reviews, quorum, default_e2: 100 })

describe('qualityOf', () => {
  it.each([
    ['1 before anybody scored it', by([]), 100],
    ['1 after a single score, however high: the median of it and two ones', by([300]), 100],
    ['1 after a single score, however low', by([50]), 100],
    ['the lower of two high scores, beside a one', by([250, 300]), 250],
    ['1 between a high and a low one', by([50, 300]), 100],
    ['the middle one of three', by([50, 180, 300]), 180],
    ['the mean of the middle two of four', by([50, 120, 180, 300]), 150],
    ['a half hundredth up: (1.20 + 1.25) / 2 = 1.225', by([50, 120, 125, 300]), 123],
    ['the middle one of five', by([300, 50, 130, 120, 110]), 120],
    ['what staff says, alone and at once', by([50, 50, 50], [280]), 280],
    ['the middle of what several of staff say', by([], [60, 300, 200]), 200],
    ['the mean of what two of staff say', by([100], [200, 251]), 226],
  ])('is %s', (_, reviews, expected) => {
    expect(quality(reviews)).toBe(expected)
  })

  it.each([
    [1, by([300]), 300],
    [1, by([]), 100],
    [0, by([]), 100],
    [2, by([300]), 200],
    [5, by([300, 300, 300]), 300],
    [6, by([300, 300, 300]), 200],
  ])('with a quorum of %i', (quorum, reviews, expected) => {
    expect(quality(reviews, quorum)).toBe(expected)
  })

  it('does not depend on the order of the reviews, and stays between the least and the most said', () => {
    const review = fc.record({ score_e2: fc.integer({ min: 50, max: 300 }), staff: fc.boolean() })
    fc.assert(
      fc.property(fc.array(review, { maxLength: 9 }), (reviews) => {
        const result = quality(reviews)
        expect(quality(reviews.toReversed())).toBe(result)
        const said = [100, ...reviews.map(({ score_e2 }) => score_e2)]
        expect(result).toBeGreaterThanOrEqual(Math.min(...said))
        expect(result).toBeLessThanOrEqual(Math.max(...said))
      }),
    )
  })

  it('cannot be moved out of what the others say by fewer than half of the reviewers', () => {
    const honest = fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 3, maxLength: 9 })
    fc.assert(
      fc.property(honest, fc.constantFrom(50, 300), (scores, extreme) => {
        const gang = Array<number>(scores.length - 1).fill(extreme)
        const result = quality(by([...scores, ...gang]))
        expect(result).toBeGreaterThanOrEqual(Math.min(...scores))
        expect(result).toBeLessThanOrEqual(Math.max(...scores))
      }),
    )
  })
})
