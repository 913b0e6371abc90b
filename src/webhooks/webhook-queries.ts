import { type Selectable, sql } from 'kysely'

import type { Db } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import type { WebhooksAttempt, WebhooksDelivery, WebhooksEndpoint } from '../core/schema.gen.ts'

/** The webhooks that there are, with how much waits and what came of it lately. */
export async function listEndpoints(db: Db): Promise<Endpoint[]> {
  const { rows } = await sql<Endpoint>`
    select
      endpoint.id, endpoint.url, endpoint.types, endpoint.description, endpoint.status, endpoint.disabled_reason,
      endpoint.position, endpoint.previous_until, endpoint.created_at, endpoint.created_by,
      (
        select count(*)::int
        from webhooks.delivery
        where delivery.endpoint = endpoint.id and delivery.status = 'pending'
      ) as pending,
      (
        select count(*)::int
        from webhooks.delivery
        where delivery.endpoint = endpoint.id and delivery.status = 'pending' and delivery.attempts > 0
          and exists (
            select
            from webhooks.attempt
            where attempt.endpoint = delivery.endpoint and attempt.position = delivery.position
          )
      ) as retrying,
      (
        select count(*)::int
        from webhooks.delivery
        where delivery.endpoint = endpoint.id and delivery.status = 'failed'
      ) as failed,
      (
        select max(delivery.closed_at)
        from webhooks.delivery
        where delivery.endpoint = endpoint.id and delivery.status = 'delivered'
      ) as delivered_at
    from webhooks.endpoint
    where endpoint.status <> 'deleted'
    order by endpoint.created_at, endpoint.id
  `.execute(db)
  return rows
}

/** Fails: webhook_not_found. */
export async function findEndpoint(db: Db, id: string): Promise<Endpoint> {
  const found = (await listEndpoints(db)).find((endpoint) => endpoint.id === id)
  if (!found) throw new NotFound('webhook_not_found', `There is no webhook ${id}.`)
  return found
}

/** The newest first. */
export async function listDeliveries(db: Db, { endpoint, status, before, limit }: ListDeliveries): Promise<Delivery[]> {
  let query = db
    .selectFrom('webhooks.delivery')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .orderBy('position', 'desc')
    .limit(limit)
  if (status !== undefined) query = query.where('status', '=', status)
  if (before !== undefined) query = query.where('position', '<', before)
  return await query.execute()
}

/** Fails: delivery_not_found. */
export async function findDelivery(db: Db, { endpoint, position }: { endpoint: string; position: bigint }) {
  const delivery = await db
    .selectFrom('webhooks.delivery')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('position', '=', position)
    .executeTakeFirst()
  if (!delivery) throw new NotFound('delivery_not_found', 'Nothing was queued for this webhook at this position.')
  const attempts: Attempt[] = await db
    .selectFrom('webhooks.attempt')
    .selectAll()
    .where('endpoint', '=', endpoint)
    .where('position', '=', position)
    .orderBy('id', 'desc')
    .limit(ATTEMPTS_SHOWN)
    .execute()
  return { delivery, attempts }
}

const ATTEMPTS_SHOWN = 50

export type Endpoint = Omit<Selectable<WebhooksEndpoint>, 'secret' | 'previous_secret'> & {
  pending: number
  /** Of these, how many were refused at least once. */
  retrying: number
  /** Given up in the last 30 days. */
  failed: number
  delivered_at: Date | null
}
export type Delivery = Selectable<WebhooksDelivery>
type Attempt = Selectable<WebhooksAttempt>

interface ListDeliveries {
  endpoint: string
  status: string | undefined
  before: bigint | undefined
  limit: number
}
