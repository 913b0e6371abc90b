import { z } from 'zod'

import type { Clock } from '../core/clock.ts'
import type { Db } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import { router, zAmount, zCursor, zLimit, zTime } from '../core/http.ts'
import { parseAmount } from '../core/money.ts'
import { keyset, zOrder, zPage } from '../core/page.ts'
import { WEEK_MS } from '../core/period.ts'
import { readDashboard } from './dashboard-queries.ts'
import {
  dashboardView,
  distributionView,
  type PreviewedWeek,
  previewView,
  rewardView,
  zDashboard,
  zDistribution,
  zDistributionStatus,
  zPreview,
  zReward,
} from './distribution-view.ts'
import { distributeThrough } from './distribution.ts'
import { findDistribution, listDistributions, paidEntries, paidSoFar, rewardsOf } from './distributions-queries.ts'
import { decimal, zCount, zDecimal } from './fields.ts'
import { fundRewards } from './funding.ts'
import { rewardAsset } from './parameters.ts'
import { endOfWeek, weekToDistribute } from './weeks.ts'

const route = router<{ db: Db; clock: Clock }>()

const newest = keyset('distributions', z.tuple([z.string()]))
const ranking = keyset('distributions.rewards', z.tuple([z.int()]))

/** Weeks that one request distributes or shows, and the rewards of each that a preview shows. */
const WEEKS_MAX = 60
const PREVIEW_REWARDS_MAX = 1_000

const zThrough = z.strictObject({
  through: zTime.optional().meta({ description: 'Every week that ended on or before it; now unless said.' }),
})

export const distributionRoutes = [
  route({
    method: 'get',
    path: '/distributions',
    may: 'distributions.read',
    summary: 'List weekly distributions',
    description: 'The newest week first, or the oldest.',
    query: { status: zDistributionStatus.optional(), order: zOrder, limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zDistribution),
    handler: async ({ scope: { db }, query: { limit, cursor, ...filters }, now }) => {
      const after = newest.after(cursor, filters)
      const { scale } = await rewardAsset(db, now)
      const rows = await listDistributions(db, { ...filters, after: after?.[0], limit: limit + 1 })
      const view = (row: (typeof rows)[number]) => distributionView(row, scale)
      return newest.page(rows, { limit, filters, keyOf: (row) => [row.week], view })
    },
  }),
  route({
    method: 'get',
    path: '/distributions/:id',
    may: 'distributions.read',
    summary: 'Get a weekly distribution',
    description: 'With the entries that paid it, and how far they have come.',
    errors: ['distribution_not_found'],
    params: { id: z.uuid() },
    response: zDistribution.extend({
      entry_ids: z.array(z.string()),
      paid_tokens: zDecimal.meta({ description: 'Of its rewards, what is paid.' }),
      paid_count: zCount.meta({ description: 'Of its people, how many are paid.' }),
    }),
    handler: async ({ scope: { db }, params, now }) => {
      const distribution = await findDistribution(db, params.id)
      const { scale } = await rewardAsset(db, now)
      const entry_ids = await paidEntries(db, distribution.serial)
      const { tokens, people } = await paidSoFar(db, distribution.serial)
      const paid = { paid_tokens: decimal(tokens, scale), paid_count: people }
      return { ...distributionView(distribution, scale), entry_ids, ...paid }
    },
  }),
  route({
    method: 'get',
    path: '/distributions/:id/rewards',
    may: 'distributions.read',
    summary: 'List the rewards of a distribution',
    description: 'In the order of the week’s ranking.',
    errors: ['distribution_not_found'],
    params: { id: z.uuid() },
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zReward),
    handler: async ({ scope: { db }, params: { id }, query: { limit, cursor }, now }) => {
      const [after] = ranking.after(cursor, { id }) ?? [-1]
      const { serial } = await findDistribution(db, id)
      const { scale } = await rewardAsset(db, now)
      const rows = await rewardsOf(db, { distribution: serial, after, limit: limit + 1 })
      const view = (row: (typeof rows)[number]) => rewardView(row, scale)
      return ranking.page(rows, { limit, filters: { id }, keyOf: (row) => [row.no], view })
    },
  }),
  route({
    method: 'post',
    path: '/distributions/preview',
    may: 'distributions.read',
    idempotency: 'none',
    summary: 'Preview what is due',
    description: `What running the distributions now would pay, computed by running them and taking all of it back. At most ${WEEKS_MAX} weeks.`,
    errors: ['too_many_weeks'],
    body: zThrough,
    response: z.object({ data: z.array(zPreview) }),
    handler: async ({ scope: { db, clock }, actor, body, now }) => {
      const through = body.through ?? now
      const due = await weeksDue(db, through < now ? through : now)
      if (due > WEEKS_MAX) {
        throw new Invalid('too_many_weeks', `${due} weeks are due, and a preview shows ${WEEKS_MAX}. Ask for fewer.`, {
          weeks: due,
        })
      }
      const { scale } = await rewardAsset(db, now)
      const weeks: PreviewedWeek[] = []
      await distributeThrough(db, {
        through,
        clock,
        actor: actor.id,
        dryRun: true,
        onProgress: (week) => {
          // A rehearsal that starts again counts its weeks anew.
          weeks[week.weeksDone - 1] = { ...week, rewards: week.rewards.slice(0, PREVIEW_REWARDS_MAX) }
        },
      })
      return { data: weeks.map((week) => previewView(week, scale)) }
    },
  }),
  route({
    method: 'post',
    path: '/distributions/run',
    may: 'distributions.run',
    idempotency: 'inherent',
    summary: 'Distribute the weeks that are due',
    description: `Oldest first, each once ever, so repeating the request is safe; at most ${WEEKS_MAX} of them, and \`more\` says whether others wait. What an earlier run left is completed first.`,
    errors: ['treasury_changed'],
    body: zThrough,
    response: z.object({ data: z.array(zDistribution), more: z.boolean() }),
    handler: async ({ scope: { db, clock }, actor, body, now }) => {
      const asked = body.through ?? now
      const through = await limitedTo(db, asked < now ? asked : now)
      const { scale } = await rewardAsset(db, now)
      const done = await distributeThrough(db, { through, clock, actor: actor.id })
      const data = []
      for (const { id } of done) data.push(distributionView(await findDistribution(db, id), scale))
      return { data, more: (await weeksDue(db, asked < now ? asked : now)) > 0 }
    },
  }),
  route({
    method: 'post',
    path: '/distributions/fund',
    may: 'distributions.run',
    idempotency: 'required',
    summary: 'Fund the rewards',
    description: 'Moves tokens from treasury:main to treasury:rewards, from where they leave as weekly rewards only.',
    errors: ['amount_invalid', 'account_not_found', 'amount_zero', 'insufficient_funds'],
    body: z.strictObject({ amount: zAmount }),
    response: z.object({ entry_id: z.string(), balance: zDecimal }),
    handler: async ({ tx, actor, body, now }) => {
      const { scale } = await rewardAsset(tx, now)
      const { entry, balance } = await fundRewards(tx, {
        amount: parseAmount(body.amount, scale),
        actor: actor.id,
        now,
      })
      return { entry_id: entry, balance: decimal(balance, scale) }
    },
  }),
  route({
    method: 'get',
    path: '/dashboard',
    may: 'contributions.read',
    summary: 'Get the dashboard’s figures',
    description: 'Totals, the running week, the treasury, the last distribution and who has the most points.',
    response: zDashboard,
    handler: async ({ scope: { db }, now }) => dashboardView(await readDashboard(db, { now })),
  }),
]

async function weeksDue(db: Db, through: Date): Promise<number> {
  const week = await weekToDistribute(db)
  if (week === null || endOfWeek(week) > through) return 0
  return Math.floor((through.getTime() - endOfWeek(week).getTime()) / WEEK_MS) + 1
}

/** The end of the last week that one request may distribute, if that is earlier. */
async function limitedTo(db: Db, through: Date): Promise<Date> {
  const week = await weekToDistribute(db)
  if (week === null) return through
  const last = new Date(endOfWeek(week).getTime() + (WEEKS_MAX - 1) * WEEK_MS)
  return last < through ? last : through
}
