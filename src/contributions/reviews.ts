import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { formatDecimal, toSafeInteger } from '../core/decimal.ts'
import { Conflict, Forbidden, Invalid, NotFound } from '../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../core/id.ts'
import { DAY_MS, dayStart } from '../core/period.ts'
import {
  applyDeltas,
  countAdded,
  countPoints,
  countQuality,
  type Deltas,
  lockContributors,
  noDeltas,
} from './counters.ts'
import { type Terms, termsAt } from './parameters.ts'
import { type Contributor, ensureContributors } from './people.ts'
import { checkQuality, totalPoints } from './points-rules.ts'
import { type QualityInput, qualityOf } from './quality-rules.ts'
import { DEFAULT_QUALITY_E2, insertContributions } from './recording.ts'
import { SCORED_BY_STAFF } from './review-queue.ts'
import { holdWeeksOpen } from './weeks.ts'

/**
 * Writes down what somebody says of a change, and gives the change the quality that its reviews now make: the median of
 * the latest score of each person (see qualityOf), until its week is distributed. The first review of a change by a person
 * is a contribution of theirs to the article; beyond `reviews_per_day` on a UTC day it brings no points. Whoever reviews
 * as `staff` counts alone, and need not be a contributor. Moves nothing.
 * Fails, in this order: reviewer_missing, quality_out_of_range, contribution_not_found, review_not_reviewable,
 * week_distributed, self_review.
 */
export async function reviewChange(
  tx: Tx,
  { contribution, reviewer: username, staff = false, score_e2, comment, actor, now }: ReviewChange,
): Promise<Reviewed> {
  if (username === undefined && !staff) {
    throw new Invalid('reviewer_missing', 'Say who reviews. Only a staff review can do without a contributor.')
  }
  const firstOpen = await holdWeeksOpen(tx)
  const terms = await termsAt(tx, now)
  checkQuality(score_e2, terms.quality)
  const makers = await lockChange(tx, contribution)
  const [author] = makers
  if (author.type === 'review') {
    throw new Invalid('review_not_reviewable', 'This contribution is itself a review. Review the change instead.')
  }
  if (firstOpen !== null && author.week_start < firstOpen) {
    throw new Conflict('week_distributed', 'The week of this change was distributed: its quality is settled.')
  }
  const deltas = noDeltas()
  const reviewer = username === undefined ? null : await findReviewer(tx, { username, makers, deltas, now })

  const credit = reviewer && (await creditReview(tx, { reviewer, author, terms, firstOpen, deltas, now }))
  const review = await tx
    .insertInto('contributions.review')
    .values({
      change: author.id,
      reviewer: reviewer?.id ?? null,
      staff,
      score_e2,
      comment: comment ?? null,
      contribution: credit?.id ?? null,
      actor,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const quality_e2 = await settleQuality(tx, { makers, review: review.id, terms, deltas, now })
  await applyDeltas(tx, deltas)
  if (staff) {
    await markExpertReviewed(tx, author.article)
    const diff = { after: { score: formatDecimal(score_e2, 2), quality: formatDecimal(quality_e2, 2) } }
    await record(tx, { at: now, actor, action: 'contribution.review', subject: `contribution:${contribution}`, diff })
  }
  return { id: review.id, quality_e2, points: credit?.points ?? 0n }
}

export interface ReviewChange {
  /** The public id of a contribution of the change. */
  contribution: string
  /** Their username; undefined where staff reviews who is no contributor. */
  reviewer?: string | undefined
  staff?: boolean | undefined
  score_e2: number
  comment?: string | undefined
  actor: string
  now: Date
}

export interface Reviewed {
  id: bigint
  /** Of the change, now. */
  quality_e2: number
  /** What the review itself brought. */
  points: bigint
}

/** The contributions of the change, the author's first, which is locked: the reviews of a change come one by one. */
async function lockChange(tx: Tx, id: string): Promise<Makers> {
  const { serial } = parseSerialUuid(id, 'contribution_not_found')
  const found = await tx
    .selectFrom('contributions.contribution')
    .select(['change', 'created_at'])
    .where('id', '=', serial)
    .executeTakeFirst()
  if (!found || serialUuid(serial, found.created_at) !== id) {
    throw new NotFound('contribution_not_found', `There is no contribution ${id}.`, { contribution: id })
  }
  await sql`
    select id
    from contributions.contribution
    where id = ${found.change}
    for no key update
  `.execute(tx)
  const { rows } = await sql<Maker>`
    select
      contribution.id, contribution.contributor, person.username, contribution.article, contribution.type,
      contribution.week_start, contribution.base_points, contribution.total_points, contribution.quality_e2,
      contribution.reputation_e4, contribution.demand_e2, contribution.scored
    from contributions.contribution
    join contributions.contributor on contributor.id = contribution.contributor
    join identity.person on person.id = contributor.person
    where contribution.id = ${found.change} or (contribution.change = ${found.change} and contribution.change <> contribution.id)
    order by contribution.id
  `.execute(tx)
  const [author, ...others] = rows
  return [must(author, 'A change has an author'), ...others]
}

async function findReviewer(
  tx: Tx,
  { username, makers, deltas, now }: { username: string; makers: Makers; deltas: Deltas; now: Date },
): Promise<Contributor> {
  if (makers.some((maker) => maker.username === username)) {
    throw new Forbidden('self_review', 'Nobody reviews a change of their own. Somebody else must.', { username })
  }
  const { contributors, added } = await ensureContributors(tx, { people: [{ username, joinedAt: now }], now })
  countAdded(deltas, { contributors: added })
  const reviewer = contributors.get(username)!
  await lockContributors(tx, [reviewer.id, ...makers.map(({ contributor }) => contributor)])
  return reviewer
}

/** The contribution that a first review is; null where the person has reviewed the change before. */
async function creditReview(tx: Tx, { reviewer, author, terms, firstOpen, deltas, now }: CreditReview) {
  const { rows } = await sql<{ repeated: boolean; today: bigint; demand_e2: number }>`
    select
      exists (select from contributions.review where change = ${author.id} and reviewer = ${reviewer.id}) as repeated,
      (
        select count(*)
        from contributions.contribution
        where contributor = ${reviewer.id}
          and created_at >= ${dayStart(now)}::timestamptz
          and created_at < ${new Date(dayStart(now).getTime() + DAY_MS)}::timestamptz
          and type = 'review'
          and base_points > 0
      ) as today,
      article.demand_e2
    from contributions.article
    where article.id = ${author.article}
  `.execute(tx)
  const { repeated, today, demand_e2 } = rows[0]!
  if (repeated) return null
  const draft = {
    contributor: reviewer,
    article: { id: author.article, demand_e2 },
    type: 'review' as const,
    base: toSafeInteger(today) < terms.reviewsPerDay ? terms.basePoints.review : 0n,
    createdAt: now,
  }
  const [recorded] = await insertContributions(tx, [draft], { firstOpen, deltas })
  return recorded!
}

/** Gives every contribution of the change the quality that its reviews make. */
async function settleQuality(tx: Tx, { makers, review, terms, deltas, now }: SettleQuality): Promise<number> {
  const [author] = makers
  const { rows: reviews } = await sql<QualityInput['reviews'][number]>`
    select distinct on (reviewer, case when reviewer is null then actor end) score_e2, staff
    from contributions.review
    where change = ${author.id} and score_e2 is not null
    order by reviewer, case when reviewer is null then actor end, id desc
  `.execute(tx)
  const scores = reviews.some(({ staff }) => staff) ? SCORED_BY_STAFF : Math.min(reviews.length, SCORED_BY_STAFF - 1)
  await tx.updateTable('contributions.contribution').set({ scores }).where('id', '=', author.id).execute()
  const quality_e2 = qualityOf({ reviews, quorum: terms.qualityQuorum, default_e2: DEFAULT_QUALITY_E2 })
  if (quality_e2 !== author.quality_e2) {
    await tx
      .insertInto('contributions.quality_change')
      .values({ change: author.id, review, before_e2: author.quality_e2, after_e2: quality_e2, at: now })
      .execute()
  }
  if (quality_e2 === author.quality_e2 && author.scored) return quality_e2
  for (const maker of makers) await giveQuality(tx, { maker, quality_e2, deltas, now })
  return quality_e2
}

async function giveQuality(tx: Tx, { maker, quality_e2, deltas, now }: GiveQuality): Promise<void> {
  const points = totalPoints({ ...maker, base: BigInt(maker.base_points), quality_e2 })
  await tx
    .updateTable('contributions.contribution')
    .set({ quality_e2, total_points: toSafeInteger(points), scored: true, updated_at: now })
    .where('id', '=', maker.id)
    .execute()
  const gained = points - BigInt(maker.total_points)
  countPoints(deltas, { contributor: maker.contributor, week: maker.week_start, points: gained })
  const before_e2 = maker.scored ? maker.quality_e2 : 0
  countQuality(deltas, { article: maker.article, scored: maker.scored ? 0 : 1, quality_e2: quality_e2 - before_e2 })
}

async function markExpertReviewed(tx: Tx, article: bigint): Promise<void> {
  await tx
    .updateTable('contributions.article')
    .set({ expert_reviewed: true })
    .where('id', '=', article)
    .where('expert_reviewed', '=', false)
    .execute()
}

type Makers = readonly [Maker, ...Maker[]]

interface Maker {
  id: bigint
  contributor: bigint
  username: string
  article: bigint
  type: string
  week_start: string
  base_points: number
  total_points: number
  quality_e2: number
  reputation_e4: number
  demand_e2: number
  scored: boolean
}

interface CreditReview {
  reviewer: Contributor
  author: Maker
  terms: Terms
  firstOpen: string | null
  deltas: Deltas
  now: Date
}

interface SettleQuality {
  makers: Makers
  review: bigint
  terms: Terms
  deltas: Deltas
  now: Date
}

interface GiveQuality {
  maker: Maker
  quality_e2: number
  deltas: Deltas
  now: Date
}
