import type { Selectable } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import type { ContributionsWeeklyDistribution } from '../core/schema.gen.ts'

/** One week's distribution; amounts in minor units of `asset`. */
export interface Distribution {
  serial: number
  /** The public id, which its holds and entries carry as their reference. */
  id: string
  week: string
  status: DistributionStatus
  asset: string
  weeklyPool: bigint
  /** What there was to share: less than the weekly pool where the treasury held less. */
  pool: bigint
  /** What its rewards sum to. */
  totalTokens: bigint
  /** Points that the week brought. */
  newPoints: bigint
  /** Points that its rewards pay, carried ones included; times the staking multipliers. */
  totalPoints: bigint
  effectivePoints_e6: bigint
  /** Points that wait after it, and of how many people. */
  carriedPoints: bigint
  carriedCount: number
  userCount: number
  actor: string
  createdAt: Date
  startedAt: Date | null
  completedAt: Date | null
  /** Why the last payment was refused. */
  failure: string | null
}

export type DistributionStatus = 'pending' | 'processing' | 'completed' | 'failed'

/** Writes the frozen week; unique for ever by its week. */
export async function insertDistribution(tx: Tx, { now, ...values }: NewDistribution): Promise<Distribution> {
  const row = await tx
    .insertInto('contributions.weekly_distribution')
    .values({
      week_start: values.week,
      status: values.userCount === 0 ? 'completed' : 'pending',
      asset: values.asset,
      weekly_pool: values.weeklyPool,
      pool: values.pool,
      total_tokens: values.totalTokens,
      new_points: values.newPoints,
      total_points: values.totalPoints,
      effective_points_e6: values.effectivePoints_e6,
      carried_points: values.carriedPoints,
      user_count: values.userCount,
      carried_count: values.carriedCount,
      actor: values.actor,
      created_at: now,
      completed_at: values.userCount === 0 ? now : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return distributionOf(row)
}

export async function readDistribution(db: Db | Tx, serial: number): Promise<Distribution> {
  const row = await db
    .selectFrom('contributions.weekly_distribution')
    .selectAll()
    .where('id', '=', serial)
    .executeTakeFirstOrThrow()
  return distributionOf(row)
}

/** The oldest distribution that is not completed. */
export async function unfinishedDistribution(db: Db | Tx): Promise<Distribution | undefined> {
  const row = await db
    .selectFrom('contributions.weekly_distribution')
    .selectAll()
    .where('status', '<>', 'completed')
    .orderBy('week_start')
    .limit(1)
    .executeTakeFirst()
  return row && distributionOf(row)
}

export function distributionOf(row: Selectable<ContributionsWeeklyDistribution>): Distribution {
  return {
    serial: row.id,
    id: serialUuid(BigInt(row.id), row.created_at),
    week: row.week_start,
    status: row.status as DistributionStatus,
    asset: row.asset,
    weeklyPool: row.weekly_pool,
    pool: row.pool,
    totalTokens: row.total_tokens,
    newPoints: row.new_points,
    totalPoints: row.total_points,
    effectivePoints_e6: row.effective_points_e6,
    carriedPoints: row.carried_points,
    carriedCount: row.carried_count,
    userCount: row.user_count,
    actor: row.actor,
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    failure: row.failure,
  }
}

interface NewDistribution extends Pick<
  Distribution,
  | 'week'
  | 'asset'
  | 'weeklyPool'
  | 'pool'
  | 'totalTokens'
  | 'newPoints'
  | 'totalPoints'
  | 'effectivePoints_e6'
  | 'carriedPoints'
  | 'carriedCount'
  | 'userCount'
  | 'actor'
> {
  now: Date
}
