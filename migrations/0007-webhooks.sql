-- Who is told of what happened, and what came of it. What is told is read from the log: no row here is written by a posting.

create schema webhooks;
grant usage on schema webhooks to :service;

create table webhooks.endpoint (
  id uuid primary key,
  url text not null check (length(url) <= 2000),
  description text,
  -- Patterns of event types, such as entry.posted.*.
  types text[] not null check (cardinality(types) between 1 and 50),
  -- Encrypted with the installation's secret: a copy of the database signs nothing.
  secret bytea not null,
  -- For a day after a change both sign.
  previous_secret bytea,
  previous_until timestamptz(3),
  status text not null default 'active' check (status in ('active', 'disabled', 'deleted')),
  disabled_reason text,
  -- Every event before this position of the log has been queued.
  position bigint not null check (position >= 0),
  created_at timestamptz(3) not null,
  created_by text not null,
  constraint endpoint_previous check ((previous_secret is null) = (previous_until is null)),
  constraint endpoint_disabled check (status = 'disabled' or disabled_reason is null)
);

-- One event for one endpoint.
create table webhooks.delivery (
  endpoint uuid not null references webhooks.endpoint,
  -- Of the event's leaf.
  position bigint not null,
  type text not null,
  subject text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  -- How often it was begun to be sent; guards against a sender that comes back late.
  attempts int not null default 0,
  -- Null while an earlier event of the subject is pending.
  due_at timestamptz(3),
  queued_at timestamptz(3) not null,
  closed_at timestamptz(3),
  primary key (endpoint, position),
  constraint delivery_closed check ((status = 'pending') = (closed_at is null)),
  constraint delivery_due check (status = 'pending' or due_at is null)
);
create index delivery_due on webhooks.delivery (endpoint, due_at) where status = 'pending' and due_at is not null;
create index delivery_subject on webhooks.delivery (endpoint, subject, position) where status = 'pending';
create index delivery_closed on webhooks.delivery (closed_at) where closed_at is not null;

create table webhooks.attempt (
  id bigint primary key generated always as identity,
  endpoint uuid not null,
  position bigint not null,
  no int not null,
  at timestamptz(3) not null,
  duration_ms int not null,
  -- Of the answer; null: there was none, and error says why.
  http_status int,
  error text,
  -- How the answer began.
  response text,
  foreign key (endpoint, position) references webhooks.delivery on delete cascade,
  constraint attempt_outcome check (num_nonnulls(http_status, error) >= 1)
);

create index attempt_delivery on webhooks.attempt (endpoint, position, id);

grant select, insert, update on webhooks.endpoint, webhooks.delivery to :service;
grant delete on webhooks.delivery, webhooks.attempt to :service;
grant select, insert on webhooks.attempt to :service;
grant usage, select on all sequences in schema webhooks to :service;

select ledger.protect_tables('webhooks');
