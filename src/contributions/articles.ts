import { sql } from 'kysely'

import { record } from '../core/audit.ts'
import { pgArray, pgTimes, type Tx } from '../core/db.ts'
import { formatDecimal, toSafeInteger } from '../core/decimal.ts'
import { NotFound } from '../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../core/id.ts'
import { termsAt } from './parameters.ts'
import { checkDemand } from './points-rules.ts'

/**
 * Sets how much an article is in demand, for the contributions that are recorded from now on; null: staff says nothing
 * any more, and the page views decide again. What was recorded keeps its multiplier.
 * Fails: demand_out_of_range, article_not_found.
 */
export async function setDemand(tx: Tx, { article: id, demand_e2, actor, now }: SetDemand): Promise<void> {
  const { demand } = await termsAt(tx, now)
  if (demand_e2 !== null) checkDemand(demand_e2, demand)
  const before = await lockArticle(tx, id)
  await tx
    .updateTable('contributions.article')
    .set({ staff_demand_e2: demand_e2 })
    .where('id', '=', before.id)
    .execute()
  const text = (value_e2: number | null) => (value_e2 === null ? null : formatDecimal(value_e2, 2))
  const diff = { before: { demand: text(before.staff_demand_e2) }, after: { demand: text(demand_e2) } }
  await record(tx, { at: now, actor, action: 'article.demand', subject: `article:${before.name}`, diff })
}

/** Marks an article, or takes a mark from it; what is not given stays as it is. Fails: article_not_found. */
export async function setFlags(tx: Tx, { article: id, actor, now, ...given }: SetFlags): Promise<void> {
  const { id: serial, name, featured, expert_reviewed } = await lockArticle(tx, id)
  const before = { featured, expert_reviewed }
  const after = {
    featured: given.featured ?? featured,
    expert_reviewed: given.expertReviewed ?? expert_reviewed,
  }
  await tx.updateTable('contributions.article').set(after).where('id', '=', serial).execute()
  await record(tx, { at: now, actor, action: 'article.flags', subject: `article:${name}`, diff: { before, after } })
}

/** The articles of these names; one that is not known yet is added, as created at the given time. */
export async function ensureArticles(
  tx: Tx,
  articles: readonly { name: string; createdAt: Date }[],
  { import: source = null }: { import?: number | null } = {},
): Promise<{ articles: Map<string, Article>; added: number }> {
  const known = await findArticles(
    tx,
    articles.map(({ name }) => name),
  )
  const missing = articles.filter(({ name }) => !known.has(name))
  if (missing.length === 0) return { articles: known, added: 0 }
  const { numAffectedRows } = await sql`
    insert into contributions.article (name, import, created_at)
    select name, ${source}::int, created_at
    from unnest(
      ${pgArray(missing.map(({ name }) => name))}::text[],
      ${pgTimes(missing.map(({ createdAt }) => createdAt))}::timestamptz[]
    ) as new (name, created_at)
    order by name
    on conflict do nothing
  `.execute(tx)
  const created = await findArticles(
    tx,
    missing.map(({ name }) => name),
  )
  return { articles: new Map([...known, ...created]), added: toSafeInteger(numAffectedRows ?? 0n) }
}

/** The number of the article with this public id. Fails: article_not_found. */
export function articleSerial(id: string): bigint {
  return parseSerialUuid(id, 'article_not_found').serial
}

export interface Article {
  id: bigint
  demand_e2: number
}

export interface SetDemand {
  /** The public id. */
  article: string
  demand_e2: number | null
  actor: string
  now: Date
}

export interface SetFlags {
  article: string
  featured?: boolean | undefined
  expertReviewed?: boolean | undefined
  actor: string
  now: Date
}

async function findArticles(tx: Tx, names: readonly string[]): Promise<Map<string, Article>> {
  const rows = await tx
    .selectFrom('contributions.article')
    .select(['id', 'name', 'demand_e2'])
    .where(sql<boolean>`name = any (${pgArray(names)}::text[])`)
    .execute()
  return new Map(rows.map(({ name, ...article }) => [name, article]))
}

async function lockArticle(tx: Tx, id: string) {
  const row = await tx
    .selectFrom('contributions.article')
    .select(['id', 'name', 'staff_demand_e2', 'featured', 'expert_reviewed', 'created_at'])
    .where('id', '=', articleSerial(id))
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (row && serialUuid(row.id, row.created_at) === id) return row
  throw new NotFound('article_not_found', `There is no article ${id}.`, { article: id })
}
