import { z } from 'zod'

import { personOf, SCOPES, STAFF_ROLES } from '../core/actor.ts'
import { type Db, transaction } from '../core/db.ts'
import { router, zCursor, zLimit, zText, zTime, zUuid } from '../core/http.ts'
import { asMember } from '../core/member.ts'
import { keyset, zPage } from '../core/page.ts'
import { createApiKey, KEY_NAME_LENGTH_MAX, listApiKeys, revokeApiKey } from './api-keys.ts'
import { createPersonalKey, listPersonalKeys, revokePersonalKey } from './personal-keys.ts'

const route = router<{ db: Db }>()

const zKeyName = zText(KEY_NAME_LENGTH_MAX)
const zHint = z.string().meta({ description: 'Its first characters, to tell keys apart.', examples: ['fl_Xk3v9'] })
const zShownOnce = z.string().meta({ description: 'The key itself, this once: what is kept is its SHA-256.' })

const zPersonalKey = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  hint: zHint,
  created_at: zTime,
  expires_at: zTime.nullable(),
  revoked_at: zTime.nullable(),
})

const zStaffKey = z.object({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(STAFF_ROLES),
  hint: zHint,
  created_at: zTime,
  created_by: z.string(),
  revoked_at: zTime.nullable(),
  revoked_by: z.string().nullable(),
})

const own = keyset('me.keys', z.tuple([z.uuid()]))
const staff = keyset('keys', z.tuple([z.uuid()]))

/** `POST /me/keys` may be done by whoever is signed in alone, so that no key makes another that may more than itself. */
export const keyRoutes = [
  route({
    method: 'get',
    path: '/me/keys',
    may: 'me.read',
    summary: 'List your keys',
    description: 'Those that are revoked or have expired too, the newest first.',
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zPersonalKey),
    handler: async ({ scope: { db }, actor, query: { limit, cursor } }) => {
      const person = personOf(actor)
      const after = own.after(cursor, {})
      const page = { person, before: after?.[0], limit: limit + 1 }
      const rows = await asMember(db, person, async (tx) => await listPersonalKeys(tx, page))
      return own.page(rows, { limit, filters: {}, keyOf: ({ id }) => [id], view: (key) => key })
    },
  }),
  route({
    method: 'post',
    path: '/me/keys',
    may: 'me.manage_keys',
    idempotency: 'required',
    answers_secret: true,
    status: 201,
    summary: 'Make a key of yours',
    description:
      'A key with which a program acts for you, within its scopes: `read` what you may see, `transfer`, `stake`, `vote`. It never acts as staff, makes no keys, and is shown this once.',
    errors: ['key_expired', 'keys_too_many'],
    body: z.strictObject({
      name: zKeyName,
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
      expires_at: zTime.optional(),
    }),
    response: zPersonalKey.extend({ key: zShownOnce }),
    handler: async ({ tx, actor, body: { name, scopes, expires_at }, now }) => {
      const asked = { person: personOf(actor), name, scopes, expiresAt: expires_at }
      const made = await createPersonalKey(tx, { ...asked, now })
      return { ...made, key: made.key.reveal() }
    },
  }),
  route({
    method: 'post',
    path: '/me/keys/:id/revoke',
    may: 'me.manage_keys',
    idempotency: 'inherent',
    changes_keys: true,
    summary: 'Revoke a key of yours',
    description: 'Ends it at once and for good; again changes nothing.',
    errors: ['key_not_found'],
    params: { id: zUuid },
    response: zPersonalKey,
    handler: async ({ scope: { db }, actor, params: { id }, now }) =>
      await transaction(db, async (tx) => await revokePersonalKey(tx, { person: personOf(actor), id, now })),
  }),
  route({
    method: 'get',
    path: '/keys',
    may: 'keys.read',
    summary: 'List the keys of staff',
    description: 'Those that are revoked too, the newest first. Personal keys are their people’s own affair.',
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zStaffKey),
    handler: async ({ scope: { db }, query: { limit, cursor } }) => {
      const after = staff.after(cursor, {})
      const rows = await listApiKeys(db, { before: after?.[0], limit: limit + 1 })
      return staff.page(rows, { limit, filters: {}, keyOf: ({ id }) => [id], view: (key) => key })
    },
  }),
  route({
    method: 'post',
    path: '/keys',
    may: 'keys.manage',
    idempotency: 'required',
    answers_secret: true,
    status: 201,
    summary: 'Make a key of staff',
    description: 'A key for a program or a member of staff, in a role. It is shown this once.',
    body: z.strictObject({ name: zKeyName, role: z.enum(STAFF_ROLES) }),
    response: zStaffKey.extend({ key: zShownOnce }),
    handler: async ({ tx, actor, body, now }) => {
      const made = await createApiKey(tx, { ...body, actor: actor.id, now })
      return { ...made, key: made.key.reveal() }
    },
  }),
  route({
    method: 'post',
    path: '/keys/:id/revoke',
    may: 'keys.manage',
    idempotency: 'inherent',
    changes_keys: true,
    summary: 'Revoke a key of staff',
    description: 'Ends it at once and for good; again changes nothing.',
    errors: ['key_not_found'],
    params: { id: zUuid },
    response: zStaffKey,
    handler: async ({ scope: { db }, actor, params: { id }, now }) =>
      await transaction(db, async (tx) => await revokeApiKey(tx, { id, actor: actor.id, now })),
  }),
]
