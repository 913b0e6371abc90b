import { z } from 'zod'

import type { Db } from '../core/db.ts'
import { parseDecimal } from '../core/decimal.ts'
import { router, zCursor, zFlag, zLimit } from '../core/http.ts'
import { keyset, zPage } from '../core/page.ts'
import { articleView, zArticle } from './article-view.ts'
import { findArticle, listArticles } from './articles-queries.ts'
import { setDemand, setFlags } from './articles.ts'
import { zArticleName, zCount, zGivenDecimal } from './fields.ts'
import { rewardAsset } from './parameters.ts'
import { VIEWS_MAX } from './views-file.ts'
import { recordViews, VIEWS_BATCH_MAX } from './views.ts'

const route = router<{ db: Db }>()

const byName = keyset('articles', z.tuple([z.string()]))

export const articleRoutes = [
  route({
    method: 'get',
    path: '/articles',
    may: 'contributions.read',
    summary: 'List articles',
    description: 'By name; `featured` and `high_demand` choose among them, `name` finds one.',
    query: {
      name: zArticleName.optional(),
      featured: zFlag.optional(),
      high_demand: zFlag.optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zArticle),
    handler: async ({ scope: { db }, query: { limit, cursor, ...filters }, now }) => {
      const after = byName.after(cursor, filters)
      const asset = await rewardAsset(db, now)
      const { name, featured, high_demand: highDemand } = filters
      const rows = await listArticles(db, { name, featured, highDemand, after: after?.[0], limit: limit + 1 })
      return byName.page(rows, { limit, filters, keyOf: (row) => [row.name], view: (row) => articleView(row, asset) })
    },
  }),
  route({
    method: 'post',
    path: '/articles/views',
    may: 'articles.views',
    idempotency: 'optional',
    summary: 'Record page views',
    description:
      'How often articles were looked at on days of UTC; the latest figure of a day counts. Once a week is over, its views set the demand of articles for the contributions that follow. Answers how many figures are new.',
    errors: ['views_in_future', 'article_not_found'],
    body: z.strictObject({
      views: z
        .array(z.strictObject({ article: zArticleName, date: z.iso.date(), views: z.int().min(0).max(VIEWS_MAX) }))
        .min(1)
        .max(VIEWS_BATCH_MAX),
    }),
    response: z.object({ recorded: zCount }),
    handler: async ({ tx, actor, body, now }) => {
      const views = body.views.map(({ date: day, ...of }) => ({ ...of, day }))
      return { recorded: await recordViews(tx, { views, actor: actor.id, now }) }
    },
  }),
  route({
    method: 'get',
    path: '/articles/:id',
    may: 'contributions.read',
    summary: 'Get an article',
    description: 'With its demand, its quality and what it has earned.',
    errors: ['article_not_found'],
    params: { id: z.uuid() },
    response: zArticle,
    handler: async ({ scope: { db }, params, now }) =>
      articleView(await findArticle(db, params.id), await rewardAsset(db, now)),
  }),
  route({
    method: 'post',
    path: '/articles/:id/demand',
    may: 'articles.curate',
    idempotency: 'optional',
    summary: 'Set an article’s demand',
    description:
      'What contributions to it are multiplied by from now on, until it is cleared with null. What was recorded keeps its multiplier.',
    errors: ['decimal_invalid', 'demand_out_of_range', 'article_not_found'],
    params: { id: z.uuid() },
    body: z.strictObject({ demand: zGivenDecimal.nullable() }),
    response: zArticle,
    handler: async ({ tx, actor, params, body: { demand }, now }) => {
      const demand_e2 = demand === null ? null : parseDecimal(demand, 2)
      await setDemand(tx, { article: params.id, demand_e2, actor: actor.id, now })
      return articleView(await findArticle(tx, params.id), await rewardAsset(tx, now))
    },
  }),
  route({
    method: 'post',
    path: '/articles/:id/flags',
    may: 'articles.curate',
    idempotency: 'optional',
    summary: 'Mark an article',
    description: 'As featured or as reviewed by an expert; what is left out stays as it is.',
    errors: ['article_not_found'],
    params: { id: z.uuid() },
    body: z.strictObject({ featured: z.boolean().optional(), expert_reviewed: z.boolean().optional() }),
    response: zArticle,
    handler: async ({ tx, actor, params, body, now }) => {
      const flags = { featured: body.featured, expertReviewed: body.expert_reviewed }
      await setFlags(tx, { article: params.id, ...flags, actor: actor.id, now })
      return articleView(await findArticle(tx, params.id), await rewardAsset(tx, now))
    },
  }),
]
