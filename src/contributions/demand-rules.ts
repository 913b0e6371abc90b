import { divideHalfUp } from '../core/decimal.ts'
import type { Bounds } from './points-rules.ts'

/** From this demand on an article is shown as in high demand. */
export const HIGH_DEMAND_E2 = 150

/**
 * The demand of each article by its place among the page views of a week, in the order given: p = rank / (n − 1), where
 * the least viewed has rank 0 and equal views share the lowest rank; demand = min + (max − min) × p, to two decimals,
 * a half up. A single article has nobody to be compared with: p = 0.
 */
export function demandByViews(views: readonly bigint[], bounds: Bounds): number[] {
  const steps = Math.max(views.length - 1, 1)
  return lowestRanks(views).map((rank) => bounds.min + divideHalfUp((bounds.max - bounds.min) * rank, steps))
}

/** For each value, how many are smaller. */
function lowestRanks(values: readonly bigint[]): number[] {
  const rankOf = new Map<bigint, number>()
  for (const [rank, value] of values.toSorted(ascending).entries()) {
    if (!rankOf.has(value)) rankOf.set(value, rank)
  }
  return values.map((value) => rankOf.get(value)!)
}

function ascending(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
