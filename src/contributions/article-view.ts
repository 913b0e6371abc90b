import { z } from 'zod'

import { divideHalfUp, toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import type { ArticleRow } from './articles-queries.ts'
import { HIGH_DEMAND_E2 } from './demand-rules.ts'
import { decimal, zCount, zDecimal } from './fields.ts'
import type { RewardAsset } from './parameters.ts'
import { DEFAULT_QUALITY_E2 } from './recording.ts'

export const zArticle = z.object({
  id: z.string(),
  name: z.string(),
  demand_score: zDecimal,
  staff_demand: zDecimal.nullable().meta({ description: 'What staff has said, until it is cleared.' }),
  quality_score: zDecimal.meta({
    description: 'The mean quality of its scored contributions; 1 where there are none.',
  }),
  total_tokens_earned: zDecimal.meta({ description: 'Its parts of all rewards that were paid.' }),
  contribution_count: zCount,
  last_contribution_date: zTime.nullable(),
  token_metadata: z.object({ featured: z.boolean(), high_demand: z.boolean(), expert_reviewed: z.boolean() }),
  created_at: zTime,
})

export function articleView(row: ArticleRow, asset: RewardAsset): z.output<typeof zArticle> {
  const quality_e2 =
    row.scored_contributions === 0
      ? DEFAULT_QUALITY_E2
      : divideHalfUp(toSafeInteger(row.quality_sum_e2), row.scored_contributions)
  return {
    id: serialUuid(row.id, row.created_at),
    name: row.name,
    demand_score: decimal(row.demand_e2, 2),
    staff_demand: row.staff_demand_e2 === null ? null : decimal(row.staff_demand_e2, 2),
    quality_score: decimal(quality_e2, 2),
    total_tokens_earned: decimal(row.total_tokens_earned, asset.scale),
    contribution_count: row.contribution_count,
    last_contribution_date: row.last_contribution_date,
    token_metadata: {
      featured: row.featured,
      high_demand: row.demand_e2 >= HIGH_DEMAND_E2,
      expert_reviewed: row.expert_reviewed,
    },
    created_at: row.created_at,
  }
}
