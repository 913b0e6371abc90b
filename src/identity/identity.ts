import { hash, randomBytes } from 'node:crypto'

import { type Selectable, sql } from 'kysely'

import { type Actor, STAFF_ROLES, type StaffRole } from '../core/actor.ts'
import { record } from '../core/audit.ts'
import { type Db, isPgError, PG, pgArray, pgTimes, type Tx } from '../core/db.ts'
import { Conflict, Invalid, NotFound } from '../core/errors.ts'
import { newUuid, UUID } from '../core/id.ts'
import type { IdentityApiKey, IdentityPerson } from '../core/schema.gen.ts'
import { type Secret, secret } from '../core/secret.ts'

/**
 * Adds a person, who may be credited and hold accounts from then on, without a way to sign in.
 * Fails, in this order: username_invalid, username_taken.
 */
export async function createPerson(tx: Tx, { username, joinedAt, actor, now }: CreatePerson): Promise<Person> {
  if (username.length === 0 || username.length > USERNAME_LENGTH_MAX) {
    throw new Invalid('username_invalid', `A username has 1 to ${USERNAME_LENGTH_MAX} characters.`)
  }
  const person = { id: newUuid(now), username, joined_at: joinedAt ?? now, created_at: now }
  try {
    await tx.insertInto('identity.person').values(person).execute()
  } catch (error) {
    if (!isPgError(error, PG.unique_violation)) throw error
    throw new Conflict('username_taken', `Somebody is named ${username} already.`, { username })
  }
  await record(tx, {
    at: now,
    actor,
    action: 'person.create',
    subject: `person:${person.id}`,
    diff: { after: { username } },
  })
  return person
}

/** The ids of the people of these usernames, by username; whoever is not known yet is added. For imports. */
export async function ensurePeople(tx: Tx, { people, now }: EnsurePeople): Promise<Map<string, string>> {
  const usernames = pgArray(people.map(({ username }) => username))
  // In the order of the names, so that two imports at once wait for each other and do not deadlock.
  await sql`
    insert into identity.person (id, username, joined_at, created_at)
    select id, username, joined_at, ${now}::timestamptz
    from unnest(
      ${pgArray(people.map(() => newUuid(now)))}::uuid[],
      ${usernames}::text[],
      ${pgTimes(people.map(({ joinedAt }) => joinedAt))}::timestamptz[]
    ) as new (id, username, joined_at)
    order by username
    on conflict do nothing
  `.execute(tx)
  const { rows } = await sql<{ id: string; username: string }>`
    select id, username
    from identity.person
    where username = any (${usernames}::text[])
  `.execute(tx)
  return new Map(rows.map(({ id, username }) => [username, id]))
}

/** By id or by username. Fails: person_not_found. */
export async function findPerson(db: Db | Tx, by: { id: string } | { username: string }): Promise<Person> {
  const found = db.selectFrom('identity.person').selectAll()
  const person =
    'id' in by
      ? UUID.test(by.id) && (await found.where('id', '=', by.id).executeTakeFirst())
      : await found.where('username', '=', by.username).executeTakeFirst()
  if (!person) throw new NotFound('person_not_found', 'There is no such person.')
  return person
}

/**
 * Makes a key for a member of staff or a program. The key is in the answer and nowhere else: what is kept is its
 * SHA-256, which is enough for 256 random bits.
 * Fails, in this order: role_unknown, key_name_invalid.
 */
export async function createApiKey(tx: Tx, { name, role, actor, now }: CreateApiKey): Promise<NewApiKey> {
  if (!STAFF_ROLES.some((known) => known === role)) {
    throw new Invalid('role_unknown', `A key's role is one of ${STAFF_ROLES.join(', ')}.`)
  }
  if (name.length === 0 || name.length > KEY_NAME_LENGTH_MAX) {
    throw new Invalid('key_name_invalid', `Name the key with 1 to ${KEY_NAME_LENGTH_MAX} characters.`)
  }
  const key = `fl_${randomBytes(KEY_BYTES).toString('base64url')}`
  const id = newUuid(now)
  const row = { id, name, role, hint: key.slice(0, HINT_LENGTH), created_at: now, created_by: actor }
  await tx
    .insertInto('identity.api_key')
    .values({ ...row, hash: hashOf(key) })
    .execute()
  await record(tx, { at: now, actor, action: 'key.create', subject: `key:${id}`, diff: { after: { name, role } } })
  return { ...row, role: role as StaffRole, revoked_at: null, revoked_by: null, key: secret(key) }
}

/** Ends a key at once and for good; ending it again changes nothing. Fails: key_not_found. */
export async function revokeApiKey(tx: Tx, { id, actor, now }: RevokeApiKey): Promise<ApiKey> {
  const revoked =
    UUID.test(id) &&
    (
      await tx
        .updateTable('identity.api_key')
        .set({ revoked_at: now, revoked_by: actor })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
    ).numUpdatedRows
  if (revoked) await record(tx, { at: now, actor, action: 'key.revoke', subject: `key:${id}` })
  const [key] = UUID.test(id) ? await keys(tx).where('id', '=', id).execute() : []
  if (!key) throw new NotFound('key_not_found', 'There is no such key.')
  return key
}

/** Whose key this is; undefined when it is nobody's or was revoked. */
export async function authenticate(db: Db | Tx, key: string): Promise<Actor | undefined> {
  const row = await keys(db).where('hash', '=', hashOf(key)).where('revoked_at', 'is', null).executeTakeFirst()
  return row && { id: `key:${row.id}`, role: row.role, principal: `key:${row.id}` }
}

/** All keys, revoked ones too, the newest first, a page at a time. */
export async function listApiKeys(
  db: Db | Tx,
  { before, limit }: { before?: string; limit: number },
): Promise<ApiKey[]> {
  const query = keys(db).orderBy('id', 'desc').limit(limit)
  return await (before === undefined ? query : query.where('id', '<', before)).execute()
}

export type Person = Selectable<IdentityPerson>
/** A key as it is listed: its first characters tell it from others. */
export type ApiKey = Omit<Selectable<IdentityApiKey>, 'hash' | 'role'> & { role: StaffRole }
export type NewApiKey = ApiKey & { key: Secret }

export interface CreatePerson {
  username: string
  /** Since when they take part; now unless said. */
  joinedAt?: Date
  actor: string
  now: Date
}

export interface EnsurePeople {
  people: readonly { username: string; joinedAt: Date }[]
  now: Date
}

export interface CreateApiKey {
  name: string
  role: string
  actor: string
  now: Date
}

export interface RevokeApiKey {
  id: string
  actor: string
  now: Date
}

const USERNAME_LENGTH_MAX = 100
const KEY_NAME_LENGTH_MAX = 100
const KEY_BYTES = 32
const HINT_LENGTH = 8

function keys(db: Db | Tx) {
  return db
    .selectFrom('identity.api_key')
    .select(['id', 'name', 'role', 'hint', 'created_at', 'created_by', 'revoked_at', 'revoked_by'])
    .$castTo<ApiKey>()
}

function hashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
