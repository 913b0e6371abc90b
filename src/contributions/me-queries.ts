import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { DAY_MS, dayStart } from '../core/period.ts'
import { findPerson } from '../identity/identity.ts'
import { type ContributorRow, findContributorOf } from './contributors-queries.ts'
import { type RewardAsset, rewardAsset, termsAt } from './parameters.ts'
import { lastDistributedWeek, weekOf } from './weeks.ts'

/** What a person has contributed and earned, and what is still to be settled; nothing but zeros for somebody new. */
export async function readOwnSummary(db: Db | Tx, { person, now }: { person: string; now: Date }): Promise<OwnSummary> {
  const asset = await rewardAsset(db, now)
  const [{ username, joined_at }, contributor, terms, settled] = await Promise.all([
    findPerson(db, { id: person }),
    findContributorOf(db, { person, asset: asset.code, at: now }),
    termsAt(db, now),
    lastDistributedWeek(db),
  ])
  const week = weekOf(now)
  const work = contributor ? await readOpenWork(db, { contributor: contributor.id, week, settled, now }) : NO_WORK
  const reviewsLeft = Math.max(terms.reviewsPerDay - toSafeInteger(work.reviewsToday), 0)
  return { person, username, joined_at, asset, contributor, week, ...work, reviewsLeft }
}

/** The number of who this person is among the contributors; undefined where they have not contributed. */
export async function contributorOf(db: Db | Tx, person: string): Promise<bigint | undefined> {
  const row = await db
    .selectFrom('contributions.contributor')
    .select('id')
    .where('person', '=', person)
    .executeTakeFirst()
  return row?.id
}

export interface OwnSummary extends OpenWork {
  person: string
  username: string
  joined_at: Date
  asset: RewardAsset
  contributor: ContributorRow | undefined
  week: string
  /** How many reviews of today would still bring points. */
  reviewsLeft: number
}

interface OpenWork {
  openContributions: bigint
  openPoints: bigint
  weekContributions: bigint
  weekPoints: bigint
  reviewsToday: bigint
}

const NO_WORK: OpenWork = {
  openContributions: 0n,
  openPoints: 0n,
  weekContributions: 0n,
  weekPoints: 0n,
  reviewsToday: 0n,
}

/** Week by week, each by the index: read at once, the database may go through all weeks that were not distributed. */
async function readOpenWork(
  db: Db | Tx,
  { contributor, week, settled, now }: { contributor: bigint; week: string; settled: string | null; now: Date },
): Promise<OpenWork> {
  const today = dayStart(now)
  const { rows } = await sql<OpenWork>`
    select
      coalesce(sum(work.contributions), 0) as "openContributions",
      coalesce(sum(work.points), 0) as "openPoints",
      coalesce(sum(work.contributions) filter (where open_week.week_start = ${week}::date), 0) as "weekContributions",
      coalesce(sum(work.points) filter (where open_week.week_start = ${week}::date), 0) as "weekPoints",
      (
        select count(*)
        from contributions.contribution
        where contributor = ${contributor}
          and created_at >= ${today}::timestamptz
          and created_at < ${new Date(today.getTime() + DAY_MS)}::timestamptz
          and type = 'review'
          and base_points > 0
      ) as "reviewsToday"
    from (
      select distinct week_start
      from contributions.tally
      where week_start > coalesce(${settled}::date, '-infinity'::date)
    ) as open_week
    cross join lateral (
      select count(*) as contributions, coalesce(sum(total_points), 0)::bigint as points
      from contributions.contribution
      where contribution.week_start = open_week.week_start and contribution.contributor = ${contributor}
      limit 1
    ) as work
  `.execute(db)
  return must(rows[0], 'Sums are one row')
}
