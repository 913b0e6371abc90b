import { sql } from 'kysely'

import { pgArray, pgTimes, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { dayStart } from '../core/period.ts'
import { type Article, ensureArticles } from './articles.ts'
import { applyDeltas, countAdded, noDeltas } from './counters.ts'
import { type Brought, NOTHING_BROUGHT, type Numbered } from './import-format.ts'
import { type Terms, termsAt } from './parameters.ts'
import { type Contributor, ensureContributors } from './people.ts'
import { shareBasePoints } from './points-rules.ts'
import { type Draft, insertContributions, type Recorded } from './recording.ts'
import { holdWeeksOpen } from './weeks.ts'
import { type ChangeCredits, type CreatedPages, interpretChange, type WikiChange } from './wiki-history.ts'

/**
 * Takes in some lines of a wiki's history, in their order, with statements for all of them together. A person joins, and
 * an article begins, with the first line that brings them a contribution. Reviews carry no score.
 */
export async function importBatch(
  tx: Tx,
  lines: readonly Numbered<WikiChange>[],
  { import: source, now }: { import: number; now: Date },
): Promise<Brought> {
  const firstOpen = await holdWeeksOpen(tx)
  const terms = await termsAt(tx, now)
  const pages = await readPages(tx, lines)
  const credited = lines
    .map(({ line, item: change }) => ({ line, change, credits: interpretChange(change, pages) }))
    .filter(({ credits }) => credits.people.length > 0 || credits.reviewer !== null)
  if (credited.length === 0) return NOTHING_BROUGHT

  const { contributors, added: people } = await ensureContributors(tx, {
    people: joining(credited),
    import: source,
    now,
  })
  const { articles, added } = await ensureArticles(tx, beginning(credited), { import: source })
  await insertPages(tx, { pages: pages.created, articles, import: source })
  const reviewsOfDay = await countReviews(tx, credited, contributors)
  const drafts: Draft[] = []
  const reviews: { change: number | null; draft: number }[] = []
  for (const { line, change, credits } of credited) {
    const common = {
      article: articles.get(change.article)!,
      createdAt: change.at,
      source: { import: source, line },
    }
    const author = drafts.length
    const shares = credits.type === null ? [] : shareBasePoints(terms.basePoints[credits.type], credits.people.length)
    for (const [i, username] of credits.people.entries()) {
      const contributor = contributors.get(username)!
      drafts.push({ ...common, contributor, changeOf: author, type: credits.type!, base: shares[i]! })
    }
    if (credits.reviewer === null) continue
    const contributor = contributors.get(credits.reviewer)!
    const base = reviewsOfDay.take(contributor, change.at, terms)
    reviews.push({ change: credits.type === null ? null : author, draft: drafts.length })
    drafts.push({ ...common, contributor, type: 'review', base })
  }
  const deltas = noDeltas()
  countAdded(deltas, { contributors: people, articles: added })
  const recorded = await insertContributions(tx, drafts, { firstOpen, deltas })
  await insertReviews(tx, reviews, recorded)
  await applyDeltas(tx, deltas)
  return { ...NOTHING_BROUGHT, contributions: recorded.length, people, articles: added }
}

interface Credited {
  line: number
  change: WikiChange
  credits: ChangeCredits
}

/** Each with the time of the first line that credits them. */
function joining(credited: readonly Credited[]): { username: string; joinedAt: Date }[] {
  const first = new Map<string, Date>()
  for (const { change, credits } of credited) {
    const names = credits.reviewer === null ? credits.people : [...credits.people, credits.reviewer]
    for (const name of names) if (!first.has(name)) first.set(name, change.at)
  }
  return Array.from(first, ([username, joinedAt]) => ({ username, joinedAt }))
}

function beginning(credited: readonly Credited[]): { name: string; createdAt: Date }[] {
  const first = new Map<string, Date>()
  for (const { change } of credited) if (!first.has(change.article)) first.set(change.article, change.at)
  return Array.from(first, ([name, createdAt]) => ({ name, createdAt }))
}

/** The pages of these lines that were created before, and those that are created by them. */
async function readPages(tx: Tx, lines: readonly Numbered<WikiChange>[]): Promise<CreatedPages & { created: Page[] }> {
  const changes = lines.map(({ item }) => item).filter(({ change }) => change === 'create')
  const { rows } = await sql<Page>`
    select article.name as article, page.language
    from unnest(
      ${pgArray(changes.map(({ article }) => article))}::text[],
      ${pgArray(changes.map(({ language }) => language))}::text[]
    ) as wanted (name, language)
    join contributions.article on article.name = wanted.name
    join contributions.page on page.article = article.id and page.language = wanted.language
  `.execute(tx)
  const known = new Set(rows.map(keyOf))
  const created: Page[] = []
  return {
    created,
    create(article, language) {
      const page = { article, language }
      if (known.has(keyOf(page))) return false
      known.add(keyOf(page))
      created.push(page)
      return true
    },
  }
}

async function insertPages(
  tx: Tx,
  {
    pages,
    articles,
    import: source,
  }: { pages: readonly Page[]; articles: ReadonlyMap<string, Article>; import: number },
): Promise<void> {
  if (pages.length === 0) return
  await sql`
    insert into contributions.page (article, language, import)
    select article, language, ${source}::int
    from unnest(
      ${pgArray(pages.map(({ article }) => articles.get(article)!.id))}::bigint[],
      ${pgArray(pages.map(({ language }) => language))}::text[]
    ) as new (article, language)
    order by article, language
    on conflict do nothing
  `.execute(tx)
}

/** How many reviews with points each reviewer has on each day, counted on as these lines are gone through. */
async function countReviews(
  tx: Tx,
  credited: readonly Credited[],
  contributors: ReadonlyMap<string, Contributor>,
): Promise<ReviewsOfDay> {
  const reviewed = credited.filter(({ credits }) => credits.reviewer !== null)
  const counts = new Map<string, number>()
  if (reviewed.length > 0) {
    const { rows } = await sql<{ contributor: bigint; day: Date; reviews: bigint }>`
      select wanted.contributor, wanted.day, count(*) as reviews
      from (
        select distinct *
        from unnest(
          ${pgArray(reviewed.map(({ credits }) => contributors.get(credits.reviewer!)!.id))}::bigint[],
          ${pgTimes(reviewed.map(({ change }) => dayStart(change.at)))}::timestamptz[]
        ) as reviewer (contributor, day)
      ) as wanted
      join contributions.contribution on contribution.contributor = wanted.contributor
        and contribution.created_at >= wanted.day
        and contribution.created_at < wanted.day + interval '24 hours'
      where contribution.type = 'review' and contribution.base_points > 0
      group by wanted.contributor, wanted.day
    `.execute(tx)
    for (const { contributor, day, reviews } of rows)
      counts.set(`${contributor} ${day.getTime()}`, toSafeInteger(reviews))
  }
  return {
    take({ id }, at, { reviewsPerDay, basePoints }) {
      const key = `${id} ${dayStart(at).getTime()}`
      const before = counts.get(key) ?? 0
      if (before >= reviewsPerDay || basePoints.review === 0n) return 0n
      counts.set(key, before + 1)
      return basePoints.review
    },
  }
}

async function insertReviews(
  tx: Tx,
  reviews: readonly { change: number | null; draft: number }[],
  recorded: readonly Recorded[],
): Promise<void> {
  // A deletion is no contribution: its review is one, of nothing that could be reviewed again.
  const kept = reviews.filter(({ change }) => change !== null)
  if (kept.length === 0) return
  const of = ({ draft }: { draft: number }) => recorded[draft]!
  await sql`
    insert into contributions.review (change, reviewer, contribution, created_at)
    select *
    from unnest(
      ${pgArray(kept.map(({ change }) => recorded[change!]!.id))}::bigint[],
      ${pgArray(kept.map((review) => of(review).contributor))}::bigint[],
      ${pgArray(kept.map((review) => of(review).id))}::bigint[],
      ${pgTimes(kept.map((review) => of(review).createdAt))}::timestamptz[]
    )
  `.execute(tx)
}

interface ReviewsOfDay {
  /** The base points of one more review by this person on the day of `at`. */
  take(contributor: Contributor, at: Date, terms: Terms): bigint
}

interface Page {
  article: string
  language: string
}

function keyOf({ article, language }: Page): string {
  return `${language} ${article}`
}
