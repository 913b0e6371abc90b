import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import type { Db } from '../core/db.ts'
import { parseDecimal, toSafeInteger } from '../core/decimal.ts'
import { Invalid } from '../core/errors.ts'
import { router, zAmount, zCursor, zLimit, zTime } from '../core/http.ts'
import { parseAmount } from '../core/money.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import { WEEK_MS } from '../core/period.ts'
import { contributionView, zContribution, zContributionType } from './contribution-view.ts'
import { listContributions } from './contributions-queries.ts'
import { rewardView, zReward } from './distribution-view.ts'
import { rewardsTo } from './distributions-queries.ts'
import { decimal, weekFields, zCount, zDecimal, zPoints, zWeek } from './fields.ts'
import { contributorOf, readOwnSummary } from './me-queries.ts'
import { rewardAsset, termsAt } from './parameters.ts'
import { NO_STAKE_E6, stakingMultiplier } from './stake-rules.ts'
import { startOfWeek, weekOf } from './weeks.ts'

const route = router<{ db: Db }>()

const newest = keyset('me.contributions', z.tuple([zTime, zSerial]))
const newestWeek = keyset('me.rewards', z.tuple([z.int()]))

const FIRST_REPUTATION_E4 = 10_000

/** Work of some weeks, and what it has come to so far. */
const zWork = { contributions: zCount, points: zPoints }

export const ownRoutes = [
  route({
    method: 'get',
    path: '/me/contributions',
    may: 'me.read',
    summary: 'List one’s own contributions',
    description:
      'The newest first, of all weeks or of the one that starts at `week_start`, with every factor: total points are base points × quality × reputation × demand, a half up.',
    errors: ['week_start_invalid'],
    query: {
      week_start: zTime.optional().meta({ description: 'A Monday, 00:00 UTC: only what this week pays.' }),
      type: zContributionType.optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zContribution),
    handler: async ({ scope: { db }, actor, query: { limit, cursor, ...filters } }) => {
      const after = newest.after(cursor, filters)
      const week = filters.week_start && weekStartingAt(filters.week_start)
      const contributor = await contributorOf(db, personOf(actor))
      const from = after && { createdAt: after[0], id: after[1] }
      const of = { contributor, week, type: filters.type, after: from, limit: limit + 1 }
      const rows = contributor === undefined ? [] : await listContributions(db, of)
      return newest.page(rows, { limit, filters, keyOf: (row) => [row.created_at, row.id], view: contributionView })
    },
  }),
  route({
    method: 'get',
    path: '/me/rewards',
    may: 'me.read',
    summary: 'List one’s own rewards',
    description:
      'The newest week first, or of the one that starts at `week_start`. One that was paid names its entry and which of its postings it is: with both, `/ledger/entries/{id}/proof?posting=` gives the proof of it.',
    errors: ['week_start_invalid'],
    query: {
      week_start: zTime.optional().meta({ description: 'A Monday, 00:00 UTC.' }),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zReward),
    handler: async ({ scope: { db }, actor, query: { limit, cursor, ...filters }, now }) => {
      const after = newestWeek.after(cursor, filters)
      const week = filters.week_start && weekStartingAt(filters.week_start)
      const { scale } = await rewardAsset(db, now)
      const contributor = await contributorOf(db, personOf(actor))
      const of = { week, before: after?.[0], limit: limit + 1 }
      const rows = contributor === undefined ? [] : await rewardsTo(db, { contributor, ...of })
      const view = (row: (typeof rows)[number]) => rewardView(row, scale)
      return newestWeek.page(rows, { limit, filters, keyOf: (row) => [row.distribution], view })
    },
  }),
  route({
    method: 'get',
    path: '/me/multiplier',
    may: 'me.read',
    summary: 'Get what a stake would multiply points by',
    description:
      'Of each week that it is active throughout: the multiplier of its tier in full from `full_multiplier_stake` on, and for a smaller stake in proportion, rounded down to a millionth. Of several stakes the best one counts.',
    errors: ['amount_invalid', 'multiplier_invalid'],
    query: {
      amount: zAmount,
      tier_multiplier: z.string().max(20).meta({ description: 'Of the tier, as the pools list it.' }),
    },
    response: z.object({
      asset: z.string(),
      multiplier: zDecimal,
      full_multiplier_stake: zDecimal,
      first_week: z.object(zWeek).meta({ description: 'The first that a stake made now is active throughout.' }),
    }),
    handler: async ({ scope: { db }, query: { amount, tier_multiplier }, now }) => {
      const { code: asset, scale } = await rewardAsset(db, now)
      const { fullMultiplierStake: fullStake } = await termsAt(db, now)
      const tier_e6 = tierMultiplier(tier_multiplier)
      const multiplier = stakingMultiplier({ tier_e6, staked: parseAmount(amount, scale), fullStake })
      return {
        asset,
        multiplier: decimal(multiplier, 6),
        full_multiplier_stake: decimal(fullStake, scale),
        first_week: weekFields(weekOf(new Date(now.getTime() + WEEK_MS - 1))),
      }
    },
  }),
  route({
    method: 'get',
    path: '/me/summary',
    may: 'me.read',
    summary: 'Get one’s own totals',
    description:
      'Reputation, points and what was earned; the running week; and what waits for a distribution, whose points are provisional.',
    response: z.object({
      user_id: z.string(),
      username: z.string(),
      joined_at: zTime,
      reputation_score: zDecimal,
      total_contributions: zCount,
      total_points: zPoints,
      carried_points: zPoints.meta({ description: 'Of distributed weeks, which a later one pays.' }),
      asset: z.string(),
      total_tokens_earned: zDecimal,
      last_reward_claim: zTime.nullable().meta({ description: 'When the last reward was paid.' }),
      week: z.object({ ...zWeek, ...zWork }),
      open: z.object(zWork).meta({ description: 'Of all weeks that were not distributed, the running one too.' }),
      reviews_left_today: zCount.meta({ description: 'Reviews that would still bring points on this UTC day.' }),
    }),
    handler: async ({ scope: { db }, actor, now }) => {
      const of = await readOwnSummary(db, { person: personOf(actor), now })
      const { contributor, asset } = of
      return {
        user_id: of.person,
        username: of.username,
        joined_at: of.joined_at,
        reputation_score: decimal(contributor?.reputation_e4 ?? FIRST_REPUTATION_E4, 4),
        total_contributions: contributor?.total_contributions ?? 0,
        total_points: toSafeInteger(contributor?.total_points ?? 0n),
        carried_points: toSafeInteger(contributor?.carried_points ?? 0n),
        asset: asset.code,
        total_tokens_earned: decimal(contributor?.total_tokens_earned ?? 0n, asset.scale),
        last_reward_claim: contributor?.last_reward_claim ?? null,
        week: {
          ...weekFields(of.week),
          contributions: toSafeInteger(of.weekContributions),
          points: toSafeInteger(of.weekPoints),
        },
        open: { contributions: toSafeInteger(of.openContributions), points: toSafeInteger(of.openPoints) },
        reviews_left_today: of.reviewsLeft,
      }
    },
  }),
]

function weekStartingAt(time: Date): string {
  const week = weekOf(time)
  if (startOfWeek(week).getTime() === time.getTime()) return week
  throw new Invalid('week_start_invalid', 'A week starts on a Monday at 00:00 UTC.', { week_start: time.toISOString() })
}

/** Fails: multiplier_invalid. */
function tierMultiplier(text: string): number {
  const value = /^\d{1,2}(\.\d{1,6})?$/.test(text) ? parseDecimal(text, 6) : 0
  if (value >= NO_STAKE_E6) return value
  throw new Invalid('multiplier_invalid', 'A tier multiplies by 1 or more, such as 1.6.')
}
