import type { Selectable } from 'kysely'

import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { newUuid } from '../core/id.ts'
import type { IdentityImpersonation } from '../core/schema.gen.ts'
import type { Secret } from '../core/secret.ts'
import { drawKey } from './api-keys.ts'
import { lockPerson } from './people.ts'

/**
 * Lets staff read as `person` for a quarter of an hour, with a key of the scope `read`: so whatever changes something is
 * refused where every request is, and nothing that the person alone may do can be done. What is read is in the name of
 * whoever reads. The person sees it among their keys, and may end it. Fails: person_not_found.
 */
export async function impersonate(tx: Tx, { person, reason, actor, now }: Impersonate): Promise<NewImpersonation> {
  await lockPerson(tx, person)
  const { key, kept } = drawKey()
  const id = newUuid(now)
  const expires_at = new Date(now.getTime() + IMPERSONATION_MS)
  await tx
    .insertInto('identity.api_key')
    .values({
      id,
      person,
      name: 'Read by staff',
      scopes: ['read'],
      created_at: now,
      created_by: actor,
      expires_at,
      ...kept,
    })
    .execute()
  const started = { id, person, actor, reason, started_at: now, expires_at }
  await tx.insertInto('identity.impersonation').values(started).execute()
  const after = { impersonation: id, reason }
  await record(tx, { at: now, actor, action: 'impersonation.start', subject: `person:${person}`, diff: { after } })
  return { ...started, ended_at: null, key }
}

/** Ends it now; again changes nothing. Fails: impersonation_not_found. */
export async function endImpersonation(tx: Tx, { id, actor, now }: EndImpersonation): Promise<Impersonation> {
  const running = await tx
    .selectFrom('identity.impersonation')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!running) throw new NotFound('impersonation_not_found', 'There is no such impersonation.')
  if (running.ended_at) return running
  await end(tx, running, { actor, now })
  return { ...running, ended_at: now }
}

/** Writes down the end of those whose time is over, or whose key the person revoked; says of how many. */
export async function sweepImpersonations(tx: Tx, { now }: { now: Date }): Promise<number> {
  const over = await tx
    .selectFrom('identity.impersonation as running')
    .innerJoin('identity.api_key as key', 'key.id', 'running.id')
    .selectAll('running')
    .where('running.ended_at', 'is', null)
    .where((where) => where.or([where('running.expires_at', '<=', now), where('key.revoked_at', 'is not', null)]))
    .orderBy('running.id')
    .limit(SWEEP_MAX)
    .forUpdate('running')
    .execute()
  for (const each of over) await end(tx, each, { actor: 'system', now })
  return over.length
}

/** The one that this key reads with, for the banner; undefined: it is a person's own. */
export async function findImpersonation(db: Db | Tx, id: string): Promise<Impersonation | undefined> {
  return await db.selectFrom('identity.impersonation').selectAll().where('id', '=', id).executeTakeFirst()
}

export type Impersonation = Selectable<IdentityImpersonation>
export type NewImpersonation = Impersonation & { key: Secret }

export interface Impersonate {
  person: string
  reason: string
  actor: string
  now: Date
}

export interface EndImpersonation {
  id: string
  actor: string
  now: Date
}

const IMPERSONATION_MS = 15 * 60_000
const SWEEP_MAX = 1_000

async function end(tx: Tx, { id, person }: Impersonation, { actor, now }: { actor: string; now: Date }): Promise<void> {
  await tx.updateTable('identity.impersonation').set({ ended_at: now }).where('id', '=', id).execute()
  await tx
    .updateTable('identity.api_key')
    .set({ revoked_at: now, revoked_by: actor })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
  const before = { impersonation: id }
  await record(tx, { at: now, actor, action: 'impersonation.end', subject: `person:${person}`, diff: { before } })
}
