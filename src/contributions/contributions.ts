import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import type { ChartRule, KindOwners } from '../ledger/chart.ts'
import { ensureArticles } from './articles.ts'
import { applyDeltas, countAdded, noDeltas } from './counters.ts'
import { termsAt } from './parameters.ts'
import { ensureContributors } from './people.ts'
import { checkContributionType, shareBasePoints } from './points-rules.ts'
import { type Details, insertContributions, type Recorded } from './recording.ts'
import { holdWeeksOpen } from './weeks.ts'

/*
 * Contributions: who did what for which article, what it is worth in points, and what the points of a week are paid.
 * recordChange and reviewChange write down work, importContributions reads a wiki's history, distributeThrough pays the
 * weeks that are over out of treasury:rewards, and fundRewards fills it.
 */
export { setDemand, setFlags } from './articles.ts'
export { type ContributorTotals, reportContributors } from './contributors-queries.ts'
export { type Distribution } from './distribution-row.ts'
export { distributeThrough, type DistributionProgress } from './distribution.ts'
export { fundRewards } from './funding.ts'
export { gitPseudonym, importGit } from './git-importer.ts'
export { importArticles, importContributions, importUsers, importViews } from './import-formats.ts'
export { type ImportProgress, type ImportResult } from './importer.ts'
export { importId, type ImportRow, importStatus, listImports } from './imports-queries.ts'
export { CONTRIBUTION_PARAMETERS } from './parameters.ts'
export { reviewChange } from './reviews.ts'
export { rollbackImport } from './rollback.ts'

/**
 * Records a change of an article: one contribution for each of `people`, the author first, who share the type's base
 * points. Each has the person's reputation and the article's demand of this moment, and a quality of 1 until reviewers
 * say otherwise. People and articles that are new are added. Moves nothing: the week pays.
 * Fails, in this order: contribution_type_unknown, people_invalid, created_at_out_of_range.
 */
export async function recordChange(
  tx: Tx,
  { type, article: name, people, createdAt, details, actor, now }: RecordChange,
): Promise<Recorded[]> {
  checkContributionType(type)
  if (type === 'review') {
    throw new Invalid('contribution_type_unknown', 'A review is recorded with the change that it is of.', { type })
  }
  checkPeople(people)
  checkCreatedAt(createdAt, now)
  const firstOpen = await holdWeeksOpen(tx)
  const { basePoints } = await termsAt(tx, now)
  const joining = people.map((username) => ({ username, joinedAt: createdAt }))
  const { contributors, added: joined } = await ensureContributors(tx, { people: joining, now })
  const { articles, added: begun } = await ensureArticles(tx, [{ name, createdAt }])
  const shares = shareBasePoints(basePoints[type], people.length)
  const drafts = people.map((username, i) => ({
    contributor: contributors.get(username)!,
    article: articles.get(name)!,
    changeOf: 0,
    type,
    base: shares[i]!,
    createdAt,
    ...(details && { details }),
  }))
  const deltas = noDeltas()
  countAdded(deltas, { contributors: joined, articles: begun })
  const recorded = await insertContributions(tx, drafts, { firstOpen, deltas })
  await applyDeltas(tx, deltas)
  const diff = { after: { type, people } }
  await record(tx, { at: now, actor, action: 'contribution.record', subject: `article:${name}`, diff })
  return recorded
}

/** The accounts of this module: what is in the treasury leaves it as rewards, and comes by fundRewards. */
export const CONTRIBUTIONS_CHART: readonly ChartRule[] = [
  { pattern: 'treasury:rewards', owner: 'contributions', holds: 'what the weekly rewards are paid from' },
  {
    pattern: 'treasury:unclaimed',
    owner: 'operator',
    holds: 'rewards of people whose wallet was closed, until staff pays them otherwise',
  },
]

/** Its kinds of entries: what was never earned is no reward. */
export const CONTRIBUTION_KINDS: KindOwners = { rewards_funding: 'contributions', weekly_reward: 'contributions' }

/** Who a change may be made by together. */
export const PEOPLE_MAX = 101

export interface RecordChange {
  type: string
  /** What the wiki calls the article. */
  article: string
  /** Usernames, the author first. */
  people: readonly string[]
  createdAt: Date
  details?: Details
  /** Who records it. */
  actor: string
  now: Date
}

/** How far the clock of whoever tells us may be ahead of ours. */
const CLOCK_SKEW_MS = 5 * 60_000
const EARLIEST = new Date('1990-01-01T00:00:00.000Z')

function checkPeople(people: readonly string[]): void {
  if (people.length > 0 && people.length <= PEOPLE_MAX && new Set(people).size === people.length) return
  throw new Invalid('people_invalid', `A change is made by 1 to ${PEOPLE_MAX} people; name each of them once.`)
}

function checkCreatedAt(createdAt: Date, now: Date): void {
  if (createdAt >= EARLIEST && createdAt.getTime() <= now.getTime() + CLOCK_SKEW_MS) return
  throw new Invalid(
    'created_at_out_of_range',
    'The time of a contribution is at most five minutes ahead of ours, and not before 1990.',
    { created_at: createdAt.toISOString(), now: now.toISOString() },
  )
}
