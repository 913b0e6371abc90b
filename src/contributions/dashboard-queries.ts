import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { type ContributorRow, listContributors } from './contributors-queries.ts'
import { type Distribution } from './distribution-row.ts'
import { listDistributions } from './distributions-queries.ts'
import { REWARDS_ACCOUNT } from './freeze.ts'
import { rewardAsset, type RewardAsset, termsAt } from './parameters.ts'
import { weekOf } from './weeks.ts'

/** The figures that a dashboard opens with: read from sums that are kept, so they cost the same at any size. */
export async function readDashboard(db: Db | Tx, { now }: { now: Date }): Promise<Dashboard> {
  const week = weekOf(now)
  const asset = await rewardAsset(db, now)
  const [totals, terms, top, [last]] = await Promise.all([
    readTotals(db, week, asset),
    termsAt(db, now),
    listContributors(db, { by: 'total_points', limit: TOP_CONTRIBUTORS, asset: asset.code, at: now }),
    listDistributions(db, { limit: 1 }),
  ])
  return { ...totals, week, asset, weeklyPool: terms.weeklyPool, top, lastDistribution: last ?? null }
}

/** Amounts in minor units of `asset`. */
export interface Dashboard extends Totals {
  asset: RewardAsset
  week: string
  weeklyPool: bigint
  top: ContributorRow[]
  lastDistribution: Distribution | null
}

const TOP_CONTRIBUTORS = 10

interface Totals {
  contributions: bigint
  points: bigint
  contributors: bigint
  articles: bigint
  weekContributions: bigint
  weekPoints: bigint
  weeksDistributed: bigint
  tokensDistributed: bigint
  treasuryBalance: bigint
  treasuryAvailable: bigint
}

async function readTotals(db: Db | Tx, week: string, asset: RewardAsset): Promise<Totals> {
  const { rows } = await sql<Totals>`
    select
      tally.contributions, tally.points,
      tally.week_contributions as "weekContributions", tally.week_points as "weekPoints",
      tally.contributors, tally.articles,
      distributed.weeks as "weeksDistributed", distributed.tokens as "tokensDistributed",
      coalesce(treasury.balance, 0) as "treasuryBalance",
      coalesce(treasury.balance - treasury.reserved - treasury.floor, 0) as "treasuryAvailable"
    from (
      select
        coalesce(sum(contributions), 0) as contributions,
        coalesce(sum(points), 0) as points,
        coalesce(sum(contributors), 0) as contributors,
        coalesce(sum(articles), 0) as articles,
        coalesce(sum(contributions) filter (where week_start = ${week}::date), 0) as week_contributions,
        coalesce(sum(points) filter (where week_start = ${week}::date), 0) as week_points
      from contributions.tally
    ) as tally
    cross join (
      select count(*) as weeks, coalesce(sum(total_tokens), 0) as tokens
      from contributions.weekly_distribution
      where status = 'completed'
    ) as distributed
    left join ledger.asset on asset.code = ${asset.code}
    left join ledger.account as treasury on treasury.path = ${REWARDS_ACCOUNT} and treasury.asset = asset.id
  `.execute(db)
  return must(rows[0], 'Totals are one row')
}
