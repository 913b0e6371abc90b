import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { newUuid } from '../core/id.ts'
import { findAccount } from '../ledger/accounts.ts'
import type { HoldItem } from '../ledger/items.ts'
import { post } from '../ledger/post.ts'
import { type Distribution, insertDistribution, unfinishedDistribution } from './distribution-row.ts'
import {
  carryPoints,
  fixPoints,
  insertPayments,
  insertReputations,
  insertRewards,
  type NewReward,
  peopleOfWeek,
  type WeekPerson,
} from './freeze-sql.ts'
import { type RewardAsset, type Terms, termsAt } from './parameters.ts'
import { nextReputation } from './reputation-rules.ts'
import { stakingMultipliers } from './stake-multipliers.ts'
import { NO_STAKE_E6 } from './stake-rules.ts'
import { type PaidWeek, payWeek } from './week-rules.ts'
import { endOfWeek, lockWeeks, startOfWeek, weekToDistribute } from './weeks.ts'

/**
 * Settles who is paid what for the next week, if it ended on or before `through`: fixes the points of its contributions
 * with the reputations after all earlier weeks, shares the pool (see payWeek), lets the points of those left out carry,
 * moves the reputations, and reserves the sum on treasury:rewards, one hold for each payment to come. Parameters are
 * those in force at the week's end. Moves nothing. A week in which nobody is paid is completed at once.
 *
 * Where an earlier distribution is not completed yet, that one is the answer, and nothing is written.
 * Fails: treasury_changed, when the treasury was used at the same moment.
 */
export async function freezeWeek(tx: Tx, options: FreezeWeek): Promise<FrozenWeek | null> {
  const { through, asset, actor, now, rehearsal = false } = options
  if (!rehearsal) {
    await lockWeeks(tx)
    const unfinished = await unfinishedDistribution(tx)
    if (unfinished) return { ...unfinished, rewards: [], carried: [], resumed: true }
  }
  const week = await weekToDistribute(tx)
  if (week === null || endOfWeek(week) > through) return null

  const terms = await termsAt(tx, endOfWeek(week))
  const people = await settlePeople(tx, week)
  await moveReputations(tx, { week, people, terms })
  await applyStakes(tx, { week, asset, people, terms })
  const pool = await poolOf(tx, asset, terms)
  const outcome = payWeek({
    people,
    pool,
    minimum: terms.minTokensPerUser,
    max_share_bps: terms.maxShareBps,
  })

  const byId = new Map(people.map((person) => [person.id, person]))
  const rewards = outcome.paid.map((paid) => rewardOf(paid, must(byId.get(paid.id), 'Who is paid took part'), week))
  const frozen = await insertDistribution(tx, {
    ...sumsOf(outcome, people),
    week,
    asset: asset.code,
    weeklyPool: terms.weeklyPool,
    pool,
    actor,
    now,
  })
  await insertRewards(tx, { distribution: frozen.serial, rewards })
  await carryPoints(tx, { week, outcome, byId })
  if (!rehearsal) {
    const diff = { after: { rewards: `${rewards.length}` } }
    await record(tx, { at: now, actor, action: 'distribution.freeze', subject: `week:${week}`, diff })
  }
  await reserve(tx, { frozen, asset, rewards, actor, now })
  return { ...frozen, rewards, carried: outcome.carried, resumed: false }
}

/** Postings of one payment at most. */
export const PAYMENT_REWARDS_MAX = 5_000

export const REWARDS_ACCOUNT = 'treasury:rewards'

export interface FreezeWeek {
  through: Date
  asset: RewardAsset
  actor: string
  now: Date
  /** The transaction will be taken back: keeps nobody waiting, and goes on where a distribution is not completed. */
  rehearsal?: boolean
}

/** A distribution with what this transaction decided of it. */
export interface FrozenWeek extends Distribution {
  /** In the order of the ranking; empty for one that was frozen before. */
  rewards: NewReward[]
  carried: PaidWeek['carried']
  /** It was frozen by an earlier run. */
  resumed: boolean
}

/** The people of the week, with points that their reputations of today have been applied to. */
async function settlePeople(tx: Tx, week: string): Promise<WeekPerson[]> {
  const people = await peopleOfWeek(tx, week)
  if (!people.some(({ stale }) => stale)) return people
  await fixPoints(tx, week)
  return await peopleOfWeek(tx, week)
}

async function moveReputations(tx: Tx, { week, people, terms }: { week: string; people: WeekPerson[]; terms: Terms }) {
  const changes = people.flatMap(({ contributor, scored, qualitySum_e2, reputation_e4 }) => {
    if (scored === 0) return []
    const after_e4 = nextReputation({ reputation_e4, qualitySum_e2, count: scored, bounds: terms.reputation })
    return [{ contributor, scored, qualitySum_e2, before_e4: reputation_e4, after_e4 }]
  })
  if (changes.length > 0) await insertReputations(tx, { week, changes })
}

async function applyStakes(tx: Tx, { week, asset, people, terms }: Staked): Promise<void> {
  const multipliers = await stakingMultipliers(tx, {
    weekStart: startOfWeek(week),
    weekEnd: endOfWeek(week),
    asset: asset.code,
    fullStake: terms.fullMultiplierStake,
  })
  for (const person of people) person.multiplier_e6 = multipliers.get(person.id) ?? NO_STAKE_E6
}

async function poolOf(tx: Tx, asset: RewardAsset, { weeklyPool }: Terms): Promise<bigint> {
  const treasury = await findAccount(tx, REWARDS_ACCOUNT, asset.code)
  const available = treasury.balance - treasury.reserved - (treasury.floor ?? 0n)
  return available < weeklyPool ? available : weeklyPool
}

function rewardOf(paid: PaidWeek['paid'][number], person: WeekPerson, week: string): NewReward {
  return {
    contributor: person.contributor,
    username: person.username,
    paidFrom: person.carriedSince ?? week,
    points: paid.points,
    carriedPoints: person.carriedPoints,
    multiplier_e6: toSafeInteger(paid.effectivePoints_e6 / paid.points),
    amount: paid.amount,
  }
}

function sumsOf({ paid, carried }: PaidWeek, people: readonly WeekPerson[]) {
  return {
    totalTokens: sum(paid.map(({ amount }) => amount)),
    newPoints: sum(people.map(({ points }) => points)),
    totalPoints: sum(paid.map(({ points }) => points)),
    effectivePoints_e6: sum(paid.map(({ effectivePoints_e6 }) => effectivePoints_e6)),
    carriedPoints: sum(carried.map(({ points }) => points)),
    userCount: paid.length,
    carriedCount: carried.length,
  }
}

/** One hold for each payment, so that each is released by the entry that pays it, and by nothing else. */
async function reserve(tx: Tx, { frozen, asset, rewards, actor, now }: Reserve): Promise<void> {
  const payments: { first: number; last: number; amount: bigint; hold: string }[] = []
  for (let first = 0; first < rewards.length; first += PAYMENT_REWARDS_MAX) {
    const chunk = rewards.slice(first, first + PAYMENT_REWARDS_MAX)
    const amount = sum(chunk.map((reward) => reward.amount))
    payments.push({ first, last: first + chunk.length - 1, amount, hold: newUuid(now) })
  }
  if (payments.length === 0) return
  await insertPayments(tx, { distribution: frozen.serial, payments })
  const holds = payments.map(({ amount, hold }): HoldItem => ({
    id: hold,
    reserve: amount,
    on: REWARDS_ACCOUNT,
    asset: asset.code,
    reference: frozen.id,
    otherwise: 'treasury_changed',
  }))
  await post(tx, holds, { actor, now })
}

function sum(values: readonly bigint[]): bigint {
  let total = 0n
  for (const value of values) total += value
  return total
}

interface Staked {
  week: string
  asset: RewardAsset
  people: WeekPerson[]
  terms: Terms
}

interface Reserve {
  frozen: Distribution
  asset: RewardAsset
  rewards: NewReward[]
  actor: string
  now: Date
}
