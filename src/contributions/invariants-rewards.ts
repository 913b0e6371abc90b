import { sql } from 'kysely'

import type { Invariant } from '../ledger/invariants.ts'

/** Between distributions, rewards, payments and the books. */
export const REWARD_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'Weeks are distributed without a gap, each once, and none before its end',
    query: sql<{ detail: string }>`
      select 'week ' || week_start as detail
      from (
        select week_start, created_at, lag(week_start) over (order by week_start) as week_before
        from contributions.weekly_distribution
      ) as distribution
      where week_start <> week_before + 7 or created_at < (week_start + 7) at time zone 'UTC'
      limit 10
    `,
  },
  {
    invariant: 'A distribution’s sums are those of its rewards and of its week',
    query: sql<{ detail: string }>`
      select 'week ' || distribution.week_start as detail
      from contributions.weekly_distribution as distribution
      left join (
        select
          distribution, count(*) as rewards, max(no) as last, sum(token_amount) as tokens, sum(total_points) as points,
          sum(total_points * staking_multiplier_e6) as effective_e6
        from contributions.token_reward
        group by distribution
      ) as reward on reward.distribution = distribution.id
      left join (
        select week_start, sum(total_points) as points
        from contributions.contribution
        group by week_start
      ) as work on work.week_start = distribution.week_start
      where distribution.user_count <> coalesce(reward.rewards, 0)
        or distribution.user_count <> coalesce(reward.last, -1) + 1
        or distribution.total_tokens <> coalesce(reward.tokens, 0)
        or distribution.total_points <> coalesce(reward.points, 0)
        or distribution.effective_points_e6 <> coalesce(reward.effective_e6, 0)
        or distribution.new_points <> coalesce(work.points, 0)
      limit 10
    `,
  },
  {
    invariant: 'Every point of a distributed week is paid for by one reward, or waits',
    query: sql<{ detail: string }>`
      select 'contributor ' || contributor.id as detail
      from contributions.contributor
      left join (
        select contribution.contributor, sum(contribution.total_points) as points
        from contributions.contribution
        join contributions.weekly_distribution as distribution on distribution.week_start = contribution.week_start
        group by contribution.contributor
      ) as work on work.contributor = contributor.id
      left join (
        select contributor, sum(total_points) as points
        from contributions.token_reward
        group by contributor
      ) as reward on reward.contributor = contributor.id
      where coalesce(work.points, 0) <> coalesce(reward.points, 0) + contributor.carried_points
      limit 10
    `,
  },
  {
    invariant: 'A reward pays the contributions from its first week to its own, and no other reward does',
    query: sql<{ detail: string }>`
      select 'reward ' || reward.distribution || '/' || reward.no as detail
      from (
        select
          reward.*, distribution.week_start,
          lag(distribution.week_start) over (
            partition by reward.contributor order by distribution.week_start
          ) as paid_before
        from contributions.token_reward as reward
        join contributions.weekly_distribution as distribution on distribution.id = reward.distribution
      ) as reward
      cross join lateral (
        select
          coalesce(sum(total_points), 0) as points,
          coalesce(sum(total_points) filter (where week_start < reward.week_start), 0) as carried
        from contributions.contribution
        where contribution.contributor = reward.contributor
          and contribution.week_start between reward.paid_from and reward.week_start
      ) as work
      where reward.total_points <> work.points
        or reward.carried_points <> work.carried
        or reward.paid_from <= reward.paid_before
      limit 10
    `,
  },
  {
    invariant: 'Payments cover the rewards of their distribution, in their order and to the last unit',
    query: sql<{ detail: string }>`
      select 'payment ' || payment.distribution || '/' || payment.no as detail
      from (
        select
          payment.*,
          lag(last_reward, 1, -1) over (partition by distribution order by no) as last_before
        from contributions.payment
      ) as payment
      cross join lateral (
        select count(*) as rewards, sum(token_amount) as tokens
        from contributions.token_reward as reward
        where reward.distribution = payment.distribution
          and reward.no between payment.first_reward and payment.last_reward
      ) as reward
      where payment.first_reward <> payment.last_before + 1
        or reward.rewards <> payment.last_reward - payment.first_reward + 1
        or reward.tokens <> payment.amount
      union all
      select 'week ' || distribution.week_start
      from contributions.weekly_distribution as distribution
      left join contributions.payment on payment.distribution = distribution.id
      group by distribution.id
      having distribution.user_count <> coalesce(max(payment.last_reward), -1) + 1
        or (distribution.status = 'completed' and count(payment.no) <> count(payment.entry))
      limit 10
    `,
  },
  {
    invariant:
      'What is not paid yet is held on treasury:rewards for its distribution, what is paid was taken from there',
    query: sql<{ detail: string }>`
      select 'payment ' || payment.distribution || '/' || payment.no as detail
      from contributions.payment
      left join ledger.hold on hold.id = payment.hold
      left join ledger.account on account.id = hold.account
      where account.path is distinct from 'treasury:rewards'
        or hold.amount <> payment.amount
        or hold.status <> case when payment.entry is null then 'pending' else 'captured' end
        or hold.entry is distinct from payment.entry
        or hold.captured <> case when payment.entry is null then 0 else payment.amount end
      limit 10
    `,
  },
  {
    invariant: 'Each reward that is paid was posted: its amount, to its person’s wallet',
    query: sql<{ detail: string }>`
      select 'reward ' || reward.distribution || '/' || reward.no as detail
      from contributions.payment
      join contributions.token_reward as reward on reward.distribution = payment.distribution
        and reward.no between payment.first_reward and payment.last_reward
      join contributions.contributor on contributor.id = reward.contributor
      left join ledger.entry on entry.id = payment.entry
      left join ledger.posting on posting.entry = payment.entry and posting.no = reward.no - payment.first_reward
      left join ledger.account as source on source.id = posting.from_account
      left join ledger.account as wallet on wallet.id = posting.to_account
      where payment.entry is not null
        and (
          posting.amount is distinct from reward.token_amount
          or entry.kind is distinct from 'weekly_reward'
          or source.path is distinct from 'treasury:rewards'
          or not (
            wallet.path = 'users:' || contributor.person || ':available' or wallet.path = 'treasury:unclaimed'
          )
        )
      limit 10
    `,
  },
  {
    invariant: 'Nothing else was posted as a weekly reward',
    query: sql<{ detail: string }>`
      select 'entry ' || entry.id as detail
      from ledger.entry
      left join contributions.payment on payment.entry = entry.id
      cross join lateral (select count(*) as postings from ledger.posting where posting.entry = entry.id) as posting
      where entry.kind = 'weekly_reward'
        and posting.postings is distinct from payment.last_reward - payment.first_reward + 1
      limit 10
    `,
  },
  {
    invariant: 'What a contributor has earned sums the rewards that were paid',
    query: sql<{ detail: string }>`
      select 'contributor ' || coalesce(earning.contributor, reward.contributor) as detail
      from contributions.earning
      full join (
        select reward.contributor, sum(reward.token_amount) as tokens, max(payment.paid_at) as last_at
        from contributions.token_reward as reward
        join contributions.payment on payment.distribution = reward.distribution
          and reward.no between payment.first_reward and payment.last_reward
        where payment.entry is not null
        group by reward.contributor
      ) as reward on reward.contributor = earning.contributor
      where earning.tokens is distinct from reward.tokens or earning.last_at is distinct from reward.last_at
      limit 10
    `,
  },
  {
    invariant: 'What articles have earned is what the completed distributions have paid',
    query: sql<{ detail: string }>`
      select 'articles ' || earned.tokens || ', distributions ' || paid.tokens as detail
      from (select coalesce(sum(total_tokens_earned), 0) as tokens from contributions.article) as earned
      cross join (
        select coalesce(sum(total_tokens), 0) as tokens
        from contributions.weekly_distribution
        where status = 'completed'
      ) as paid
      where earned.tokens <> paid.tokens
    `,
  },
]
