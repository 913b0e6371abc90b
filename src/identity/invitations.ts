import type { Selectable } from 'kysely'

import type { StaffRole } from '../core/actor.ts'
import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { Conflict, NotFound } from '../core/errors.ts'
import { newUuid } from '../core/id.ts'
import type { IdentityInvitation } from '../core/schema.gen.ts'
import type { Secret } from '../core/secret.ts'
import { knownRole } from './api-keys.ts'
import { drawCode, hashOfCode } from './one-time-codes.ts'
import { lockPerson } from './people.ts'
import { type Grant, grantOf, setRole } from './roles.ts'

/**
 * Invites somebody to be of staff. The code is in the answer and nowhere else, and makes whoever is signed in and shows it
 * first have the role; `note` says in words whom it is for. Fails: role_unknown.
 */
export async function inviteStaff(tx: Tx, { role, note, actor, now }: InviteStaff): Promise<NewInvitation> {
  const { code, hash } = drawCode('invite')
  const invitation = {
    id: newUuid(now),
    role: knownRole(role),
    note,
    created_at: now,
    created_by: actor,
    expires_at: new Date(now.getTime() + INVITATION_MS),
  }
  await tx
    .insertInto('identity.invitation')
    .values({ ...invitation, hash })
    .execute()
  await record(tx, {
    at: now,
    actor,
    action: 'invitation.create',
    subject: `invitation:${invitation.id}`,
    diff: { after: { role, note } },
  })
  return { ...invitation, accepted_at: null, accepted_by: null, revoked_at: null, revoked_by: null, code }
}

/**
 * Makes `person` have the role that the code was made for. Whoever is of staff already keeps the role that they have:
 * an owner who was sent an invitation for support remains one.
 * Fails, in this order: invitation_not_found, invitation_used, invitation_expired, already_of_staff.
 */
export async function acceptInvitation(tx: Tx, { person, code, now }: AcceptInvitation): Promise<Grant> {
  const invitation = await tx
    .selectFrom('identity.invitation')
    .selectAll()
    .where('hash', '=', hashOfCode(code))
    .forUpdate()
    .executeTakeFirst()
  if (!invitation || invitation.revoked_at) {
    throw new NotFound('invitation_not_found', 'There is no such invitation, or it was taken back. Ask for a new one.')
  }
  if (invitation.accepted_at) throw new Conflict('invitation_used', 'The invitation was accepted before.')
  if (invitation.expires_at <= now) {
    throw new Conflict('invitation_expired', 'The invitation has expired. Ask for a new one.')
  }
  await lockPerson(tx, person)
  const before = await grantOf(tx, person)
  if (before)
    throw new Conflict('already_of_staff', `You are of staff already, as ${before.role}.`, { role: before.role })
  const actor = `person:${person}`
  await tx
    .updateTable('identity.invitation')
    .set({ accepted_at: now, accepted_by: person })
    .where('id', '=', invitation.id)
    .execute()
  const after = { role: invitation.role, person }
  await record(tx, {
    at: now,
    actor,
    action: 'invitation.accept',
    subject: `invitation:${invitation.id}`,
    diff: { after },
  })
  // Whoever invited grants it, and answers for it.
  const grant = { person, role: invitation.role, grantedBy: invitation.created_by }
  const granted = await setRole(tx, { ...grant, actor, now })
  return must(granted, 'A role that was set is there.')
}

/** Takes an invitation back that nobody has accepted; again changes nothing. Fails: invitation_not_found, invitation_used. */
export async function revokeInvitation(tx: Tx, { id, actor, now }: RevokeInvitation): Promise<Invitation> {
  const revoked = await tx
    .updateTable('identity.invitation')
    .set({ revoked_at: now, revoked_by: actor })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('accepted_at', 'is', null)
    .returning(['role', 'note'])
    .executeTakeFirst()
  if (revoked) {
    await record(tx, {
      at: now,
      actor,
      action: 'invitation.revoke',
      subject: `invitation:${id}`,
      diff: { before: revoked },
    })
  }
  const invitation = await invitations(tx).where('id', '=', id).executeTakeFirst()
  if (!invitation) throw new NotFound('invitation_not_found', 'There is no such invitation.')
  if (invitation.accepted_at) throw new Conflict('invitation_used', 'The invitation was accepted before.')
  return invitation
}

/** All invitations, the newest first, a page at a time. */
export async function listInvitations(
  db: Db | Tx,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<Invitation[]> {
  const query = invitations(db).orderBy('id', 'desc').limit(limit)
  return await (before === undefined ? query : query.where('id', '<', before)).execute()
}

export type Invitation = Omit<Selectable<IdentityInvitation>, 'hash' | 'role'> & { role: StaffRole }
export type NewInvitation = Invitation & { code: Secret }

export interface InviteStaff {
  role: string
  note: string
  actor: string
  now: Date
}

export interface AcceptInvitation {
  person: string
  code: string
  now: Date
}

export interface RevokeInvitation {
  id: string
  actor: string
  now: Date
}

/** A week. */
const INVITATION_MS = 7 * 86_400_000

function invitations(db: Db | Tx) {
  return db
    .selectFrom('identity.invitation')
    .select([
      'id',
      'role',
      'note',
      'created_at',
      'created_by',
      'expires_at',
      'accepted_at',
      'accepted_by',
      'revoked_at',
      'revoked_by',
    ])
    .$castTo<Invitation>()
}
