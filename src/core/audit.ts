import { randomBytes } from 'node:crypto'

import { type Selectable, sql } from 'kysely'

import { assert } from './assert.ts'
import type { Db, Tx } from './db.ts'
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
  let query = db
    .selectFrom('audit.event')
    .select(['id', 'at', 'actor', 'action', 'subject', 'diff'])
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  const { actor, action, subject, from, until } = where
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (action?.endsWith('.*')) {
    const first = action.slice(0, -1)
    query = query.where(sql<boolean>`starts_with(action, ${first})`)
  } else if (action !== undefined) query = query.where('action', '=', action)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (until !== undefined) query = query.where('at', '<', until)
  return await query.execute()
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

export interface ListEvents {
  before?: bigint
  limit: number
  actor?: string
  /** One, or all that begin so: `key.*`. */
  action?: string
  subject?: string
  from?: Date
  until?: Date
}

const EVENTS_MAX = 201
const SALT_BYTES = 16
const ACTION = /^[a-z_]+\.[a-z_]+$/
