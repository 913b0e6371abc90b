import { sql } from 'kysely'

import type { Invariant } from '../ledger/invariants.ts'

/** What must always hold between proposals, votes and the books; `florin verify` checks it over every row. */
export const GOVERNANCE_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'A proposal’s tally is the sum of its votes',
    query: sql<{ detail: string }>`
      select 'proposal ' || proposal.id as detail
      from governance.proposal
      left join (
        select
          proposal, count(*) as voters,
          coalesce(sum(power) filter (where choice = 'for'), 0) as yes,
          coalesce(sum(power) filter (where choice = 'against'), 0) as no,
          coalesce(sum(power) filter (where choice = 'abstain'), 0) as abstain
        from governance.vote
        group by proposal
      ) as vote on vote.proposal = proposal.id
      where proposal.voters <> coalesce(vote.voters, 0)
        or proposal.votes_for <> coalesce(vote.yes, 0)
        or proposal.votes_against <> coalesce(vote.no, 0)
        or proposal.votes_abstain <> coalesce(vote.abstain, 0)
      limit 10
    `,
  },
  {
    invariant: 'A vote weighs its balance and its stakes, and the balance is what the wallet held at the tree size',
    query: sql<{ detail: string }>`
      select 'vote of ' || vote.voter || ' on ' || vote.proposal as detail
      from governance.vote
      join governance.proposal on proposal.id = vote.proposal
      left join ledger.asset on asset.code = proposal.asset
      left join ledger.account as wallet on wallet.path = 'users:' || vote.voter || ':available'
        and wallet.asset = asset.id
      left join lateral (
        select line.balance_after
        from ledger.line
        join ledger.leaf on leaf.ref = line.entry and leaf.kind = 1
        where line.account = wallet.id and leaf.position < proposal.tree_size
        order by line.version desc
        limit 1
      ) as line on true
      where vote.power <> vote.balance + proposal.stake_weight * vote.staked
        or vote.balance <> coalesce(line.balance_after, 0)
      limit 10
    `,
  },
  {
    invariant: 'A vote’s stakes are those that were old enough and not over when voting opened, and in the tree',
    query: sql<{ detail: string }>`
      select 'vote of ' || vote.voter || ' on ' || vote.proposal as detail
      from governance.vote
      join governance.proposal on proposal.id = vote.proposal
      cross join lateral (
        select
          coalesce(sum(stake.amount) filter (where stake.active_until > proposal.voting_start), 0) as least,
          coalesce(sum(stake.amount), 0) as most
        from staking.stake
        join staking.pool on pool.code = stake.pool
        cross join lateral (
          select
            count(*) filter (where entry.kind = 'stake') as made,
            count(*) filter (where entry.kind in ('stake_maturity', 'stake_release')) as paid
          from ledger.entry
          join ledger.leaf on leaf.ref = entry.id and leaf.kind = 1
          where entry.reference = stake.id::text and leaf.position < proposal.tree_size
        ) as sealed
        where stake.person = vote.voter
          and stake.starts_at <= proposal.staked_before
          -- One that was ended in the very millisecond in which voting opened may count or not.
          and stake.active_until >= proposal.voting_start
          and pool.asset = proposal.asset
          and sealed.made = 1
          and sealed.paid = 0
      ) as held
      where vote.staked not between held.least and held.most
      limit 10
    `,
  },
  {
    invariant: 'Votes were cast while voting was open, and each change of one is kept',
    query: sql<{ detail: string }>`
      select 'vote of ' || vote.voter || ' on ' || vote.proposal as detail
      from governance.vote
      join governance.proposal on proposal.id = vote.proposal
      left join (
        select
          proposal, voter, count(*) as changes, max(no) as last, min(cast_at) as first_at, max(replaced_at) as last_at
        from governance.vote_change
        group by proposal, voter
      ) as change on change.proposal = vote.proposal and change.voter = vote.voter
      where proposal.tree_size is null
        or coalesce(change.first_at, vote.cast_at) < proposal.voting_start
        or vote.cast_at >= proposal.voting_end
        or vote.changes <> coalesce(change.changes, 0)
        or vote.changes <> coalesce(change.last, 0)
        or (vote.changes > 0 and vote.cast_at <> change.last_at)
      limit 10
    `,
  },
  {
    invariant: 'Power is as of leaves that were sealed by then, and what circulates follows from them',
    query: sql<{ detail: string }>`
      select 'proposal ' || proposal.id as detail
      from governance.proposal
      join ledger.asset on asset.code = proposal.asset
      left join ledger.block on block.tree_size = proposal.tree_size
      cross join lateral (
        select coalesce(sum(
          case
            when account.path like 'issuance:%' then -line.amount
            when account.path like 'treasury:%' or account.path like 'pools:%' then -line.amount
          end
        ), 0) as circulating
        from ledger.account
        join ledger.line on line.account = account.id
        join ledger.leaf on leaf.ref = line.entry and leaf.kind = 1
        where account.asset = asset.id
          and leaf.position < proposal.tree_size
          and (account.path like 'issuance:%' or account.path like 'treasury:%' or account.path like 'pools:%')
      ) as held
      where proposal.tree_size is not null
        and (block.height is null or proposal.circulating <> held.circulating)
      limit 10
    `,
  },
  {
    invariant: 'What passed proposals were promised is on treasury:allocated until it is paid or given back',
    query: sql<{ detail: string }>`
      select promised.asset || ': ' || promised.amount || ' promised, ' || coalesce(held.balance, 0) || ' there' as detail
      from (
        select asset, coalesce(sum(amount) filter (where paid_at is null and released_at is null), 0) as amount
        from governance.allocation
        group by asset
      ) as promised
      left join (
        select asset.code, account.balance
        from ledger.account
        join ledger.asset on asset.id = account.asset
        where account.path = 'treasury:allocated'
      ) as held on held.code = promised.asset
      where promised.amount <> coalesce(held.balance, 0)
    `,
  },
  {
    invariant: 'An allocation is paid with its proposal’s execution, and given back if that was cancelled or expired',
    query: sql<{ detail: string }>`
      select 'proposal ' || allocation.proposal as detail
      from governance.allocation
      join governance.proposal on proposal.id = allocation.proposal
      where proposal.type <> 'treasury_allocation'
        or (allocation.paid_at is not null) <> (proposal.status = 'executed')
        or (allocation.released_at is not null) <> (proposal.status in ('cancelled', 'expired'))
      union all
      select 'proposal ' || proposal.id
      from governance.proposal
      left join governance.allocation on allocation.proposal = proposal.id
      where proposal.type = 'treasury_allocation'
        and proposal.status in ('passed', 'executed')
        and allocation.proposal is null
      limit 10
    `,
  },
  {
    invariant: 'Each allocation was posted: once, its amount, to its account; and nothing else was of these kinds',
    query: sql<{ detail: string }>`
      select 'proposal ' || allocation.proposal || ': ' || due.kind as detail
      from governance.allocation
      cross join lateral (
        values
          ('treasury_reservation', 'treasury:main', 'treasury:allocated', true),
          ('treasury_allocation', 'treasury:allocated', allocation.account, allocation.paid_at is not null),
          ('treasury_release', 'treasury:allocated', 'treasury:main', allocation.released_at is not null)
      ) as due (kind, source, target, posted)
      cross join lateral (
        select
          count(*) as postings,
          count(*) filter (
            where posting.amount = allocation.amount and source.path = due.source and target.path = due.target
          ) as right_ones
        from ledger.entry
        join ledger.posting on posting.entry = entry.id
        join ledger.account as source on source.id = posting.from_account
        join ledger.account as target on target.id = posting.to_account
        where entry.reference = allocation.proposal::text and entry.kind = due.kind
      ) as found
      where found.postings <> due.posted::int or found.right_ones <> due.posted::int
      union all
      select 'entry ' || entry.id
      from ledger.entry
      left join governance.allocation on allocation.proposal::text = entry.reference
      where entry.kind in ('treasury_reservation', 'treasury_allocation', 'treasury_release')
        and allocation.proposal is null
      limit 10
    `,
  },
  {
    invariant: 'A quarter’s proposals were promised no more than it may give',
    query: sql<{ detail: string }>`
      select asset || ' ' || quarter as detail
      from governance.allocation
      where released_at is null
      group by asset, quarter
      having sum(amount) > max(quarter_limit)
    `,
  },
  {
    invariant: 'An executed change of a parameter was made once, and to what was voted on',
    query: sql<{ detail: string }>`
      select 'proposal ' || proposal.id as detail
      from governance.proposal
      left join (
        select actor, count(*) as changes, min(name) as name, min(value::text) as value, min(set_at) as set_at
        from economy.parameter_value
        where actor like 'proposal:%'
        group by actor
      ) as change on change.actor = 'proposal:' || proposal.id
      where proposal.type = 'parameter_change'
        and (
          coalesce(change.changes, 0) <> (proposal.status = 'executed')::int
          or change.name <> proposal.parameters ->> 'parameter_name'
          or change.value::jsonb <> proposal.parameters -> 'proposed_value'
          or change.set_at <> proposal.executed_at
        )
      limit 10
    `,
  },
]
