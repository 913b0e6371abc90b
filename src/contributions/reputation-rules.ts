import { assert } from '../core/assert.ts'
import { divideHalfUp } from '../core/decimal.ts'
import type { Bounds } from './points-rules.ts'

/** The reputation that work of a quality tends to: straight lines through these points, and flat beyond their ends. */
const TARGETS = [
  { quality_e2: 50, reputation_e4: 8_000 },
  { quality_e2: 100, reputation_e4: 10_000 },
  { quality_e2: 300, reputation_e4: 15_000 },
] as const

/**
 * The reputation of a person after a week in which `count` of their contributions were scored, with qualities that add
 * up to `qualitySum_e2`: 0.9 × the old one + 0.1 × the target of their unweighted mean quality. The mean and the
 * target are exact, and the sum is rounded once, to four decimals, a half up. It is held within `bounds`, which
 * matters only when the bounds were drawn closer than the reputation of today.
 */
export function nextReputation({ reputation_e4, qualitySum_e2, count, bounds }: ReputationInput): number {
  assert(count > 0, 'The reputation stays as it is in a week without scored work.')
  const { numerator, denominator } = targetOf(qualitySum_e2, count)
  const next_e4 = divideHalfUp(9 * reputation_e4 * denominator + numerator, 10 * denominator)
  return Math.min(Math.max(next_e4, bounds.min), bounds.max)
}

export interface ReputationInput {
  reputation_e4: number
  qualitySum_e2: number
  count: number
  bounds: Bounds
}

/** The target of the mean quality `sum_e2 / count`, in ten-thousandths, as an exact fraction. */
function targetOf(sum_e2: number, count: number): { numerator: number; denominator: number } {
  const [worst, neutral, best] = TARGETS
  const held_e2 = Math.min(Math.max(sum_e2, worst.quality_e2 * count), best.quality_e2 * count)
  const [from, to] = held_e2 < neutral.quality_e2 * count ? [worst, neutral] : [neutral, best]
  const run_e2 = to.quality_e2 - from.quality_e2
  const rise_e4 = to.reputation_e4 - from.reputation_e4
  const denominator = run_e2 * count
  return { numerator: from.reputation_e4 * denominator + (held_e2 - from.quality_e2 * count) * rise_e4, denominator }
}
