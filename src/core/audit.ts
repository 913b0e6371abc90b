import { randomBytes } from 'node:crypto'

import { type Selectable, sql } from 'kysely'

import { assert, must } from './assert.ts'
import type { Db, Tx } from './db.ts'
import { NotFound } from './errors.ts'
import { parseSerialUuid, serialUuid } from './id.ts'
import type { AuditEvent } from './schema.gen.ts'

/**
 * Writes down who did what to whom, in the transaction that does it. An event is never changed, and is sealed into the
 * log like an entry; `diff` may hold personal data, since a leaf commits to it without showing it. Figures in it are
 * texts.
 */
export async function record(tx: Tx, { at, actor, action, subject, diff }: RecordOptions): Promise<void> {
  assert(ACTION.test(action), `An action is named thing.verb, not ${action}.`)
  // The sealer trusts that whoever draws an event's id is visible as a running transaction by then.
  await sql`select pg_current_xact_id()`.execute(tx)
  await tx
    .insertInto('audit.event')
    .values({ at, actor, action, subject, diff: diff ? JSON.stringify(diff) : null, salt: randomBytes(SALT_BYTES) })
    .execute()
}

/** The events before the one numbered `before`, newest first: a page at a time. */
export async function listEvents(db: Db | Tx, { before, limit, ...where }: ListEvents): Promise<Event[]> {
  assert(limit > 0 && limit <= EVENTS_MAX, `A page has 1 to ${EVENTS_MAX} events.`)
  let query = eventsOf(db, where).orderBy('id', 'desc').limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  return await query.execute()
}

/** All of them that there are by now, oldest first and some at a time: in one walk, with no more in memory than these. */
export async function* walkEvents(db: Db | Tx, where: EventFilters): AsyncGenerator<Event[]> {
  const { last } = await db
    .selectFrom('audit.event')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  for (let after = 0n; ;) {
    const events = await eventsOf(db, where)
      .where('id', '>', after)
      .where('id', '<=', last)
      .orderBy('id')
      .limit(EVENTS_AT_ONCE)
      .execute()
    if (events.length > 0) yield events
    if (events.length < EVENTS_AT_ONCE) return
    after = must(events.at(-1), 'A full page has a last event').id
  }
}

/** Fails: audit_event_not_found. */
export async function findEvent(db: Db | Tx, id: string): Promise<Event> {
  const { serial } = parseSerialUuid(id, 'audit_event_not_found')
  const event = await eventsOf(db, {}).where('id', '=', serial).executeTakeFirst()
  if (event && serialUuid(event.id, event.at) === id) return event
  throw new NotFound('audit_event_not_found', `There is no audit event ${id}.`, { event: id })
}

function eventsOf(db: Db | Tx, { actor, action, subject, from, until }: EventFilters) {
  let query = db.selectFrom('audit.event').select(['id', 'at', 'actor', 'action', 'subject', 'diff'])
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (action?.endsWith('.*')) {
    const first = action.slice(0, -1)
    query = query.where(sql<boolean>`starts_with(action, ${first})`)
  } else if (action !== undefined) query = query.where('action', '=', action)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (until !== undefined) query = query.where('at', '<', until)
  return query
}

export interface RecordOptions {
  at: Date
  /** Who did it, such as `key:<uuid>` or `cli:<os user>`. */
  actor: string
  /** What was done, such as `parameter.set`. */
  action: string
  /** To what, such as `parameter:weekly_pool`. */
  subject: string
  diff?: Diff
}

/** What changed: one of the two is missing where something came into being or ended. */
export interface Diff {
  before?: unknown
  after?: unknown
}

export type Event = Omit<Selectable<AuditEvent>, 'salt'>

export interface EventFilters {
  actor?: string | undefined
  /** One, or all that begin so: `key.*`. */
  action?: string | undefined
  subject?: string | undefined
  from?: Date | undefined
  until?: Date | undefined
}

interface ListEvents extends EventFilters {
  before?: bigint
  limit: number
}

const EVENTS_MAX = 201
const EVENTS_AT_ONCE = 1_000
const SALT_BYTES = 16
const ACTION = /^[a-z_]+\.[a-z_]+$/
