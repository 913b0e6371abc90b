-- Signing in: what better-auth keeps, in the names that it asks for; what limits guessing; and the mails to be sent.

create schema auth;
grant usage on schema auth to :service;

create table auth.login (
  id text primary key,
  name text not null check (length(name) between 1 and 100),
  email text not null unique check (length(email) between 3 and 320),
  email_verified boolean not null default false,
  image text,
  two_factor_enabled boolean default false,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create table auth.session (
  id text primary key,
  -- SHA-256 of what the browser holds, in base64url.
  token text not null unique check (length(token) = 43),
  user_id text not null references auth.login on delete cascade,
  expires_at timestamptz(3) not null,
  ip_address text,
  user_agent text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  -- To the minute.
  last_seen_at timestamptz(3)
);
create index session_login on auth.session (user_id);
create index session_expires on auth.session (expires_at);

-- How somebody may prove who they are: with a password, of which argon2id's hash is kept.
create table auth.account (
  id text primary key,
  account_id text not null,
  provider_id text not null,
  user_id text not null references auth.login on delete cascade,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz(3),
  refresh_token_expires_at timestamptz(3),
  scope text,
  password text,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  unique (provider_id, account_id)
);
create index account_login on auth.account (user_id);

-- What was handed out to be shown again, such as a password reset; known by SHA-256 alone.
create table auth.verification (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);
create index verification_identifier on auth.verification (identifier);
create index verification_expires on auth.verification (expires_at);

-- Secret and backup codes are encrypted with a key that is not in this database.
create table auth.two_factor (
  id text primary key,
  secret text not null,
  backup_codes text not null,
  user_id text not null unique references auth.login on delete cascade,
  verified boolean default true,
  failed_verification_count int default 0,
  locked_until timestamptz(3)
);

create table auth.passkey (
  id text primary key,
  name text,
  public_key text not null,
  user_id text not null references auth.login on delete cascade,
  credential_id text not null unique,
  counter int not null,
  device_type text not null,
  backed_up boolean not null,
  transports text,
  created_at timestamptz(3),
  aaguid text
);
create index passkey_login on auth.passkey (user_id);

-- How often something that can be guessed or abused was tried, by account and by address.
create table auth.attempt (
  -- SHA-256 of what is counted: addresses, of mail or of the net, are not kept for this.
  key bytea primary key check (octet_length(key) = 32),
  count int not null,
  ends_at timestamptz(3) not null
);
create index attempt_ends on auth.attempt (ends_at);

-- Mails are written in the transaction that wants them sent, and sent by a job.
create table auth.mail (
  id bigint primary key generated always as identity,
  recipient text not null check (length(recipient) between 3 and 320),
  subject text not null check (length(subject) between 1 and 200),
  -- Holds a link that signs somebody in, so it goes once the mail is sent.
  text text,
  created_at timestamptz(3) not null,
  tries int not null default 0,
  next_try_at timestamptz(3),
  sent_at timestamptz(3)
);
create index mail_due on auth.mail (next_try_at) where next_try_at is not null;

grant select, insert, update, delete on all tables in schema auth to :service;
grant usage, select on all sequences in schema auth to :service;
select ledger.protect_tables('auth');

-- Whom one is signed in as; imported people have nobody until they claim their name.
alter table identity.person add column auth_user text unique references auth.login on delete set null;
