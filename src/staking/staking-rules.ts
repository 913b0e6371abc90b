import { assert } from '../core/assert.ts'
import { mulDiv } from '../core/money.ts'
import { DAY_MS } from '../core/period.ts'

/**
 * What a stake earns over its whole term: principal × APY × days / 365, simple, rounded down. 1,000 at 12 % for 90 days
 * earn 29.58….
 */
export function termReward({ principal, apy_bps, days }: TermReward): bigint {
  return mulDiv(principal * BigInt(apy_bps), BigInt(days), BPS * YEAR_DAYS, 'down')
}

/**
 * How much of its reward a stake has earned by `at`: linear in time, rounded down, all of it at the end. A stake that was
 * ended early has earned nothing: its reward went back to the pool.
 */
export function earnedBy({ status, reward, startsAt, endsAt }: Earning, at: Date): bigint {
  if (status === 'unstaked_early') return 0n
  const term_ms = endsAt.getTime() - startsAt.getTime()
  const passed_ms = Math.min(Math.max(at.getTime() - startsAt.getTime(), 0), term_ms)
  return mulDiv(reward, BigInt(passed_ms), BigInt(term_ms), 'down')
}

/** What ending a stake early costs of its principal, rounded up, against whoever asks for it; never more than that. */
export function earlyPenalty({ principal, penalty_bps }: { principal: bigint; penalty_bps: number }): bigint {
  return mulDiv(principal, BigInt(penalty_bps), BPS, 'up')
}

/** So many times 24 hours later: a day of UTC has no other length. */
export function daysAfter(time: Date, days: number): Date {
  return new Date(time.getTime() + days * DAY_MS)
}

/** How old a stake must be to bring votes: who stakes on the day of a proposal does not decide it. */
export const VOTING_AGE_MS = 7 * DAY_MS

/**
 * What may become of a stake, for each kind of pool. `principal` says when it goes back to its person, `reward` what
 * happens to what was reserved. Operations, views and the documents go by these rows.
 */
export const TRANSITIONS: readonly Transition[] = [
  {
    kind: 'term',
    from: 'active',
    to: 'completed',
    by: 'sweeper',
    when: 'at_end',
    principal: 'at_once',
    reward: 'paid',
  },
  {
    kind: 'term',
    from: 'active',
    to: 'unstaked_early',
    by: 'member',
    when: 'before_end',
    principal: 'after_delay',
    reward: 'released',
  },
]

/** What `by` may do with a stake now, if anything. */
export function transitionOf(
  { kind, status, endsAt }: StakeNow,
  by: Transition['by'],
  now: Date,
): Transition | undefined {
  const when = now < endsAt ? 'before_end' : 'at_end'
  return TRANSITIONS.find((row) => row.kind === kind && row.from === status && row.by === by && row.when === when)
}

/** The tier of so many days among those on offer. */
export function tierOf(tiers: readonly Tier[], days: number): Tier | undefined {
  const tier = tiers.find(({ duration_days }) => duration_days === days)
  assert(!tier || tier.multiplier >= NO_STAKE_E6, 'A tier multiplies by at least 1.')
  return tier
}

export const STAKE_STATUSES = ['active', 'completed', 'unstaked_early'] as const
export type StakeStatus = (typeof STAKE_STATUSES)[number]

export const POOL_KINDS = ['term'] as const
export type PoolKind = (typeof POOL_KINDS)[number]

export interface Transition {
  kind: PoolKind
  from: StakeStatus
  to: StakeStatus
  by: 'member' | 'sweeper'
  when: 'before_end' | 'at_end'
  principal: 'at_once' | 'after_delay'
  reward: 'paid' | 'released'
}

/** A row of the parameter `staking_tiers`: `apy` in basis points, `multiplier` in millionths. */
export interface Tier {
  duration_days: number
  apy: number
  multiplier: number
}

const BPS = 10_000n
const YEAR_DAYS = 365n
const NO_STAKE_E6 = 1_000_000

interface TermReward {
  principal: bigint
  apy_bps: number
  days: number
}

interface Earning {
  status: StakeStatus
  reward: bigint
  startsAt: Date
  endsAt: Date
}

interface StakeNow {
  kind: PoolKind
  status: StakeStatus
  endsAt: Date
}
