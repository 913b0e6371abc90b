import { expect, test } from 'vitest'

import { randomOf } from '../../test/random.ts'
import { testStakers } from '../../test/stakers.ts'
import { kontrib, week } from '../../test/wiki.ts'
import { AppError } from '../core/errors.ts'
import { DAY_MS } from '../core/period.ts'

const APY: Record<number, bigint> = { 30: 500n, 90: 1_200n, 180: 2_500n, 365: 5_000n }
const PENALTY_BPS = 250n
const DELAY_MS = 7 * DAY_MS

/** What the rules say of one stake, in the plainest words. */
interface Modelled {
  id: string
  person: string
  amount: bigint
  reward: bigint
  end_ms: number
  state: 'active' | 'ended' | 'paid'
  due_ms: number
}

test.each([1, 2, 3])('two years of whatever two people do end with what the rules say (%i)', async (seed) => {
  await using t = await testStakers()
  await t.setParameter('early_unstake_penalty_bps', Number(PENALTY_BPS))
  const random = randomOf(seed)
  const stakes: Modelled[] = []
  const wallets = new Map([t.ada, t.bob].map((person) => [person, kontrib(10_000)]))
  const add = (person: string, amount: bigint) => wallets.set(person, wallets.get(person)! + amount)
  let now_ms = week(0).getTime()
  let penalties = 0n
  let paid = 0n

  for (let step = 0; step < 60; step++) {
    now_ms += random.below(25 * DAY_MS)
    const now = new Date(now_ms)
    const what = random.below(10)
    if (what < 5) {
      const person = random.pick([t.ada, t.bob])
      const [tokens, days] = [random.below(6_000), random.pick([30, 90, 180, 365])]
      const amount = kontrib(tokens)
      const made = await outcome(t.stakeOf(person, tokens, { days, at: now }))
      if (tokens < 1) expect(made).toBe('stake_too_small')
      else if (amount > wallets.get(person)!) expect(made).toBe('insufficient_funds')
      else {
        const reward = (amount * APY[days]! * BigInt(days)) / 3_650_000n
        expect(made).toMatchObject({ reward })
        const end_ms = now_ms + days * DAY_MS
        stakes.push({ id: idOf(made), person, amount, reward, end_ms, state: 'active', due_ms: end_ms })
        add(person, -amount)
      }
    } else if (what < 8 && stakes.length > 0) {
      const stake = random.pick(stakes)
      const asking = random.pick([t.ada, t.bob])
      const ended = await outcome(t.unstakeOf(asking, stake.id, now))
      if (asking !== stake.person) expect(ended).toBe('stake_not_found')
      else if (stake.state !== 'active') expect(ended).toBe('stake_not_active')
      else if (now_ms >= stake.end_ms) expect(ended).toBe('stake_matured')
      else Object.assign(stake, { state: 'ended', due_ms: now_ms + DELAY_MS })
    } else {
      const due = stakes.filter((stake) => stake.state !== 'paid' && stake.due_ms <= now_ms)
      expect(await t.sweep(now)).toBe(due.length)
      for (const stake of due) {
        const penalty = stake.state === 'ended' ? (stake.amount * PENALTY_BPS + 9_999n) / 10_000n : 0n
        const reward = stake.state === 'active' ? stake.reward : 0n
        add(stake.person, stake.amount + reward - penalty)
        penalties += penalty
        paid += reward
        stake.state = 'paid'
      }
    }
    const sum = (of: Modelled[], what_of: 'amount' | 'reward') =>
      of.reduce((total, stake) => total + stake[what_of], 0n)
    for (const person of [t.ada, t.bob]) {
      const locked = stakes.filter((stake) => stake.person === person && stake.state !== 'paid')
      expect(await t.holdings(person)).toEqual([wallets.get(person), sum(locked, 'amount')])
    }
    const promised = stakes.filter(({ state }) => state === 'active')
    expect(await t.pool()).toMatchObject({ balance: kontrib(20_000_000) - paid, reserved: sum(promised, 'reward') })
    expect(await t.balance('treasury:penalties')).toBe(penalties)
  }
  expect(paid).toBeGreaterThan(0n)
})

/** What came of it, or the code that it was refused with. */
async function outcome<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

function idOf(made: { id: string } | string): string {
  return typeof made === 'string' ? made : made.id
}
