import { hash, randomBytes } from 'node:crypto'

import type { Selectable } from 'kysely'

import { type Actor, type Scope, STAFF_ROLES, type StaffRole } from '../core/actor.ts'
import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { Invalid, NotFound } from '../core/errors.ts'
import { newUuid, UUID } from '../core/id.ts'
import type { IdentityApiKey } from '../core/schema.gen.ts'
import { type Secret, secret } from '../core/secret.ts'

/**
 * Makes a key for a member of staff or a program. The key is in the answer and nowhere else: what is kept is its
 * SHA-256, which is enough for 256 random bits.
 * Fails, in this order: role_unknown, key_name_invalid.
 */
export async function createApiKey(tx: Tx, { name, role, actor, now }: CreateApiKey): Promise<NewApiKey> {
  const known = knownRole(role)
  checkKeyName(name)
  const { key, kept } = drawKey()
  const id = newUuid(now)
  const row = { id, name, role: known, hint: kept.hint, created_at: now, created_by: actor }
  await tx
    .insertInto('identity.api_key')
    .values({ ...row, ...kept })
    .execute()
  await record(tx, { at: now, actor, action: 'key.create', subject: `key:${id}`, diff: { after: { name, role } } })
  return { ...row, revoked_at: null, revoked_by: null, key }
}

/** Ends a key of staff at once and for good; ending it again changes nothing. Fails: key_not_found. */
export async function revokeApiKey(tx: Tx, { id, actor, now }: RevokeApiKey): Promise<ApiKey> {
  const revoked =
    UUID.test(id) &&
    (await tx
      .updateTable('identity.api_key')
      .set({ revoked_at: now, revoked_by: actor })
      .where('id', '=', id)
      .where('person', 'is', null)
      .where('revoked_at', 'is', null)
      .returning(['name', 'role'])
      .executeTakeFirst())
  if (revoked)
    await record(tx, { at: now, actor, action: 'key.revoke', subject: `key:${id}`, diff: { before: revoked } })
  const [key] = UUID.test(id) ? await staffKeys(tx).where('id', '=', id).execute() : []
  if (!key) throw keyNotFound()
  return key
}

/** All keys of staff, revoked ones too, the newest first, a page at a time. */
export async function listApiKeys(
  db: Db | Tx,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<ApiKey[]> {
  const query = staffKeys(db).orderBy('id', 'desc').limit(limit)
  return await (before === undefined ? query : query.where('id', '<', before)).execute()
}

/**
 * Whose key this is; undefined when it is nobody's, was revoked or has expired. A key of staff acts in its role. A
 * person's key acts for that person as a member, within its scopes: whatever role the person has, the key has not. Staff
 * who read as a person are themselves, and see what that person sees.
 */
export async function authenticate(db: Db | Tx, key: string, { now }: { now: Date }): Promise<Actor | undefined> {
  const row = await db
    .selectFrom('identity.api_key as key')
    .leftJoin('identity.impersonation as reading', 'reading.id', 'key.id')
    .select(['key.id', 'key.role', 'key.person', 'key.scopes', 'reading.actor as reader'])
    .where('key.hash', '=', hashOf(key))
    .where('key.revoked_at', 'is', null)
    .where((where) => where.or([where('key.expires_at', 'is', null), where('key.expires_at', '>', now)]))
    .executeTakeFirst()
  if (!row) return undefined
  if (row.person === null) return { id: `key:${row.id}`, role: row.role as StaffRole, principal: `key:${row.id}` }
  const own = { role: 'member' as const, person: row.person, scopes: row.scopes as Scope[] }
  if (row.reader !== null) {
    return { ...own, id: row.reader, principal: `impersonation:${row.id}`, impersonation: row.id }
  }
  const who = `person:${row.person}`
  return { ...own, id: who, principal: who }
}

/** A new key: to be shown once, and what to keep of it. */
export function drawKey(): { key: Secret; kept: { hash: Buffer; hint: string } } {
  const key = `fl_${randomBytes(KEY_BYTES).toString('base64url')}`
  return { key: secret(key), kept: { hash: hashOf(key), hint: key.slice(0, HINT_LENGTH) } }
}

/** Fails: key_name_invalid. */
export function checkKeyName(name: string): void {
  if (name.length > 0 && name.length <= KEY_NAME_LENGTH_MAX) return
  throw new Invalid('key_name_invalid', `Name the key with 1 to ${KEY_NAME_LENGTH_MAX} characters.`)
}

/** Fails: role_unknown. */
export function knownRole(role: string): StaffRole {
  const known = STAFF_ROLES.find((each) => each === role)
  if (known) return known
  throw new Invalid('role_unknown', `A role is one of ${STAFF_ROLES.join(', ')}.`)
}

export function keyNotFound(): Error {
  return new NotFound('key_not_found', 'There is no such key.')
}

/** A key of staff as it is listed: its first characters tell it from others. */
export type ApiKey = Pick<
  Selectable<IdentityApiKey>,
  'id' | 'name' | 'hint' | 'created_at' | 'created_by' | 'revoked_at' | 'revoked_by'
> & { role: StaffRole }
export type NewApiKey = ApiKey & { key: Secret }

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

export const KEY_NAME_LENGTH_MAX = 100
const KEY_BYTES = 32
const HINT_LENGTH = 8

function staffKeys(db: Db | Tx) {
  return db
    .selectFrom('identity.api_key')
    .select(['id', 'name', 'role', 'hint', 'created_at', 'created_by', 'revoked_at', 'revoked_by'])
    .where('person', 'is', null)
    .$castTo<ApiKey>()
}

function hashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
