-- Contributions for people: the queue of what waits for reviews, page views, imports of more kinds, and taking one back.

-- The week of a person's work is found without reading all of it.
drop index contributions.contribution_week;
create index contribution_week on contributions.contribution (week_start, contributor);

-- On the row of a change's author: how many people have scored it; 32767 once staff has, whose word counts alone.
alter table contributions.contribution add column scores smallint not null default 0 check (scores >= 0);
alter table contributions.contribution disable trigger contribution_distributed;
update contributions.contribution
set scores = scored.scores
from (
  select change, case when bool_or(staff) then 32767 else count(*) end as scores
  from (
    select distinct on (change, reviewer, case when reviewer is null then actor end) change, staff
    from contributions.review
    where score_e2 is not null
    order by change, reviewer, case when reviewer is null then actor end, id desc
  ) as latest
  group by change
) as scored
where contribution.id = scored.change;
alter table contributions.contribution enable trigger contribution_distributed;
create index contribution_review_queue on contributions.contribution (week_start, id, scores)
  where change = id and type <> 'review';

-- How often an article was looked at on a day of UTC. Of several figures for a day the latest counts.
create table contributions.article_views (
  id bigint primary key generated always as identity,
  article bigint not null references contributions.article,
  day date not null,
  views bigint not null check (views between 0 and 1000000000000),
  -- The import that brought it, or null.
  import int references contributions.import,
  actor text not null,
  recorded_at timestamptz(3) not null
);
create index article_views_of_day on contributions.article_views (day, article, id);

-- Weeks whose views have set the demand of articles, with the last figure that was looked at: a newer one sets it anew.
create table contributions.demand_week (
  week_start date primary key check (extract(isodow from week_start) = 1),
  views_through bigint not null,
  articles int not null,
  computed_at timestamptz(3) not null
);

alter table contributions.import drop constraint import_format_check;
alter table contributions.import add constraint import_format_check
  check (format in ('wiki-history', 'git', 'views', 'users', 'articles'));
alter table contributions.import
  -- How far its source was read, and how far that goes, where it is known: bytes of a file, commits of a repository.
  add column done bigint not null default 0,
  add column total bigint,
  add column views bigint not null default 0,
  -- Fields of known people and articles in which the file says something else than we do.
  add column differences bigint not null default 0,
  -- When all of it was taken back, and by whom: the file may then be imported again.
  add column rolled_back_at timestamptz(3),
  add column rolled_back_by text,
  add constraint import_rolled_back check ((rolled_back_at is null) = (rolled_back_by is null));
alter table contributions.import drop constraint import_head_key;
create unique index import_head_key on contributions.import (head) where rolled_back_at is null;

-- What an import brought besides contributions, so that it can be taken back.
alter table contributions.contributor add column import int;
alter table contributions.article add column import int;
alter table contributions.page add column import int;
create table contributions.imported_person (
  person uuid primary key,
  import int not null references contributions.import
);

-- Of what was imported until now: whoever's first contribution an import brought came with it.
update contributions.contributor
set import = (
  select import
  from contributions.contribution
  where contribution.contributor = contributor.id
  order by id
  limit 1
);
update contributions.article
set import = (
  select import
  from contributions.contribution
  where contribution.article = article.id
  order by id
  limit 1
);
update contributions.page
set import = (
  select min(import)
  from contributions.contribution
  where contribution.article = page.article
);
insert into contributions.imported_person (person, import)
select person, import
from contributions.contributor
where import is not null;

-- What the pseudonyms of a repository's authors are made with, so that the same person gets the same one again.
create table contributions.pseudonym_key (
  one boolean primary key default true check (one),
  key bytea not null check (octet_length(key) = 32)
);

-- What an import brought may go until its week is distributed; what was recorded here never goes.
create or replace function contributions.refuse_distributed_change() returns trigger language plpgsql as $$
begin
  if exists (select from contributions.weekly_distribution where week_start = old.week_start) then
    raise exception 'The week % was distributed: its contributions do not change', old.week_start
      using errcode = 'restrict_violation';
  end if;
  if tg_op = 'DELETE' and old.import is null then
    raise exception 'The contribution % was not imported: it stays', old.id using errcode = 'restrict_violation';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end
$$;

create function contributions.refuse_review_delete() returns trigger language plpgsql as $$
begin
  if old.score_e2 is null and exists (
    select
    from contributions.contribution
    where id = old.contribution
      and import is not null
      and not exists (
        select from contributions.weekly_distribution where week_start = contribution.week_start
      )
  ) then
    return old;
  end if;
  raise exception 'The review % was not imported: it stays', old.id using errcode = 'restrict_violation';
end
$$;
drop trigger review_append_only on contributions.review;
create trigger review_append_only before update or truncate on contributions.review
  for each statement execute function contributions.refuse_change();
create trigger review_imported before delete on contributions.review
  for each row execute function contributions.refuse_review_delete();

create function contributions.refuse_contributor_delete() returns trigger language plpgsql as $$
begin
  if old.import is not null
    and not exists (select from contributions.contribution where contributor = old.id)
    and not exists (select from contributions.token_reward where contributor = old.id)
  then
    return old;
  end if;
  raise exception 'The contributor % has contributed: they stay', old.id using errcode = 'restrict_violation';
end
$$;
create trigger contributor_imported before delete on contributions.contributor
  for each row execute function contributions.refuse_contributor_delete();

create function contributions.refuse_article_delete() returns trigger language plpgsql as $$
begin
  if old.import is not null and not exists (select from contributions.contribution where article = old.id) then
    return old;
  end if;
  raise exception 'The article % has contributions: it stays', old.id using errcode = 'restrict_violation';
end
$$;
create trigger article_imported before delete on contributions.article
  for each row execute function contributions.refuse_article_delete();

create function contributions.refuse_views_delete() returns trigger language plpgsql as $$
begin
  if old.import is not null then
    return old;
  end if;
  raise exception 'The views % were not imported: they stay', old.id using errcode = 'restrict_violation';
end
$$;
create trigger article_views_imported before delete on contributions.article_views
  for each row execute function contributions.refuse_views_delete();
create trigger article_views_append_only before update or truncate on contributions.article_views
  for each statement execute function contributions.refuse_change();

grant select, insert on
  contributions.article_views, contributions.demand_week, contributions.imported_person, contributions.pseudonym_key
  to :service;
grant update, delete on contributions.demand_week to :service;
grant update (scores) on contributions.contribution to :service;
grant delete on
  contributions.contribution, contributions.review, contributions.page, contributions.article,
  contributions.contributor, contributions.imported_person, contributions.article_views
  to :service;
-- Somebody whom an import brought and who has done nothing else may go with it.
grant delete on identity.person to :service;
grant usage, select on all sequences in schema contributions to :service;
select ledger.protect_tables('contributions');
