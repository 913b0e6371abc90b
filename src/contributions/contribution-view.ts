import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import type { ContributionRow, ReviewRow } from './contributions-queries.ts'
import { decimal, weekFields, zCount, zDecimal, zPoints, zWeek } from './fields.ts'
import { CONTRIBUTION_TYPES } from './points-rules.ts'

export const zContributionType = z.enum(CONTRIBUTION_TYPES)

export const zContribution = z.object({
  id: z.string(),
  user_id: z.string(),
  username: z.string(),
  article_id: z.string(),
  article: z.string(),
  change_id: z.string().meta({ description: 'The contribution of the author: those of one change share it.' }),
  type: zContributionType,
  base_points: zPoints.meta({ description: 'Of the type; of several people, this one’s share.' }),
  quality_multiplier: zDecimal,
  reputation_multiplier: zDecimal,
  demand_multiplier: zDecimal,
  total_points: zPoints.meta({ description: 'Provisional until the week is distributed.' }),
  scored: z.boolean().meta({ description: 'Whether anybody has scored it.' }),
  ...zWeek,
  settled: z.boolean().meta({ description: 'Whether its week was distributed: it changes no more.' }),
  description: z.string().nullable(),
  metadata: z.object({
    word_count: zCount.nullable(),
    images_added: zCount.nullable(),
    links_added: zCount.nullable(),
    sources_cited: zCount.nullable(),
  }),
  created_at: zTime,
  updated_at: zTime,
})

export const zReview = z.object({
  id: z.string(),
  reviewer_id: z.string().nullable().meta({ description: 'Null: a member of staff who is no contributor.' }),
  reviewer: z.string().nullable(),
  staff: z.boolean(),
  score: zDecimal.nullable().meta({ description: 'Null: imported.' }),
  comment: z.string().nullable(),
  contribution_id: z.string().nullable().meta({ description: 'What the review itself is credited as, if it is.' }),
  created_at: zTime,
})

export function contributionView(row: ContributionRow): z.output<typeof zContribution> {
  return {
    id: serialUuid(row.id, row.created_at),
    user_id: row.person,
    username: row.username,
    article_id: serialUuid(row.article, row.article_created_at),
    article: row.article_name,
    change_id: serialUuid(row.change, row.created_at),
    type: row.type,
    base_points: row.base_points,
    quality_multiplier: decimal(row.quality_e2, 2),
    reputation_multiplier: decimal(row.reputation_e4, 4),
    demand_multiplier: decimal(row.demand_e2, 2),
    total_points: row.total_points,
    scored: row.scored,
    ...weekFields(row.week_start),
    settled: Boolean(row.settled),
    description: row.description,
    metadata: {
      word_count: row.word_count,
      images_added: row.images_added,
      links_added: row.links_added,
      sources_cited: row.sources_cited,
    },
    created_at: row.created_at,
    updated_at: row.updated_at ?? row.created_at,
  }
}

export function reviewView(row: ReviewRow): z.output<typeof zReview> {
  return {
    id: serialUuid(row.id, row.created_at),
    reviewer_id: row.person,
    reviewer: row.username,
    staff: row.staff,
    score: row.score_e2 === null ? null : decimal(row.score_e2, 2),
    comment: row.comment,
    contribution_id: row.contribution === null ? null : serialUuid(row.contribution, row.created_at),
    created_at: row.created_at,
  }
}

/** Points are far below what a JSON number holds. */
export function pointsView(points: bigint): number {
  return toSafeInteger(points)
}
