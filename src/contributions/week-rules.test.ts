import { describe, expect, it } from 'vitest'

import { NO_STAKE_E6 } from './stake-rules.ts'
import { payWeek, type PersonOfWeek, type Week } from './week-rules.ts'

const KONTRIB = 1_000_000_000n
const firstValues = { pool: 10_000n * KONTRIB, minimum: KONTRIB, max_share_bps: 10_000 }

/** Who joined on the given day of 2024, with an id and a username alike. */
const person = (id: string, points: number, rest: Partial<PersonOfWeek> & { day?: number } = {}): PersonOfWeek => ({
  id,
  username: rest.username ?? id,
  joinedAt: new Date(Date.UTC(2024, 0, rest.day ?? 1)),
  points: BigInt(points),
  carriedPoints: rest.carriedPoints ?? 0n,
  multiplier_e6: rest.multiplier_e6 ?? NO_STAKE_E6,
})

const pay = (people: PersonOfWeek[], terms: Partial<Week> = {}) => {
  const { paid, carried, undistributed } = payWeek({ ...firstValues, ...terms, people })
  return {
    paid: paid.map(({ id, amount }) => [id, amount]),
    carried: carried.map(({ id, points }) => [id, points]),
    undistributed,
  }
}

describe('shares', () => {
  it('are in proportion to points, and sum to the pool', () => {
    expect(pay([person('a', 540), person('b', 60), person('c', 400)])).toEqual({
      paid: [
        ['a', 5_400n * KONTRIB],
        ['c', 4_000n * KONTRIB],
        ['b', 600n * KONTRIB],
      ],
      carried: [],
      undistributed: 0n,
    })
  })

  it('count points with the staking multiplier', () => {
    const week = payWeek({ ...firstValues, people: [person('a', 100, { multiplier_e6: 2_000_000 }), person('b', 200)] })
    expect(week.paid).toEqual([
      { id: 'a', points: 100n, effectivePoints_e6: 200_000_000n, amount: 5_000n * KONTRIB },
      { id: 'b', points: 200n, effectivePoints_e6: 200_000_000n, amount: 5_000n * KONTRIB },
    ])
  })

  it('count carried points like those of the week, and multiply them too', () => {
    const people = [person('a', 1, { carriedPoints: 2n, multiplier_e6: 2_000_000 }), person('b', 4)]
    const [first, second] = payWeek({ ...firstValues, people }).paid
    expect(first).toEqual({ id: 'a', points: 3n, effectivePoints_e6: 6_000_000n, amount: 6_000n * KONTRIB })
    expect(second).toEqual({ id: 'b', points: 4n, effectivePoints_e6: 4_000_000n, amount: 4_000n * KONTRIB })
  })

  it('give units that cannot be shared to the senior of equal remainders, be their points more or fewer', () => {
    const three = [person('young', 1, { day: 9 }), person('old', 1, { day: 2 }), person('middle', 1, { day: 5 })]
    expect(pay(three, { pool: 11n, minimum: 1n }).paid).toEqual([
      ['old', 4n],
      ['middle', 4n],
      ['young', 3n],
    ])
    // Exactly 7.5 and 2.5: the unit goes to whoever joined first, not to whoever has more.
    const two = [person('much', 3, { day: 9 }), person('little', 1, { day: 2 })]
    expect(pay(two, { pool: 10n, minimum: 1n }).paid).toEqual([
      ['much', 7n],
      ['little', 3n],
    ])
  })

  it('rank people who joined at once by the bytes of their names', () => {
    // In UTF-8 the private U+E000 and U+FFFD come before an emoji; in the UTF-16 of JavaScript they come after it.
    const names = ['a', 'Z', 'é', '\u{1f600}', '\ue000', '\ufffd', 'ab', 'z']
    const people = names.map((username) => person(username, 1))
    const order = ['Z', 'a', 'ab', 'z', 'é', '\ue000', '\ufffd', '\u{1f600}']
    expect(pay(people, { pool: 8n, minimum: 1n }).paid.map(([id]) => id)).toEqual(order)
  })

  it('do not depend on the order in which people are handed in', () => {
    const people = Array.from({ length: 50 }, (_, i) => person(`p${i}`, 1 + (i % 5), { day: 1 + (i % 3) }))
    expect(payWeek({ ...firstValues, people: people.toReversed() })).toEqual(payWeek({ ...firstValues, people }))
  })
})

describe('the minimum', () => {
  it('leaves out the last of the ranking until the last one in reaches it, and their points carry', () => {
    // 5 of 10,005 points are 4.9975, 1 of 10,006 is below one.
    const people = [person('much', 10_000), person('some', 5), person('one', 1, { carriedPoints: 0n })]
    const { paid, carried } = pay(people)
    expect(paid.map(([id]) => id)).toEqual(['much', 'some'])
    expect(carried).toEqual([['one', 1n]])
  })

  it('is reached by a share of exactly the minimum', () => {
    expect(pay([person('much', 9_999), person('one', 1)])).toEqual({
      paid: [
        ['much', 9_999n * KONTRIB],
        ['one', KONTRIB],
      ],
      carried: [],
      undistributed: 0n,
    })
    expect(pay([person('much', 10_000), person('one', 1)]).carried).toEqual([['one', 1n]])
  })

  it('is not reached by rounding', () => {
    // 20 / 7 is 2.857…: largest remainder would make it 3, but who is paid is not for rounding to decide.
    const people = [person('a', 5), person('b', 2)]
    expect(pay(people, { pool: 10n, minimum: 3n })).toEqual({
      paid: [['a', 10n]],
      carried: [['b', 2n]],
      undistributed: 0n,
    })
    expect(pay(people, { pool: 10n, minimum: 2n }).paid).toEqual([
      ['a', 7n],
      ['b', 3n],
    ])
  })

  it('parts equals by seniority when there is not enough for all of them', () => {
    const people = [person('c', 10, { day: 3 }), person('a', 10, { day: 1 }), person('b', 10, { day: 2 })]
    expect(pay(people, { pool: 2n * KONTRIB })).toEqual({
      paid: [
        ['a', KONTRIB],
        ['b', KONTRIB],
      ],
      carried: [['c', 10n]],
      undistributed: 0n,
    })
  })

  it('pays nobody from a pool that is smaller than itself', () => {
    const people = [person('a', 10), person('b', 1, { carriedPoints: 3n })]
    expect(pay(people, { pool: KONTRIB - 1n })).toEqual({
      paid: [],
      carried: [
        ['a', 10n],
        ['b', 4n],
      ],
      undistributed: KONTRIB - 1n,
    })
    expect(pay(people, { pool: KONTRIB }).paid).toEqual([['a', KONTRIB]])
  })

  it('of nothing still pays nobody nothing: who would get less than a unit waits', () => {
    const people = [person('a', 8), person('b', 1), person('c', 1)]
    const week = pay(people, { pool: 5n, minimum: 0n })
    expect(week).toEqual({
      paid: [['a', 5n]],
      carried: [
        ['b', 1n],
        ['c', 1n],
      ],
      undistributed: 0n,
    })
    expect(pay(people, { pool: 0n, minimum: 0n })).toMatchObject({ paid: [], undistributed: 0n })
  })
})

describe('carried points', () => {
  it('are paid with the next points that suffice, once and whole', () => {
    const first = pay([person('much', 100_000), person('one', 9)])
    expect(first.carried).toEqual([['one', 9n]])
    const second = pay([person('much', 100_000), person('one', 1, { carriedPoints: 9n })])
    expect(second.carried).toEqual([['one', 10n]])
    const third = payWeek({ ...firstValues, people: [person('much', 90), person('one', 0, { carriedPoints: 10n })] })
    expect(third.paid[1]).toEqual({ id: 'one', points: 10n, effectivePoints_e6: 10_000_000n, amount: 1_000n * KONTRIB })
    expect(third.carried).toEqual([])
  })

  it('wait in a week without new points of anybody, and the pool stays', () => {
    const people = [person('a', 0, { carriedPoints: 50n }), person('b', 0)]
    expect(pay(people)).toEqual({ paid: [], carried: [['a', 50n]], undistributed: firstValues.pool })
    expect(pay([])).toEqual({ paid: [], carried: [], undistributed: firstValues.pool })
  })
})

describe('the largest share', () => {
  const capped = { max_share_bps: 2_000 }

  it('cuts off what is above it and shares that among the others', () => {
    const people = [person('whale', 900), person('a', 40), person('b', 30), person('c', 20), person('d', 10)]
    // Of 8,000 for 100 points, a and b would get 3,200 and 2,400; then of 4,000 for 30 points, c 2,667; d gets the rest.
    expect(pay(people, capped)).toEqual({
      paid: [
        ['whale', 2_000n * KONTRIB],
        ['a', 2_000n * KONTRIB],
        ['b', 2_000n * KONTRIB],
        ['c', 2_000n * KONTRIB],
        ['d', 2_000n * KONTRIB],
      ],
      carried: [],
      undistributed: 0n,
    })
    expect(pay([...people, person('e', 10)], capped).paid).toEqual([
      ['whale', 2_000n * KONTRIB],
      ['a', 2_000n * KONTRIB],
      ['b', 2_000n * KONTRIB],
      ['c', 2_000n * KONTRIB],
      ['d', 1_000n * KONTRIB],
      ['e', 1_000n * KONTRIB],
    ])
  })

  it('leaves in the treasury what nobody may get', () => {
    expect(pay([person('only', 7)], capped)).toEqual({
      paid: [['only', 2_000n * KONTRIB]],
      carried: [],
      undistributed: 8_000n * KONTRIB,
    })
  })

  it('lets in people whom a very large share would have kept below the minimum', () => {
    const people = [person('whale', 1_000_000), person('a', 60), person('b', 30), person('c', 1)]
    expect(pay(people).paid).toEqual([['whale', 10_000n * KONTRIB]])
    const { paid, carried } = pay(people, { max_share_bps: 5_000 })
    expect(paid.map(([id]) => id)).toEqual(['whale', 'a', 'b', 'c'])
    expect(paid.reduce((sum, [, amount]) => sum + BigInt(amount!), 0n)).toBe(firstValues.pool)
    expect(carried).toEqual([])
  })

  it('is a part of what there is, rounded down, and is never exceeded by a unit', () => {
    const people = [person('a', 5), person('b', 5), person('c', 5)]
    // A third of 100 is 33 at 3,333 bps: one unit stays.
    expect(pay(people, { pool: 100n, minimum: 1n, max_share_bps: 3_333 })).toEqual({
      paid: [
        ['a', 33n],
        ['b', 33n],
        ['c', 33n],
      ],
      carried: [],
      undistributed: 1n,
    })
  })

  it('below the minimum pays nobody, since both hold', () => {
    const people = [person('a', 5), person('b', 5)]
    const week = pay(people, { pool: 9n * KONTRIB, max_share_bps: 1_000 })
    expect(week).toMatchObject({
      paid: [],
      carried: [
        ['a', 5n],
        ['b', 5n],
      ],
      undistributed: 9n * KONTRIB,
    })
    expect(pay(people, { max_share_bps: 0 }).undistributed).toBe(firstValues.pool)
  })
})

describe('people', () => {
  it('without any points are neither paid nor carried', () => {
    expect(pay([person('a', 1), person('none', 0)], { minimum: 0n })).toMatchObject({
      paid: [['a', firstValues.pool]],
      carried: [],
    })
  })

  it('take part once', () => {
    expect(() => pay([person('a', 1), person('a', 2)])).toThrow('once')
  })

  it('have neither negative points nor a multiplier below 1', () => {
    expect(() => pay([person('a', -1)])).toThrow('negative')
    expect(() => pay([person('a', 1, { carriedPoints: -1n })])).toThrow('negative')
    expect(() => pay([person('a', 1, { multiplier_e6: 999_999 })])).toThrow('at least 1')
  })

  it('are 100,000 in a time that does not grow with their square, tied or not', () => {
    for (const distinct of [1, 1_009, 99_991]) {
      const people = Array.from({ length: 100_000 }, (_, i) =>
        person(`p${(i * 7_919) % 100_003}`, 1 + ((i * 31) % distinct), { day: i % 28 }),
      )
      const start = performance.now()
      const { paid, undistributed } = payWeek({
        ...firstValues,
        pool: 1_000_000n * KONTRIB,
        max_share_bps: 2_000,
        people,
      })
      expect(performance.now() - start).toBeLessThan(20_000)
      expect(paid.reduce((sum, { amount }) => sum + amount, undistributed)).toBe(1_000_000n * KONTRIB)
    }
  })
})
