import { type RawBuilder, sql } from 'kysely'

import { must } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { NotFound } from '../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../core/id.ts'
import { type Order, WALK } from '../core/page.ts'
import { type Distribution, distributionOf, type DistributionStatus } from './distribution-row.ts'

/** Distributions, the newest week first unless asked otherwise, a page at a time. */
export async function listDistributions(db: Db | Tx, { status, order = 'newest', after, limit }: ListDistributions) {
  const { direction, next } = WALK[order]
  let query = db
    .selectFrom('contributions.weekly_distribution')
    .selectAll()
    .orderBy('week_start', direction)
    .limit(limit)
  if (status !== undefined) query = query.where('status', '=', status)
  if (after !== undefined) query = query.where('week_start', next, after)
  return (await query.execute()).map(distributionOf)
}

/** By its public id. Fails: distribution_not_found. */
export async function findDistribution(db: Db | Tx, id: string): Promise<Distribution> {
  const { serial } = parseSerialUuid(id, 'distribution_not_found')
  const row =
    serial <= SERIAL_MAX
      ? await db
          .selectFrom('contributions.weekly_distribution')
          .selectAll()
          .where('id', '=', toSafeInteger(serial))
          .executeTakeFirst()
      : undefined
  if (row && serialUuid(serial, row.created_at) === id) return distributionOf(row)
  throw new NotFound('distribution_not_found', `There is no distribution ${id}.`, { distribution: id })
}

/** The entries that have paid a distribution so far: their public ids. */
export async function paidEntries(db: Db | Tx, distribution: number): Promise<string[]> {
  const rows = await db
    .selectFrom('contributions.payment')
    .select(['entry', 'paid_at'])
    .where('distribution', '=', distribution)
    .where('entry', 'is not', null)
    .orderBy('no')
    .execute()
  return rows.flatMap(({ entry, paid_at }) => (entry === null || paid_at === null ? [] : [serialUuid(entry, paid_at)]))
}

/** How much of a distribution is paid, in minor units of its asset, and to how many people. */
export async function paidSoFar(db: Db | Tx, distribution: number): Promise<{ tokens: bigint; people: number }> {
  const { rows } = await sql<{ tokens: bigint; people: number }>`
    select coalesce(sum(amount), 0) as tokens, coalesce(sum(last_reward - first_reward + 1), 0)::int as people
    from contributions.payment
    where distribution = ${distribution} and entry is not null
  `.execute(db)
  return must(rows[0], 'A sum is one row')
}

/** The rewards of a distribution in the order of its ranking, those after `after`. */
export async function rewardsOf(
  db: Db | Tx,
  { distribution, after, limit }: { distribution: number; after: number; limit: number },
): Promise<RewardRow[]> {
  const where = sql`reward.distribution = ${distribution} and reward.no > ${after}`
  return await readRewards(db, { where, order: sql`reward.no`, limit })
}

/** The rewards of a contributor, the newest week first or of one `week`, those of distributions before `before`. */
export async function rewardsTo(db: Db | Tx, { contributor, week, before, limit }: RewardsTo): Promise<RewardRow[]> {
  const earlier = before === undefined ? sql`true` : sql`reward.distribution < ${before}`
  const chosen = week === undefined ? sql`true` : sql`distribution.week_start = ${week}::date`
  const where = sql`reward.contributor = ${contributor} and ${earlier} and ${chosen}`
  return await readRewards(db, { where, order: sql`reward.distribution desc`, limit })
}

/** The public id of a reward: the number of its distribution and its place in it, in one. */
export function rewardId({ distribution, no, created_at }: RewardRow): string {
  return serialUuid((BigInt(distribution) << PLACE_BITS) | BigInt(no), created_at)
}

export interface RewardRow {
  distribution: number
  no: number
  person: string
  username: string
  week_start: string
  asset: string
  total_points: bigint
  carried_points: bigint
  staking_multiplier_e6: number
  token_amount: bigint
  status: DistributionStatus
  /** The entry that paid it, and when. */
  entry: bigint | null
  paid_at: Date | null
  /** Which of that entry's postings it is, from 0. */
  posting: number
  created_at: Date
}

export interface RewardsTo {
  contributor: bigint
  week?: string | undefined
  before: number | undefined
  limit: number
}

export interface ListDistributions {
  status?: DistributionStatus | undefined
  order?: Order
  /** The week before this page. */
  after?: string | undefined
  limit: number
}

const SERIAL_MAX = 2n ** 31n - 1n
/** There are fewer than 2^24 rewards in a distribution: one for each person. */
const PLACE_BITS = 24n

/** A reward is as far as its payment; until that is made, as far as its distribution. */
async function readRewards(
  db: Db | Tx,
  { where, order, limit }: { where: RawBuilder<unknown>; order: RawBuilder<unknown>; limit: number },
): Promise<RewardRow[]> {
  const { rows } = await sql<RewardRow>`
    select
      reward.distribution, reward.no, contributor.person, person.username, distribution.week_start, distribution.asset,
      reward.total_points, reward.carried_points, reward.staking_multiplier_e6, reward.token_amount,
      case when payment.entry is null then distribution.status else 'completed' end as status,
      payment.entry, payment.paid_at, reward.no - payment.first_reward as posting, distribution.created_at
    from contributions.token_reward as reward
    join contributions.weekly_distribution as distribution on distribution.id = reward.distribution
    join contributions.payment on payment.distribution = reward.distribution
      and reward.no between payment.first_reward and payment.last_reward
    join contributions.contributor on contributor.id = reward.contributor
    join identity.person on person.id = contributor.person
    where ${where}
    order by ${order}
    limit ${limit}
  `.execute(db)
  return rows
}
