import { formatDecimal } from '../core/decimal.ts'
import { Invalid } from '../core/errors.ts'
import { mulDiv, splitByLargestRemainder } from '../core/money.ts'

export const CONTRIBUTION_TYPES = ['creation', 'major_edit', 'minor_edit', 'review', 'translation'] as const

/**
 * The points of one contribution: base × quality × reputation × demand. The product is exact and rounded once, at its
 * end, to a whole point, a half up: 100 × 2.5 × 1.2 × 1.8 are 540 points. The multipliers have been checked when they
 * were recorded.
 */
export function totalPoints({ base, quality_e2, reputation_e4, demand_e2 }: PointFactors): bigint {
  const factors_e8 = BigInt(quality_e2) * BigInt(reputation_e4) * BigInt(demand_e2)
  return mulDiv(base, factors_e8, 10n ** 8n, 'half_up')
}

/**
 * What each of several people is credited as base of a change that they made together: equal parts, whole, which sum to
 * `base`. Where it cannot be shared evenly, the first have one more; the author comes first.
 */
export function shareBasePoints(base: bigint, people: number): bigint[] {
  return splitByLargestRemainder(base, Array<bigint>(people).fill(1n))
}

/** Fails: contribution_type_unknown. */
export function checkContributionType(type: string): asserts type is ContributionType {
  if (CONTRIBUTION_TYPES.some((known) => known === type)) return
  const message = `A contribution is one of ${CONTRIBUTION_TYPES.join(', ')}, not ${JSON.stringify(type)}.`
  throw new Invalid('contribution_type_unknown', message, { type })
}

/** A score that a reviewer gives, and a quality that follows from it. Fails: quality_out_of_range. */
export function checkQuality(quality_e2: number, bounds: Bounds): void {
  checkBounds('quality', quality_e2, bounds, 2)
}

/** Fails: reputation_out_of_range. */
export function checkReputation(reputation_e4: number, bounds: Bounds): void {
  checkBounds('reputation', reputation_e4, bounds, 4)
}

/** Fails: demand_out_of_range. */
export function checkDemand(demand_e2: number, bounds: Bounds): void {
  checkBounds('demand', demand_e2, bounds, 2)
}

export type ContributionType = (typeof CONTRIBUTION_TYPES)[number]

export interface PointFactors {
  /** What the type is worth, or one person's share of it. */
  base: bigint
  quality_e2: number
  reputation_e4: number
  demand_e2: number
}

/** The least and the most that a multiplier may be, both allowed, in its own steps. */
export interface Bounds {
  min: number
  max: number
}

/** Refused, not clamped: a score out of bounds is a mistake that its author should hear of. */
function checkBounds(name: 'quality' | 'reputation' | 'demand', value: number, bounds: Bounds, digits: number): void {
  if (value >= bounds.min && value <= bounds.max) return
  const [min, max, is] = [
    formatDecimal(bounds.min, digits),
    formatDecimal(bounds.max, digits),
    formatDecimal(value, digits),
  ]
  const message = `The ${name} must be from ${min} to ${max}, and ${is} is not.`
  throw new Invalid(`${name}_out_of_range`, message, { [name]: is, min, max })
}
