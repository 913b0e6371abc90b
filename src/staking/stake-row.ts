import type { Selectable } from 'kysely'

import { must } from '../core/assert.ts'
import type { Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import type { StakingStake } from '../core/schema.gen.ts'
import { findPool, type Pool } from './pools.ts'
import { type PoolKind, STAKE_STATUSES, type StakeStatus } from './staking-rules.ts'

/** A stake with the figures that it was made with; amounts in minor units of its asset. */
export interface Stake {
  id: string
  pool: string
  kind: PoolKind
  asset: string
  scale: number
  person: string
  amount: bigint
  durationDays: number
  apy_bps: number
  multiplier_e6: number
  /** For the whole term; where it is not nothing, the hold with the stake's id reserves it. */
  reward: bigint
  unstakeDelayDays: number
  unstakePenalty_bps: number
  status: StakeStatus
  startsAt: Date
  endsAt: Date
  unstakedAt: Date | null
  penalty: bigint
  /** When the principal is to be paid back, and when it was. */
  dueAt: Date
  paidAt: Date | null
  /** Why the payment was refused. */
  failure: string | null
  createdAt: Date
  updatedAt: Date
}

/** Where a member's stakes are. */
export function stakedAccount(person: string): string {
  return `users:${person}:staked`
}

/** The stake of that person, which nobody else changes until the transaction ends. Fails: stake_not_found. */
export async function lockStake(tx: Tx, { id, person }: { id: string; person: string }): Promise<Stake> {
  const row = await tx
    .selectFrom('staking.stake')
    .selectAll()
    .where('id', '=', id)
    .where('person', '=', person)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (row) return stakeOf(row, await findPool(tx, row.pool))
  throw stakeNotFound(id)
}

/** Somebody else's stake is answered as one that there is not. */
export function stakeNotFound(id: string): Error {
  return new NotFound('stake_not_found', 'You have no such stake.', { stake: id })
}

export function stakeOf(
  row: Selectable<StakingStake>,
  { code, kind, asset, scale }: Pick<Pool, 'code' | 'kind' | 'asset' | 'scale'>,
): Stake {
  return {
    id: row.id,
    pool: code,
    kind,
    asset,
    scale,
    person: row.person,
    amount: row.amount,
    durationDays: row.duration_days,
    apy_bps: row.apy_bps,
    multiplier_e6: row.multiplier_e6,
    reward: row.reward,
    unstakeDelayDays: row.unstake_delay_days,
    unstakePenalty_bps: row.unstake_penalty_bps,
    status: must(
      STAKE_STATUSES.find((status) => status === row.status),
      `Stake status ${row.status}`,
    ),
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    unstakedAt: row.unstaked_at,
    penalty: row.penalty,
    dueAt: row.due_at,
    paidAt: row.paid_at,
    failure: row.failure,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
