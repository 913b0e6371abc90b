import { sql } from 'kysely'

import { pgArray, pgTimes, type Tx } from '../core/db.ts'

/*
 * The sums that lists and the dashboard show are kept beside the rows that they sum: on the contributor, on the article
 * and, for each week, in the tally. An operation gathers what it changes and applies it once, at its end: rows are then
 * locked in one order by everybody (contributors, articles, weeks; each in the order of their keys), and for a short time.
 */

export function noDeltas(): Deltas {
  return { contributors: new Map(), articles: new Map(), weeks: new Map(), added: { contributors: 0, articles: 0 } }
}

/** People and articles that are new. */
export function countAdded({ added }: Deltas, { contributors = 0, articles = 0 }: Partial<Added>): void {
  added.contributors += contributors
  added.articles += articles
}

/** A contribution that is new. */
export function countContribution(deltas: Deltas, { contributor, article, week, points, createdAt }: Counted): void {
  gain(deltas, { contributor, week, points, contributions: 1 })
  const sums = articleSums(deltas, article)
  sums.contributions += 1
  if (!sums.lastAt || sums.lastAt < createdAt) sums.lastAt = createdAt
}

/** A contribution that has other points than before. */
export function countPoints(deltas: Deltas, change: { contributor: bigint; week: string; points: bigint }): void {
  gain(deltas, { ...change, contributions: 0 })
}

/** A contribution whose quality is known now, or has changed. */
export function countQuality(deltas: Deltas, change: { article: bigint; scored: number; quality_e2: number }): void {
  const sums = articleSums(deltas, change.article)
  sums.scored += change.scored
  sums.quality_e2 += change.quality_e2
}

export async function applyDeltas(tx: Tx, { contributors, articles, weeks, added }: Deltas): Promise<void> {
  if (contributors.size > 0) await applyToContributors(tx, [...contributors])
  if (articles.size > 0) await applyToArticles(tx, [...articles])
  if (weeks.size > 0) await applyToWeeks(tx, [...weeks], added)
}

export async function lockContributors(tx: Tx, ids: readonly bigint[]): Promise<void> {
  await sql`
    select id
    from contributions.contributor
    where id = any (${pgArray(ids)}::bigint[])
    order by id
    for no key update
  `.execute(tx)
}

export interface Deltas {
  contributors: Map<bigint, { contributions: number; points: bigint }>
  articles: Map<bigint, ArticleSums>
  weeks: Map<string, { contributions: number; points: bigint }>
  added: Added
}

interface Added {
  contributors: number
  articles: number
}

interface ArticleSums {
  contributions: number
  lastAt: Date | null
  scored: number
  quality_e2: number
}

interface Counted {
  contributor: bigint
  article: bigint
  week: string
  points: bigint
  createdAt: Date
}

/** Writers of the same week meet on the same row of the tally once in so many times. */
const TALLY_SHARDS = sql.lit(16)

function gain(
  { contributors, weeks }: Deltas,
  {
    contributor,
    week,
    points,
    contributions,
  }: { contributor: bigint; week: string; points: bigint; contributions: number },
): void {
  for (const sums of [sumsOf(contributors, contributor), sumsOf(weeks, week)]) {
    sums.contributions += contributions
    sums.points += points
  }
}

function sumsOf<Key>(of: Map<Key, { contributions: number; points: bigint }>, key: Key) {
  const sums = of.get(key) ?? { contributions: 0, points: 0n }
  of.set(key, sums)
  return sums
}

function articleSums({ articles }: Deltas, article: bigint): ArticleSums {
  const sums = articles.get(article) ?? { contributions: 0, lastAt: null, scored: 0, quality_e2: 0 }
  articles.set(article, sums)
  return sums
}

async function applyToContributors(tx: Tx, changes: [bigint, { contributions: number; points: bigint }][]) {
  const ids = changes.map(([id]) => id)
  await lockContributors(tx, ids)
  await sql`
    update contributions.contributor
    set
      total_contributions = total_contributions + change.contributions,
      total_points = total_points + change.points
    from unnest(
      ${pgArray(ids)}::bigint[],
      ${pgArray(changes.map(([, { contributions }]) => contributions))}::int[],
      ${pgArray(changes.map(([, { points }]) => points))}::bigint[]
    ) as change (id, contributions, points)
    where contributor.id = change.id
  `.execute(tx)
}

async function applyToArticles(tx: Tx, changes: [bigint, ArticleSums][]) {
  const ids = pgArray(changes.map(([id]) => id))
  await sql`
    select id
    from contributions.article
    where id = any (${ids}::bigint[])
    order by id
    for no key update
  `.execute(tx)
  await sql`
    update contributions.article
    set
      contribution_count = contribution_count + change.contributions,
      last_contribution_date = greatest(last_contribution_date, change.last_at),
      scored_contributions = scored_contributions + change.scored,
      quality_sum_e2 = quality_sum_e2 + change.quality_e2
    from unnest(
      ${ids}::bigint[],
      ${pgArray(changes.map(([, { contributions }]) => contributions))}::int[],
      ${pgTimes(changes.map(([, { lastAt }]) => lastAt))}::timestamptz[],
      ${pgArray(changes.map(([, { scored }]) => scored))}::int[],
      ${pgArray(changes.map(([, { quality_e2 }]) => quality_e2))}::bigint[]
    ) as change (id, contributions, last_at, scored, quality_e2)
    where article.id = change.id
  `.execute(tx)
}

async function applyToWeeks(
  tx: Tx,
  changes: [string, { contributions: number; points: bigint }][],
  added: Added,
): Promise<void> {
  // Which of the weeks counts those who are new makes no difference: all are summed.
  const first = (count: number) => pgArray(changes.map((_, i) => (i === 0 ? count : 0)))
  await sql`
    insert into contributions.tally as tally (week_start, shard, contributions, points, contributors, articles)
    select week_start, pg_backend_pid() % ${TALLY_SHARDS}, contributions, points, contributors, articles
    from unnest(
      ${pgArray(changes.map(([week]) => week))}::date[],
      ${pgArray(changes.map(([, { contributions }]) => contributions))}::bigint[],
      ${pgArray(changes.map(([, { points }]) => points))}::bigint[],
      ${first(added.contributors)}::bigint[],
      ${first(added.articles)}::bigint[]
    ) as change (week_start, contributions, points, contributors, articles)
    order by week_start
    on conflict (week_start, shard) do update
    set
      contributions = tally.contributions + excluded.contributions,
      points = tally.points + excluded.points,
      contributors = tally.contributors + excluded.contributors,
      articles = tally.articles + excluded.articles
  `.execute(tx)
}
