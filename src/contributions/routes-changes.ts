import { z } from 'zod'

import type { Db } from '../core/db.ts'
import { parseDecimal } from '../core/decimal.ts'
import { router, zCursor, zLimit, zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import { articleSerial } from './articles.ts'
import {
  contributionView,
  pointsView,
  reviewView,
  zContribution,
  zContributionType,
  zReview,
} from './contribution-view.ts'
import { contributorSerial, findContribution, listContributions, listReviews } from './contributions-queries.ts'
import { PEOPLE_MAX, recordChange } from './contributions.ts'
import { decimal, zArticleName, zDecimal, zGivenDecimal, zPoints, zProse, zUsername } from './fields.ts'
import { reviewChange } from './reviews.ts'

const route = router<{ db: Db }>()

const SIZE_MAX = 1_000_000
const PROSE_MAX = 2_000
const zSize = z.int().min(0).max(SIZE_MAX)

const newest = keyset('contributions', z.tuple([zTime, zSerial]))
const inOrder = keyset('contributions.reviews', z.tuple([zSerial]))

export const changeRoutes = [
  route({
    method: 'get',
    path: '/contributions',
    may: 'contributions.read',
    summary: 'List contributions',
    description: 'The newest first; of one person, to one article, of one type.',
    errors: ['article_not_found'],
    query: {
      username: zUsername.optional(),
      article_id: z.uuid().optional(),
      type: zContributionType.optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zContribution),
    handler: async ({ scope: { db }, query: { limit, cursor, ...filters } }) => {
      const after = newest.after(cursor, filters)
      const contributor = filters.username === undefined ? undefined : await contributorSerial(db, filters.username)
      const nobody = filters.username !== undefined && contributor === undefined
      const rows = nobody
        ? []
        : await listContributions(db, {
            contributor,
            article: filters.article_id === undefined ? undefined : articleSerial(filters.article_id),
            type: filters.type,
            after: after && { createdAt: after[0], id: after[1] },
            limit: limit + 1,
          })
      return newest.page(rows, { limit, filters, keyOf: (row) => [row.created_at, row.id], view: contributionView })
    },
  }),
  route({
    method: 'post',
    path: '/contributions',
    may: 'contributions.record',
    idempotency: 'required',
    status: 201,
    summary: 'Record a change',
    description:
      'Credits those who made a change of an article, the author first: one contribution for each, who share the base points of its type. People and articles that are new are added.',
    errors: ['contribution_type_unknown', 'people_invalid', 'created_at_out_of_range'],
    body: z.strictObject({
      type: z
        .string()
        .max(40)
        .meta({ examples: ['creation'] }),
      article: zArticleName,
      people: z.array(zUsername).min(1).max(PEOPLE_MAX),
      created_at: zTime.optional().meta({ description: 'When the change was made; now unless said.' }),
      description: zProse(PROSE_MAX).optional(),
      metadata: z
        .strictObject({
          word_count: zSize.optional(),
          images_added: zSize.optional(),
          links_added: zSize.optional(),
          sources_cited: zSize.optional(),
        })
        .optional(),
    }),
    response: z.object({ data: z.array(zContribution) }),
    handler: async ({ tx, actor, body: { type, article, people, created_at, description, metadata }, now }) => {
      const details = {
        description,
        wordCount: metadata?.word_count,
        imagesAdded: metadata?.images_added,
        linksAdded: metadata?.links_added,
        sourcesCited: metadata?.sources_cited,
      }
      const createdAt = created_at ?? now
      const recorded = await recordChange(tx, { type, article, people, createdAt, details, actor: actor.id, now })
      const ids = recorded.map((made) => serialUuid(made.id, made.createdAt))
      const data = []
      for (const id of ids) data.push(contributionView(await findContribution(tx, id)))
      return { data }
    },
  }),
  route({
    method: 'get',
    path: '/contributions/:id',
    may: 'contributions.read',
    summary: 'Get a contribution',
    description: 'With every multiplier as it was applied.',
    errors: ['contribution_not_found'],
    params: { id: z.uuid() },
    response: zContribution,
    handler: async ({ scope, params }) => contributionView(await findContribution(scope.db, params.id)),
  }),
  route({
    method: 'post',
    path: '/contributions/:id/reviews',
    may: 'contributions.review',
    idempotency: 'required',
    status: 201,
    summary: 'Review a change',
    description:
      'Scores the change that the contribution belongs to. Its quality is the median of the latest score of each reviewer, and follows until its week is distributed; a staff review counts alone. The first review of a change by a person is a contribution of theirs.',
    errors: [
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
      reviewer: zUsername.optional().meta({ description: 'Who reviews; may be left out of a staff review.' }),
      score: zGivenDecimal.meta({ description: 'From 0.5 to 3 unless the parameters say otherwise.' }),
      staff: z.boolean().default(false),
      comment: zProse(PROSE_MAX).optional(),
    }),
    response: z.object({ id: z.string(), quality: zDecimal, points: zPoints }),
    handler: async ({ tx, actor, params, body: { reviewer, score, staff, comment }, now }) => {
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
