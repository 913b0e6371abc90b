import { sql } from 'kysely'

import type { Invariant } from '../ledger/invariants.ts'

/** What must always hold between stakes and the books; `florin verify` checks it over every row. */
export const STAKING_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'What is on a member’s account for stakes is the principal of those that are not paid back',
    query: sql<{ detail: string }>`
      select coalesce(account.path, stake.path) || ': ' || coalesce(account.balance, 0) || ' there, '
        || coalesce(stake.amount, 0) || ' staked' as detail
      from (
        select account.path, asset.code, account.balance
        from ledger.account
        join ledger.asset on asset.id = account.asset
        where account.path ~ '^users:[^:]+:staked$'
      ) as account
      full join (
        select 'users:' || stake.person || ':staked' as path, pool.asset as code, sum(stake.amount) as amount
        from staking.stake
        join staking.pool on pool.code = stake.pool
        where stake.paid_at is null
        group by stake.person, pool.asset
      ) as stake on stake.path = account.path and stake.code = account.code
      where coalesce(account.balance, 0) <> coalesce(stake.amount, 0)
      limit 10
    `,
  },
  {
    invariant: 'What is reserved on a pool’s account is the rewards of its active stakes',
    query: sql<{ detail: string }>`
      select pool.path || ': ' || coalesce(account.reserved, 0) || ' reserved, ' || pool.promised || ' promised' as detail
      from (
        select pool.reward_account as path, pool.asset, coalesce(sum(stake.reward), 0) as promised
        from staking.pool
        left join staking.stake on stake.pool = pool.code and stake.status = 'active'
        group by pool.reward_account, pool.asset
      ) as pool
      join ledger.asset on asset.code = pool.asset
      left join ledger.account on account.path = pool.path and account.asset = asset.id
      where coalesce(account.reserved, 0) <> pool.promised
      limit 10
    `,
  },
  {
    invariant:
      'A stake’s hold is on its pool’s account: pending while it is active, captured when it matured, else voided',
    query: sql<{ detail: string }>`
      select 'stake ' || stake.id as detail
      from staking.stake
      join staking.pool on pool.code = stake.pool
      left join ledger.hold on hold.id = stake.id
      left join ledger.account on account.id = hold.account
      left join ledger.asset on asset.id = account.asset
      where stake.reward > 0
        and (
          account.path is distinct from pool.reward_account
          or asset.code is distinct from pool.asset
          or hold.amount <> stake.reward
          or hold.status <> case stake.status
            when 'active' then 'pending'
            when 'completed' then 'captured'
            else 'voided'
          end
        )
      limit 10
    `,
  },
  {
    invariant: 'A stake was made by one entry, from its person’s wallet',
    query: sql<{ detail: string }>`
      select 'stake ' || coalesce(stake.id::text, made.reference, 'entry ' || made.entry) as detail
      from staking.stake
      full join (
        select
          entry.id as entry, entry.reference, count(*) as postings, min(posting.amount) as amount,
          min(source.path) as source, min(target.path) as target
        from ledger.entry
        join ledger.posting on posting.entry = entry.id
        join ledger.account as source on source.id = posting.from_account
        join ledger.account as target on target.id = posting.to_account
        where entry.kind = 'stake'
        group by entry.id
      ) as made on made.reference = stake.id::text
      where stake.id is null
        or made.entry is null
        or made.postings <> 1
        or made.amount <> stake.amount
        or made.source <> 'users:' || stake.person || ':available'
        or made.target <> 'users:' || stake.person || ':staked'
      limit 10
    `,
  },
  {
    invariant: 'A stake was paid back by one entry: its principal less the penalty, and its reward if it matured',
    query: sql<{ detail: string }>`
      select 'stake ' || coalesce(stake.id::text, paid.reference, 'entry ' || paid.entry) as detail
      from (
        select stake.*, pool.reward_account
        from staking.stake
        join staking.pool on pool.code = stake.pool
        where stake.paid_at is not null
      ) as stake
      full join (
        select
          entry.id as entry, entry.kind, entry.reference, entry.recorded_at, sum(posting.amount) as total,
          sum(posting.amount) filter (where target.path = 'treasury:penalties') as penalty,
          sum(posting.amount) filter (where source.path ~ '^users:[^:]+:staked$') as principal,
          min(source.path) filter (where source.path !~ '^users:[^:]+:staked$') as pool,
          min(source.path) filter (where source.path ~ '^users:[^:]+:staked$') as staked,
          min(target.path) filter (where target.path <> 'treasury:penalties') as target,
          max(target.path) filter (where target.path <> 'treasury:penalties') as other_target
        from ledger.entry
        join ledger.posting on posting.entry = entry.id
        join ledger.account as source on source.id = posting.from_account
        join ledger.account as target on target.id = posting.to_account
        where entry.kind in ('stake_maturity', 'stake_release')
        group by entry.id
      ) as paid on paid.reference = stake.id::text
      where stake.id is null
        or paid.entry is null
        or paid.kind <> case stake.status when 'completed' then 'stake_maturity' else 'stake_release' end
        or paid.recorded_at <> stake.paid_at
        or paid.principal <> stake.amount
        or paid.total <> stake.amount + case stake.status when 'completed' then stake.reward else 0 end
        or coalesce(paid.penalty, 0) <> stake.penalty
        or paid.pool <> stake.reward_account
        or paid.staked <> 'users:' || stake.person || ':staked'
        or paid.target <> paid.other_target
        or paid.target not in ('users:' || stake.person || ':available', 'treasury:unclaimed')
      limit 10
    `,
  },
  {
    invariant: 'Nothing but the rewards of stakes leaves a pool',
    query: sql<{ detail: string }>`
      select 'entry ' || entry.id as detail
      from staking.pool
      join ledger.asset on asset.code = pool.asset
      join ledger.account on account.path = pool.reward_account and account.asset = asset.id
      join ledger.posting on posting.from_account = account.id
      join ledger.entry on entry.id = posting.entry
      where entry.kind <> 'stake_maturity'
      limit 10
    `,
  },
]
