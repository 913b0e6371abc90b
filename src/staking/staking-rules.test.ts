import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { DAY_MS } from '../core/period.ts'
import {
  daysAfter,
  earlyPenalty,
  earnedBy,
  STAKE_STATUSES,
  termReward,
  tierOf,
  TRANSITIONS,
  transitionOf,
} from './staking-rules.ts'

const KONTRIB = 1_000_000_000n
const START = new Date('2026-01-05T00:00:00.000Z')

const principals = fc.bigInt({ min: 1n, max: 10n ** 20n })
const rates = fc.integer({ min: 0, max: 10_000 })
const terms = fc.integer({ min: 1, max: 3_650 })

describe('the reward of a term', () => {
  it.each([
    ['1,000 for 30 days at 5 %', 1_000n * KONTRIB, 500, 30, 4_109_589_041n],
    ['1,000 for 90 days at 12 %', 1_000n * KONTRIB, 1_200, 90, 29_589_041_095n],
    ['1,000 for 180 days at 25 %', 1_000n * KONTRIB, 2_500, 180, 123_287_671_232n],
    ['1,000 for 365 days at 50 %: exactly half', 1_000n * KONTRIB, 5_000, 365, 500n * KONTRIB],
    ['the smallest unit for a year at 50 %: half a unit, which is none', 1n, 5_000, 365, 0n],
    ['nothing at 0 %', 1_000n * KONTRIB, 0, 365, 0n],
  ])('of %s', (_, principal, apy_bps, days, expected) => {
    expect(termReward({ principal, apy_bps, days })).toBe(expected)
  })

  it('is never above its formula, and less than a unit below it', () => {
    fc.assert(
      fc.property(principals, rates, terms, (principal, apy_bps, days) => {
        const reward = termReward({ principal, apy_bps, days })
        const exact = principal * BigInt(apy_bps) * BigInt(days)
        expect(reward * 3_650_000n <= exact).toBe(true)
        expect((reward + 1n) * 3_650_000n > exact).toBe(true)
      }),
    )
  })

  it('is not raised by staking in parts', () => {
    fc.assert(
      fc.property(principals, principals, rates, terms, (one, other, apy_bps, days) => {
        const [a, b, both] = [one, other, one + other].map((principal) => termReward({ principal, apy_bps, days }))
        expect(a! + b! <= both!).toBe(true)
      }),
    )
  })
})

describe('what was earned so far', () => {
  const stake = { status: 'active' as const, reward: 90n * KONTRIB, startsAt: START, endsAt: daysAfter(START, 90) }

  it.each([
    ['nothing at the start', 0, 0n],
    ['a third after a third of the term', 30, 30n * KONTRIB],
    ['all at the end', 90, 90n * KONTRIB],
    ['no more than that later', 1_000, 90n * KONTRIB],
    ['nothing before the start', -1, 0n],
  ])('is %s', (_, days, expected) => {
    expect(earnedBy(stake, daysAfter(START, days))).toBe(expected)
  })

  it('is nothing where the stake was ended early', () => {
    expect(earnedBy({ ...stake, status: 'unstaked_early' }, daysAfter(START, 89))).toBe(0n)
  })

  it('never falls, and never passes the reward', () => {
    const moment = fc.integer({ min: 0, max: 100 * DAY_MS })
    fc.assert(
      fc.property(principals, moment, moment, (reward, one, other) => {
        const [earlier, later] = [Math.min(one, other), Math.max(one, other)].map((passed) =>
          earnedBy({ ...stake, reward }, new Date(START.getTime() + passed)),
        )
        expect(earlier! <= later! && later! <= reward).toBe(true)
      }),
    )
  })
})

describe('the penalty', () => {
  it.each([
    ['nothing at first', 1_000n, 0, 0n],
    ['a tenth', 1_000n, 1_000, 100n],
    ['rounded up, against whoever ends it', 1_001n, 1_000, 101n],
    ['never more than the principal', 1n, 10_000, 1n],
  ])('is %s', (_, principal, penalty_bps, expected) => {
    expect(earlyPenalty({ principal, penalty_bps })).toBe(expected)
  })
})

describe('what may become of a stake', () => {
  const endsAt = daysAfter(START, 30)
  const of = (status: (typeof STAKE_STATUSES)[number]) => ({ kind: 'term' as const, status, endsAt })

  it('is decided by its end: its person may end it before, the sweeper pays it from then on', () => {
    const before = new Date(endsAt.getTime() - 1)
    expect(transitionOf(of('active'), 'member', before)?.to).toBe('unstaked_early')
    expect(transitionOf(of('active'), 'sweeper', before)).toBeUndefined()
    expect(transitionOf(of('active'), 'member', endsAt)).toBeUndefined()
    expect(transitionOf(of('active'), 'sweeper', endsAt)?.to).toBe('completed')
  })

  it('is nothing more once it is completed or was ended', () => {
    for (const status of ['completed', 'unstaked_early'] as const) {
      for (const by of ['member', 'sweeper'] as const) expect(transitionOf(of(status), by, endsAt)).toBeUndefined()
    }
  })

  it('is never two things at once', () => {
    const keys = TRANSITIONS.map(({ kind, from, by, when }) => `${kind} ${from} ${by} ${when}`)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

it('a tier is found by its days', () => {
  const tiers = [{ duration_days: 30, apy: 500, multiplier: 1_100_000 }]
  expect(tierOf(tiers, 30)).toBe(tiers[0])
  expect(tierOf(tiers, 31)).toBeUndefined()
})
