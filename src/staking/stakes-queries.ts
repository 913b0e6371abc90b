import { type RawBuilder, sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import { stakeNotFound } from './stake-row.ts'
import { type PoolKind, type StakeStatus } from './staking-rules.ts'

/** Stakes, the newest first, a page at a time: their ids begin with their times. */
export async function listStakes(
  db: Db | Tx,
  { person, username, status, pool, after, limit }: ListStakes,
): Promise<StakeRow[]> {
  const where = [
    person !== undefined && sql`stake.person = ${person}::uuid`,
    username !== undefined && sql`stake.person = (select id from identity.person where username = ${username})`,
    status !== undefined && sql`stake.status = ${status}`,
    pool !== undefined && sql`stake.pool = ${pool}`,
    after !== undefined && sql`stake.id < ${after}::uuid`,
  ].filter((clause) => clause !== false)
  return await readStakes(db, { where: where.length > 0 ? sql.join(where, sql` and `) : sql`true`, limit })
}

/** A stake of that person. Fails: stake_not_found. */
export async function findStake(db: Db | Tx, { id, person }: { id: string; person: string }): Promise<StakeRow> {
  const where = sql`stake.id = ${id}::uuid and stake.person = ${person}::uuid`
  const [row] = await readStakes(db, { where, limit: 1 })
  if (row) return row
  throw stakeNotFound(id)
}

/** What there is in each pool, by its code: stakes that are not paid back yet. */
export async function poolTotals(db: Db | Tx): Promise<Map<string, PoolTotals>> {
  const { rows } = await sql<PoolTotals & { pool: string }>`
    select
      pool, count(*) as stakes, sum(amount) as staked,
      coalesce(sum(amount) filter (where status = 'active'), 0) as active,
      coalesce(sum(reward) filter (where status = 'active'), 0) as promised
    from staking.stake
    where paid_at is null
    group by pool
  `.execute(db)
  return new Map(rows.map(({ pool, ...totals }) => [pool, totals]))
}

export interface PoolTotals {
  stakes: bigint
  /** Their principal, what is on its way back included. */
  staked: bigint
  active: bigint
  /** Their rewards, all of which are reserved. */
  promised: bigint
}

/** As stored, with whose it is and the entries that made and paid it. */
export interface StakeRow {
  id: string
  pool: string
  kind: PoolKind
  asset: string
  scale: number
  person: string
  username: string
  amount: bigint
  duration_days: number
  apy_bps: number
  multiplier_e6: number
  reward: bigint
  unstake_delay_days: number
  unstake_penalty_bps: number
  status: StakeStatus
  starts_at: Date
  ends_at: Date
  unstaked_at: Date | null
  penalty: bigint
  due_at: Date
  paid_at: Date | null
  failure: string | null
  created_at: Date
  updated_at: Date
  /** Public ids. */
  made_by: string | null
  paid_by: string | null
}

export interface ListStakes {
  person?: string | undefined
  username?: string | undefined
  status?: StakeStatus | undefined
  pool?: string | undefined
  /** An id: only earlier ones. */
  after?: string | undefined
  limit: number
}

/** The entries are found by their reference; of those kinds, which are this module's alone, a stake has one each. */
async function readStakes(
  db: Db | Tx,
  { where, limit }: { where: RawBuilder<unknown>; limit: number },
): Promise<StakeRow[]> {
  const { rows } = await sql<StakeRow & EntryColumns>`
    select
      stake.*, pool.kind, pool.asset, asset.scale, person.username,
      made.id as made_id, made.recorded_at as made_at, paid.id as paid_id, paid.recorded_at as paid_recorded_at
    from (
      select *
      from staking.stake
      where ${where}
      order by id desc
      limit ${limit}::int
    ) as stake
    join staking.pool on pool.code = stake.pool
    join ledger.asset on asset.code = pool.asset
    join identity.person on person.id = stake.person
    left join lateral (
      select id, recorded_at
      from ledger.entry
      where reference = stake.id::text and kind = 'stake'
      limit 1
    ) as made on true
    left join lateral (
      select id, recorded_at
      from ledger.entry
      where reference = stake.id::text and kind in ('stake_maturity', 'stake_release')
      limit 1
    ) as paid on true
    order by stake.id desc
  `.execute(db)
  return rows.map(({ made_id, made_at, paid_id, paid_recorded_at, ...row }) => ({
    ...row,
    made_by: made_id !== null && made_at ? serialUuid(made_id, made_at) : null,
    paid_by: paid_id !== null && paid_recorded_at ? serialUuid(paid_id, paid_recorded_at) : null,
  }))
}

interface EntryColumns {
  made_id: bigint | null
  made_at: Date | null
  paid_id: bigint | null
  paid_recorded_at: Date | null
}
