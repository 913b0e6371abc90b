import { z } from 'zod'

import { personOf, STAFF_ROLES } from '../core/actor.ts'
import { type Db, transaction } from '../core/db.ts'
import { router, zCursor, zLimit, zText, zTime, zUuid } from '../core/http.ts'
import { keyset, zPage } from '../core/page.ts'
import { findPerson } from './identity.ts'
import { acceptInvitation, inviteStaff, listInvitations, revokeInvitation } from './invitations.ts'
import { type Grant, grantOf, setRole } from './roles.ts'

const route = router<{ db: Db }>()

const zRole = z.object({
  role: z.enum(STAFF_ROLES).nullable(),
  granted_at: zTime.nullable(),
  granted_by: z.string().nullable(),
})

const zInvitation = z.object({
  id: z.uuid(),
  role: z.enum(STAFF_ROLES),
  note: z.string(),
  created_at: zTime,
  created_by: z.string(),
  expires_at: zTime,
  accepted_at: zTime.nullable(),
  accepted_by: z.uuid().nullable(),
  revoked_at: zTime.nullable(),
  revoked_by: z.string().nullable(),
})

const invited = keyset('people.invitations', z.tuple([z.uuid()]))

export const roleRoutes = [
  route({
    method: 'get',
    path: '/people/:id/roles',
    may: 'people.read',
    summary: 'Get a person’s role',
    description:
      'As what the person is of staff, since when and by whom; null: not at all. Earlier roles are in the audit trail.',
    errors: ['person_not_found'],
    params: { id: zUuid },
    response: zRole,
    handler: async ({ scope: { db }, params: { id } }) => {
      await findPerson(db, { id })
      return roleView(await grantOf(db, id))
    },
  }),
  route({
    method: 'post',
    path: '/people/:id/roles',
    may: 'people.set_role',
    idempotency: 'inherent',
    changes_keys: true,
    summary: 'Set a person’s role',
    description:
      'Makes the person of staff in that role instead of the one that they had, from their next request on; null ends it. The only owner remains one.',
    errors: ['person_not_found', 'last_owner'],
    params: { id: zUuid },
    body: z.strictObject({ role: z.enum(STAFF_ROLES).nullable() }),
    response: zRole,
    handler: async ({ scope: { db }, actor, params: { id }, body: { role }, now }) =>
      await transaction(db, async (tx) => roleView(await setRole(tx, { person: id, role, actor: actor.id, now }))),
  }),
  route({
    method: 'get',
    path: '/people/invitations',
    may: 'people.read',
    summary: 'List invitations',
    description: 'Those that were accepted or taken back too, the newest first.',
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zInvitation),
    handler: async ({ scope: { db }, query: { limit, cursor } }) => {
      const after = invited.after(cursor, {})
      const rows = await listInvitations(db, { before: after?.[0], limit: limit + 1 })
      return invited.page(rows, { limit, filters: {}, keyOf: ({ id }) => [id], view: (invitation) => invitation })
    },
  }),
  route({
    method: 'post',
    path: '/people/invitations',
    may: 'people.set_role',
    idempotency: 'required',
    answers_secret: true,
    status: 201,
    summary: 'Invite somebody to be of staff',
    description:
      'Answers with a code, this once, that makes the first who is signed in and shows it be of staff in that role. It ends after a week.',
    body: z.strictObject({ role: z.enum(STAFF_ROLES), note: zText(200) }),
    response: zInvitation.extend({ code: z.string() }),
    handler: async ({ tx, actor, body, now }) => {
      const made = await inviteStaff(tx, { ...body, actor: actor.id, now })
      return { ...made, code: made.code.reveal() }
    },
  }),
  route({
    method: 'post',
    path: '/people/invitations/:id/revoke',
    may: 'people.set_role',
    idempotency: 'inherent',
    summary: 'Take an invitation back',
    description: 'Its code is worth nothing from then on; again changes nothing.',
    errors: ['invitation_not_found', 'invitation_used'],
    params: { id: zUuid },
    response: zInvitation,
    handler: async ({ scope: { db }, actor, params: { id }, now }) =>
      await transaction(db, async (tx) => await revokeInvitation(tx, { id, actor: actor.id, now })),
  }),
  route({
    method: 'post',
    path: '/me/invitations/accept',
    may: 'me.accept_invitation',
    idempotency: 'required',
    changes_keys: true,
    summary: 'Accept an invitation',
    description: 'Makes you of staff in the role that the code was made for.',
    errors: ['invitation_not_found', 'invitation_used', 'invitation_expired', 'already_of_staff'],
    body: z.strictObject({ code: zText(100) }),
    response: zRole,
    handler: async ({ tx, actor, body: { code }, now }) =>
      roleView(await acceptInvitation(tx, { person: personOf(actor), code, now })),
  }),
]

function roleView(grant: Grant | undefined): z.output<typeof zRole> {
  return {
    role: grant?.role ?? null,
    granted_at: grant?.granted_at ?? null,
    granted_by: grant?.granted_by ?? null,
  }
}
