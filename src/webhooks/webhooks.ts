import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { Conflict, NotFound } from '../core/errors.ts'
import { newUuid } from '../core/id.ts'
import type { SecretBox } from '../core/secret-box.ts'
import { type Secret, secret } from '../core/secret.ts'
import { readEvents } from '../events/events.ts'
import { readTarget } from './address-rules.ts'
import { queueAgain } from './queue.ts'
import { newSigningKey, secretText } from './webhook-rules.ts'

export { Dispatcher } from './dispatcher.ts'

/**
 * Another server is told of what happens from now on: events of these types, in order for each subject, signed with a secret
 * that is shown this once. Fails: webhook_url_invalid, webhook_address_private, too_many_webhooks.
 */
export async function createEndpoint(
  tx: Tx,
  { url, types, description, secrets, ...by }: CreateEndpoint,
): Promise<Made> {
  const target = readTarget(url, by)
  await refuseTooMany(tx)
  const id = newUuid(by.now)
  const key = newSigningKey()
  await tx
    .insertInto('webhooks.endpoint')
    .values({
      id,
      url: target.href,
      types: [...types],
      description: description ?? null,
      secret: secrets.close(key, id),
      position: await sealedSize(tx),
      created_at: by.now,
      created_by: by.actor,
    })
    .execute()
  await note(tx, { id, action: 'webhook.create', ...by, after: { url: target.href, types } })
  return { id, secret: secret(secretText(key)) }
}

/** Nothing is queued or sent until it is enabled again, from where it stopped. Fails: webhook_not_found, webhook_not_active. */
export async function disableEndpoint(tx: Tx, { id, reason, ...by }: Named & { reason?: string }): Promise<void> {
  await mustHave(tx, id, 'active')
  const disabled_reason = reason ?? null
  await tx.updateTable('webhooks.endpoint').set({ status: 'disabled', disabled_reason }).where('id', '=', id).execute()
  await note(tx, { id, action: 'webhook.disable', ...by, after: { status: 'disabled', reason: disabled_reason } })
}

/** Fails: webhook_not_found, webhook_not_disabled. */
export async function enableEndpoint(tx: Tx, { id, ...by }: Named): Promise<void> {
  await mustHave(tx, id, 'disabled')
  await tx
    .updateTable('webhooks.endpoint')
    .set({ status: 'active', disabled_reason: null })
    .where('id', '=', id)
    .execute()
  await note(tx, { id, action: 'webhook.enable', ...by, after: { status: 'active' } })
}

/** For good; what was sent can still be looked up for as long as deliveries are kept. Fails: webhook_not_found. */
export async function deleteEndpoint(tx: Tx, { id, ...by }: Named): Promise<void> {
  await mustHave(tx, id)
  await tx
    .updateTable('webhooks.endpoint')
    .set({ status: 'deleted', disabled_reason: null, previous_secret: null, previous_until: null })
    .where('id', '=', id)
    .execute()
  await tx
    .updateTable('webhooks.delivery')
    .set({ status: 'failed', due_at: null, closed_at: by.now })
    .where('endpoint', '=', id)
    .where('status', '=', 'pending')
    .execute()
  await note(tx, { id, action: 'webhook.delete', ...by, after: { status: 'deleted' } })
}

/** A new secret; for BOTH_SIGN_MS messages are signed with the old one, too. Fails: webhook_not_found. */
export async function rotateSecret(tx: Tx, { id, secrets, ...by }: Named & { secrets: SecretBox }): Promise<Made> {
  const { secret: before } = await mustHave(tx, id)
  const key = newSigningKey()
  // One that cannot be read, as after a move to another installation, signs nothing.
  const readable = secrets.open(before, id) !== undefined
  await tx
    .updateTable('webhooks.endpoint')
    .set({
      secret: secrets.close(key, id),
      previous_secret: readable ? before : null,
      previous_until: readable ? new Date(by.now.getTime() + BOTH_SIGN_MS) : null,
    })
    .where('id', '=', id)
    .execute()
  await note(tx, { id, action: 'webhook.rotate_secret', ...by })
  return { id, secret: secret(secretText(key)) }
}

/**
 * Sends everything that was sealed since `since` again, with the ids that it had. Fails: webhook_not_found,
 * webhook_not_active.
 */
export async function replaySince(tx: Tx, { id, since, ...by }: Named & { since: Date }): Promise<void> {
  const endpoint = await mustHave(tx, id, 'active')
  const before = await tx
    .selectFrom('ledger.block')
    .select((eb) => eb.fn.max('tree_size').as('size'))
    .where('time', '<', since)
    .executeTakeFirst()
  const size = before?.size ?? 0n
  const position = size < endpoint.position ? size : endpoint.position
  await tx.updateTable('webhooks.endpoint').set({ position }).where('id', '=', id).execute()
  await note(tx, { id, action: 'webhook.replay', ...by, after: { since: since.toISOString() } })
}

/** Sends one event again, with the id that it had. Fails: webhook_not_found, webhook_not_active, event_not_found. */
export async function replayOne(tx: Tx, { id, position, ...by }: Named & { position: bigint }): Promise<void> {
  await mustHave(tx, id, 'active')
  const [event] = await readEvents(tx, { from: position, to: position + 1n })
  if (!event) throw new NotFound('event_not_found', `Nothing is sealed at position ${position} yet.`)
  await queueAgain(tx, { endpoint: id, event, now: by.now })
  await note(tx, { id, action: 'webhook.replay', ...by, after: { position: `${position}` } })
}

export const ENDPOINTS_MAX = 20
export const BOTH_SIGN_MS = 24 * 3_600_000

async function refuseTooMany(tx: Tx): Promise<void> {
  const rows = await tx
    .selectFrom('webhooks.endpoint')
    .select('id')
    .where('status', '<>', 'deleted')
    .limit(ENDPOINTS_MAX)
    .execute()
  if (rows.length < ENDPOINTS_MAX) return
  throw new Conflict('too_many_webhooks', `There are ${ENDPOINTS_MAX} webhooks already: delete one first.`)
}

async function sealedSize(tx: Tx): Promise<bigint> {
  const head = await tx
    .selectFrom('ledger.block')
    .select('tree_size')
    .orderBy('height', 'desc')
    .limit(1)
    .executeTakeFirst()
  return head?.tree_size ?? 0n
}

async function mustHave(tx: Tx, id: string, status?: 'active' | 'disabled') {
  const row = await tx
    .selectFrom('webhooks.endpoint')
    .selectAll()
    .where('id', '=', id)
    .where('status', '<>', 'deleted')
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!row) throw new NotFound('webhook_not_found', `There is no webhook ${id}.`)
  if (status !== undefined && row.status !== status) {
    if (status === 'active') throw new Conflict('webhook_not_active', 'The webhook is disabled: enable it first.')
    throw new Conflict('webhook_not_disabled', 'The webhook is active already.')
  }
  return row
}

async function note(tx: Tx, { id, action, actor, now, after }: Note): Promise<void> {
  await record(tx, { at: now, actor, action, subject: `webhook:${id}`, ...(after && { diff: { after } }) })
}

interface By {
  actor: string
  now: Date
}

interface CreateEndpoint extends By {
  url: string
  types: readonly string[]
  description?: string | undefined
  secrets: SecretBox
  private_allowed: boolean
}

interface Named extends By {
  id: string
}

interface Note extends Named {
  action: string
  after?: object
}

interface Made {
  id: string
  secret: Secret
}
