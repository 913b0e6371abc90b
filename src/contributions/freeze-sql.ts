import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { pgArray, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { NO_STAKE_E6 } from './stake-rules.ts'
import type { PaidWeek, PersonOfWeek } from './week-rules.ts'

/*
 * The statements that freeze a week. All run while nobody else writes contributions (see lockWeeks).
 */

/**
 * Gives the week's contributions the reputations that their people have now, after all earlier weeks, where they were
 * recorded with another; points and the sums that count them follow.
 */
export async function fixPoints(tx: Tx, week: string): Promise<void> {
  await sql`
    with
      stale as (
        select contribution.id, contribution.total_points as points_before, contributor.reputation_e4
        from contributions.contribution
        join contributions.contributor on contributor.id = contribution.contributor
        where contribution.week_start = ${week}::date
          and contribution.reputation_e4 <> contributor.reputation_e4
      ),
      fixed as (
        update contributions.contribution
        set
          reputation_e4 = stale.reputation_e4,
          total_points = (
            2::bigint * base_points * quality_e2 * stale.reputation_e4 * demand_e2 + 100000000
          ) / 200000000
        from stale
        where contribution.id = stale.id
        returning contribution.contributor, contribution.total_points - stale.points_before as gained
      ),
      gain as (
        select contributor, sum(gained) as gained
        from fixed
        group by contributor
        having sum(gained) <> 0
      ),
      counted as (
        update contributions.contributor
        set total_points = total_points + gain.gained
        from gain
        where contributor.id = gain.contributor
      )
    insert into contributions.tally as tally (week_start, shard, contributions, points)
    select ${week}::date, 0, 0, sum(gained)
    from gain
    having count(*) > 0
    on conflict (week_start, shard) do update
    set points = tally.points + excluded.points
  `.execute(tx)
}

/**
 * Everybody with contributions in the week or with carried points. All contributors are joined and most dropped: that
 * costs 1 ms for each 3,000 of them, where a plan from the side of the week can take seconds when the database does not
 * know yet how large it is. What is mostly nothing is null, which costs nothing to send.
 */
export async function peopleOfWeek(tx: Tx, week: string): Promise<WeekPerson[]> {
  const { rows } = await sql<PersonRow>`
    select
      contributor.id as contributor, contributor.person, person.username,
      (extract(epoch from person.joined_at) * 1000)::float8 as joined_ms,
      work.points, nullif(contributor.carried_points, 0) as carried_points, contributor.carried_since,
      contributor.reputation_e4, nullif(work.scored, 0) as scored, work.quality_sum_e2,
      coalesce(work.least_e4 <> contributor.reputation_e4 or work.most_e4 <> contributor.reputation_e4, false) as stale
    from contributions.contributor
    join identity.person on person.id = contributor.person
    left join (
      select
        contributor, sum(total_points) as points, count(*) filter (where scored) as scored,
        sum(quality_e2) filter (where scored) as quality_sum_e2,
        min(reputation_e4) as least_e4, max(reputation_e4) as most_e4
      from contributions.contribution
      where week_start = ${week}::date
      group by contributor
    ) as work on work.contributor = contributor.id
    where work.contributor is not null or contributor.carried_points > 0
  `.execute(tx)
  return rows.map((row) => ({
    id: row.person,
    contributor: row.contributor,
    username: row.username,
    joinedAt: new Date(row.joined_ms),
    points: row.points ?? 0n,
    carriedPoints: row.carried_points ?? 0n,
    carriedSince: row.carried_since,
    multiplier_e6: NO_STAKE_E6,
    reputation_e4: row.reputation_e4,
    scored: toSafeInteger(row.scored ?? 0n),
    qualitySum_e2: toSafeInteger(row.quality_sum_e2 ?? 0n),
    stale: row.stale,
  }))
}

export async function insertRewards(
  tx: Tx,
  { distribution, rewards }: { distribution: number; rewards: readonly NewReward[] },
): Promise<void> {
  if (rewards.length === 0) return
  await sql`
    insert into contributions.token_reward (
      distribution, no, contributor, paid_from, total_points, carried_points, staking_multiplier_e6, token_amount
    )
    select ${distribution}::int, no - 1, contributor, paid_from, points, carried_points, multiplier_e6, amount
    from unnest(
      ${pgArray(rewards.map(({ contributor }) => contributor))}::bigint[],
      ${pgArray(rewards.map(({ paidFrom }) => paidFrom))}::date[],
      ${pgArray(rewards.map(({ points }) => points))}::bigint[],
      ${pgArray(rewards.map(({ carriedPoints }) => carriedPoints))}::bigint[],
      ${pgArray(rewards.map(({ multiplier_e6 }) => multiplier_e6))}::int[],
      ${pgArray(rewards.map(({ amount }) => amount))}::numeric[]
    ) with ordinality as new (contributor, paid_from, points, carried_points, multiplier_e6, amount, no)
  `.execute(tx)
}

export async function insertPayments(
  tx: Tx,
  { distribution, payments }: { distribution: number; payments: readonly NewPayment[] },
): Promise<void> {
  await tx
    .insertInto('contributions.payment')
    .values(
      payments.map(({ first, last, amount, hold }, no) => ({
        distribution,
        no,
        first_reward: first,
        last_reward: last,
        amount,
        hold,
      })),
    )
    .execute()
}

/** The points of those left out wait; those of the paid no longer do. */
export async function carryPoints(
  tx: Tx,
  { week, outcome, byId }: { week: string; outcome: PaidWeek; byId: ReadonlyMap<string, WeekPerson> },
): Promise<void> {
  const personOf = (id: string) => must(byId.get(id), 'Whoever is paid or carried took part')
  const paid = outcome.paid
    .map(({ id }) => personOf(id))
    .filter(({ carriedSince }) => carriedSince !== null)
    .map(({ contributor }) => ({ contributor, points: 0n, since: null }))
  const waiting = outcome.carried
    .map(({ id, points }) => ({ person: personOf(id), points }))
    .filter(({ person, points }) => points !== person.carriedPoints)
    .map(({ person, points }) => ({ contributor: person.contributor, points, since: person.carriedSince ?? week }))
  const changes = [...paid, ...waiting]
  if (changes.length === 0) return
  await sql`
    update contributions.contributor
    set carried_points = change.points, carried_since = change.since
    from unnest(
      ${pgArray(changes.map(({ contributor }) => contributor))}::bigint[],
      ${pgArray(changes.map(({ points }) => points))}::bigint[],
      ${pgArray(changes.map(({ since }) => since))}::date[]
    ) as change (contributor, points, since)
    where contributor.id = change.contributor
  `.execute(tx)
}

export async function insertReputations(
  tx: Tx,
  { week, changes }: { week: string; changes: readonly ReputationChange[] },
): Promise<void> {
  await sql`
    with
      change as (
        insert into contributions.reputation_change
          (contributor, week_start, quality_sum_e2, scored, before_e4, after_e4)
        select contributor, ${week}::date, quality_sum_e2, scored, before_e4, after_e4
        from unnest(
          ${pgArray(changes.map(({ contributor }) => contributor))}::bigint[],
          ${pgArray(changes.map(({ qualitySum_e2 }) => qualitySum_e2))}::bigint[],
          ${pgArray(changes.map(({ scored }) => scored))}::int[],
          ${pgArray(changes.map(({ before_e4 }) => before_e4))}::smallint[],
          ${pgArray(changes.map(({ after_e4 }) => after_e4))}::smallint[]
        ) as new (contributor, quality_sum_e2, scored, before_e4, after_e4)
        returning contributor, after_e4
      )
    update contributions.contributor
    set reputation_e4 = change.after_e4
    from change
    where contributor.id = change.contributor
  `.execute(tx)
}

/** `id` is the person's, as rewards and stakes know them. */
export interface WeekPerson extends PersonOfWeek {
  contributor: bigint
  carriedSince: string | null
  reputation_e4: number
  /** How many of the week's contributions were scored, and the sum of their qualities. */
  scored: number
  qualitySum_e2: number
  /** Some of the contributions were recorded with another reputation: see fixPoints. */
  stale: boolean
}

export interface NewReward {
  contributor: bigint
  username: string
  /** The first week whose contributions it pays. */
  paidFrom: string
  /** Those that are paid, carried ones included. */
  points: bigint
  carriedPoints: bigint
  multiplier_e6: number
  amount: bigint
}

interface NewPayment {
  first: number
  last: number
  amount: bigint
  hold: string
}

interface ReputationChange {
  contributor: bigint
  qualitySum_e2: number
  scored: number
  before_e4: number
  after_e4: number
}

interface PersonRow {
  contributor: bigint
  person: string
  username: string
  joined_ms: number
  points: bigint | null
  carried_points: bigint | null
  carried_since: string | null
  reputation_e4: number
  scored: bigint | null
  quality_sum_e2: bigint | null
  stale: boolean
}
