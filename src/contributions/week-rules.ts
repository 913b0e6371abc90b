import { assert } from '../core/assert.ts'
import { mulDiv, splitByLargestRemainder } from '../core/money.ts'
import { NO_STAKE_E6 } from './stake-rules.ts'

/**
 * Who is paid what from the pool of one week, and whose points wait.
 *
 * Effective points = (points + carried points) × staking multiplier, exact. People are ranked by them, the most first,
 * and equal ones by seniority: joinedAt, then the bytes of the username. The paid are the first of that ranking, as
 * many as there can be with a share of at least `minimum` for the last. They share the pool in proportion to their
 * effective points; nobody gets more than `max_share_bps` of it (rounded down), and what that cuts off is shared again
 * among the others until nobody is above. All this is exact, and rounded once, by largest remainder: of equal
 * remainders, the senior's goes up.
 *
 * What the rules leave open is decided thus (docs/adr/0011 to 0013):
 * - The minimum is held against the exact final share, with the excess of the capped in it. So a cap lets in people
 *   whom a very large share would have kept out; rounding alone lets in nobody; and no amount is below the minimum.
 * - Both limits hold. Where the cap is below the minimum, nobody can be paid: all points carry, the pool stays.
 * - A share below one unit is no payment, even with a minimum of zero. So a pool of zero pays nobody.
 * - Without new points of anybody there is no payment, and carried points wait. With some, those who have only carried
 *   points take part like everybody else.
 * - Who has neither points nor carried points is neither paid nor carried.
 *
 * Σ amounts + undistributed = pool; each person's points are either paid for or carried, never both, never in part.
 */
export function payWeek({ people, pool, minimum, max_share_bps }: Week): PaidWeek {
  assert(pool >= 0n && minimum >= 0n, 'Pool and minimum cannot be negative.')
  assert(max_share_bps >= 0 && max_share_bps <= 10_000, 'The largest share is 0 to 10,000 basis points.')
  const ranking = rankingOf(people)
  const cap = mulDiv(pool, BigInt(max_share_bps), 10_000n, 'down')
  const terms: Terms = { pool, cap, minimum: minimum > 0n ? minimum : 1n }

  const count = people.some(({ points }) => points > 0n) ? largestCount(ranking, terms) : 0
  const amounts = sharesOf(ranking, count, terms)
  return {
    paid: amounts.map((amount, place) => {
      const { id, points, effectivePoints_e6 } = ranking.claims[place]!
      return { id, points, effectivePoints_e6, amount }
    }),
    carried: ranking.claims.slice(count).map(({ id, points }) => ({ id, points })),
    undistributed: amounts.reduce((left, amount) => left - amount, pool),
  }
}

/**
 * The most people of the ranking's head whose last one still reaches the minimum. One more person never makes the
 * others' shares larger, and brings a last one with no more points than the last before: so the last share falls with
 * the count, and a binary search finds the most.
 */
function largestCount(ranking: Ranking, terms: Terms): number {
  return firstWhere(ranking.claims.length, (count) => !lastReachesMinimum(ranking, count + 1, terms))
}

function lastReachesMinimum(ranking: Ranking, count: number, { pool, cap, minimum }: Terms): boolean {
  if (cap < minimum) return false
  const capped = cappedCount(ranking, count, { pool, cap })
  if (capped === count) return true
  const left = pool - BigInt(capped) * cap
  const weight = ranking.sums[count]! - ranking.sums[capped]!
  return left * ranking.claims[count - 1]!.effectivePoints_e6 >= minimum * weight
}

/**
 * How many of the first `count` get the cap: the fewest that leave the next one with no more than it. If that is so
 * after n, it is so after n + 1: the rest is shared at the same rate or a lower one, by people with no more points.
 */
function cappedCount({ claims, sums }: Ranking, count: number, { pool, cap }: Pick<Terms, 'pool' | 'cap'>): number {
  return firstWhere(count, (capped) => {
    const left = pool - BigInt(capped) * cap
    return left * claims[capped]!.effectivePoints_e6 <= cap * (sums[count]! - sums[capped]!)
  })
}

/** The amounts of the first `count`. Where all of them are capped, what they cannot get is in no amount. */
function sharesOf(ranking: Ranking, count: number, { pool, cap }: Terms): bigint[] {
  const capped = cappedCount(ranking, count, { pool, cap })
  const atTheCap = Array<bigint>(capped).fill(cap)
  if (capped === count) return atTheCap

  const others = ranking.claims.slice(capped, count)
  const shares = splitByLargestRemainder(
    pool - BigInt(capped) * cap,
    others.map(({ effectivePoints_e6 }) => effectivePoints_e6),
    (a, b) => bySeniority(others[a]!, others[b]!),
  )
  return [...atTheCap, ...shares]
}

/** Everybody with points, the most effective points first. */
function rankingOf(people: readonly PersonOfWeek[]): Ranking {
  assert(new Set(people.map(({ id }) => id)).size === people.length, 'Each person takes part in a week once.')
  const claims = people.map(claimOf).filter(({ points }) => points > 0n)
  claims.sort((a, b) => descending(a.effectivePoints_e6, b.effectivePoints_e6) || bySeniority(a, b))

  const sums = [0n]
  for (const { effectivePoints_e6 } of claims) sums.push(sums.at(-1)! + effectivePoints_e6)
  return { claims, sums }
}

function claimOf({ id, username, joinedAt, points, carriedPoints, multiplier_e6 }: PersonOfWeek): Claim {
  assert(points >= 0n && carriedPoints >= 0n, 'Points cannot be negative.')
  assert(multiplier_e6 >= NO_STAKE_E6, 'A stake multiplies by at least 1.')
  const all = points + carriedPoints
  return { id, points: all, effectivePoints_e6: all * BigInt(multiplier_e6), joined_ms: joinedAt.getTime(), username }
}

function bySeniority(a: Claim, b: Claim): number {
  return a.joined_ms - b.joined_ms || byBytes(a.username, b.username)
}

/** The order of the texts' UTF-8, without making it: that of their code points, which is not JavaScript's UTF-16 order. */
function byBytes(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  let i = 0
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i++
  return i === end ? a.length - b.length : codePointOrder(a.charCodeAt(i)) - codePointOrder(b.charCodeAt(i))
}

/** A surrogate stands for a code point above all that need none, though in UTF-16 there are units above it. */
function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** The first number from 0 up for which `holds` is true, where it stays true from there on; `end` if there is none. */
function firstWhere(end: number, holds: (number: number) => boolean): number {
  let [low, high] = [0, end]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

function descending(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a > b ? -1 : 1
}

export interface Week {
  people: readonly PersonOfWeek[]
  /** What there is to share: the weekly pool, or less where the treasury holds less. */
  pool: bigint
  minimum: bigint
  max_share_bps: number
}

export interface PersonOfWeek {
  id: string
  username: string
  joinedAt: Date
  points: bigint
  carriedPoints: bigint
  multiplier_e6: number
}

export interface PaidWeek {
  /** In the order of the ranking. `points` are those that are paid for: the week's and the carried ones. */
  paid: { id: string; points: bigint; effectivePoints_e6: bigint; amount: bigint }[]
  /** All points that wait from now on, those that waited before included. */
  carried: { id: string; points: bigint }[]
  /** What stays in the treasury of the pool. */
  undistributed: bigint
}

interface Claim {
  id: string
  points: bigint
  effectivePoints_e6: bigint
  joined_ms: number
  username: string
}

/** The claims in their order, and `sums[n]`: the effective points of the first n. */
interface Ranking {
  claims: readonly Claim[]
  sums: readonly bigint[]
}

interface Terms {
  pool: bigint
  /** The most that one person gets. */
  cap: bigint
  minimum: bigint
}
