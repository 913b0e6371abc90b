import { z } from 'zod'

import type { Db } from '../core/db.ts'
import { router, zCursor, zLimit, zProse, zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { keyset, zOrder, zPage, zSerial } from '../core/page.ts'
import { articleSerial } from './articles.ts'
import { contributionView, zContribution, zContributionType } from './contribution-view.ts'
import { contributorSerial, findContribution, listContributions } from './contributions-queries.ts'
import { PEOPLE_MAX, recordChange } from './contributions.ts'
import { PROSE_MAX, zArticleName, zUsername } from './fields.ts'

const route = router<{ db: Db }>()

const SIZE_MAX = 1_000_000
const zSize = z.int().min(0).max(SIZE_MAX)

const newest = keyset('contributions', z.tuple([zTime, zSerial]))

export const changeRoutes = [
  route({
    method: 'get',
    path: '/contributions',
    may: 'contributions.read',
    summary: 'List contributions',
    description: 'Of one person, to one article, of one type; the newest first, or the oldest.',
    errors: ['article_not_found'],
    query: {
      username: zUsername.optional(),
      article_id: z.uuid().optional(),
      type: zContributionType.optional(),
      order: zOrder,
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
            order: filters.order,
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
]
