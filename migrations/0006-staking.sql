-- Stakes: tokens that people lock for a reward that is set aside when they do; only src/staking/ writes here.

create schema staking;
grant usage on schema staking to :service, :member;

-- What is staked in, and where its rewards come from. What its kind does is a table in src/staking/staking-rules.ts.
create table staking.pool (
  code text primary key check (code ~ '^[a-z][a-z0-9_]{0,31}$'),
  kind text not null check (kind in ('term')),
  asset text not null,
  reward_account text not null,
  created_at timestamptz(3) not null
);

-- Every number is kept as it was promised: later changes of parameters touch later stakes alone.
create table staking.stake (
  id uuid primary key,
  pool text not null references staking.pool,
  person uuid not null references identity.person,
  amount numeric(38, 0) not null check (amount > 0),
  duration_days int not null check (duration_days > 0),
  apy_bps int not null check (apy_bps >= 0),
  multiplier_e6 int not null check (multiplier_e6 >= 1000000),
  -- For the whole term. Where it is not nothing, a hold with the stake's id reserves it on the pool's reward account.
  reward numeric(38, 0) not null check (reward >= 0),
  unstake_delay_days int not null check (unstake_delay_days >= 0),
  unstake_penalty_bps int not null check (unstake_penalty_bps between 0 and 10000),
  status text not null default 'active' check (status in ('active', 'completed', 'unstaked_early')),
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  unstaked_at timestamptz(3),
  -- Until when it counts for its person: weight is a matter of time, not of when somebody got round to paying.
  active_until timestamptz(3) not null generated always as (coalesce(unstaked_at, ends_at)) stored,
  -- What unstaking early costs.
  penalty numeric(38, 0) not null default 0 check (penalty between 0 and amount),
  -- When the principal is to be paid back, when it was, and, if that was refused, why and when it is tried again.
  due_at timestamptz(3) not null,
  paid_at timestamptz(3),
  failure text,
  retry_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint stake_ends check (ends_at = starts_at + duration_days * interval '24 hours'),
  constraint stake_reward check (reward = div(amount * apy_bps * duration_days, 3650000)),
  constraint stake_due check (
    due_at = case
      when unstaked_at is null then ends_at
      else unstaked_at + unstake_delay_days * interval '24 hours'
    end
  ),
  constraint stake_unstaked check ((status = 'unstaked_early') = (unstaked_at is not null) and unstaked_at < ends_at),
  constraint stake_penalty check (
    penalty = case when unstaked_at is null then 0 else div(amount * unstake_penalty_bps + 9999, 10000) end
  ),
  constraint stake_completed check (status <> 'completed' or paid_at is not null),
  constraint stake_paid check (paid_at is null or (status <> 'active' and paid_at >= due_at)),
  constraint stake_retry check (num_nonnulls(failure, retry_at) in (0, 2) and (failure is null or paid_at is null))
)
with (fillfactor = 80);
-- Few, since paying a stake writes to all of them. An id begins with its time, so lists are in the order of ids.
create index stake_person on staking.stake (person, id desc);
create index stake_active on staking.stake (active_until);
create index stake_to_pay on staking.stake (coalesce(retry_at, due_at), id) where paid_at is null;

create function staking.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.%: what was agreed does not change', tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end
$$;
create trigger stake_agreed
  before delete or update of
    id, pool, person, amount, duration_days, apy_bps, multiplier_e6, reward, unstake_delay_days, unstake_penalty_bps,
    starts_at, ends_at, created_at
  on staking.stake
  for each statement execute function staking.refuse_change();
create trigger stake_paid_once before update on staking.stake
  for each row when (old.paid_at is not null) execute function staking.refuse_change();
create trigger stake_truncate before truncate on staking.stake
  for each statement execute function staking.refuse_change();
create trigger pool_append_only before update or delete or truncate on staking.pool
  for each statement execute function staking.refuse_change();

grant select, insert on all tables in schema staking to :service;
grant update (status, unstaked_at, penalty, due_at, paid_at, failure, retry_at, updated_at) on staking.stake to :service;
grant select on all tables in schema staking to :member;

select ledger.protect_tables('staking');
create policy public_pool on staking.pool for select to :member using (true);
create policy own_stake on staking.stake for select to :member
  using (person = nullif(current_setting('app.user_id', true), '')::uuid);
