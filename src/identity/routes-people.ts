import { z } from 'zod'

import { personOf, STAFF_ROLES } from '../core/actor.ts'
import { type Db, transaction } from '../core/db.ts'
import { router, zCursor, zFlag, zLimit, zText, zTime, zUuid } from '../core/http.ts'
import { keyset, zPage } from '../core/page.ts'
import { issueClaimCode, redeemClaim } from './claims.ts'
import { endImpersonation, impersonate } from './impersonation.ts'
import { listPeople, readPerson } from './people.ts'

const route = router<{ db: Db }>()

const zPerson = z.object({
  id: z.uuid(),
  username: z.string(),
  joined_at: zTime,
  created_at: zTime,
  signs_in: z.boolean().meta({ description: 'Is there somebody who signs in as this person?' }),
  role: z.enum(STAFF_ROLES).nullable(),
  became: z.uuid().nullable().meta({ description: 'Who they turned out to be: the person that they claimed.' }),
})

const zImpersonation = z.object({
  id: z.uuid(),
  person: z.uuid(),
  actor: z.string(),
  reason: z.string(),
  started_at: zTime,
  expires_at: zTime,
  ended_at: zTime.nullable(),
})

const byName = keyset('people', z.tuple([z.string(), z.uuid()]))

export const peopleRoutes = [
  route({
    method: 'get',
    path: '/people',
    may: 'people.read',
    summary: 'List people',
    description:
      'In the order of their names, whatever the case; `name` is what they begin with. Whoever became somebody else is not among them.',
    query: {
      name: zText(100).optional(),
      of_staff: zFlag.optional(),
      signs_in: zFlag.optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zPerson),
    handler: async ({ scope: { db }, query: { limit, cursor, ...filters } }) => {
      const after = byName.after(cursor, filters)
      const { name, of_staff, signs_in } = filters
      const asked = { prefix: name, ofStaff: of_staff, signsIn: signs_in, after }
      const rows = await listPeople(db, { ...asked, limit: limit + 1 })
      return byName.page(rows, { limit, filters, keyOf: ({ order, id }) => [order, id], view: (person) => person })
    },
  }),
  route({
    method: 'get',
    path: '/people/:id',
    may: 'people.read',
    summary: 'Get a person',
    description: 'With their role, and whether somebody signs in as them.',
    errors: ['person_not_found'],
    params: { id: zUuid },
    response: zPerson,
    handler: async ({ scope: { db }, params: { id } }) => await readPerson(db, id),
  }),
  route({
    method: 'post',
    path: '/people/:id/claim-codes',
    may: 'people.issue_claim',
    idempotency: 'required',
    answers_secret: true,
    status: 201,
    summary: 'Make a code to claim a person with',
    description:
      'For a person who was imported and as whom nobody signs in. Give the code, which is shown this once, to whom it is: whoever is signed in and redeems it first is that person from then on. It ends after two weeks, or when another one is made.',
    errors: ['person_not_found', 'person_claimed', 'person_of_staff'],
    params: { id: zUuid },
    response: z.object({ id: z.uuid(), person: z.uuid(), created_at: zTime, expires_at: zTime, code: z.string() }),
    handler: async ({ tx, actor, params: { id }, now }) => {
      const made = await issueClaimCode(tx, { person: id, actor: actor.id, now })
      return { ...made, code: made.code.reveal() }
    },
  }),
  route({
    method: 'post',
    path: '/me/claims',
    may: 'me.claim',
    idempotency: 'required',
    changes_keys: true,
    summary: 'Claim an imported person',
    description:
      'With a code from staff. What was recorded for that person, their name, points and tokens, is yours from then on, and you sign in as them. It takes that you have nothing under your present name, which is given up together with your personal keys.',
    errors: ['claim_not_found', 'claim_used', 'claim_expired', 'person_claimed', 'person_of_staff', 'claimer_has_own'],
    body: z.strictObject({ code: zText(100) }),
    response: zPerson,
    handler: async ({ tx, actor, body: { code }, now }) => {
      const { person } = await redeemClaim(tx, { person: personOf(actor), code, now })
      return await readPerson(tx, person)
    },
  }),
  route({
    method: 'post',
    path: '/people/:id/impersonations',
    may: 'people.impersonate',
    idempotency: 'required',
    answers_secret: true,
    status: 201,
    summary: 'Read as a person',
    description:
      'Answers with a key, this once, that reads for a quarter of an hour what the person may read, and changes nothing. `GET /me` says so under `impersonation`. Beginning and end are in the audit trail, and the person sees it among their keys.',
    errors: ['person_not_found'],
    params: { id: zUuid },
    body: z.strictObject({ reason: zText(200) }),
    response: zImpersonation.extend({ key: z.string() }),
    handler: async ({ tx, actor, params: { id }, body: { reason }, now }) => {
      const started = await impersonate(tx, { person: id, reason, actor: actor.id, now })
      return { ...started, key: started.key.reveal() }
    },
  }),
  route({
    method: 'post',
    path: '/people/impersonations/:id/end',
    may: 'people.impersonate',
    idempotency: 'inherent',
    changes_keys: true,
    summary: 'Stop reading as a person',
    description: 'At once; again changes nothing.',
    errors: ['impersonation_not_found'],
    params: { id: zUuid },
    response: zImpersonation,
    handler: async ({ scope: { db }, actor, params: { id }, now }) =>
      await transaction(db, async (tx) => await endImpersonation(tx, { id, actor: actor.id, now })),
  }),
]
