import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import type { ContributorRow } from './contributors-queries.ts'
import { decimal, zCount, zDecimal, zPoints } from './fields.ts'
import type { RewardAsset } from './parameters.ts'

export const zContributor = z.object({
  user_id: z.string(),
  username: z.string(),
  joined_at: zTime,
  wallet_address: z.string().nullable(),
  reputation_score: zDecimal,
  total_contributions: zCount,
  total_points: zPoints,
  carried_points: zPoints.meta({ description: 'Of distributed weeks, which a later one pays.' }),
  total_tokens_earned: zDecimal,
  staked_tokens: zDecimal,
  governance_power: zDecimal.meta({ description: 'Tokens, and twice those in stakes of at least seven days.' }),
  last_reward_claim: zTime.nullable().meta({ description: 'When the last reward was paid.' }),
  token_updated_at: zTime.nullable().meta({ description: 'When the wallet last changed.' }),
})

export function contributorView(row: ContributorRow, asset: RewardAsset): z.output<typeof zContributor> {
  return {
    user_id: row.person,
    username: row.username,
    joined_at: row.joined_at,
    wallet_address: row.wallet_address,
    reputation_score: decimal(row.reputation_e4, 4),
    total_contributions: row.total_contributions,
    total_points: toSafeInteger(row.total_points),
    carried_points: toSafeInteger(row.carried_points),
    total_tokens_earned: decimal(row.total_tokens_earned, asset.scale),
    staked_tokens: decimal(row.staked, asset.scale),
    governance_power: decimal(row.balance + 2n * row.voting_stake, asset.scale),
    last_reward_claim: row.last_reward_claim,
    token_updated_at: row.token_updated_at,
  }
}
