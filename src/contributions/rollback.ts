import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import { pgArray, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { Conflict } from '../core/errors.ts'
import { removePeople } from '../identity/identity.ts'
import { applyDeltas, type Deltas, lockContributors, noDeltas } from './counters.ts'
import { lockImports } from './importer.ts'
import { findImportById, type ImportRow } from './imports-queries.ts'
import { lockWeeks, weekOf } from './weeks.ts'

/**
 * Takes back all that an import brought and nothing else: contributions, reviews, page views, articles and people, with
 * what they had counted for. The file may then be imported again. Nothing is taken back where value has moved or others
 * have built on it. Moves nothing.
 * Fails, in this order: import_not_found, import_rolled_back, import_settled (one of its weeks was distributed),
 * import_in_use (others have reviewed its changes, or its people and articles have other work), person_in_use (somebody
 * whom it brought has an account, a wallet or a sign-in).
 */
export async function rollbackImport(
  tx: Tx,
  { import: publicId, actor, now }: { import: string; actor: string; now: Date },
): Promise<RolledBack> {
  await lockImports(tx)
  await lockWeeks(tx)
  const found = await importToTakeBack(tx, publicId)
  await refuseSettled(tx, found.id)
  await refuseInUse(tx, found.id)
  const { deltas, articles } = await sumsOf(tx, found.id)
  await lockContributors(tx, [...deltas.contributors.keys()])
  const removed = await removeRows(tx, found.id)
  deltas.added = { contributors: -removed.contributors, articles: -removed.articles }
  // What is new is counted in some week: in the running one, where the import had no work.
  if (deltas.weeks.size === 0) deltas.weeks.set(weekOf(now), { contributions: 0, points: 0n })
  await applyDeltas(tx, deltas)
  await refreshLastContribution(tx, articles)
  await removePeople(tx, { people: removed.people })
  if (removed.views > 0) await tx.deleteFrom('contributions.demand_week').execute()
  await tx
    .updateTable('contributions.import')
    .set({ rolled_back_at: now, rolled_back_by: actor, updated_at: now })
    .where('id', '=', found.id)
    .execute()
  const brought = {
    contributions: removed.contributions,
    people: removed.people.length,
    articles: removed.articles,
    views: removed.views,
  }
  const diff = { before: Object.fromEntries(Object.entries(brought).map(([of, count]) => [of, `${count}`])) }
  await record(tx, { at: now, actor, action: 'import.rollback', subject: `import:${found.id}`, diff })
  return { file: found.file, ...brought }
}

/** How much of each is gone. */
export interface RolledBack {
  file: string
  contributions: number
  people: number
  articles: number
  views: number
}

async function importToTakeBack(tx: Tx, publicId: string): Promise<ImportRow> {
  const found = await findImportById(tx, publicId)
  if (!found.rolled_back_at) return found
  throw new Conflict('import_rolled_back', `The import of ${found.file} was taken back before.`, { import: publicId })
}

async function refuseSettled(tx: Tx, id: number): Promise<void> {
  const { rows } = await sql<{ contributions: bigint; week: string | null }>`
    select count(*) as contributions, min(contribution.week_start) as week
    from contributions.contribution
    join contributions.weekly_distribution as distribution on distribution.week_start = contribution.week_start
    where contribution.import = ${id}
  `.execute(tx)
  const { contributions, week } = must(rows[0], 'A count is one row')
  if (contributions === 0n) return
  throw new Conflict(
    'import_settled',
    `${contributions} of its contributions are of weeks that were distributed, from ${week} on: what was paid is not taken back.`,
    { contributions: `${contributions}`, week },
  )
}

async function refuseInUse(tx: Tx, id: number): Promise<void> {
  const { rows } = await sql<{ reviews: bigint; people: bigint; articles: bigint }>`
    select
      (
        select count(*)
        from contributions.review
        join contributions.contribution as change on change.id = review.change
        left join contributions.contribution as credit on credit.id = review.contribution
        where change.import = ${id} and credit.import is distinct from change.import
      ) as reviews,
      (
        select count(*)
        from contributions.contributor
        where contributor.import = ${id}
          and (
            exists (
              select
              from contributions.contribution
              where contribution.contributor = contributor.id and contribution.import is distinct from ${id}
            )
            or exists (select from contributions.token_reward where token_reward.contributor = contributor.id)
            or contributor.id in (
              select review.reviewer
              from contributions.review
              where review.contribution is null
            )
          )
      ) + (
        select count(*)
        from contributions.imported_person
        join contributions.contributor on contributor.person = imported_person.person
        where imported_person.import = ${id} and contributor.import is distinct from ${id}
      ) as people,
      (
        select count(*)
        from contributions.article
        where article.import = ${id}
          and (
            exists (
              select
              from contributions.contribution
              where contribution.article = article.id and contribution.import is distinct from ${id}
            )
            or article.id in (select article from contributions.article_views where import is distinct from ${id})
          )
      ) as articles
  `.execute(tx)
  const { reviews, people, articles } = must(rows[0], 'Counts are one row')
  if (reviews + people + articles === 0n) return
  throw new Conflict(
    'import_in_use',
    `Others have built on it: ${reviews} reviews of its changes, ${people} of its people and ${articles} of its articles have other work.`,
    { reviews: `${reviews}`, people: `${people}`, articles: `${articles}` },
  )
}

/** What its contributions have counted for, to be taken off again: nothing for people and articles that go with it. */
async function sumsOf(tx: Tx, id: number): Promise<{ deltas: Deltas; articles: bigint[] }> {
  const deltas = noDeltas()
  const { rows: people } = await sql<Sum<bigint>>`
    select contribution.contributor as key, count(*) as contributions, sum(contribution.total_points)::bigint as points
    from contributions.contribution
    join contributions.contributor on contributor.id = contribution.contributor
    where contribution.import = ${id} and contributor.import is distinct from ${id}
    group by contribution.contributor
  `.execute(tx)
  const { rows: articles } = await sql<Sum<bigint>>`
    select contribution.article as key, count(*) as contributions, 0::bigint as points
    from contributions.contribution
    join contributions.article on article.id = contribution.article
    where contribution.import = ${id} and article.import is distinct from ${id}
    group by contribution.article
  `.execute(tx)
  const { rows: weeks } = await sql<Sum<string>>`
    select week_start as key, count(*) as contributions, sum(total_points)::bigint as points
    from contributions.contribution
    where import = ${id}
    group by week_start
  `.execute(tx)
  for (const sum of people) deltas.contributors.set(sum.key, taken(sum))
  for (const sum of weeks) deltas.weeks.set(sum.key, taken(sum))
  for (const { key, contributions } of articles) {
    deltas.articles.set(key, { contributions: -toSafeInteger(contributions), lastAt: null, scored: 0, quality_e2: 0 })
  }
  return { deltas, articles: articles.map(({ key }) => key) }
}

interface Sum<Key> {
  key: Key
  contributions: bigint
  points: bigint
}

function taken({ contributions, points }: Sum<unknown>) {
  return { contributions: -toSafeInteger(contributions), points: -points }
}

/** In an order in which nothing refers to what is gone. */
async function removeRows(tx: Tx, id: number) {
  await sql`
    delete from contributions.review
    using contributions.contribution as credit
    where credit.id = review.contribution and credit.import = ${id}
  `.execute(tx)
  const rows = async (table: 'contribution' | 'page' | 'article_views' | 'article' | 'contributor') => {
    const { numDeletedRows } = await tx
      .deleteFrom(`contributions.${table}`)
      .where('import', '=', id)
      .executeTakeFirstOrThrow()
    return toSafeInteger(numDeletedRows)
  }
  const contributions = await rows('contribution')
  await rows('page')
  const views = await rows('article_views')
  const articles = await rows('article')
  const contributors = await rows('contributor')
  const people = await tx
    .deleteFrom('contributions.imported_person')
    .where('import', '=', id)
    .returning('person')
    .execute()
  return { contributions, views, articles, contributors, people: people.map(({ person }) => person) }
}

async function refreshLastContribution(tx: Tx, articles: readonly bigint[]): Promise<void> {
  if (articles.length === 0) return
  await sql`
    update contributions.article
    set last_contribution_date = (
      select max(created_at)
      from contributions.contribution
      where contribution.article = article.id
    )
    where id = any (${pgArray(articles)}::bigint[])
  `.execute(tx)
}
