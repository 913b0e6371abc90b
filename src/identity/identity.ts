import { type Selectable, sql } from 'kysely'

import type { Actor, StaffRole } from '../core/actor.ts'
import { record } from '../core/audit.ts'
import { type Db, isPgError, PG, pgArray, pgTimes, type Tx } from '../core/db.ts'
import { Conflict, Invalid, NotFound } from '../core/errors.ts'
import { newUuid, UUID } from '../core/id.ts'
import type { IdentityPerson } from '../core/schema.gen.ts'

/*
 * Identity: who takes part, and as what they may act. People are added by imports and by signing up; staff and programs
 * have keys with a role, people have keys with scopes, and may be of staff by a role that an owner granted.
 */
export { type ApiKey, authenticate, createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts'
export { holdPerson } from './people.ts'
export { roleOf, setRole } from './roles.ts'
export { makeChallenge, takeProof, walletOfMessage } from './wallet-challenges.ts'
export { MESSAGE_LENGTH_MAX as WALLET_MESSAGE_LENGTH_MAX } from './wallet-message.ts'
export { ownerOfWallet } from './wallets.ts'

/**
 * Adds a person, who may be credited and hold accounts from then on, without a way to sign in.
 * Fails, in this order: username_invalid, username_taken.
 */
export async function createPerson(tx: Tx, { username, joinedAt, login, actor, now }: CreatePerson): Promise<Person> {
  if (username.length === 0 || username.length > USERNAME_LENGTH_MAX) {
    throw new Invalid('username_invalid', `A username has 1 to ${USERNAME_LENGTH_MAX} characters.`)
  }
  const joined = { id: newUuid(now), username, joined_at: joinedAt ?? now, created_at: now }
  const person = { ...joined, auth_user: login ?? null, became: null }
  try {
    await tx.insertInto('identity.person').values(person).execute()
  } catch (error) {
    if (!isPgError(error, PG.unique_violation)) throw error
    throw new Conflict('username_taken', `Somebody is named ${username} already.`, { username })
  }
  await record(tx, {
    at: now,
    actor: actor ?? `person:${person.id}`,
    action: 'person.create',
    subject: `person:${person.id}`,
    diff: { after: { username } },
  })
  return person
}

/**
 * The ids of the people of these usernames, by username; whoever is not known yet is added, and is among `added`. For
 * imports.
 */
export async function ensurePeople(
  tx: Tx,
  { people, now }: EnsurePeople,
): Promise<{ ids: Map<string, string>; added: string[] }> {
  const usernames = pgArray(people.map(({ username }) => username))
  // In the order of the names, so that two imports at once wait for each other and do not deadlock.
  const { rows: added } = await sql<{ id: string }>`
    insert into identity.person (id, username, joined_at, created_at)
    select id, username, joined_at, ${now}::timestamptz
    from unnest(
      ${pgArray(people.map(() => newUuid(now)))}::uuid[],
      ${usernames}::text[],
      ${pgTimes(people.map(({ joinedAt }) => joinedAt))}::timestamptz[]
    ) as new (id, username, joined_at)
    order by username
    on conflict do nothing
    returning id
  `.execute(tx)
  const { rows } = await sql<{ id: string; username: string }>`
    select id, username
    from identity.person
    where username = any (${usernames}::text[])
  `.execute(tx)
  return { ids: new Map(rows.map(({ id, username }) => [username, id])), added: added.map(({ id }) => id) }
}

/**
 * Removes people whom an import brought by mistake, as long as they have nothing: no account, wallet, sign-in or work.
 * Fails: person_in_use.
 */
export async function removePeople(tx: Tx, { people }: { people: readonly string[] }): Promise<void> {
  if (people.length === 0) return
  const { rows } = await sql<{ accounts: bigint }>`
    select count(*) as accounts
    from ledger.account
    where owner = any (${pgArray(people)}::uuid[])
  `.execute(tx)
  const inUse = 'Somebody whom it brought has an account, a wallet or a way to sign in: they stay.'
  if (rows[0]?.accounts !== 0n) throw new Conflict('person_in_use', inUse)
  try {
    await sql`
      delete from identity.person
      where id = any (${pgArray(people)}::uuid[])
    `.execute(tx)
  } catch (error) {
    if (!isPgError(error, PG.foreign_key_violation)) throw error
    throw new Conflict('person_in_use', inUse)
  }
}

/** For somebody who chooses a name. Fails, in this order: username_invalid, username_taken. */
export async function checkUsername(db: Db | Tx, username: string): Promise<void> {
  if (username.length > USERNAME_LENGTH_MAX || !USERNAME.test(username)) {
    throw new Invalid(
      'username_invalid',
      `A username has 1 to ${USERNAME_LENGTH_MAX} characters, none of them invisible, and no space at either end.`,
    )
  }
  const taken = await db.selectFrom('identity.person').select('id').where('username', '=', username).executeTakeFirst()
  if (taken) throw new Conflict('username_taken', `Somebody is named ${username} already.`, { username })
}

/** The person who signs in with this login; undefined when it is nobody's. */
export async function personOfLogin(db: Db | Tx, login: string): Promise<string | undefined> {
  const row = await db.selectFrom('identity.person').select('id').where('auth_user', '=', login).executeTakeFirst()
  return row?.id
}

/** As whom a person acts who is signed in; `role` is one that was granted to them. */
export function actorOfPerson(person: string, role: StaffRole | null): Actor {
  const id = `person:${person}`
  return { id, role: role ?? 'member', principal: id, person }
}

/**
 * By id or by username. Whoever became somebody else by a claim is found as who they are now, so that nothing is sent to a
 * name that was given up. Fails: person_not_found.
 */
export async function findPerson(db: Db | Tx, by: { id: string } | { username: string }): Promise<Person> {
  const found = db.selectFrom('identity.person').selectAll()
  const person =
    'id' in by
      ? UUID.test(by.id) && (await found.where('id', '=', by.id).executeTakeFirst())
      : await found.where('username', '=', by.username).executeTakeFirst()
  if (!person) throw new NotFound('person_not_found', 'There is no such person.')
  return person.became === null ? person : await findPerson(db, { id: person.became })
}

export type Person = Selectable<IdentityPerson>

export interface CreatePerson {
  username: string
  /** Since when they take part; now unless said. */
  joinedAt?: Date
  /** What they sign in with, when they sign up. */
  login?: string
  /** The person themselves unless said. */
  actor?: string
  now: Date
}

export interface EnsurePeople {
  people: readonly { username: string; joinedAt: Date }[]
  now: Date
}

const USERNAME_LENGTH_MAX = 100
const USERNAME = /^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u
