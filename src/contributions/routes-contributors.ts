import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import type { Db } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { router, zCursor, zLimit, zTime } from '../core/http.ts'
import { keyset, zPage, zSerial, zUnits } from '../core/page.ts'
import { findPerson } from '../identity/identity.ts'
import { contributionView, zContribution } from './contribution-view.ts'
import { listContributions } from './contributions-queries.ts'
import { contributorView, zContributor } from './contributor-view.ts'
import { type ContributorRow, findContributor, listContributors, rankOf } from './contributors-queries.ts'
import { rewardView, zReward } from './distribution-view.ts'
import { rewardsTo } from './distributions-queries.ts'
import { zUsername } from './fields.ts'
import { contributorOf } from './me-queries.ts'
import { rewardAsset } from './parameters.ts'

const route = router<{ db: Db }>()

/** What people can be ordered by, and the column that says it. */
const ORDERS = {
  total_points: 'total_points',
  reputation_score: 'reputation_e4',
  total_contributions: 'total_contributions',
  total_tokens_earned: 'total_tokens_earned',
} as const

const zOrder = z.enum(['total_points', 'reputation_score', 'total_contributions', 'total_tokens_earned'])

const zRank = z.int().min(1)

/** A place goes with the number of those before it, which later rows count on from. */
const byCount = keyset('contributors', z.tuple([zSerial, zSerial, zRank]))
const byTokens = keyset('contributors.earned', z.tuple([zUnits, zSerial, zRank]))
const newest = keyset('contributors.contributions', z.tuple([zTime, zSerial]))
const newestWeek = keyset('contributors.rewards', z.tuple([z.int()]))

export const contributorRoutes = [
  route({
    method: 'get',
    path: '/contributors',
    may: 'contributions.read',
    summary: 'List contributors',
    description:
      'Those with the most points first, or the highest reputation, the most contributions or the most tokens earned; the last order has those alone who were paid.',
    query: {
      order: zOrder.default('total_points'),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zContributor.extend({ rank: zRank.meta({ description: 'The place in this order.' }) })),
    handler: async ({ scope: { db }, query: { order, limit, cursor }, now }) => {
      const ranked = order === 'total_tokens_earned' ? byTokens : byCount
      const after = ranked.after(cursor, { order })
      const by = ORDERS[order]
      const asset = await rewardAsset(db, now)
      const from = after && { value: after[0], id: after[1] }
      const found = await listContributors(db, { by, after: from, limit: limit + 1, asset: asset.code, at: now })
      const rows = found.map((row, place) => ({ ...row, rank: (after?.[2] ?? 0) + place + 1 }))
      const keyOf = (row: RankedRow): [bigint, bigint, number] => [BigInt(row[by]), row.id, row.rank]
      const view = ({ rank, ...row }: RankedRow) => ({ ...contributorView(row, asset), rank })
      return ranked.page(rows, { limit, filters: { order }, keyOf, view })
    },
  }),
  route({
    method: 'get',
    path: '/me/rank',
    may: 'me.read',
    summary: 'Get one’s own place',
    description: 'In the list of contributors, in the order that is asked for; null where one is not in it.',
    query: { order: zOrder.default('total_points') },
    response: z.object({ username: z.string(), order: zOrder, rank: zRank.nullable() }),
    handler: async ({ scope: { db }, actor, query: { order } }) => {
      const { id, username } = await findPerson(db, { id: personOf(actor) })
      const contributor = await contributorOf(db, id)
      const rank = contributor === undefined ? null : await rankOf(db, { contributor, by: ORDERS[order] })
      return { username, order, rank: rank === null ? null : toSafeInteger(rank) }
    },
  }),
  route({
    method: 'get',
    path: '/contributors/:username',
    may: 'contributions.read',
    summary: 'Get a contributor',
    description: 'With their reputation, points and earnings.',
    errors: ['contributor_not_found'],
    params: { username: zUsername },
    response: zContributor,
    handler: async ({ scope: { db }, params: { username }, now }) => {
      const asset = await rewardAsset(db, now)
      return contributorView(await findContributor(db, { username, asset: asset.code, at: now }), asset)
    },
  }),
  route({
    method: 'get',
    path: '/contributors/:username/contributions',
    may: 'contributions.read',
    summary: 'List a contributor’s contributions',
    description: 'The newest first.',
    errors: ['contributor_not_found'],
    params: { username: zUsername },
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zContribution),
    handler: async ({ scope: { db }, params: { username }, query: { limit, cursor }, now }) => {
      const after = newest.after(cursor, { username })
      const asset = await rewardAsset(db, now)
      const { id: contributor } = await findContributor(db, { username, asset: asset.code, at: now })
      const from = after && { createdAt: after[0], id: after[1] }
      const rows = await listContributions(db, { contributor, after: from, limit: limit + 1 })
      const keyOf = (row: (typeof rows)[number]): [Date, bigint] => [row.created_at, row.id]
      return newest.page(rows, { limit, filters: { username }, keyOf, view: contributionView })
    },
  }),
  route({
    method: 'get',
    path: '/contributors/:username/rewards',
    may: 'contributions.read',
    summary: 'List a contributor’s rewards',
    description: 'The newest week first.',
    errors: ['contributor_not_found'],
    params: { username: zUsername },
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zReward),
    handler: async ({ scope: { db }, params: { username }, query: { limit, cursor }, now }) => {
      const after = newestWeek.after(cursor, { username })
      const asset = await rewardAsset(db, now)
      const { id: contributor } = await findContributor(db, { username, asset: asset.code, at: now })
      const rows = await rewardsTo(db, { contributor, before: after?.[0], limit: limit + 1 })
      const keyOf = (row: (typeof rows)[number]): [number] => [row.distribution]
      return newestWeek.page(rows, {
        limit,
        filters: { username },
        keyOf,
        view: (row) => rewardView(row, asset.scale),
      })
    },
  }),
]

type RankedRow = ContributorRow & { rank: number }
