-- What every economy has besides its books: parameters, people and keys, the audit trail, remembered answers.

create schema economy;
grant usage on schema economy to :service, :member;

-- A backup names the migrations that its tables are the result of.
grant usage on schema florin to :service;
grant select on florin.migration to :service;

create table economy.parameter (
  name text primary key check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  module text not null,
  description text not null,
  -- What its values may be: { type, and the digits of a decimal, asset and scale of an amount, columns and key of a
  -- table, and bounds { min, max } }. Without bounds no proposal may change it.
  shape jsonb not null check (shape ? 'type'),
  -- May a proposal change it?
  governable boolean not null default false,
  -- Other names that it is accepted under.
  aliases text[] not null default '{}'
);

create table economy.parameter_value (
  id bigint primary key generated always as identity,
  name text not null references economy.parameter,
  value jsonb not null,
  in_force_from timestamptz(3) not null,
  set_at timestamptz(3) not null,
  actor text not null
);
create index parameter_value_in_force on economy.parameter_value (name, in_force_from desc, id desc);

create schema identity;
grant usage on schema identity to :service, :member;

create table identity.person (
  id uuid primary key,
  username text not null unique check (length(username) between 1 and 100),
  joined_at timestamptz(3) not null,
  created_at timestamptz(3) not null
);

create table identity.wallet (
  person uuid primary key references identity.person,
  chain text not null check (chain in ('solana')),
  address text not null,
  created_at timestamptz(3) not null,
  unique (chain, address)
);

-- Keys of staff. The key itself is shown once; what is kept is its SHA-256.
create table identity.api_key (
  id uuid primary key,
  name text not null check (length(name) between 1 and 100),
  role text not null check (role in ('owner', 'operator', 'finance', 'moderator', 'support', 'auditor')),
  hash bytea not null unique check (octet_length(hash) = 32),
  -- The first characters of the key, to tell keys apart.
  hint text not null,
  created_at timestamptz(3) not null,
  created_by text not null,
  revoked_at timestamptz(3),
  revoked_by text
);

create schema audit;
grant usage on schema audit to :service;

create table audit.event (
  id bigint primary key generated always as identity,
  at timestamptz(3) not null,
  actor text,
  action text not null,
  subject text not null,
  -- { before, after } of what changed.
  diff jsonb,
  -- 16 random bytes, from which the salts of the event's leaf are derived.
  salt bytea not null
);
create index event_action on audit.event (action, id);
create index event_subject on audit.event (subject, id);
create index event_actor on audit.event (actor, id);

create schema api;
grant usage on schema api to :service;

-- Answers to requests that carried an Idempotency-Key; kept for 30 days.
create table api.answer (
  -- The first 16 bytes of SHA-256(principal, 0, key).
  id uuid primary key,
  -- Hashes of method, path and body, 8 bytes each, then 4 + 4 bytes for each field of the body: says later what differs.
  fingerprint bytea not null,
  status int,
  body jsonb,
  claimed_at timestamptz(3) not null
);
create index answer_claimed on api.answer (claimed_at);

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger event_append_only before update or delete or truncate on audit.event
  for each statement execute function audit.refuse_change();
create trigger parameter_value_append_only before update or delete or truncate on economy.parameter_value
  for each statement execute function audit.refuse_change();

grant select, insert on all tables in schema economy, identity, audit, api to :service;
grant update on economy.parameter, identity.person, identity.wallet, identity.api_key, api.answer to :service;
grant delete on identity.wallet, api.answer to :service;
grant usage, select on all sequences in schema economy, audit to :service;
grant select on economy.parameter, economy.parameter_value to :member;
grant select on identity.person, identity.wallet to :member;

select ledger.protect_tables(name) from unnest(array['economy', 'identity', 'audit', 'api']) as name;
create policy public_parameter on economy.parameter for select to :member using (true);
create policy public_parameter_value on economy.parameter_value for select to :member using (true);
create policy own_person on identity.person for select to :member
  using (id = nullif(current_setting('app.user_id', true), '')::uuid);
create policy own_wallet on identity.wallet for select to :member
  using (person = nullif(current_setting('app.user_id', true), '')::uuid);
