import { sql } from 'kysely'

import { type Db, pgArray, type Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../core/id.ts'
import { type Order, WALK } from '../core/page.ts'
import type { ContributionType } from './points-rules.ts'

/** Contributions, the newest first unless asked otherwise, a page at a time. */
export async function listContributions(db: Db | Tx, { order = 'newest', after, limit, ...of }: ListContributions) {
  const { direction, next } = WALK[order]
  let query = contributionQuery(db)
    .orderBy('contribution.created_at', direction)
    .orderBy('contribution.id', direction)
    .limit(limit)
  if (of.contributor !== undefined) query = query.where('contribution.contributor', '=', of.contributor)
  if (of.article !== undefined) query = query.where('contribution.article', '=', of.article)
  if (of.type !== undefined) query = query.where('contribution.type', '=', of.type)
  if (of.week !== undefined) query = query.where('contribution.week_start', '=', of.week)
  if (after) {
    const from = sql`(${after.createdAt}::timestamptz, ${after.id}::bigint)`
    query = query.where(sql<boolean>`(contribution.created_at, contribution.id) ${sql.raw(next)} ${from}`)
  }
  return await query.execute()
}

/** Those with these numbers, in no order. */
export async function listContributionsById(db: Db | Tx, ids: readonly bigint[]): Promise<ContributionRow[]> {
  if (ids.length === 0) return []
  return await contributionQuery(db)
    .where(sql<boolean>`contribution.id = any (${pgArray(ids)}::bigint[])`)
    .execute()
}

/** By its public id. Fails: contribution_not_found. */
export async function findContribution(db: Db | Tx, id: string): Promise<ContributionRow> {
  const { serial } = parseSerialUuid(id, 'contribution_not_found')
  const row = await contributionQuery(db).where('contribution.id', '=', serial).executeTakeFirst()
  if (row && serialUuid(row.id, row.created_at) === id) return row
  throw new NotFound('contribution_not_found', `There is no contribution ${id}.`, { contribution: id })
}

/** What was said of a change, in its order, a page at a time. */
export async function listReviews(
  db: Db | Tx,
  { change, after, limit }: { change: bigint; after: bigint; limit: number },
) {
  return await db
    .selectFrom('contributions.review as review')
    .leftJoin('contributions.contributor as contributor', 'contributor.id', 'review.reviewer')
    .leftJoin('identity.person as person', 'person.id', 'contributor.person')
    .select([
      'review.id',
      'review.staff',
      'review.score_e2',
      'review.comment',
      'review.contribution',
      'review.created_at',
      'person.id as person',
      'person.username',
    ])
    .where('review.change', '=', change)
    .where('review.id', '>', after)
    .orderBy('review.id')
    .limit(limit)
    .execute()
}

/** The number of who contributes under this name; undefined where nobody does. */
export async function contributorSerial(db: Db | Tx, username: string): Promise<bigint | undefined> {
  const row = await db
    .selectFrom('contributions.contributor as contributor')
    .innerJoin('identity.person as person', 'person.id', 'contributor.person')
    .select('contributor.id')
    .where('person.username', '=', username)
    .executeTakeFirst()
  return row?.id
}

export type ContributionRow = Awaited<ReturnType<ReturnType<typeof contributionQuery>['executeTakeFirstOrThrow']>>
export type ReviewRow = Awaited<ReturnType<typeof listReviews>>[number]

export interface ListContributions {
  contributor?: bigint | undefined
  article?: bigint | undefined
  type?: ContributionType | undefined
  /** The week that pays it. */
  week?: string | undefined
  order?: Order
  after?: { createdAt: Date; id: bigint } | undefined
  limit: number
}

function contributionQuery(db: Db | Tx) {
  return db
    .selectFrom('contributions.contribution as contribution')
    .innerJoin('contributions.contributor as contributor', 'contributor.id', 'contribution.contributor')
    .innerJoin('identity.person as person', 'person.id', 'contributor.person')
    .innerJoin('contributions.article as article', 'article.id', 'contribution.article')
    .select([
      'contribution.id',
      'contribution.change',
      'contribution.type',
      'contribution.base_points',
      'contribution.quality_e2',
      'contribution.reputation_e4',
      'contribution.demand_e2',
      'contribution.total_points',
      'contribution.scored',
      'contribution.description',
      'contribution.word_count',
      'contribution.images_added',
      'contribution.links_added',
      'contribution.sources_cited',
      'contribution.week_start',
      'contribution.created_at',
      'contribution.updated_at',
      'person.id as person',
      'person.username',
      'article.id as article',
      'article.name as article_name',
      'article.created_at as article_created_at',
    ])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('contributions.weekly_distribution as distribution')
            .select(sql.lit(1).as('one'))
            .whereRef('distribution.week_start', '=', 'contribution.week_start'),
        )
        .as('settled'),
    )
}
