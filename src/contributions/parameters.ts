import { assert } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { defineParameters } from '../economy/define.ts'
import { parameterAt, parametersAt } from '../economy/parameters.ts'
import type { Bounds, ContributionType } from './points-rules.ts'

/** What the rules of contributions go by; the first values are those of the document (docs/systems/kontrib.md). */
export const CONTRIBUTION_PARAMETERS = defineParameters('contributions', {
  weekly_pool: {
    type: 'amount',
    description: 'What a week with new points shares among its contributors.',
    first: '10000',
    bounds: { min: '0', max: '1000000' },
    governable: true,
    aliases: ['weekly_token_pool'],
  },
  min_tokens_per_user: {
    type: 'amount',
    description: 'The smallest share that is paid; the points of smaller ones carry to a later week.',
    first: '1',
    bounds: { min: '0', max: '1000' },
    governable: true,
  },
  max_share_bps: {
    type: 'integer',
    description: 'The largest part of a week that one person gets, in basis points.',
    first: 10_000,
    bounds: { min: '1', max: '10000' },
    governable: true,
  },
  base_points_creation: basePoints('Creating new wiki articles', 100),
  base_points_major_edit: basePoints('Substantial content improvements', 50),
  base_points_minor_edit: basePoints('Small fixes and formatting', 20),
  base_points_review: basePoints('Reviewing edit proposals', 10),
  base_points_translation: basePoints('Translating articles', 75),
  quality_min: multiplier('The lowest quality of a change', 2, '0.5', { min: '0.01', max: '1' }),
  quality_max: multiplier('The highest quality of a change', 2, '3', { min: '1', max: '10' }),
  reputation_min: multiplier('The lowest reputation of a person', 4, '0.8', { min: '0.1', max: '1' }),
  reputation_max: multiplier('The highest reputation of a person', 4, '1.5', { min: '1', max: '3' }),
  demand_min: multiplier('The lowest demand of an article', 2, '1', { min: '0.1', max: '1' }),
  demand_max: multiplier('The highest demand of an article', 2, '2.5', { min: '1', max: '10' }),
  quality_quorum: {
    type: 'integer',
    description: 'How many scored reviews make the quality of a change; missing ones count as 1.',
    first: 3,
    bounds: { min: '1', max: '100' },
    governable: true,
  },
  reviews_per_day: {
    type: 'integer',
    description: 'How many reviews of a person bring points on one UTC day.',
    first: 50,
    bounds: { min: '0', max: '10000' },
    governable: true,
  },
  full_multiplier_stake: {
    type: 'amount',
    description: 'The stake from which on the multiplier of its tier counts in full.',
    first: '100',
    bounds: { min: '1', max: '1000000' },
    governable: true,
  },
  distribution_auto: {
    type: 'boolean',
    description: 'Whether a week is distributed by itself once it is over.',
    first: false,
  },
})

/** The parameters as in force at `at`, in the forms that the rules take. */
export async function termsAt(db: Db | Tx, at: Date): Promise<Terms> {
  const values = await parametersAt(db, CONTRIBUTION_PARAMETERS, at)
  return {
    basePoints: {
      creation: BigInt(values.base_points_creation),
      major_edit: BigInt(values.base_points_major_edit),
      minor_edit: BigInt(values.base_points_minor_edit),
      review: BigInt(values.base_points_review),
      translation: BigInt(values.base_points_translation),
    },
    quality: { min: values.quality_min, max: values.quality_max },
    reputation: { min: values.reputation_min, max: values.reputation_max },
    demand: { min: values.demand_min, max: values.demand_max },
    qualityQuorum: values.quality_quorum,
    reviewsPerDay: values.reviews_per_day,
    weeklyPool: values.weekly_pool,
    minTokensPerUser: values.min_tokens_per_user,
    maxShareBps: values.max_share_bps,
    fullMultiplierStake: values.full_multiplier_stake,
    distributionAuto: values.distribution_auto,
  }
}

/** The asset that rewards are paid in: the one that the pool is an amount of. */
export async function rewardAsset(db: Db | Tx, at: Date): Promise<RewardAsset> {
  const { shape } = await parameterAt(db, 'weekly_pool', at)
  assert(shape.type === 'amount', 'weekly_pool is an amount.')
  return { code: shape.asset, scale: shape.scale }
}

export interface Terms {
  basePoints: Record<ContributionType, bigint>
  quality: Bounds
  reputation: Bounds
  demand: Bounds
  qualityQuorum: number
  reviewsPerDay: number
  weeklyPool: bigint
  minTokensPerUser: bigint
  maxShareBps: number
  fullMultiplierStake: bigint
  distributionAuto: boolean
}

export interface RewardAsset {
  code: string
  scale: number
}

function basePoints(what: string, first: number) {
  const bounds = { min: '0', max: '10000' }
  return { type: 'integer', description: `${what}: base points.`, first, bounds, governable: true } as const
}

function multiplier<const Digits extends number>(
  what: string,
  digits: Digits,
  first: string,
  bounds: { min: string; max: string },
) {
  return { type: 'decimal', digits, description: `${what}.`, first, bounds, governable: true } as const
}
