import { z } from 'zod'

import type { Db } from '../core/db.ts'
import { router, zCursor, zLimit, zText, zTime, zUuid } from '../core/http.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import type { SecretBox } from '../core/secret-box.ts'
import { eventView, readEvents, TYPE_PATTERN } from '../events/events.ts'
import {
  type Delivery,
  type Endpoint,
  findDelivery,
  findEndpoint,
  listDeliveries,
  listEndpoints,
} from './webhook-queries.ts'
import {
  createEndpoint,
  deleteEndpoint,
  disableEndpoint,
  enableEndpoint,
  replayOne,
  replaySince,
  rotateSecret,
} from './webhooks.ts'

/** What the routes of webhooks need of an economy. */
export interface WebhookScope {
  db: Db
  webhooks: { secrets: SecretBox; private_allowed: boolean }
}

const route = router<WebhookScope>()

const zPosition = z.string().regex(/^\d{1,18}$/, 'A position is a whole number.')

const zEndpoint = z
  .object({
    id: z.string(),
    url: z.string(),
    types: z.array(z.string()),
    description: z.string().nullable(),
    status: z.enum(['active', 'disabled']),
    disabled_reason: z.string().nullable(),
    position: zPosition.meta({ description: 'Every event before this position of the log has been queued.' }),
    pending: z.int().meta({ description: 'Messages that are still to be delivered.' }),
    retrying: z.int().meta({ description: 'Of these, those that were refused at least once.' }),
    failed: z.int().meta({ description: 'Messages that were given up, of those that are still kept.' }),
    delivered_at: zTime.nullable().meta({ description: 'When the last message was delivered.' }),
    old_secret_until: zTime
      .nullable()
      .meta({ description: 'Until then messages are signed with the old secret, too.' }),
    created_at: zTime,
    created_by: z.string(),
  })
  .meta({ id: 'Webhook' })

const zDelivery = z.object({
  position: zPosition,
  type: z.string(),
  subject: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int(),
  due_at: zTime.nullable().meta({ description: 'Null while an earlier event of the same subject is pending.' }),
  queued_at: zTime,
  closed_at: zTime.nullable(),
})

const zDeliveryDetail = zDelivery.extend({
  message: z.unknown().meta({ description: 'The event as it is sent.' }),
  attempted: z.array(
    z.object({
      no: z.int(),
      at: zTime,
      duration_ms: z.int(),
      http_status: z.int().nullable(),
      error: z
        .string()
        .nullable()
        .meta({ description: 'Why there was no answer, such as `timeout` or `ECONNREFUSED`.' }),
      response: z.string().nullable().meta({ description: 'How the answer began.' }),
    }),
  ),
})

const zMade = z.object({
  id: z.string(),
  secret: z.string().meta({ description: 'What messages are signed with (`whsec_…`), shown this once.' }),
})

const zDone = z.object({ id: z.string(), done: z.literal(true) })

const id = { id: zUuid }
const byPosition = keyset('webhooks.deliveries', z.tuple([zSerial]))
const done = (which: string) => ({ id: which, done: true as const })

export const webhookRoutes = [
  route({
    method: 'get',
    path: '/webhooks',
    may: 'webhooks.read',
    summary: 'List webhooks',
    description: 'The addresses that are told of what happens.',
    response: z.object({ data: z.array(zEndpoint) }),
    handler: async ({ scope }) => ({ data: (await listEndpoints(scope.db)).map(endpointView) }),
  }),
  route({
    method: 'post',
    path: '/webhooks',
    may: 'webhooks.manage',
    idempotency: 'required',
    answers_secret: true,
    status: 201,
    summary: 'Create a webhook',
    description:
      'From now on, every event of these types is posted to the address as JSON, signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp`, `webhook-signature`. Events of one subject arrive in order; each may come twice, with the same id. What is not answered with 2xx within 20 s is sent again for three days. The address has https and is public.',
    errors: ['webhook_url_invalid', 'webhook_address_private', 'too_many_webhooks'],
    body: z.strictObject({
      url: z.string().min(1).max(2_000),
      types: z
        .array(z.string().max(100).regex(TYPE_PATTERN, 'A type is entry.posted.transfer, proposal.* or *.'))
        .min(1)
        .max(50),
      description: zText(200).optional(),
    }),
    response: zMade,
    handler: async ({ tx, scope, actor, body, now }) => {
      const { id: made, secret } = await createEndpoint(tx, { ...body, ...scope.webhooks, actor: actor.id, now })
      return { id: made, secret: secret.reveal() }
    },
  }),
  route({
    method: 'get',
    path: '/webhooks/:id',
    may: 'webhooks.read',
    summary: 'Get a webhook',
    description: 'One address that is told of what happens, with what waits for it.',
    errors: ['webhook_not_found'],
    params: id,
    response: zEndpoint,
    handler: async ({ scope, params }) => endpointView(await findEndpoint(scope.db, params.id)),
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/disable',
    may: 'webhooks.manage',
    idempotency: 'required',
    summary: 'Disable a webhook',
    description: 'Nothing is sent until it is enabled again, from where it stopped.',
    errors: ['webhook_not_found', 'webhook_not_active'],
    params: id,
    body: z.strictObject({ reason: zText(200).optional() }),
    response: zDone,
    handler: async ({ tx, actor, params, body: { reason }, now }) => {
      await disableEndpoint(tx, { ...params, ...(reason !== undefined && { reason }), actor: actor.id, now })
      return done(params.id)
    },
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/enable',
    may: 'webhooks.manage',
    idempotency: 'required',
    summary: 'Enable a webhook again',
    description: 'What happened meanwhile is sent, in order.',
    errors: ['webhook_not_found', 'webhook_not_disabled'],
    params: id,
    response: zDone,
    handler: async ({ tx, actor, params, now }) => {
      await enableEndpoint(tx, { ...params, actor: actor.id, now })
      return done(params.id)
    },
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/rotate-secret',
    may: 'webhooks.manage',
    idempotency: 'required',
    answers_secret: true,
    summary: 'Change a webhook’s secret',
    description: 'Messages are signed with the new secret, and for a day with the old one, too.',
    errors: ['webhook_not_found'],
    params: id,
    response: zMade,
    handler: async ({ tx, scope, actor, params, now }) => {
      const { secrets } = scope.webhooks
      const { id: made, secret } = await rotateSecret(tx, { ...params, secrets, actor: actor.id, now })
      return { id: made, secret: secret.reveal() }
    },
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/delete',
    may: 'webhooks.manage',
    idempotency: 'required',
    summary: 'Delete a webhook',
    description: 'Nothing more is sent, what waits included. There is no way back.',
    errors: ['webhook_not_found'],
    params: id,
    response: zDone,
    handler: async ({ tx, actor, params, now }) => {
      await deleteEndpoint(tx, { ...params, actor: actor.id, now })
      return done(params.id)
    },
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/replay',
    may: 'webhooks.manage',
    idempotency: 'required',
    summary: 'Send everything since a time again',
    description: 'Everything of its types that was sealed since then is sent once more, with the ids that it had.',
    errors: ['webhook_not_found', 'webhook_not_active'],
    params: id,
    body: z.strictObject({ since: zTime }),
    response: zDone,
    handler: async ({ tx, actor, params, body, now }) => {
      await replaySince(tx, { ...params, ...body, actor: actor.id, now })
      return done(params.id)
    },
  }),
  route({
    method: 'get',
    path: '/webhooks/:id/deliveries',
    may: 'webhooks.read',
    summary: 'List a webhook’s deliveries',
    description: 'What was queued for it and what came of it, newest first; kept for 30 days after it is closed.',
    errors: ['webhook_not_found'],
    params: id,
    query: {
      status: z.enum(['pending', 'delivered', 'failed']).optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zDelivery),
    handler: async ({ scope, params, query: { limit, cursor, status } }) => {
      await findEndpoint(scope.db, params.id)
      const filters = { id: params.id, status }
      const [before] = byPosition.after(cursor, filters) ?? []
      const rows = await listDeliveries(scope.db, { endpoint: params.id, status, before, limit: limit + 1 })
      return byPosition.page(rows, { limit, filters, keyOf: ({ position }) => [position], view: deliveryView })
    },
  }),
  route({
    method: 'get',
    path: '/webhooks/:id/deliveries/:position',
    may: 'webhooks.read',
    summary: 'Get a delivery',
    description: 'The message, and every attempt to send it.',
    errors: ['delivery_not_found'],
    params: { ...id, position: zPosition },
    response: zDeliveryDetail,
    handler: async ({ scope, params }) => {
      const position = BigInt(params.position)
      const { delivery, attempts } = await findDelivery(scope.db, { endpoint: params.id, position })
      const [event] = await readEvents(scope.db, { from: position, to: position + 1n })
      return { ...deliveryView(delivery), message: event && eventView(event), attempted: attempts }
    },
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/deliveries/:position/replay',
    may: 'webhooks.manage',
    idempotency: 'required',
    summary: 'Send one event again',
    description:
      'Sends the event at this position of the log, with the id that it had, whether or not it was sent before.',
    errors: ['webhook_not_found', 'webhook_not_active', 'event_not_found'],
    params: { ...id, position: zPosition },
    response: zDone,
    handler: async ({ tx, actor, params, now }) => {
      await replayOne(tx, { id: params.id, position: BigInt(params.position), actor: actor.id, now })
      return done(params.id)
    },
  }),
]

function endpointView({ status, position, previous_until, ...endpoint }: Endpoint): z.output<typeof zEndpoint> {
  const shown = status === 'active' ? 'active' : 'disabled'
  return { ...endpoint, status: shown, position: `${position}`, old_secret_until: previous_until }
}

function deliveryView({ position, status, ...delivery }: Delivery): z.output<typeof zDelivery> {
  return { ...delivery, status: status as z.output<typeof zDelivery>['status'], position: `${position}` }
}
