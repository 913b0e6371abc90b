import { assert } from '../core/assert.ts'
import { divideHalfUp } from '../core/decimal.ts'

/**
 * The quality of a change, from its scored reviews: the median of their scores. As long as fewer than `quorum` people
 * have scored it, the missing ones count as `default_e2`, so that one friend or one enemy moves it little. A staff
 * review counts alone: the others and the quorum are then left aside; of several staff reviews the median counts,
 * whoever came last. The median of an even number is the mean of the middle two, to two decimals, a half up.
 */
export function qualityOf({ reviews, quorum, default_e2 }: QualityInput): number {
  const staff = reviews.filter((review) => review.staff)
  const counted = (staff.length > 0 ? staff : reviews).map((review) => review.score_e2)
  while (staff.length === 0 && counted.length < Math.max(quorum, 1)) counted.push(default_e2)
  return median(counted)
}

export interface QualityInput {
  /** One a person, those without a score left out. */
  reviews: readonly ScoredReview[]
  quorum: number
  default_e2: number
}

interface ScoredReview {
  score_e2: number
  staff: boolean
}

function median(values: readonly number[]): number {
  assert(values.length > 0, 'There is no median of nothing.')
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1]!
  const lower = sorted[(sorted.length - 1) >> 1]!
  return divideHalfUp(lower + upper, 2)
}
