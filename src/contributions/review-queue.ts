import { sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { type ContributionRow, listContributionsById } from './contributions-queries.ts'

/**
 * Changes that too few have scored yet, those of the oldest week that is still open first: what will be settled next.
 * Where a person asks, without what they made or have scored themselves.
 */
export async function listReviewQueue(
  db: Db | Tx,
  { quorum, settled, contributor, after, limit }: ListReviewQueue,
): Promise<QueuedChange[]> {
  const others =
    contributor === undefined
      ? sql`true`
      : sql`
          contribution.contributor <> ${contributor}
          and not exists (
            select
            from contributions.contribution as together
            where together.change = contribution.id
              and together.change <> together.id
              and together.contributor = ${contributor}
          )
          and not exists (
            select
            from contributions.review
            where review.change = contribution.id and review.reviewer = ${contributor} and review.score_e2 is not null
          )
        `
  const from = after ?? { week: '0001-01-01', id: 0n }
  const { rows } = await sql<{ id: bigint; scores: number }>`
    select contribution.id, contribution.scores
    from contributions.contribution
    where contribution.change = contribution.id
      and contribution.type <> 'review'
      and contribution.week_start > coalesce(${settled}::date, '-infinity'::date)
      and (contribution.week_start, contribution.id) > (${from.week}::date, ${from.id}::bigint)
      and contribution.scores < ${quorum}
      and ${others}
    order by contribution.week_start, contribution.id
    limit ${limit}
  `.execute(db)
  const byId = new Map(
    (
      await listContributionsById(
        db,
        rows.map(({ id }) => id),
      )
    ).map((row) => [row.id, row]),
  )
  return rows.flatMap(({ id, scores }) => {
    const row = byId.get(id)
    return row ? [{ ...row, scores }] : []
  })
}

export type QueuedChange = ContributionRow & { scores: number }

export interface ListReviewQueue {
  /** A change that so many have scored waits no more. */
  quorum: number
  /** The last week that was distributed; null before any was. */
  settled: string | null
  /** Who asks, if they have contributed. */
  contributor: bigint | undefined
  after: { week: string; id: bigint } | undefined
  limit: number
}

/** What `scores` says once staff has scored a change: more than any quorum. */
export const SCORED_BY_STAFF = 32_767
