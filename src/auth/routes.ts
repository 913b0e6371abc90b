import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import type { Clock } from '../core/clock.ts'
import { type Db, transaction } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { router, zCursor, zFlag, zLimit, zTime, zUuid } from '../core/http.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import type { Auth } from './auth.ts'
import { listMails } from './mail.ts'
import { endSessions, listSessions } from './sessions.ts'
import { waysIn } from './ways-in.ts'

const route = router<{ db: Db; clock: Clock; auth: Pick<Auth, 'mailer'> }>()

const zSession = z.object({
  id: z.string(),
  device: z.string().nullable().meta({ description: 'What the browser called itself.' }),
  address: z.string().nullable().meta({ description: 'Where it was begun from.' }),
  created_at: zTime,
  last_seen_at: zTime.nullable().meta({ description: 'To the minute.' }),
  expires_at: zTime,
  current: z.boolean().meta({ description: 'Whether this request came with it.' }),
})

const zMail = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string().nullable(),
  created_at: zTime,
})

const zWaysIn = z.object({
  email_verified: z.boolean(),
  password: z.boolean(),
  second_factor: z.boolean(),
  passkeys: z.int(),
  sessions: z.int().meta({ description: 'How many have not ended.' }),
  last_seen_at: zTime.nullable().meta({ description: 'To the minute; null: in none of the sessions that there are.' }),
})

const zEnded = z.object({ ended: z.int() })

const mails = keyset('outbox', z.tuple([zSerial]))

export const authRoutes = [
  route({
    method: 'get',
    path: '/me/sessions',
    may: 'me.sessions',
    summary: 'List where you are signed in',
    description: 'Your sessions that have not ended, the newest first.',
    response: z.object({ data: z.array(zSession) }),
    handler: async ({ scope: { db }, actor, now }) => ({
      data: (await listSessions(db, { person: personOf(actor), now })).map((session) => ({
        ...session,
        device: session.user_agent,
        address: session.ip_address,
        current: session.id === actor.session,
      })),
    }),
  }),
  route({
    method: 'delete',
    path: '/me/sessions/:id',
    may: 'me.sessions',
    idempotency: 'inherent',
    summary: 'End one of your sessions',
    description: 'Whoever is signed in with it is signed out at once.',
    errors: ['session_not_found'],
    params: { id: zUuid },
    response: zEnded,
    handler: async ({ scope: { db }, actor, params: { id }, now }) => ({
      ended: await transaction(db, async (tx) => await endSessions(tx, { person: personOf(actor), only: id, now })),
    }),
  }),
  route({
    method: 'delete',
    path: '/me/sessions',
    may: 'me.sessions',
    idempotency: 'inherent',
    summary: 'End your sessions',
    description: 'All of them, at once; with `others_only`, all but the one that this request came with.',
    query: { others_only: zFlag.default(false) },
    response: zEnded,
    handler: async ({ scope: { db }, actor, query, now }) => {
      const except = query.others_only && actor.session !== undefined ? { except: actor.session } : {}
      return {
        ended: await transaction(db, async (tx) => await endSessions(tx, { person: personOf(actor), ...except, now })),
      }
    },
  }),
  route({
    method: 'get',
    path: '/people/:id/sign-in',
    may: 'people.read',
    summary: 'Get how a person signs in',
    description: 'With what, and how many sessions they have; no secret, and no address.',
    errors: ['person_not_found'],
    params: { id: zUuid },
    response: zWaysIn,
    handler: async ({ scope: { db }, params: { id }, now }) => await waysIn(db, { person: id, now }),
  }),
  route({
    method: 'get',
    path: '/outbox',
    may: 'outbox.open',
    summary: 'List the mails that were not sent',
    description:
      'Where no mail server is set, what would have been sent stays here, the newest first; with one, nothing is shown.',
    errors: ['outbox_not_kept'],
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zMail),
    handler: async ({ scope: { db, auth }, query: { limit, cursor } }) => {
      if (auth.mailer) throw new NotFound('outbox_not_kept', 'Mails are sent by SMTP here, and nobody may read them.')
      const after = mails.after(cursor, {})
      const rows = await listMails(db, { ...(after && { before: after[0] }), limit: limit + 1 })
      return mails.page(rows, {
        limit,
        filters: {},
        keyOf: ({ id }) => [id],
        view: ({ id, recipient, ...mail }) => ({ ...mail, id: id.toString(), to: recipient }),
      })
    },
  }),
]
