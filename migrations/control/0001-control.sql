-- The control database: which economies there are, and where.

create schema control;

-- One row: who we are. The id is part of every role's and database's name.
create table control.installation (
  one boolean primary key default true check (one),
  id text not null check (id ~ '^[0-9a-f]{6}$'),
  created_at timestamptz(3) not null
);

create table control.economy (
  name text primary key check (name ~ '^[a-z][a-z0-9-]{0,30}$'),
  blueprint text not null,
  -- Name of the database on this server, or of the setting that holds a connection string of its own.
  database text not null unique,
  url_setting text,
  state text not null default 'creating' check (state in ('creating', 'open', 'read_only', 'dropping')),
  created_at timestamptz(3) not null
);
