-- People's own keys, the roles of people, and the invitations to them.

alter table identity.api_key
  alter column role drop not null,
  -- Whose it is; nobody's is a key of staff.
  add column person uuid references identity.person,
  -- What of that which the person may do, it may do too.
  add column scopes text[] check (cardinality(scopes) > 0 and scopes <@ array['read', 'transfer', 'stake', 'vote']),
  add column expires_at timestamptz(3) check (expires_at > created_at),
  add constraint api_key_of_staff_or_person check (
    case when person is null then role is not null and scopes is null else role is null and scopes is not null end
  );
create index api_key_person on identity.api_key (person, id) where person is not null;

-- Who of the people is of staff, and as what. Earlier roles are in the audit trail.
create table identity.person_role (
  person uuid primary key references identity.person,
  role text not null check (role in ('owner', 'operator', 'finance', 'moderator', 'support', 'auditor')),
  granted_at timestamptz(3) not null,
  granted_by text not null
);

-- Of the code, which is shown once, the SHA-256 is kept.
create table identity.invitation (
  id uuid primary key,
  role text not null check (role in ('owner', 'operator', 'finance', 'moderator', 'support', 'auditor')),
  -- Whom it is for, in words.
  note text not null check (length(note) between 1 and 200),
  hash bytea not null unique check (octet_length(hash) = 32),
  created_at timestamptz(3) not null,
  created_by text not null,
  expires_at timestamptz(3) not null check (expires_at > created_at),
  accepted_at timestamptz(3),
  accepted_by uuid references identity.person,
  revoked_at timestamptz(3),
  revoked_by text,
  check ((accepted_at is null) = (accepted_by is null)),
  check (accepted_at is null or revoked_at is null)
);

grant select, insert, update on identity.person_role, identity.invitation to :service;
grant delete on identity.person_role to :service;
grant select (id, person, name, scopes, hint, created_at, created_by, expires_at, revoked_at, revoked_by)
  on identity.api_key to :member;
grant select on identity.person_role to :member;

select ledger.protect_tables('identity');
create policy own_api_key on identity.api_key for select to :member
  using (person = nullif(current_setting('app.user_id', true), '')::uuid);
create policy own_person_role on identity.person_role for select to :member
  using (person = nullif(current_setting('app.user_id', true), '')::uuid);
