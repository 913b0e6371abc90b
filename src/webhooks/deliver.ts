import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Clock } from '../core/clock.ts'
import { type Db, type Tx, transaction } from '../core/db.ts'
import type { SecretBox } from '../core/secret-box.ts'
import { eventView, readEvents } from '../events/events.ts'
import { lockEndpoint, promote } from './queue.ts'
import { type Sent, send } from './send.ts'
import { nextDelayMs, outcomeOf, signedHeaders } from './webhook-rules.ts'

/**
 * Sends what is due for an endpoint, at most AT_ONCE messages side by side, each outside of any transaction; returns how many.
 * A message is claimed before it is sent: for LEASE_MS nobody else takes it. Who is killed between sending and recording
 * leaves it claimed, and it is sent again with the same id, which is how the receiver knows it.
 */
export async function deliverDue(sender: Sender, endpoint: string): Promise<number> {
  const claimed = await transaction(sender.db, async (tx) => await claim(tx, { endpoint, now: sender.clock.now() }))
  const ends = await Promise.allSettled(claimed.map(async (message) => await deliver(sender, message)))
  // Not before all have ended: whoever closes the database waits for this.
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  return claimed.length
}

/** The endpoints that something is due for. */
export async function endpointsDue(db: Db, now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select endpoint.id
    from webhooks.endpoint
    where endpoint.status = 'active'
      and exists (
        select
        from webhooks.delivery
        where delivery.endpoint = endpoint.id and delivery.status = 'pending' and delivery.due_at <= ${now}::timestamptz
      )
  `.execute(db)
  return rows.map(({ id }) => id)
}

/** Needs of an economy what `deliverDue` does. */
export interface Sender {
  db: Db
  clock: Clock
  secrets: SecretBox
  private_allowed: boolean
}

async function claim(tx: Tx, { endpoint, now }: { endpoint: string; now: Date }): Promise<Message[]> {
  const { rows } = await sql<Message>`
    update webhooks.delivery
    set due_at = ${new Date(now.getTime() + LEASE_MS)}::timestamptz, attempts = attempts + 1
    from webhooks.endpoint
    where endpoint.id = delivery.endpoint
      and (delivery.endpoint, delivery.position) in (
        select endpoint, position
        from webhooks.delivery
        where endpoint = ${endpoint}::uuid and status = 'pending' and due_at <= ${now}::timestamptz
        order by due_at, position
        limit ${AT_ONCE}::int
        for update skip locked
      )
      and endpoint.status = 'active'
    returning
      delivery.endpoint, delivery.position, delivery.subject, delivery.attempts,
      endpoint.url, endpoint.secret, endpoint.previous_secret, endpoint.previous_until
  `.execute(tx)
  return rows
}

async function deliver(sender: Sender, message: Message): Promise<void> {
  const begun = sender.clock.now()
  const started_ms = performance.now()
  const sent = await attempt(sender, message, begun)
  const duration_ms = Math.round(performance.now() - started_ms)
  const now = sender.clock.now()
  await transaction(sender.db, async (tx) => await keep(tx, { message, sent, begun, duration_ms, now }))
}

async function attempt({ db, secrets, private_allowed }: Sender, message: Message, now: Date): Promise<Sent> {
  const { endpoint, position, url, secret, previous_secret, previous_until } = message
  const [event] = await readEvents(db, { from: position, to: position + 1n })
  const body = JSON.stringify(eventView(must(event, `There is a leaf at ${position}`)))
  const current = secrets.open(secret, endpoint)
  if (!current)
    return { http_status: undefined, retry_after: undefined, response: undefined, error: 'secret_unreadable' }
  const rotating = previous_secret && previous_until && previous_until > now
  const previous = rotating ? secrets.open(previous_secret, endpoint) : undefined
  const keys = previous ? [current, previous] : [current]
  const headers = signedHeaders({ id: messageId(event!.id), body, keys, now })
  return await send({ url, headers, body, private_allowed })
}

/** The same in each attempt and each replay. */
export function messageId(event: string): string {
  return `evt_${event}`
}

/** Writes down what came of it, unless somebody else has claimed the message meanwhile. */
async function keep(tx: Tx, { message, sent, begun, duration_ms, now }: Keep): Promise<void> {
  const { endpoint, position, subject, attempts } = message
  await lockEndpoint(tx, endpoint, { toChange: sent.http_status === 410 })
  const mine = await tx
    .selectFrom('webhooks.delivery')
    .select('position')
    .where('endpoint', '=', endpoint)
    .where('position', '=', position)
    .where('attempts', '=', attempts)
    .where('status', '=', 'pending')
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!mine) return
  const { http_status, error, response } = sent
  await tx
    .insertInto('webhooks.attempt')
    .values({
      endpoint,
      position,
      no: attempts,
      at: begun,
      duration_ms,
      http_status: http_status ?? null,
      error: error ?? null,
      response: response ?? null,
    })
    .execute()
  const outcome = outcomeOf(sent, now)
  const delay_ms = outcome.outcome === 'retry' ? nextDelayMs(attempts) : undefined
  if (delay_ms !== undefined && outcome.outcome === 'retry') {
    const due_at = new Date(now.getTime() + Math.max(delay_ms, outcome.wait_ms ?? 0))
    await settle(tx, message, { due_at })
    return
  }
  if (outcome.outcome === 'gone') await disableGone(tx, { endpoint, now })
  const status = outcome.outcome === 'delivered' ? 'delivered' : 'failed'
  await settle(tx, message, { status, due_at: null, closed_at: now })
  await promote(tx, { endpoint, subject, now })
}

async function settle(
  tx: Tx,
  { endpoint, position }: Message,
  to: { due_at: Date | null; status?: 'delivered' | 'failed'; closed_at?: Date },
): Promise<void> {
  await tx
    .updateTable('webhooks.delivery')
    .set(to)
    .where('endpoint', '=', endpoint)
    .where('position', '=', position)
    .execute()
}

/** 410: whoever is there wants no more. */
async function disableGone(tx: Tx, { endpoint, now }: { endpoint: string; now: Date }): Promise<void> {
  const disabled = await tx
    .updateTable('webhooks.endpoint')
    .set({ status: 'disabled', disabled_reason: 'The receiver answered 410 Gone.' })
    .where('id', '=', endpoint)
    .where('status', '=', 'active')
    .returning('id')
    .executeTakeFirst()
  if (!disabled) return
  const diff = { after: { status: 'disabled', reason: 'gone' } }
  await record(tx, { at: now, actor: 'system', action: 'webhook.disable', subject: `webhook:${endpoint}`, diff })
}

export const LEASE_MS = 60_000
export const AT_ONCE = 8

interface Message {
  endpoint: string
  position: bigint
  subject: string
  attempts: number
  url: string
  secret: Buffer
  previous_secret: Buffer | null
  previous_until: Date | null
}

interface Keep {
  message: Message
  sent: Sent
  begun: Date
  duration_ms: number
  now: Date
}
