-- Contributions to articles, what reviewers say of them, and the weekly rewards; only src/contributions/ writes here.

create schema contributions;
grant usage on schema contributions to :service, :member;

create type contributions.contribution_type as enum ('creation', 'major_edit', 'minor_edit', 'review', 'translation');

-- A person who has contributed.
create table contributions.contributor (
  id bigint primary key generated always as identity,
  person uuid not null unique references identity.person,
  -- After every week that was distributed.
  reputation_e4 smallint not null default 10000 check (reputation_e4 between 1 and 30000),
  -- Sums over the person's contributions, kept with them.
  total_contributions int not null default 0,
  total_points bigint not null default 0,
  -- Points of distributed weeks that no reward has paid, and the first of these weeks.
  carried_points bigint not null default 0 check (carried_points >= 0),
  carried_since date,
  created_at timestamptz(3) not null,
  constraint contributor_carried check ((carried_points > 0) = (carried_since is not null))
)
with (fillfactor = 70);
create index contributor_total_points on contributions.contributor (total_points desc, id);
create index contributor_reputation on contributions.contributor (reputation_e4 desc, id);
create index contributor_carried_points on contributions.contributor (id) where carried_points > 0;

create table contributions.article (
  id bigint primary key generated always as identity,
  -- What the wiki calls it, such as common/tar.
  name text not null unique check (length(name) between 1 and 300),
  -- What staff says holds until it is cleared; else what the page views of the last week say.
  staff_demand_e2 smallint check (staff_demand_e2 between 10 and 1000),
  views_demand_e2 smallint check (views_demand_e2 between 10 and 1000),
  demand_e2 smallint not null generated always as (coalesce(staff_demand_e2, views_demand_e2, 100)) stored,
  featured boolean not null default false,
  expert_reviewed boolean not null default false,
  -- Sums over the article's contributions, kept with them; quality counts those that were scored.
  contribution_count int not null default 0,
  last_contribution_date timestamptz(3),
  scored_contributions int not null default 0,
  quality_sum_e2 bigint not null default 0,
  -- Its parts of all rewards that were paid.
  total_tokens_earned numeric(38, 0) not null default 0,
  created_at timestamptz(3) not null
)
with (fillfactor = 70);
create index article_featured on contributions.article (name) where featured;
create index article_demand on contributions.article (name) where demand_e2 >= 150;

-- The languages that each article was created in, to tell a creation from an edit when history is imported.
create table contributions.page (
  article bigint not null,
  language text not null,
  primary key (article, language)
);

-- How far a file of history has been read. The counts are of what it brought.
create table contributions.import (
  id int primary key generated always as identity,
  format text not null check (format in ('wiki-history')),
  file text not null check (length(file) between 1 and 300),
  -- SHA-256 of its first line: by this the file is known again.
  head bytea not null unique check (octet_length(head) = 32),
  -- Lines read, and SHA-256 over them: a file that differs in them is refused.
  lines bigint not null default 0,
  digest bytea not null check (octet_length(digest) = 32),
  refused bigint not null default 0,
  contributions bigint not null default 0,
  people bigint not null default 0,
  articles bigint not null default 0,
  actor text not null,
  started_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  -- When its end was reached; a file may grow afterwards.
  completed_at timestamptz(3)
);

-- What one person did in one change; a change by several people is several rows. Multipliers are kept as applied.
-- What tens of thousands of rows a second are written to has no foreign keys: invariants.ts checks what they would.
create sequence contributions.contribution_id;
create table contributions.contribution (
  id bigint primary key,
  contributor bigint not null,
  article bigint not null,
  -- The row of the change's author stands for the change: its own id, except for those who made it together with them.
  change bigint not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3),
  -- The week that pays it: that of created_at, or the first open one if that was distributed before it was recorded.
  week_start date not null check (extract(isodow from week_start) = 1),
  type contributions.contribution_type not null,
  base_points int not null check (base_points between 0 and 10000),
  total_points int not null,
  quality_e2 smallint not null default 100 check (quality_e2 between 1 and 1000),
  -- Until its week is distributed the reputation at the time of recording, and the points are provisional.
  reputation_e4 smallint not null check (reputation_e4 between 1 and 30000),
  demand_e2 smallint not null check (demand_e2 between 10 and 1000),
  scored boolean not null default false,
  -- The import and the line of its file that brought it.
  import int,
  line bigint,
  word_count int check (word_count between 0 and 1000000),
  images_added int check (images_added between 0 and 1000000),
  links_added int check (links_added between 0 and 1000000),
  sources_cited int check (sources_cited between 0 and 1000000),
  description text check (length(description) between 1 and 2000),
  constraint contribution_total_points check (
    total_points = (2::bigint * base_points * quality_e2 * reputation_e4 * demand_e2 + 100000000) / 200000000
  )
);
alter sequence contributions.contribution_id owned by contributions.contribution.id;
create index contribution_contributor on contributions.contribution (contributor, created_at desc, id desc);
create index contribution_article on contributions.contribution (article, created_at desc, id desc);
create index contribution_type on contributions.contribution (type, created_at desc, id desc);
create index contribution_created on contributions.contribution (created_at desc, id desc);
create index contribution_week on contributions.contribution (week_start);
create index contribution_together on contributions.contribution (change) where change <> id;

-- What somebody said of a change. Of several reviews by the same person the latest counts.
create table contributions.review (
  id bigint primary key generated always as identity,
  change bigint not null references contributions.contribution,
  -- Null: a member of staff who is no contributor.
  reviewer bigint references contributions.contributor,
  staff boolean not null default false,
  -- Null: imported, where reviews carry no score.
  score_e2 smallint check (score_e2 between 1 and 1000),
  comment text check (length(comment) between 1 and 2000),
  -- The first review of a change by a person is a contribution of theirs.
  contribution bigint unique references contributions.contribution,
  actor text,
  created_at timestamptz(3) not null,
  constraint review_by_somebody check (reviewer is not null or (staff and actor is not null))
);
create index review_change on contributions.review (change, id);
create unique index review_first_key on contributions.review (change, reviewer) where contribution is not null;

create table contributions.quality_change (
  id bigint primary key generated always as identity,
  change bigint not null references contributions.contribution,
  review bigint not null references contributions.review,
  before_e2 smallint not null,
  after_e2 smallint not null,
  at timestamptz(3) not null
);
create index quality_change_of on contributions.quality_change (change, id);

-- What a week's scored work did to a reputation: the mean quality is quality_sum_e2 / scored.
create table contributions.reputation_change (
  contributor bigint not null references contributions.contributor,
  week_start date not null,
  quality_sum_e2 bigint not null,
  scored int not null check (scored > 0),
  before_e4 smallint not null,
  after_e4 smallint not null,
  primary key (contributor, week_start)
);

-- One row a week ever. Its amounts are frozen by the transaction that writes it and reserves their sum.
create table contributions.weekly_distribution (
  id int primary key generated always as identity,
  week_start date not null unique check (extract(isodow from week_start) = 1),
  status text not null check (status in ('pending', 'processing', 'completed', 'failed')),
  asset text not null,
  -- The parameter at the week's end, and what there was to share of it: less when the treasury held less.
  weekly_pool numeric(38, 0) not null check (weekly_pool >= 0),
  pool numeric(38, 0) not null check (pool between 0 and weekly_pool),
  total_tokens numeric(38, 0) not null check (total_tokens between 0 and pool),
  -- Points that the week brought, that its rewards paid, the paid ones times staking multipliers, and that wait now.
  new_points bigint not null,
  total_points bigint not null,
  effective_points_e6 numeric(38, 0) not null,
  carried_points bigint not null,
  user_count int not null,
  carried_count int not null,
  actor text not null,
  created_at timestamptz(3) not null,
  started_at timestamptz(3),
  completed_at timestamptz(3),
  -- Why the last payment was refused.
  failure text,
  constraint weekly_distribution_completed check ((status = 'completed') = (completed_at is not null)),
  constraint weekly_distribution_failed check ((status = 'failed') = (failure is not null))
);
create index weekly_distribution_unfinished on contributions.weekly_distribution (week_start) where status <> 'completed';

-- A person's share of a distribution: what pays their contributions of the weeks paid_from to the distribution's.
create table contributions.token_reward (
  distribution int not null,
  -- Their place in the week's ranking, from 0.
  no int not null,
  contributor bigint not null,
  paid_from date not null,
  total_points bigint not null check (total_points > 0),
  carried_points bigint not null check (carried_points between 0 and total_points),
  staking_multiplier_e6 int not null check (staking_multiplier_e6 >= 1000000),
  token_amount numeric(38, 0) not null check (token_amount > 0),
  primary key (distribution, no),
  constraint token_reward_contributor_key unique (contributor, distribution)
);

-- The rewards of a distribution are paid in entries of limited size, each out of a hold of its own.
create table contributions.payment (
  distribution int not null references contributions.weekly_distribution,
  no int not null,
  first_reward int not null,
  last_reward int not null,
  amount numeric(38, 0) not null check (amount > 0),
  hold uuid not null unique,
  entry bigint unique,
  -- When the entry was recorded.
  paid_at timestamptz(3),
  primary key (distribution, no),
  constraint payment_rewards check (first_reward <= last_reward),
  constraint payment_paid check ((entry is null) = (paid_at is null))
);

-- What each week holds, in several rows so that writers rarely wait for one another; a week is their sum. People and
-- articles are counted in a week that they were new in.
create table contributions.tally (
  week_start date not null,
  shard smallint not null,
  contributions bigint not null,
  points bigint not null,
  contributors bigint not null default 0,
  articles bigint not null default 0,
  primary key (week_start, shard)
)
with (fillfactor = 50);

create function contributions.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;

do $$
declare
  name text;
begin
  foreach name in array array['review', 'quality_change', 'reputation_change', 'token_reward'] loop
    execute format(
      'create trigger %I before update or delete or truncate on contributions.%I '
      'for each statement execute function contributions.refuse_change()',
      name || '_append_only', name
    );
  end loop;
end
$$;

-- What a distributed week was paid for never changes.
create function contributions.refuse_distributed_change() returns trigger language plpgsql as $$
begin
  if exists (select from contributions.weekly_distribution where week_start = old.week_start) then
    raise exception 'The week % was distributed: its contributions do not change', old.week_start
      using errcode = 'restrict_violation';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end
$$;
create trigger contribution_distributed before update or delete on contributions.contribution
  for each row execute function contributions.refuse_distributed_change();
create trigger contribution_truncate before truncate on contributions.contribution
  for each statement execute function contributions.refuse_change();

create trigger weekly_distribution_frozen
  before delete or update of
    id, week_start, asset, weekly_pool, pool, total_tokens, new_points, total_points, effective_points_e6,
    carried_points, user_count, carried_count, actor, created_at
  on contributions.weekly_distribution
  for each statement execute function contributions.refuse_change();
create trigger weekly_distribution_truncate before truncate on contributions.weekly_distribution
  for each statement execute function contributions.refuse_change();
create trigger payment_frozen
  before delete or update of distribution, no, first_reward, last_reward, amount, hold
  on contributions.payment
  for each statement execute function contributions.refuse_change();
create trigger payment_once before update on contributions.payment
  for each row when (old.entry is not null) execute function contributions.refuse_change();
create trigger payment_truncate before truncate on contributions.payment
  for each statement execute function contributions.refuse_change();

grant select, insert on all tables in schema contributions to :service;
grant update (reputation_e4, total_contributions, total_points, carried_points, carried_since)
  on contributions.contributor to :service;
grant update on contributions.article, contributions.tally, contributions.import to :service;
grant update (quality_e2, reputation_e4, total_points, scored, updated_at) on contributions.contribution to :service;
grant update (status, started_at, completed_at, failure) on contributions.weekly_distribution to :service;
grant update (entry, paid_at) on contributions.payment to :service;
grant usage, select on all sequences in schema contributions to :service;
grant select on
  contributions.article, contributions.contribution, contributions.contributor, contributions.review,
  contributions.reputation_change, contributions.weekly_distribution, contributions.token_reward
  to :member;

select ledger.protect_tables('contributions');
create policy public_article on contributions.article for select to :member using (true);
create policy public_contribution on contributions.contribution for select to :member using (true);
create policy public_distribution on contributions.weekly_distribution for select to :member using (true);
create policy own_contributor on contributions.contributor for select to :member
  using (person = nullif(current_setting('app.user_id', true), '')::uuid);
-- Who reads as a member sees one contributor, themselves, and thus their own rows.
create policy own_review on contributions.review for select to :member
  using (reviewer in (select id from contributions.contributor));
create policy own_reputation_change on contributions.reputation_change for select to :member
  using (contributor in (select id from contributions.contributor));
create policy own_reward on contributions.token_reward for select to :member
  using (contributor in (select id from contributions.contributor));
