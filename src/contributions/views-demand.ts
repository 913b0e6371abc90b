import { sql } from 'kysely'

import { record } from '../core/audit.ts'
import { pgArray, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { demandByViews } from './demand-rules.ts'
import { termsAt } from './parameters.ts'
import { nextWeek, weekOf } from './weeks.ts'

/**
 * Gives every article the demand that its page views make among all articles (see demandByViews): those of the last week
 * that is over and has any. Done once for a week, and again when figures of it were corrected; what staff has said of an
 * article still comes first, and contributions that were recorded keep their multiplier. Without any views left, all
 * lose such a demand. Says how many articles have another than before; null when there was nothing to do.
 */
export async function setDemandByViews(tx: Tx, { now }: { now: Date }): Promise<number | null> {
  const week = await lastViewedWeek(tx, now)
  if (week === null) return await clearDemand(tx)
  const through = await newestFigure(tx)
  if (!(await isDue(tx, week, through))) return null
  const { demand } = await termsAt(tx, now)
  const articles = await viewsOfWeek(tx, week)
  const demands = demandByViews(
    articles.map(({ views }) => views),
    demand,
  )
  const changed = articles.flatMap(({ id, before_e2 }, i) =>
    before_e2 === demands[i] ? [] : [{ id, e2: demands[i]! }],
  )
  for (let first = 0; first < changed.length; first += BATCH) {
    await updateDemand(tx, changed.slice(first, first + BATCH))
  }
  await markDone(tx, { week, through, articles: articles.length, now })
  const diff = { after: { articles: `${articles.length}`, changed: `${changed.length}` } }
  await record(tx, { at: now, actor: 'system', action: 'article.demand_by_views', subject: `week:${week}`, diff })
  return changed.length
}

const BATCH = 10_000

async function lastViewedWeek(tx: Tx, now: Date): Promise<string | null> {
  const { rows } = await sql<{ day: string | null }>`
    select max(day) as day
    from contributions.article_views
    where day < ${weekOf(now)}::date
  `.execute(tx)
  const day = rows[0]?.day ?? null
  return day === null ? null : weekOf(new Date(`${day}T00:00:00.000Z`))
}

async function newestFigure(tx: Tx): Promise<bigint> {
  const { rows } = await sql<{ id: bigint }>`
    select coalesce(max(id), 0) as id
    from contributions.article_views
  `.execute(tx)
  return rows[0]?.id ?? 0n
}

/** Looks only at figures that are newer than those it has seen. */
async function isDue(tx: Tx, week: string, through: bigint): Promise<boolean> {
  const done = await tx
    .selectFrom('contributions.demand_week')
    .select('views_through')
    .where('week_start', '=', week)
    .executeTakeFirst()
  if (!done) return true
  if (done.views_through === through) return false
  const { rows } = await sql<{ corrected: boolean }>`
    select exists (
      select
      from contributions.article_views
      where id > ${done.views_through} and day >= ${week}::date and day < ${nextWeek(week)}::date
    ) as corrected
  `.execute(tx)
  if (rows[0]?.corrected) return true
  await tx
    .updateTable('contributions.demand_week')
    .set({ views_through: through })
    .where('week_start', '=', week)
    .execute()
  return false
}

async function viewsOfWeek(tx: Tx, week: string): Promise<{ id: bigint; before_e2: number | null; views: bigint }[]> {
  const { rows } = await sql<{ id: bigint; before_e2: number | null; views: bigint }>`
    select article.id, article.views_demand_e2 as before_e2, coalesce(viewed.views, 0)::bigint as views
    from contributions.article
    left join (
      select article, sum(views) as views
      from (
        select distinct on (day, article) article, views
        from contributions.article_views
        where day >= ${week}::date and day < ${nextWeek(week)}::date
        order by day, article, id desc
      ) as latest
      group by article
    ) as viewed on viewed.article = article.id
    order by article.id
  `.execute(tx)
  return rows
}

/** In the order of the articles, as all who write them do. */
async function updateDemand(tx: Tx, changed: readonly { id: bigint; e2: number }[]): Promise<void> {
  const ids = pgArray(changed.map(({ id }) => id))
  await sql`
    select id
    from contributions.article
    where id = any (${ids}::bigint[])
    order by id
    for no key update
  `.execute(tx)
  await sql`
    update contributions.article
    set views_demand_e2 = new.demand_e2
    from unnest(${ids}::bigint[], ${pgArray(changed.map(({ e2 }) => e2))}::smallint[]) as new (id, demand_e2)
    where article.id = new.id
  `.execute(tx)
}

async function markDone(
  tx: Tx,
  { week, through, articles, now }: { week: string; through: bigint; articles: number; now: Date },
): Promise<void> {
  const row = { views_through: through, articles, computed_at: now }
  await tx
    .insertInto('contributions.demand_week')
    .values({ week_start: week, ...row })
    .onConflict((conflict) => conflict.column('week_start').doUpdateSet(row))
    .execute()
}

async function clearDemand(tx: Tx): Promise<number | null> {
  const { numUpdatedRows } = await tx
    .updateTable('contributions.article')
    .set({ views_demand_e2: null })
    .where('views_demand_e2', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows === 0n ? null : toSafeInteger(numUpdatedRows)
}
