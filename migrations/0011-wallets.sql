-- Wallets that people prove to be theirs, one of each chain.

alter table identity.wallet
  drop constraint wallet_chain_check,
  add constraint wallet_chain_check check (chain in ('evm', 'solana')),
  drop constraint wallet_chain_address_key,
  drop constraint wallet_pkey,
  add constraint wallet_pkey primary key (chain, address),
  add constraint wallet_person_key unique (person, chain);

-- What a wallet is asked to sign: once, by this person, and not for long.
create table identity.wallet_nonce (
  nonce text primary key check (length(nonce) between 8 and 64),
  person uuid not null references identity.person,
  expires_at timestamptz(3) not null
);
create index wallet_nonce_person on identity.wallet_nonce (person);
create index wallet_nonce_expires on identity.wallet_nonce (expires_at);

grant select, insert, delete on identity.wallet_nonce to :service;
select ledger.protect_tables('identity');
