import { sql } from 'kysely'

import { pgArray, type Tx } from '../core/db.ts'
import { type DomainEvent, matchesType, readEvents } from '../events/events.ts'

/**
 * Queues for an endpoint what happened since it was last looked at, at most EVENTS_AT_ONCE events; true: there is more.
 * The endpoint's row is locked meanwhile, so that each event is queued once and none is taken for the first of its subject
 * while the one before is just being closed.
 */
export async function queueNew(tx: Tx, { endpoint, size, now }: QueueNew): Promise<boolean> {
  const row = await tx
    .selectFrom('webhooks.endpoint')
    .select(['position', 'types'])
    .where('id', '=', endpoint)
    .where('status', '=', 'active')
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!row || row.position >= size) return false
  const ahead = row.position + EVENTS_AT_ONCE
  const to = ahead < size ? ahead : size
  const events = await readEvents(tx, { from: row.position, to })
  const wanted = events.filter(({ type }) => matchesType(row.types, type))
  if (wanted.length > 0) await insertDeliveries(tx, { endpoint, events: wanted, now })
  await tx.updateTable('webhooks.endpoint').set({ position: to }).where('id', '=', endpoint).execute()
  return to < size
}

/** Queues one event, whether or not it was sent before; one that waits for its next attempt is sent at once. */
export async function queueAgain(tx: Tx, { endpoint, event, now }: QueueAgain): Promise<void> {
  await lockEndpoint(tx, endpoint)
  await insertDeliveries(tx, { endpoint, events: [event], now })
  await tx
    .updateTable('webhooks.delivery')
    .set({ due_at: now })
    .where('endpoint', '=', endpoint)
    .where('position', '=', event.position)
    .where('status', '=', 'pending')
    .where('due_at', '>', now)
    .execute()
  await promote(tx, { endpoint, subject: event.subject, now })
}

/** What closes a delivery holds this, so that `queueNew` either sees it closed or is seen by it. */
export async function lockEndpoint(tx: Tx, endpoint: string, { toChange = false } = {}): Promise<void> {
  const row = tx.selectFrom('webhooks.endpoint').select('id').where('id', '=', endpoint)
  await (toChange ? row.forNoKeyUpdate() : row.forShare()).execute()
}

/** The first pending event of the subject becomes due. */
export async function promote(tx: Tx, { endpoint, subject, now }: Subject): Promise<void> {
  await sql`
    update webhooks.delivery
    set due_at = ${now}::timestamptz
    where endpoint = ${endpoint}::uuid
      and due_at is null
      and position = (
        select min(position)
        from webhooks.delivery
        where endpoint = ${endpoint}::uuid and subject = ${subject}::text and status = 'pending'
      )
  `.execute(tx)
}

/** An event that waits for none of its subject is due at once; one that was closed before is opened again. */
async function insertDeliveries(tx: Tx, { endpoint, events, now }: InsertDeliveries): Promise<void> {
  await sql`
    insert into webhooks.delivery (endpoint, position, type, subject, queued_at, due_at)
    select
      ${endpoint}::uuid, new.position, new.type, new.subject, ${now}::timestamptz,
      case
        when row_number() over (partition by new.subject order by new.position) = 1
          and not exists (
            select
            from webhooks.delivery as earlier
            where earlier.endpoint = ${endpoint}::uuid
              and earlier.subject = new.subject
              and earlier.status = 'pending'
          )
        then ${now}::timestamptz
      end
    from unnest(
      ${pgArray(events.map(({ position }) => position))}::bigint[],
      ${pgArray(events.map(({ type }) => type))}::text[],
      ${pgArray(events.map(({ subject }) => subject))}::text[]
    ) as new (position, type, subject)
    on conflict (endpoint, position) do update
    set status = 'pending', attempts = 0, queued_at = excluded.queued_at, due_at = excluded.due_at, closed_at = null
    where delivery.status <> 'pending'
  `.execute(tx)
}

const EVENTS_AT_ONCE = 500n

interface QueueNew {
  endpoint: string
  /** How many leaves are sealed. */
  size: bigint
  now: Date
}

interface QueueAgain {
  endpoint: string
  event: DomainEvent
  now: Date
}

interface Subject {
  endpoint: string
  subject: string
  now: Date
}

interface InsertDeliveries {
  endpoint: string
  events: readonly DomainEvent[]
  now: Date
}
