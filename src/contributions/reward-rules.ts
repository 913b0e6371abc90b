import { splitByLargestRemainder } from '../core/money.ts'

/**
 * What each article earned by one person's reward: the reward is shared over the contributions that it paid, carried
 * ones included, by their points and largest remainder (of equal remainders, the earlier in the list gets the unit),
 * and added up by article. The parts sum to the reward exactly. An article that got nothing of it is in the answer
 * with zero.
 */
export function splitReward(amount: bigint, contributions: readonly PaidContribution[]): Map<string, bigint> {
  const weights = contributions.map(({ points }) => points)
  const parts = splitByLargestRemainder(amount, weights)
  const earned = new Map<string, bigint>()
  for (const [index, { article }] of contributions.entries()) {
    earned.set(article, (earned.get(article) ?? 0n) + parts[index]!)
  }
  return earned
}

export interface PaidContribution {
  article: string
  points: bigint
}
