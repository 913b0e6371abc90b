import { sql } from 'kysely'

import { type Db, pgArray, type Tx } from '../core/db.ts'
import { ENTRY_LEAF } from '../ledger/log/encode.ts'
import { VOTING_AGE_MS } from './staking-rules.ts'

/**
 * The stakes in `asset` that counted from `from` to `until` without a gap, with what their tier multiplies by; several
 * of one person are several. Time decides, not whether the sweeper has paid them yet.
 */
export async function stakesThroughout(db: Db | Tx, { asset, from, until }: Throughout): Promise<WeighingStake[]> {
  const { rows } = await sql<WeighingStake>`
    select stake.person, stake.amount, stake.multiplier_e6
    from staking.stake
    join staking.pool on pool.code = stake.pool
    where stake.active_until >= ${until}::timestamptz
      and stake.starts_at <= ${from}::timestamptz
      and pool.asset = ${asset}
  `.execute(db)
  return rows
}

/**
 * What each person has in stakes of `asset` that were made by `startedBy` (seven days before, unless said) and were not
 * over at `at`: the part of their power to vote that counts twice. Who has none is not in the answer; without `people` it is about everybody.
 *
 * With `treeSize` only what the log's first so many leaves hold counts: stakes that were made in them, and not paid back
 * in them. So no token is counted both here and in a balance as of the same tree size, whatever the clocks say.
 */
export async function stakedAsOf(
  db: Db | Tx,
  { asset, at, startedBy = new Date(at.getTime() - VOTING_AGE_MS), people, treeSize }: StakedAsOf,
): Promise<Map<string, bigint>> {
  const of = people ? sql`stake.person = any (${pgArray(people)}::uuid[])` : sql`true`
  const sealed = treeSize === undefined ? sql`true` : sql`${inTree(treeSize, MADE)} and not ${inTree(treeSize, PAID)}`
  const { rows } = await sql<{ person: string; staked: bigint }>`
    select stake.person, sum(stake.amount) as staked
    from staking.stake
    join staking.pool on pool.code = stake.pool
    where stake.starts_at <= ${startedBy}::timestamptz
      and stake.active_until > ${at}::timestamptz
      and pool.asset = ${asset}
      and ${of}
      and ${sealed}
    group by stake.person
  `.execute(db)
  return new Map(rows.map(({ person, staked }) => [person, staked]))
}

const MADE = ['stake']
const PAID = ['stake_maturity', 'stake_release']

/** Whether an entry of one of `kinds` about the stake is among the first so many leaves. */
function inTree(treeSize: bigint, kinds: readonly string[]) {
  return sql<boolean>`
    exists (
      select
      from ledger.entry
      join ledger.leaf on leaf.ref = entry.id and leaf.kind = ${ENTRY_LEAF}
      where entry.reference = stake.id::text
        and entry.kind = any (${pgArray(kinds)}::text[])
        and leaf.position < ${treeSize}
    )
  `
}

interface Throughout {
  asset: string
  from: Date
  until: Date
}

export interface WeighingStake {
  person: string
  amount: bigint
  multiplier_e6: number
}

interface StakedAsOf {
  asset: string
  at: Date
  startedBy?: Date
  people?: readonly string[]
  treeSize?: bigint
}
