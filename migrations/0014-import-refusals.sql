-- What an import left out and why, for whoever was not there when it ran; and the webhooks' messages that were given up.

-- The first lines of an import that were refused. It stays when the import is taken back.
create table contributions.import_refusal (
  import integer not null references contributions.import,
  line bigint not null check (line > 0),
  field text,
  code text not null,
  message text not null check (length(message) <= 1000),
  primary key (import, line)
);
grant select, insert on contributions.import_refusal to :service;

create index delivery_failed on webhooks.delivery (endpoint) where status = 'failed';

select ledger.protect_tables('contributions');
