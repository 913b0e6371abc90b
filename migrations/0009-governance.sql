-- Proposals, votes, and what the treasury has promised to passed proposals; only src/governance/ writes here.

create schema governance;
grant usage on schema governance to :service, :member;

create table governance.proposal (
  id uuid primary key,
  title text not null check (length(title) between 1 and 200),
  description text not null check (length(description) between 1 and 10000),
  proposer uuid not null references identity.person,
  -- Which effect it has once it has passed, and what that was asked to do.
  type text not null check (type ~ '^[a-z][a-z_]{0,62}$'),
  parameters jsonb not null,
  -- What voting power is counted in.
  asset text not null,
  status text not null default 'draft'
    check (status in ('draft', 'active', 'passed', 'rejected', 'executed', 'cancelled', 'expired')),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  -- When the clock does the next thing with it.
  due_at timestamptz(3),
  submitted_at timestamptz(3),
  -- While it is a draft: when it is to open. Then: when it did.
  voting_start timestamptz(3),
  voting_end timestamptz(3),
  -- Fixed when voting opens: power is what the log's first so many leaves say, stakes count if made by staked_before.
  tree_size bigint check (tree_size > 0),
  circulating numeric(38, 0),
  quorum_required numeric(38, 0) check (quorum_required > 0),
  stake_weight smallint check (stake_weight > 0),
  staked_before timestamptz(3),
  extension_hours smallint check (extension_hours > 0),
  timelock_hours smallint check (timelock_hours > 0),
  -- The sums of its votes, kept with them.
  votes_for numeric(38, 0) not null default 0 check (votes_for >= 0),
  votes_against numeric(38, 0) not null default 0 check (votes_against >= 0),
  votes_abstain numeric(38, 0) not null default 0 check (votes_abstain >= 0),
  voters int not null default 0 check (voters >= 0),
  -- When a late quorum moved the end.
  extended_at timestamptz(3),
  decided_at timestamptz(3),
  execute_at timestamptz(3),
  executed_at timestamptz(3),
  cancelled_by text,
  cancel_reason text check (length(cancel_reason) between 1 and 500),
  -- The code of the refusal why it could not be carried out, or not yet.
  failure text,
  constraint proposal_delay check (voting_start > submitted_at),
  constraint proposal_submitted check ((submitted_at is null) = (voting_start is null)),
  constraint proposal_snapshot check (
    num_nonnulls(tree_size, voting_end, circulating, quorum_required, stake_weight, staked_before, extension_hours,
      timelock_hours) in (0, 8)
  ),
  constraint proposal_opened check (status in ('draft', 'cancelled') or tree_size is not null),
  constraint proposal_draft check (status <> 'draft' or tree_size is null),
  constraint proposal_won check (
    status not in ('passed', 'executed')
    or (votes_for > votes_against and votes_for + votes_abstain >= quorum_required and execute_at > decided_at)
  ),
  constraint proposal_lost check (
    status <> 'rejected' or votes_for <= votes_against or votes_for + votes_abstain < quorum_required
  ),
  constraint proposal_decided check (decided_at >= voting_end),
  constraint proposal_executed check ((status = 'executed') = (executed_at is not null) and executed_at >= execute_at),
  constraint proposal_cancelled check ((status = 'cancelled') = (cancelled_by is not null)),
  constraint proposal_over check (status in ('draft', 'active', 'passed') or due_at is null),
  constraint proposal_timed check (status not in ('active', 'passed') or due_at is not null)
)
-- Each vote changes its sums, and no index.
with (fillfactor = 50);
create index proposal_due on governance.proposal (due_at) where due_at is not null;
create index proposal_status on governance.proposal (status, id desc);
create index proposal_type on governance.proposal (type, id desc);
create index proposal_proposer on governance.proposal (proposer, id desc);

-- One a person and proposal; it may change until voting ends.
create table governance.vote (
  proposal uuid not null references governance.proposal,
  voter uuid not null references identity.person,
  choice text not null check (choice in ('for', 'against', 'abstain')),
  -- balance + weight × staked, at the proposal's tree size.
  power numeric(38, 0) not null check (power > 0),
  balance numeric(38, 0) not null check (balance >= 0),
  staked numeric(38, 0) not null check (staked >= 0),
  reason text check (length(reason) between 1 and 1000),
  cast_at timestamptz(3) not null,
  -- How often it was changed.
  changes int not null default 0,
  primary key (proposal, voter)
);
create index vote_cast on governance.vote (proposal, cast_at desc, voter desc);
create index vote_voter on governance.vote (voter, proposal desc);

-- What a vote was before it was changed.
create table governance.vote_change (
  proposal uuid not null,
  voter uuid not null,
  no int not null check (no > 0),
  choice text not null,
  reason text,
  cast_at timestamptz(3) not null,
  replaced_at timestamptz(3) not null,
  primary key (proposal, voter, no),
  foreign key (proposal, voter) references governance.vote
);

-- What a passed proposal was promised from the treasury; set aside until it is paid or given back.
create table governance.allocation (
  proposal uuid primary key references governance.proposal,
  account text not null,
  asset text not null,
  amount numeric(38, 0) not null check (amount > 0),
  -- The first day of the quarter that it counts in, and what all of the quarter's could come to when it was promised.
  quarter date not null,
  quarter_limit numeric(38, 0) not null check (amount <= quarter_limit),
  reserved_at timestamptz(3) not null,
  -- How it ended.
  paid_at timestamptz(3),
  released_at timestamptz(3),
  constraint allocation_ends_once check (num_nonnulls(paid_at, released_at) <= 1)
);
create index allocation_quarter on governance.allocation (asset, quarter);

create function governance.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger vote_change_append_only before update or delete or truncate on governance.vote_change
  for each statement execute function governance.refuse_change();
create trigger proposal_kept before delete or truncate on governance.proposal
  for each statement execute function governance.refuse_change();
create trigger vote_kept before delete or truncate on governance.vote
  for each statement execute function governance.refuse_change();
create trigger allocation_kept before delete or truncate on governance.allocation
  for each statement execute function governance.refuse_change();

-- What a vote is worth never changes, what is over stays as it ended, and votes count while voting is open.
create trigger vote_power_frozen before update of proposal, voter, power, balance, staked on governance.vote
  for each statement execute function governance.refuse_change();
create trigger proposal_over before update on governance.proposal
  for each row when (old.status in ('rejected', 'executed', 'cancelled', 'expired'))
  execute function governance.refuse_change();
create trigger proposal_snapshot_frozen before update on governance.proposal
  for each row when (old.tree_size is not null and (
    new.tree_size, new.circulating, new.quorum_required, new.stake_weight, new.staked_before, new.voting_start
  ) is distinct from (
    old.tree_size, old.circulating, old.quorum_required, old.stake_weight, old.staked_before, old.voting_start
  ))
  execute function governance.refuse_change();
create trigger proposal_votes_counted before update on governance.proposal
  for each row when (old.status <> 'active' and (
    new.votes_for, new.votes_against, new.votes_abstain, new.voters
  ) is distinct from (
    old.votes_for, old.votes_against, old.votes_abstain, old.voters
  ))
  execute function governance.refuse_change();
create trigger allocation_over before update on governance.allocation
  for each row when (old.paid_at is not null or old.released_at is not null)
  execute function governance.refuse_change();

grant select, insert on all tables in schema governance to :service;
grant update (
  status, updated_at, due_at, submitted_at, voting_start, voting_end, tree_size, circulating, quorum_required,
  stake_weight, staked_before, extension_hours, timelock_hours, votes_for, votes_against, votes_abstain, voters,
  extended_at, decided_at, execute_at, executed_at, cancelled_by, cancel_reason, failure
) on governance.proposal to :service;
grant update (choice, reason, cast_at, changes) on governance.vote to :service;
grant update (paid_at, released_at) on governance.allocation to :service;
grant select on governance.proposal, governance.vote, governance.vote_change to :member;

select ledger.protect_tables('governance');
create policy public_proposal on governance.proposal for select to :member using (true);
create policy own_vote on governance.vote for select to :member
  using (voter = nullif(current_setting('app.user_id', true), '')::uuid);
create policy own_vote_change on governance.vote_change for select to :member
  using (voter = nullif(current_setting('app.user_id', true), '')::uuid);
