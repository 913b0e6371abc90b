import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { mulDiv } from '../core/money.ts'
import { contributorView, zContributor } from './contributor-view.ts'
import type { Dashboard } from './dashboard-queries.ts'
import type { Distribution } from './distribution-row.ts'
import { rewardId, type RewardRow } from './distributions-queries.ts'
import { decimal, weekFields, zCount, zDecimal, zPoints, zWeek } from './fields.ts'

export const zDistributionStatus = z.enum(['pending', 'processing', 'completed', 'failed'])

const shared = {
  ...zWeek,
  asset: z.string(),
  weekly_pool: zDecimal.meta({ description: 'The parameter, as in force at the week’s end.' }),
  pool: zDecimal.meta({ description: 'What there was to share.' }),
  treasury_short: z.boolean().meta({ description: 'The treasury held less than the weekly pool.' }),
  total_tokens: zDecimal.meta({ description: 'The sum of its rewards.' }),
  undistributed: zDecimal.meta({ description: 'What stays of the pool in the treasury.' }),
  new_points: zPoints.meta({ description: 'Points of the week’s contributions.' }),
  total_points: zPoints.meta({ description: 'Points that its rewards pay, carried ones included.' }),
  effective_points: zDecimal.meta({ description: 'These, times the staking multipliers.' }),
  point_to_token_ratio: zDecimal.meta({ description: 'Tokens per effective point, rounded down.' }),
  user_count: zCount,
  carried_points: zPoints.meta({ description: 'Points that wait after it.' }),
  carried_count: zCount.meta({ description: 'How many people’s points wait.' }),
}

export const zDistribution = z.object({
  id: z.string(),
  ...shared,
  status: zDistributionStatus,
  failure: z.string().nullable().meta({ description: 'Why the last payment was refused.' }),
  distribution_tx_hash: z.string().nullable().meta({ description: 'Of a blockchain; null here.' }),
  created_at: zTime,
  started_at: zTime.nullable(),
  completed_at: zTime.nullable(),
})

export const zReward = z.object({
  id: z.string(),
  user_id: z.string(),
  username: z.string(),
  weekly_distribution_id: z.string(),
  ...zWeek,
  rank: z.int().min(1).meta({ description: 'The place in the week’s ranking, by effective points.' }),
  asset: z.string(),
  total_points: zPoints.meta({ description: 'Points that it pays, carried ones included.' }),
  carried_points: zPoints.meta({ description: 'Of these, points of earlier weeks.' }),
  staking_multiplier: zDecimal,
  effective_points: zDecimal.meta({ description: 'The points times the staking multiplier.' }),
  token_amount: zDecimal,
  status: zDistributionStatus,
  entry_id: z.string().nullable().meta({ description: 'The entry that paid it.' }),
  posting: zCount
    .nullable()
    .meta({ description: 'Which of the entry’s postings it is: what its proof is asked for with.' }),
  transaction_signature: z.string().nullable().meta({ description: 'Of a blockchain; null here.' }),
  claimed_at: zTime.nullable().meta({ description: 'When it was paid.' }),
  created_at: zTime,
})

export const zPreview = z.object({
  ...shared,
  rewards: z
    .array(
      z.object({
        username: z.string(),
        total_points: zPoints,
        carried_points: zPoints,
        staking_multiplier: zDecimal,
        token_amount: zDecimal,
      }),
    )
    .meta({ description: 'The largest ones, as many as are shown.' }),
})

export const zDashboard = z.object({
  contributions: zCount,
  total_points: zPoints,
  contributors: zCount,
  articles: zCount,
  week: z.object({ ...zWeek, contributions: zCount, points: zPoints }),
  asset: z.string(),
  weekly_pool: zDecimal,
  treasury: z.object({ balance: zDecimal, available: zDecimal }),
  weeks_distributed: zCount,
  tokens_distributed: zDecimal,
  last_distribution: zDistribution.nullable(),
  top_contributors: z.array(zContributor),
})

export function distributionView(of: Distribution, scale: number): z.output<typeof zDistribution> {
  return {
    id: of.id,
    ...sharedView(of, scale),
    status: of.status,
    failure: of.failure,
    distribution_tx_hash: null,
    created_at: of.createdAt,
    started_at: of.startedAt,
    completed_at: of.completedAt,
  }
}

export function rewardView(row: RewardRow, scale: number): z.output<typeof zReward> {
  return {
    id: rewardId(row),
    user_id: row.person,
    username: row.username,
    weekly_distribution_id: serialUuid(BigInt(row.distribution), row.created_at),
    ...weekFields(row.week_start),
    rank: row.no + 1,
    asset: row.asset,
    total_points: toSafeInteger(row.total_points),
    carried_points: toSafeInteger(row.carried_points),
    staking_multiplier: decimal(row.staking_multiplier_e6, 6),
    effective_points: decimal(row.total_points * BigInt(row.staking_multiplier_e6), 6),
    token_amount: decimal(row.token_amount, scale),
    status: row.status,
    posting: row.entry === null ? null : row.posting,
    entry_id: row.entry === null || row.paid_at === null ? null : serialUuid(row.entry, row.paid_at),
    transaction_signature: null,
    claimed_at: row.paid_at,
    created_at: row.created_at,
  }
}

export function previewView(week: PreviewedWeek, scale: number): z.output<typeof zPreview> {
  return {
    ...sharedView(week, scale),
    rewards: week.rewards.map((reward) => ({
      username: reward.username,
      total_points: toSafeInteger(reward.points),
      carried_points: toSafeInteger(reward.carriedPoints),
      staking_multiplier: decimal(reward.multiplier_e6, 6),
      token_amount: decimal(reward.amount, scale),
    })),
  }
}

export function dashboardView(of: Dashboard): z.output<typeof zDashboard> {
  const { asset } = of
  return {
    contributions: toSafeInteger(of.contributions),
    total_points: toSafeInteger(of.points),
    contributors: toSafeInteger(of.contributors),
    articles: toSafeInteger(of.articles),
    week: {
      ...weekFields(of.week),
      contributions: toSafeInteger(of.weekContributions),
      points: toSafeInteger(of.weekPoints),
    },
    asset: asset.code,
    weekly_pool: decimal(of.weeklyPool, asset.scale),
    treasury: {
      balance: decimal(of.treasuryBalance, asset.scale),
      available: decimal(of.treasuryAvailable, asset.scale),
    },
    weeks_distributed: toSafeInteger(of.weeksDistributed),
    tokens_distributed: decimal(of.tokensDistributed, asset.scale),
    last_distribution: of.lastDistribution && distributionView(of.lastDistribution, asset.scale),
    top_contributors: of.top.map((row) => contributorView(row, asset)),
  }
}

export interface PreviewedWeek extends Distribution {
  rewards: { username: string; points: bigint; carriedPoints: bigint; multiplier_e6: number; amount: bigint }[]
}

const EFFECTIVE_E6 = 1_000_000n

function sharedView(of: Distribution, scale: number) {
  const ratio = of.effectivePoints_e6 === 0n ? 0n : mulDiv(of.totalTokens, EFFECTIVE_E6, of.effectivePoints_e6, 'down')
  return {
    ...weekFields(of.week),
    asset: of.asset,
    weekly_pool: decimal(of.weeklyPool, scale),
    pool: decimal(of.pool, scale),
    treasury_short: of.pool < of.weeklyPool,
    total_tokens: decimal(of.totalTokens, scale),
    undistributed: decimal(of.pool - of.totalTokens, scale),
    new_points: toSafeInteger(of.newPoints),
    total_points: toSafeInteger(of.totalPoints),
    effective_points: decimal(of.effectivePoints_e6, 6),
    point_to_token_ratio: decimal(ratio, scale),
    user_count: of.userCount,
    carried_points: toSafeInteger(of.carriedPoints),
    carried_count: of.carriedCount,
  }
}
