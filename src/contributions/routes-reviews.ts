import { z } from 'zod'

import type { Actor, Role } from '../core/actor.ts'
import type { Db, Tx } from '../core/db.ts'
import { parseDecimal } from '../core/decimal.ts'
import { Forbidden } from '../core/errors.ts'
import { router, zCursor, zLimit, zProse } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import { findPerson } from '../identity/identity.ts'
import { contributionView, pointsView, reviewView, zContribution, zReview } from './contribution-view.ts'
import { findContribution, listReviews } from './contributions-queries.ts'
import { decimal, PROSE_MAX, zCount, zDecimal, zGivenDecimal, zPoints, zUsername } from './fields.ts'
import { contributorOf } from './me-queries.ts'
import { termsAt } from './parameters.ts'
import { listReviewQueue, type QueuedChange } from './review-queue.ts'
import { reviewChange } from './reviews.ts'
import { lastDistributedWeek } from './weeks.ts'

const route = router<{ db: Db }>()

const inOrder = keyset('contributions.reviews', z.tuple([zSerial]))
const oldestWeek = keyset('contributions.review-queue', z.tuple([z.iso.date(), zSerial]))

const zQueued = zContribution.extend({
  scores: zCount.meta({ description: 'How many have scored it.' }),
  scores_missing: zCount.meta({ description: 'How many more make its quality; until then missing ones count as 1.' }),
})

export const reviewRoutes = [
  route({
    method: 'get',
    path: '/contributions/review-queue',
    may: 'contributions.read',
    summary: 'List the changes that wait for reviews',
    description:
      'Those that fewer have scored than make a quality, and whose week was not distributed; the oldest week first. Somebody who is signed in is not shown what they made or have scored themselves.',
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zQueued),
    handler: async ({ scope: { db }, actor, query: { limit, cursor }, now }) => {
      const after = oldestWeek.after(cursor, {})
      const { qualityQuorum: quorum } = await termsAt(db, now)
      const rows = await listReviewQueue(db, {
        quorum,
        settled: await lastDistributedWeek(db),
        contributor: actor.person === undefined ? undefined : await contributorOf(db, actor.person),
        after: after && { week: after[0], id: after[1] },
        limit: limit + 1,
      })
      const keyOf = (row: QueuedChange): [string, bigint] => [row.week_start, row.id]
      const view = (row: QueuedChange) => ({
        ...contributionView(row),
        scores: row.scores,
        scores_missing: quorum - row.scores,
      })
      return oldestWeek.page(rows, { limit, filters: {}, keyOf, view })
    },
  }),
  route({
    method: 'post',
    path: '/contributions/:id/reviews',
    may: 'contributions.review',
    idempotency: 'required',
    status: 201,
    summary: 'Review a change',
    description:
      'Scores the change that the contribution belongs to. Its quality is the median of the latest score of each reviewer, and follows until its week is distributed; a staff review counts alone. The first review of a change by a person is a contribution of theirs. Members review in their own name; staff may write down the review of anybody.',
    errors: [
      'review_not_own',
      'decimal_invalid',
      'reviewer_missing',
      'quality_out_of_range',
      'contribution_not_found',
      'review_not_reviewable',
      'week_distributed',
      'self_review',
    ],
    params: { id: z.uuid() },
    body: z.strictObject({
      reviewer: zUsername
        .optional()
        .meta({ description: 'Who reviews; whoever is signed in unless said, and may be left out of a staff review.' }),
      score: zGivenDecimal.meta({ description: 'From 0.5 to 3 unless the parameters say otherwise.' }),
      staff: z.boolean().default(false),
      comment: zProse(PROSE_MAX).optional(),
    }),
    response: z.object({ id: z.string(), quality: zDecimal, points: zPoints }),
    handler: async ({ tx, actor, params, body: { score, comment, ...by }, now }) => {
      const { reviewer, staff } = await reviewerOf(tx, actor, by)
      const score_e2 = parseDecimal(score, 2)
      const given = { contribution: params.id, reviewer, staff, score_e2, comment, actor: actor.id, now }
      const { id, quality_e2, points } = await reviewChange(tx, given)
      return { id: serialUuid(id, now), quality: decimal(quality_e2, 2), points: pointsView(points) }
    },
  }),
  route({
    method: 'get',
    path: '/contributions/:id/reviews',
    may: 'contributions.read',
    summary: 'List the reviews of a change',
    description: 'All that were given, in their order; of several by the same person the latest counts.',
    errors: ['contribution_not_found'],
    params: { id: z.uuid() },
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zReview),
    handler: async ({ scope: { db }, params: { id }, query: { limit, cursor } }) => {
      const [after] = inOrder.after(cursor, { id }) ?? [0n]
      const { change } = await findContribution(db, id)
      const rows = await listReviews(db, { change, after, limit: limit + 1 })
      return inOrder.page(rows, { limit, filters: { id }, keyOf: (row) => [row.id], view: reviewView })
    },
  }),
]

/** Who of the staff reviews as staff, and writes down what others have said. */
const REVIEWING_STAFF: ReadonlySet<Role> = new Set(['owner', 'operator', 'moderator'])

/**
 * In whose name a review is: their own for everybody who is signed in, unless reviewing staff says otherwise.
 * Fails: review_not_own.
 */
async function reviewerOf(tx: Tx, actor: Actor, { reviewer, staff }: By): Promise<By> {
  const own = actor.person === undefined ? undefined : (await findPerson(tx, { id: actor.person })).username
  if (REVIEWING_STAFF.has(actor.role)) return { reviewer: reviewer ?? (staff ? undefined : own), staff }
  if (!staff && (reviewer === undefined || reviewer === own)) return { reviewer: own, staff }
  throw new Forbidden('review_not_own', 'Review in your own name: leave out reviewer and staff.')
}

interface By {
  reviewer?: string | undefined
  staff: boolean
}
