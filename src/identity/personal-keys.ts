import type { Selectable } from 'kysely'

import type { Scope } from '../core/actor.ts'
import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { Conflict, Invalid } from '../core/errors.ts'
import { newUuid } from '../core/id.ts'
import type { IdentityApiKey } from '../core/schema.gen.ts'
import type { Secret } from '../core/secret.ts'
import { checkKeyName, drawKey, keyNotFound } from './api-keys.ts'
import { lockPerson } from './people.ts'

/**
 * Makes a key with which programs act for `person`, within its scopes, until it expires or is revoked. The key is in the
 * answer and nowhere else: what is kept is its SHA-256.
 * Fails, in this order: key_name_invalid, key_scopes_missing, key_expired, person_not_found, keys_too_many.
 */
export async function createPersonalKey(
  tx: Tx,
  { person, name, scopes, expiresAt = null, now }: CreatePersonalKey,
): Promise<NewPersonalKey> {
  checkKeyName(name)
  if (scopes.length === 0) throw new Invalid('key_scopes_missing', 'Say what the key is for: at least one scope.')
  if (expiresAt && expiresAt <= now) throw new Invalid('key_expired', 'A key expires in the future.')
  // Two tabs at once come one after the other here, so that the count holds.
  await lockPerson(tx, person)
  await refuseTooMany(tx, { person, now })
  const { key, kept } = drawKey()
  const id = newUuid(now)
  const row = { id, name, scopes: [...new Set(scopes)], hint: kept.hint, created_at: now, expires_at: expiresAt }
  const actor = `person:${person}`
  await tx
    .insertInto('identity.api_key')
    .values({ ...row, ...kept, person, created_by: actor })
    .execute()
  await record(tx, {
    at: now,
    actor,
    action: 'key.create',
    subject: `key:${id}`,
    diff: { after: { name, scopes: row.scopes, expires_at: expiresAt } },
  })
  return { ...row, revoked_at: null, key }
}

/** Ends a key of this person's at once and for good; ending it again changes nothing. Fails: key_not_found. */
export async function revokePersonalKey(tx: Tx, { person, id, now }: RevokePersonalKey): Promise<PersonalKey> {
  const actor = `person:${person}`
  const revoked = await tx
    .updateTable('identity.api_key')
    .set({ revoked_at: now, revoked_by: actor })
    .where('id', '=', id)
    .where('person', '=', person)
    .where('revoked_at', 'is', null)
    .returning(['name', 'scopes'])
    .executeTakeFirst()
  if (revoked)
    await record(tx, { at: now, actor, action: 'key.revoke', subject: `key:${id}`, diff: { before: revoked } })
  const key = await keysOf(tx, person).where('id', '=', id).executeTakeFirst()
  if (!key) throw keyNotFound()
  return key
}

/** The person's keys, revoked and expired ones too, the newest first, a page at a time. */
export async function listPersonalKeys(
  db: Db | Tx,
  { person, before, limit }: { person: string; before?: string | undefined; limit: number },
): Promise<PersonalKey[]> {
  const query = keysOf(db, person).orderBy('id', 'desc').limit(limit)
  return await (before === undefined ? query : query.where('id', '<', before)).execute()
}

/** A person's key as it is listed: its first characters tell it from others. */
export type PersonalKey = Pick<
  Selectable<IdentityApiKey>,
  'id' | 'name' | 'hint' | 'created_at' | 'expires_at' | 'revoked_at'
> & { scopes: Scope[] }
export type NewPersonalKey = PersonalKey & { key: Secret }

export interface CreatePersonalKey {
  person: string
  name: string
  scopes: readonly Scope[]
  /** Never, unless said. */
  expiresAt?: Date | null | undefined
  now: Date
}

export interface RevokePersonalKey {
  person: string
  id: string
  now: Date
}

const KEYS_MAX = 50

async function refuseTooMany(tx: Tx, { person, now }: { person: string; now: Date }): Promise<void> {
  const row = await tx
    .selectFrom('identity.api_key')
    .select(({ fn }) => fn.countAll<bigint>().as('live'))
    .where('person', '=', person)
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst()
  if (toSafeInteger(must(row, 'A count has one row.').live) < KEYS_MAX) return
  throw new Conflict('keys_too_many', `You have ${KEYS_MAX} keys. Revoke one that you do not use.`, { max: KEYS_MAX })
}

function keysOf(db: Db | Tx, person: string) {
  return db
    .selectFrom('identity.api_key')
    .select(['id', 'name', 'scopes', 'hint', 'created_at', 'expires_at', 'revoked_at'])
    .where('person', '=', person)
    .$castTo<PersonalKey>()
}
