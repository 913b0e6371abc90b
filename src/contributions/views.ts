import { sql } from 'kysely'

import { record } from '../core/audit.ts'
import { pgArray, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { Invalid, NotFound } from '../core/errors.ts'
import type { LineError, Numbered } from './import-format.ts'
import { lockImports } from './importer.ts'
import type { ViewsOfDay } from './views-file.ts'

/**
 * Writes down how often articles were looked at on days of UTC; the latest figure of a day counts. The views of a week
 * that is over set the demand of articles (see setDemandByViews).
 * Fails, in this order: views_in_future, article_not_found.
 */
export async function recordViews(
  tx: Tx,
  { views, actor, now }: { views: readonly ViewsOfDay[]; actor: string; now: Date },
): Promise<number> {
  const today = now.toISOString().slice(0, DAY_LENGTH)
  const early = views.find(({ day }) => day > today)
  if (early) throw new Invalid('views_in_future', `${early.day} has not begun yet.`, { date: early.day })
  await lockImports(tx)
  const [unknown] = await unknownArticles(tx, views)
  if (unknown !== undefined) {
    throw new NotFound('article_not_found', `There is no article ${unknown}.`, { article: unknown })
  }
  const recorded = await insertViews(tx, views, { import: null, actor, now })
  const diff = { after: { views: `${recorded}` } }
  await record(tx, { at: now, actor, action: 'article.views', subject: 'articles', diff })
  return recorded
}

/** What an import cannot take: views of articles that there are not. */
export async function checkViews(tx: Tx, lines: readonly Numbered<ViewsOfDay>[]): Promise<LineError[]> {
  const unknown = new Set(
    await unknownArticles(
      tx,
      lines.map(({ item }) => item),
    ),
  )
  return lines
    .filter(({ item }) => unknown.has(item.article))
    .map(({ line, item }) => ({
      line,
      field: 'article',
      code: 'article_not_found',
      message: `Line ${line}, field article: there is no article ${item.article}.`,
    }))
}

/** Writes what differs from the figures that there are, and says how many did. */
export async function insertViews(
  tx: Tx,
  views: readonly ViewsOfDay[],
  { import: source, actor, now }: { import: number | null; actor: string; now: Date },
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into contributions.article_views (article, day, views, import, actor, recorded_at)
    select given.article, given.day, given.views, ${source}::int, ${actor}, ${now}::timestamptz
    from (
      select distinct on (article.id, new.day) article.id as article, new.day, new.views
      from unnest(
        ${pgArray(views.map(({ article }) => article))}::text[],
        ${pgArray(views.map(({ day }) => day))}::date[],
        ${pgArray(views.map((of) => of.views))}::bigint[]
      ) with ordinality as new (name, day, views, place)
      join contributions.article on article.name = new.name
      order by article.id, new.day, new.place desc
    ) as given
    left join lateral (
      select article_views.views
      from contributions.article_views
      where article_views.day = given.day and article_views.article = given.article
      order by article_views.id desc
      limit 1
    ) as known on true
    where known.views is distinct from given.views
  `.execute(tx)
  return toSafeInteger(numAffectedRows ?? 0n)
}

/** Days' figures that one request may bring. */
export const VIEWS_BATCH_MAX = 1_000

const DAY_LENGTH = 10

async function unknownArticles(tx: Tx, views: readonly ViewsOfDay[]): Promise<string[]> {
  const names = [...new Set(views.map(({ article }) => article))]
  const { rows } = await sql<{ name: string }>`
    select wanted.name
    from unnest(${pgArray(names)}::text[]) with ordinality as wanted (name, place)
    where not exists (select from contributions.article where article.name = wanted.name)
    order by wanted.place
  `.execute(tx)
  return rows.map(({ name }) => name)
}
