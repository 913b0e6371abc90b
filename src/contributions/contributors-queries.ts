import { type RawBuilder, sql } from 'kysely'

import { must } from '../core/assert.ts'
import { type Db, pgArray, type Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { formatAmount } from '../core/money.ts'
import { stakedAsOf } from '../staking/staking.ts'
import { rewardAsset } from './parameters.ts'

/**
 * People by what they have contributed and earned, a page at a time; equal ones in the order in which they came. By what
 * they earned, those who were paid something.
 */
export async function listContributors(
  db: Db | Tx,
  { by, after, limit, asset, at }: ListContributors,
): Promise<ContributorRow[]> {
  const where = after ? sql`${isRanked(by)} and ${isBehind(by, after)}` : isRanked(by)
  return await readContributors(db, { asset, at, where, by, limit })
}

/** How many people are before this one in that order, plus one; null where they are not in it. */
export async function rankOf(
  db: Db | Tx,
  { contributor, by }: { contributor: bigint; by: Ranking },
): Promise<bigint | null> {
  const { rows } = await sql<{ value: bigint }>`
    select ${sql.ref(RANKED_BY[by])} as value
    from contributions.contributor
    left join contributions.earning on earning.contributor = contributor.id
    where contributor.id = ${contributor} and ${isRanked(by)}
  `.execute(db)
  const [own] = rows
  if (!own) return null
  const { rows: counts } = await sql<{ rank: bigint }>`
    select 1 + count(*) as rank
    from ${by === 'total_tokens_earned' ? sql`contributions.earning` : sql`contributions.contributor`}
    where ${isBefore(by, { value: own.value, id: contributor })}
  `.execute(db)
  return must(counts[0], 'A count is one row').rank
}

/** Fails: contributor_not_found. */
export async function findContributor(
  db: Db | Tx,
  { username, asset, at }: { username: string; asset: string; at: Date },
): Promise<ContributorRow> {
  const where = sql<boolean>`person.username = ${username}`
  const [row] = await readContributors(db, { asset, at, where, limit: 1 })
  if (row) return row
  throw new NotFound('contributor_not_found', `Nobody named ${username.slice(0, 100)} has contributed.`)
}

/** By the person's id; undefined where they have not contributed. */
export async function findContributorOf(
  db: Db | Tx,
  { person, asset, at }: { person: string; asset: string; at: Date },
): Promise<ContributorRow | undefined> {
  const where = sql<boolean>`contributor.person = ${person}::uuid`
  const [row] = await readContributors(db, { asset, at, where, limit: 1 })
  return row
}

/** Those of these people who have contributed, in no order. */
export async function contributorsNamed(
  db: Db | Tx,
  { usernames, asset, at }: { usernames: readonly string[]; asset: string; at: Date },
): Promise<ContributorRow[]> {
  const where = sql<boolean>`person.username = any (${pgArray(usernames)}::text[])`
  return await readContributors(db, { asset, at, where, limit: usernames.length })
}

/** Everybody's totals, those with the most points first, REPORT_PAGE at a time: for reports of any length. */
export async function* reportContributors(db: Db | Tx, { now }: { now: Date }): AsyncGenerator<ContributorTotals[]> {
  const { code: asset, scale } = await rewardAsset(db, now)
  let after: ListContributors['after']
  for (;;) {
    const rows = await listContributors(db, { by: 'total_points', after, limit: REPORT_PAGE, asset, at: now })
    yield rows.map((row) => ({
      username: row.username,
      totalContributions: row.total_contributions,
      totalPoints: row.total_points,
      totalTokensEarned: formatAmount(row.total_tokens_earned, scale),
    }))
    const last = rows.at(-1)
    if (rows.length < REPORT_PAGE || !last) return
    after = { value: last.total_points, id: last.id }
  }
}

export interface ContributorTotals {
  username: string
  totalContributions: number
  totalPoints: bigint
  /** A decimal text. */
  totalTokensEarned: string
}

/** Amounts in minor units. */
export interface ContributorRow {
  id: bigint
  person: string
  username: string
  joined_at: Date
  wallet_address: string | null
  reputation_e4: number
  total_contributions: number
  total_points: bigint
  carried_points: bigint
  total_tokens_earned: bigint
  last_reward_claim: Date | null
  /** Of the person's wallet here, what is reserved in it included; zero where there is none yet. */
  balance: bigint
  /** On the person's account for stakes, and of that what has votes. */
  staked: bigint
  voting_stake: bigint
  token_updated_at: Date | null
}

export type Ranking = 'total_points' | 'reputation_e4' | 'total_contributions' | 'total_tokens_earned'

export interface ListContributors {
  by: Ranking
  after?: Place | undefined
  limit: number
  asset: string
  /** The moment of which stakes have votes. */
  at: Date
}

function typed(by: Ranking, value: bigint): RawBuilder<bigint> {
  return by === 'total_tokens_earned' ? sql`${value}::numeric` : sql`${value}::bigint`
}

/** A row of an order. */
interface Place {
  value: bigint
  id: bigint
}

const REPORT_PAGE = 1_000

/** Each has an index that ends with who it is: the order is read from it, and no further than the page goes. */
const RANKED_BY: Readonly<Record<Ranking, string>> = {
  total_points: 'contributor.total_points',
  reputation_e4: 'contributor.reputation_e4',
  total_contributions: 'contributor.total_contributions',
  total_tokens_earned: 'earning.tokens',
}

/** Nobody is left out of an order but those who were never paid, of the one by what was. */
function isRanked(by: Ranking): RawBuilder<boolean> {
  return by === 'total_tokens_earned' ? sql`earning.tokens > 0` : sql`true`
}

function isBehind(by: Ranking, { value, id }: Place): RawBuilder<boolean> {
  const own = sql.ref(RANKED_BY[by])
  const from = typed(by, value)
  return sql`(${own} <= ${from} and (${own} < ${from} or contributor.id > ${id}))`
}

function isBefore(by: Ranking, { value, id }: Place): RawBuilder<boolean> {
  const own = sql.ref(RANKED_BY[by])
  const who = by === 'total_tokens_earned' ? sql`earning.contributor` : sql`contributor.id`
  const from = typed(by, value)
  return sql`(${own} >= ${from} and (${own} > ${from} or ${who} < ${id}))`
}

/**
 * What somebody has is read from the books, and kept nowhere else. The people are chosen first, and the rest is looked up
 * for each (limit 1 keeps it so): joined, the database may read all postings there are for a page of ten, as long as it
 * does not know how many there are.
 */
async function readContributors(
  db: Db | Tx,
  { asset, at, where, by, limit }: ReadContributors,
): Promise<ContributorRow[]> {
  const inner = by === undefined ? sql`contributor.id` : sql`${sql.ref(RANKED_BY[by])} desc, contributor.id`
  const outer = by === undefined ? sql`contributor.id` : sql`${sql.ref(`contributor.${by}`)} desc, contributor.id`
  const { rows } = await sql<Omit<ContributorRow, 'voting_stake'>>`
    select
      contributor.id, contributor.person, contributor.username, contributor.joined_at, wallet.address as wallet_address,
      contributor.reputation_e4, contributor.total_contributions, contributor.total_points, contributor.carried_points,
      contributor.total_tokens_earned, contributor.last_reward_claim,
      coalesce(account.balance, 0) as balance, coalesce(stakes.balance, 0) as staked,
      line.recorded_at as token_updated_at
    from (
      select
        contributor.*, person.username, person.joined_at, coalesce(earning.tokens, 0) as total_tokens_earned,
        earning.last_at as last_reward_claim
      from contributions.contributor
      join identity.person on person.id = contributor.person
      left join contributions.earning on earning.contributor = contributor.id
      where ${where}
      order by ${inner}
      limit ${limit}
    ) as contributor
    left join identity.wallet on wallet.person = contributor.person and wallet.chain = 'solana'
    left join lateral (
      select account.id, account.balance, account.version
      from ledger.account
      where account.path = 'users:' || contributor.person || ':available'
        and account.asset = (select id from ledger.asset where code = ${asset})
      limit 1
    ) as account on true
    left join lateral (
      select account.balance
      from ledger.account
      where account.path = 'users:' || contributor.person || ':staked'
        and account.asset = (select id from ledger.asset where code = ${asset})
      limit 1
    ) as stakes on true
    left join lateral (
      select entry.recorded_at
      from ledger.line
      join ledger.entry on entry.id = line.entry
      where line.account = account.id and line.version = account.version
      limit 1
    ) as line on true
    order by ${outer}
  `.execute(db)
  const voting = await stakedAsOf(db, { asset, at, people: rows.map(({ person }) => person) })
  return rows.map((row) => ({ ...row, voting_stake: voting.get(row.person) ?? 0n }))
}

interface ReadContributors {
  asset: string
  at: Date
  where: RawBuilder<unknown>
  by?: Ranking
  limit: number
}
