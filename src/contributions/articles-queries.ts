import { type Selectable, sql } from 'kysely'

import { type Db, pgArray, type Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { serialUuid } from '../core/id.ts'
import type { ContributionsArticle } from '../core/schema.gen.ts'
import { articleSerial } from './articles.ts'
import { HIGH_DEMAND_E2 } from './demand-rules.ts'

/** Articles by their names, a page at a time. */
export async function listArticles(
  db: Db | Tx,
  { name, featured, highDemand, after, limit }: ListArticles,
): Promise<ArticleRow[]> {
  let query = db.selectFrom('contributions.article').selectAll().orderBy('name').limit(limit)
  if (name !== undefined) query = query.where('name', '=', name)
  if (featured !== undefined) query = query.where('featured', '=', sql.lit(featured))
  if (highDemand !== undefined) query = query.where('demand_e2', highDemand ? '>=' : '<', sql.lit(HIGH_DEMAND_E2))
  if (after !== undefined) query = query.where('name', '>', after)
  return await query.execute()
}

/** Those with these names, in no order. */
export async function findArticlesByName(db: Db | Tx, names: readonly string[]): Promise<ArticleRow[]> {
  return await db
    .selectFrom('contributions.article')
    .selectAll()
    .where(sql<boolean>`name = any (${pgArray(names)}::text[])`)
    .execute()
}

/** By its public id. Fails: article_not_found. */
export async function findArticle(db: Db | Tx, id: string): Promise<ArticleRow> {
  const row = await db
    .selectFrom('contributions.article')
    .selectAll()
    .where('id', '=', articleSerial(id))
    .executeTakeFirst()
  if (row && serialUuid(row.id, row.created_at) === id) return row
  throw new NotFound('article_not_found', `There is no article ${id}.`, { article: id })
}

export type ArticleRow = Selectable<ContributionsArticle>

export interface ListArticles {
  name?: string | undefined
  featured?: boolean | undefined
  highDemand?: boolean | undefined
  after?: string | undefined
  limit: number
}
