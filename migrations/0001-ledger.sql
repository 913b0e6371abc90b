-- The books: accounts and the entries between them; only src/ledger/ writes here.
-- :owner, :service and :member stand for this installation's roles (docs/operations.md).

create schema ledger;
grant usage on schema ledger to :service, :member;

-- Row level security for every table of a schema: the service and the owner see all, a member what a policy of the
-- table's own allows. Called at the end of each migration that adds tables.
create function ledger.protect_tables(of_schema text) returns void language plpgsql as $$
declare
  target regclass;
begin
  for target in
    select pg_class.oid
    from pg_class
    where relnamespace = of_schema::regnamespace and relkind in ('r', 'p') and not relrowsecurity
  loop
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('create policy everything on %s to :service, :owner using (true) with check (true)', target);
  end loop;
end
$$;

create table ledger.asset (
  id int primary key generated always as identity,
  code text not null unique check (code ~ '^[A-Za-z][A-Za-z0-9:._-]{0,63}$'),
  name text not null check (length(name) between 1 and 200),
  scale smallint not null check (scale between 0 and 30),
  -- What may ever be issued: the floor of the asset's issuance account is minus this.
  max_supply numeric(38, 0) not null check (max_supply > 0),
  created_at timestamptz(3) not null
);

create sequence ledger.account_id;
create table ledger.account (
  id bigint primary key default nextval('ledger.account_id'),
  -- Compared byte by byte, so that its index serves prefixes whatever the database's own collation is.
  path text collate "C" not null check (length(path) <= 200),
  asset int not null references ledger.asset,
  owner uuid,
  -- What came in less what went out; each asset's balances sum to zero.
  balance numeric(38, 0) not null default 0,
  -- Σ of the account's pending holds.
  reserved numeric(38, 0) not null default 0 check (reserved >= 0),
  -- The lowest balance that postings may leave; null: none (world:*, *:receivable, platform:loss).
  floor numeric(38, 0),
  ceiling numeric(38, 0),
  -- Counts the account's lines: a statement without gaps has the versions 1, 2, 3, …
  version bigint not null default 0,
  status text not null default 'open' check (status in ('open', 'frozen', 'closed')),
  opened_at timestamptz(3) not null,
  constraint account_path_asset_key unique (path, asset),
  constraint account_floor check (floor is null or balance - reserved >= floor),
  constraint account_ceiling check (ceiling is null or balance <= ceiling),
  constraint account_closed_is_empty check (status <> 'closed' or (balance = 0 and reserved = 0))
)
-- Half-full pages and no index on what changes: every posting is then a HOT update.
with (fillfactor = 70);
alter sequence ledger.account_id owned by ledger.account.id;
create index account_owner on ledger.account (owner) where owner is not null;

create sequence ledger.entry_id;
create table ledger.entry (
  id bigint primary key,
  effective_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  kind text not null,
  reference text,
  actor text,
  metadata jsonb,
  reverses bigint,
  -- 16 random bytes, from which the salts of the entry's leaf are derived; null once redacted.
  salt bytea,
  constraint entry_effective_not_later check (effective_at <= recorded_at)
);
alter sequence ledger.entry_id owned by ledger.entry.id;
create index entry_kind on ledger.entry (kind);
create index entry_recorded on ledger.entry using brin (recorded_at);
-- Only what was dated back: everything else was effective when it was recorded.
create index entry_dated_back on ledger.entry (effective_at) where effective_at < recorded_at;
create unique index entry_reverses_key on ledger.entry (reverses) where reverses is not null;
create index entry_reference on ledger.entry (reference) where reference is not null;
create index entry_metadata on ledger.entry using gin (metadata jsonb_path_ops) where metadata is not null;

create table ledger.posting (
  entry bigint not null,
  no smallint not null,
  from_account bigint not null,
  from_version bigint not null,
  -- Balances are those after the posting; before = after ∓ amount.
  from_balance numeric(38, 0) not null,
  to_account bigint not null,
  to_version bigint not null,
  to_balance numeric(38, 0) not null,
  amount numeric(38, 0) not null check (amount > 0),
  primary key (entry, no),
  constraint posting_from_version_key unique (from_account, from_version),
  constraint posting_to_version_key unique (to_account, to_version),
  constraint posting_moves check (from_account <> to_account)
);

-- Each account's side of each posting, with the balance before and after.
create view ledger.line with (security_invoker = true) as
select
  posting.from_account as account,
  posting.from_version as version,
  posting.entry,
  posting.no,
  -posting.amount as amount,
  posting.from_balance + posting.amount as balance_before,
  posting.from_balance as balance_after,
  posting.to_account as counterparty
from ledger.posting
union all
select
  posting.to_account,
  posting.to_version,
  posting.entry,
  posting.no,
  posting.amount,
  posting.to_balance - posting.amount,
  posting.to_balance,
  posting.from_account
from ledger.posting;

create table ledger.hold (
  id uuid primary key,
  account bigint not null references ledger.account,
  amount numeric(38, 0) not null check (amount > 0),
  captured numeric(38, 0) not null default 0 check (captured between 0 and amount),
  status text not null default 'pending' check (status in ('pending', 'captured', 'voided', 'expired')),
  reference text,
  actor text,
  expires_at timestamptz(3),
  created_at timestamptz(3) not null,
  closed_at timestamptz(3),
  -- The entry that captured it.
  entry bigint,
  constraint hold_closed_at check ((status = 'pending') = (closed_at is null)),
  constraint hold_captured check ((status = 'captured') = (entry is not null))
);
create index hold_account on ledger.hold (account, id);
create index hold_entry on ledger.hold (entry) where entry is not null;
create index hold_reference on ledger.hold (reference) where reference is not null;
create index hold_due on ledger.hold (expires_at) where status = 'pending' and expires_at is not null;

-- Idempotency: a key belongs for ever to the first request that used it, posted or refused.
create table ledger.key (
  -- The first 16 bytes of SHA-256(principal, 0, key).
  id uuid primary key,
  entry bigint,
  hold uuid,
  -- The first 16 bytes of SHA-256 over the request's canonical text.
  fingerprint uuid not null,
  -- The answer to a refused request, and the request, to say later what differs.
  refusal jsonb,
  constraint key_outcome check (num_nonnulls(entry, hold, refusal) = 1)
);

-- Nothing may be recorded as effective before the latest of these.
create table ledger.closing (
  id int primary key generated always as identity,
  closed_before timestamptz(3) not null unique,
  closed_at timestamptz(3) not null,
  actor text not null
);

-- Issuance beyond genesis: asked for by one owner, approved by another.
create table ledger.issuance (
  id uuid primary key,
  asset int not null references ledger.asset,
  to_path text not null,
  amount numeric(38, 0) not null check (amount > 0),
  reason text not null,
  requested_by text not null,
  requested_at timestamptz(3) not null,
  approved_by text,
  approved_at timestamptz(3),
  entry bigint,
  constraint issuance_two_people check (approved_by <> requested_by),
  constraint issuance_approved check (num_nonnulls(approved_by, approved_at, entry) in (0, 3))
);

-- The log: what was sealed, in which order, and the Merkle tree over it.

create table ledger.leaf (
  position bigint primary key,
  -- 1 an entry, 2 an audit event.
  kind smallint not null check (kind in (1, 2)),
  ref bigint not null,
  constraint leaf_ref_key unique (ref, kind)
);

-- 256 hashes a full tile, 32 bytes each (C2SP tlog-tiles); the last of a level grows.
create table ledger.tile (
  level smallint not null,
  index bigint not null,
  hashes bytea not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
  primary key (level, index)
);
alter table ledger.tile alter column hashes set storage external;

create table ledger.block (
  height bigint primary key,
  previous_hash bytea not null unique check (octet_length(previous_hash) = 32),
  tree_size bigint not null,
  root bytea not null check (octet_length(root) = 32),
  time timestamptz(3) not null,
  difficulty bigint not null default 0,
  nonce bigint not null default 0,
  origin text not null,
  hash bytea not null unique check (octet_length(hash) = 32),
  -- The C2SP signed note of this head.
  checkpoint text not null
);
create index block_tree_size on ledger.block (tree_size);

-- One row: what the sealer remembers between two seals.
create table ledger.log (
  one boolean primary key default true check (one),
  origin text not null,
  -- Every entry (audit event) with an id up to this has its leaf.
  entry_watermark bigint not null default 0,
  event_watermark bigint not null default 0
);

-- What remains of an entry's leaf when its personal data has been erased.
create table ledger.redaction (
  entry bigint primary key,
  posting_key bytea not null check (octet_length(posting_key) = 16),
  metadata_digest bytea not null check (octet_length(metadata_digest) = 32),
  actor_digest bytea not null check (octet_length(actor_digest) = 32),
  redacted_at timestamptz(3) not null,
  actor text not null
);

-- Append-only means for everybody, the owner included.
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;

-- An entry may lose its personal data, and nothing else, once its redaction is written.
create function ledger.refuse_entry_change() returns trigger language plpgsql as $$
begin
  if new.salt is null and new.metadata is null and new.actor is null
    and (new.id, new.effective_at, new.recorded_at, new.kind, new.reference, new.reverses)
      is not distinct from (old.id, old.effective_at, old.recorded_at, old.kind, old.reference, old.reverses)
    and exists (select from ledger.redaction where redaction.entry = old.id)
  then
    return new;
  end if;
  raise exception 'ledger.entry is append-only' using errcode = 'restrict_violation';
end
$$;

create trigger entry_update before update on ledger.entry
  for each row execute function ledger.refuse_entry_change();
create trigger entry_append_only before delete or truncate on ledger.entry
  for each statement execute function ledger.refuse_change();

do $$
declare
  name text;
begin
  foreach name in array array['posting', 'key', 'closing', 'leaf', 'block', 'redaction'] loop
    execute format(
      'create trigger %I before update or delete or truncate on ledger.%I '
      'for each statement execute function ledger.refuse_change()',
      name || '_append_only', name
    );
  end loop;
end
$$;

grant select on all tables in schema ledger to :service;
grant insert on all tables in schema ledger to :service;
grant update on ledger.account, ledger.hold, ledger.issuance, ledger.tile, ledger.log to :service;
grant update (salt, metadata, actor) on ledger.entry to :service;
grant usage, select on all sequences in schema ledger to :service;
grant select on ledger.asset, ledger.account, ledger.block to :member;

select ledger.protect_tables('ledger');
create policy public_asset on ledger.asset for select to :member using (true);
create policy public_block on ledger.block for select to :member using (true);
create policy own_account on ledger.account for select to :member
  using (owner = nullif(current_setting('app.user_id', true), '')::uuid);
