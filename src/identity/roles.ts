import type { Selectable } from 'kysely'

import type { StaffRole } from '../core/actor.ts'
import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { Conflict } from '../core/errors.ts'
import type { IdentityPersonRole } from '../core/schema.gen.ts'
import { knownRole } from './api-keys.ts'
import { lockPerson } from './people.ts'

/**
 * As what this person is of staff; undefined: a member like everybody. For whoever lets people sign in: the actor of a
 * session is `{ id: 'person:<id>', principal: 'person:<id>', person: id, role: (await roleOf(db, id)) ?? 'member' }`, and
 * has no scopes. Ask at every request, since a role that was taken away ends at once.
 */
export async function roleOf(db: Db | Tx, person: string): Promise<StaffRole | undefined> {
  return (await grantOf(db, person))?.role
}

/**
 * Makes `person` of staff in `role`, in place of the role that they had, or with null of staff no more. An economy that
 * an owner among its people governs keeps one.
 * Fails, in this order: role_unknown, person_not_found, last_owner.
 */
export async function setRole(tx: Tx, { person, role, grantedBy, actor, now }: SetRole): Promise<Grant | undefined> {
  const known = role === null ? null : knownRole(role)
  await lockPerson(tx, person)
  const before = await grantOf(tx, person)
  if ((before?.role ?? null) === known) return before
  if (before?.role === 'owner') await refuseLastOwner(tx, person)
  if (known === null) {
    await tx.deleteFrom('identity.person_role').where('person', '=', person).execute()
  } else {
    const granted = { role: known, granted_at: now, granted_by: grantedBy ?? actor }
    await tx
      .insertInto('identity.person_role')
      .values({ person, ...granted })
      .onConflict((conflict) => conflict.column('person').doUpdateSet(granted))
      .execute()
  }
  await record(tx, {
    at: now,
    actor,
    action: 'role.set',
    subject: `person:${person}`,
    diff: { before: { role: before?.role ?? null }, after: { role: known } },
  })
  return await grantOf(tx, person)
}

/** The person's role with who granted it and when. */
export async function grantOf(db: Db | Tx, person: string): Promise<Grant | undefined> {
  return await db
    .selectFrom('identity.person_role')
    .selectAll()
    .where('person', '=', person)
    .$castTo<Grant>()
    .executeTakeFirst()
}

export type Grant = Omit<Selectable<IdentityPersonRole>, 'role'> & { role: StaffRole }

export interface SetRole {
  person: string
  role: string | null
  /** Who does it, unless said. */
  grantedBy?: string
  actor: string
  now: Date
}

/** Of two owners who take each other's role at once, the second waits for the first and finds itself to be the last. */
async function refuseLastOwner(tx: Tx, person: string): Promise<void> {
  const owners = await tx
    .selectFrom('identity.person_role')
    .select('person')
    .where('role', '=', 'owner')
    .orderBy('person')
    .forUpdate()
    .execute()
  if (owners.some((owner) => owner.person !== person)) return
  throw new Conflict('last_owner', 'This is the only owner. Make somebody else an owner first.')
}
