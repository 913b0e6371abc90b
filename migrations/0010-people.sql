-- Finding people, giving imported ones to whom they are, and staff who read as somebody else.

alter table identity.person
  -- Whoever signed up under a name of their own and turned out to be somebody who was imported: who they are now.
  add column became uuid references identity.person check (became <> id);
create index person_search on identity.person (lower(username) collate "C", id) where became is null;
create index person_became on identity.person (became) where became is not null;

-- A code that staff gave to whom they take for this person. Its SHA-256 is kept.
create table identity.claim_code (
  id uuid primary key,
  person uuid not null references identity.person,
  hash bytea not null unique check (octet_length(hash) = 32),
  created_at timestamptz(3) not null,
  created_by text not null,
  expires_at timestamptz(3) not null check (expires_at > created_at),
  -- By a later code for the same person.
  replaced_at timestamptz(3),
  redeemed_at timestamptz(3),
  redeemed_by uuid references identity.person,
  check ((redeemed_at is null) = (redeemed_by is null))
);
create index claim_code_person on identity.claim_code (person);
create unique index claim_code_open on identity.claim_code (person) where redeemed_at is null and replaced_at is null;

-- Staff reading as a person, with a key that only reads.
create table identity.impersonation (
  -- Also its key's.
  id uuid primary key references identity.api_key,
  person uuid not null references identity.person,
  actor text not null,
  reason text not null check (length(reason) between 1 and 200),
  started_at timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > started_at),
  ended_at timestamptz(3)
);
create index impersonation_person on identity.impersonation (person, id);
create index impersonation_running on identity.impersonation (expires_at) where ended_at is null;

grant select, insert, update on identity.claim_code, identity.impersonation to :service;
grant select on identity.impersonation to :member;

select ledger.protect_tables('identity');
create policy own_impersonation on identity.impersonation for select to :member
  using (person = nullif(current_setting('app.user_id', true), '')::uuid);
