import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { payWeek, type PaidWeek, type PersonOfWeek, type Week } from './week-rules.ts'

/*
 * The weekly rules once more, slowly and by another way: fractions instead of prefix sums, each count tried instead of
 * a binary search, round after round of capping, and one unit after the other handed out.
 */

const person = fc.record({
  username: fc.constantFrom('a', 'b', 'B', 'ab', 'é', '\ufffd', '\u{1f600}', 'z', '0', '-'),
  joinedAt: fc.constantFrom(0, 1, 86_400_000).map((millis) => new Date(millis)),
  points: fc.bigInt({ min: 0n, max: 12n }),
  carriedPoints: fc.constantFrom(0n, 0n, 1n, 5n),
  multiplier_e6: fc.constantFrom(1_000_000, 1_000_000, 1_300_000, 2_000_000, 1_333_333),
})
const week: fc.Arbitrary<Week> = fc.record({
  people: fc
    .uniqueArray(person, { selector: ({ username }) => username, maxLength: 8 })
    .map((people) => people.map((one, index) => ({ ...one, id: `person ${index}` }))),
  pool: fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: 10_000n })),
  minimum: fc.oneof(fc.bigInt({ min: 0n, max: 4n }), fc.bigInt({ min: 0n, max: 2_000n })),
  max_share_bps: fc.constantFrom(10_000, 10_000, 5_000, 3_333, 2_000, 1_000, 100, 0),
})

it('pays and carries what the slow oracle does', () => {
  fc.assert(
    fc.property(week, (given) => {
      expect(payWeek(given)).toEqual(payWeekSlowly(given))
    }),
    { numRuns: 20_000 },
  )
})

it('keeps its promises in every week: sums, minimum, cap, carry, order', () => {
  fc.assert(
    fc.property(week, (given) => {
      const { paid, carried, undistributed } = payWeek(given)
      expect(paid.reduce((sum, { amount }) => sum + amount, undistributed)).toBe(given.pool)
      const cap = (given.pool * BigInt(given.max_share_bps)) / 10_000n
      for (const { amount } of paid) expect(amount >= given.minimum && amount > 0n && amount <= cap).toBe(true)
      if (undistributed > 0n) expect(paid.every(({ amount }) => amount === cap)).toBe(true)

      const before = given.people.map(({ id, points, carriedPoints }) => [id, points + carriedPoints] as const)
      const after = [...paid, ...carried].map(({ id, points }) => [id, points] as const)
      expect(new Map(after)).toEqual(new Map(before.filter(([, points]) => points > 0n)))
      expect(after.length).toBe(new Map(after).size)
      for (const [place, { effectivePoints_e6, amount }] of paid.entries()) {
        const next = paid[place + 1]
        if (next) expect(effectivePoints_e6 >= next.effectivePoints_e6 && amount + 1n >= next.amount).toBe(true)
      }
    }),
    { numRuns: 5_000 },
  )
})

function payWeekSlowly({ people, pool, minimum, max_share_bps }: Week): PaidWeek {
  const senior = people.toSorted(bySeniority)
  const ranked = senior
    .map((one) => ({ id: one.id, points: one.points + one.carriedPoints, effectivePoints_e6: effective(one) }))
    .filter(({ points }) => points > 0n)
    .toSorted((a, b) => Number(b.effectivePoints_e6 - a.effectivePoints_e6))
  const cap = (pool * BigInt(max_share_bps)) / 10_000n
  const enough = minimum > 1n ? minimum : 1n

  let count = 0
  for (let tried = 1; tried <= ranked.length; tried += 1) {
    const shares = exactShares(ranked.slice(0, tried), pool, cap)
    if (shares.every(({ over, under }) => over >= enough * under)) count = tried
  }
  if (people.every(({ points }) => points === 0n)) count = 0

  const paid = ranked.slice(0, count)
  const amounts = roundShares(paid, senior, exactShares(paid, pool, cap))
  return {
    paid: paid.map((one) => ({ ...one, amount: amounts.get(one.id)! })),
    carried: ranked.slice(count).map(({ id, points }) => ({ id, points })),
    undistributed: pool - [...amounts.values()].reduce((a, b) => a + b, 0n),
  }
}

/** Shares in proportion; who is above the cap gets the cap, and the rest is shared again, until nobody is above. */
function exactShares(ranked: readonly Ranked[], pool: bigint, cap: bigint): Fraction[] {
  const capped = new Set<string>()
  for (;;) {
    const others = ranked.filter(({ id }) => !capped.has(id))
    const rest = pool - BigInt(capped.size) * cap
    const weight = others.reduce((sum, { effectivePoints_e6 }) => sum + effectivePoints_e6, 0n)
    const above = others.filter(({ effectivePoints_e6 }) => rest * effectivePoints_e6 > cap * weight)
    if (above.length === 0) {
      return ranked.map(({ id, effectivePoints_e6 }) =>
        capped.has(id) ? { over: cap, under: 1n } : { over: rest * effectivePoints_e6, under: weight },
      )
    }
    for (const { id } of above) capped.add(id)
  }
}

/** Rounds down, then hands out what is left, a unit at a time, to the largest remainder, of equal ones the senior's. */
function roundShares(ranked: readonly Ranked[], senior: readonly PersonOfWeek[], shares: readonly Fraction[]) {
  const order = senior.map(({ id }) => ranked.findIndex((one) => one.id === id)).filter((place) => place >= 0)
  const amounts = shares.map(({ over, under }) => over / under)
  const waiting = order.filter((place) => shares[place]!.over % shares[place]!.under > 0n)
  const whole = waiting.reduce((sum, place) => add(sum, rest(shares[place]!)), { over: 0n, under: 1n })
  for (let left = whole.over / whole.under; left > 0n; left -= 1n) {
    const largest = waiting.reduce((best, place) => (isMore(rest(shares[place]!), rest(shares[best]!)) ? place : best))
    amounts[largest] = amounts[largest]! + 1n
    waiting.splice(waiting.indexOf(largest), 1)
  }
  return new Map(ranked.map(({ id }, place) => [id, amounts[place]!]))
}

const effective = (one: PersonOfWeek) => (one.points + one.carriedPoints) * BigInt(one.multiplier_e6)
const rest = ({ over, under }: Fraction) => ({ over: over % under, under })
const add = (a: Fraction, b: Fraction) => ({ over: a.over * b.under + b.over * a.under, under: a.under * b.under })
const isMore = (a: Fraction, b: Fraction) => a.over * b.under > b.over * a.under

function bySeniority(a: PersonOfWeek, b: PersonOfWeek): number {
  return a.joinedAt.getTime() - b.joinedAt.getTime() || Buffer.compare(Buffer.from(a.username), Buffer.from(b.username))
}

interface Ranked {
  id: string
  points: bigint
  effectivePoints_e6: bigint
}

interface Fraction {
  over: bigint
  under: bigint
}
