-- Signing in with a wallet; and who has not proven an address is nobody yet.

-- Whoever is to sign in is not known before: their nonce is good for exactly the text that we made, and for no link.
alter table identity.wallet_nonce
  alter column person drop not null,
  add column text_hash bytea check (octet_length(text_hash) = 32),
  add constraint wallet_nonce_purpose check ((person is null) <> (text_hash is null));

-- A person comes with the proof of an address. Those who came before it go, unless somebody has sent them something.
do $$
declare
  person_id uuid;
begin
  for person_id in
    select person.id
    from identity.person as person
    join auth.login as login on login.id = person.auth_user
    where not login.email_verified
      and not exists (select from ledger.account where owner = person.id)
  loop
    begin
      delete from identity.person where id = person_id;
    exception when foreign_key_violation then
      null;
    end;
  end loop;
end
$$;
delete from auth.login where not email_verified;

-- What expires, and what is looked for when somebody else proves the same address.
create index login_unproven on auth.login (created_at) where not email_verified;
