-- What everybody was paid so far, so that people can be listed by it.

-- A table of its own: payments write it for thousands at once, and a contributor's row is wide and has more indexes.
create table contributions.earning (
  contributor bigint primary key references contributions.contributor,
  tokens numeric(38, 0) not null check (tokens > 0),
  -- When the last reward was paid.
  last_at timestamptz(3) not null
)
with (fillfactor = 70);
insert into contributions.earning (contributor, tokens, last_at)
  select reward.contributor, sum(reward.token_amount), max(payment.paid_at)
  from contributions.token_reward as reward
  join contributions.payment on payment.distribution = reward.distribution
    and reward.no between payment.first_reward and payment.last_reward
  where payment.entry is not null
  group by reward.contributor;
create index earning_tokens on contributions.earning (tokens desc, contributor);
create index contributor_total_contributions on contributions.contributor (total_contributions desc, id);

grant select, insert on contributions.earning to :service;
grant update (tokens, last_at) on contributions.earning to :service;
grant select on contributions.earning to :member;
select ledger.protect_tables('contributions');
create policy own_earning on contributions.earning for select to :member
  using (contributor in (select id from contributions.contributor));
