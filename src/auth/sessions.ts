import { sql } from 'kysely'

import type { Actor, StaffRole } from '../core/actor.ts'
import { record } from '../core/audit.ts'
import type { Clock } from '../core/clock.ts'
import { type Db, pgArray, transaction, type Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { gather } from '../core/gather.ts'
import type { Secret } from '../core/secret.ts'
import { actorOfPerson } from '../identity/identity.ts'
import { hashOfToken, tokenOf } from './tokens.ts'

/**
 * Finds who is signed in with a cookie of that value; undefined when nobody is, or not any more. It is looked up each time,
 * so that a session that was ended is dead everywhere at once. Where `noting`, that it was seen is written down once a
 * minute.
 */
export function sessionFinder({ db, secret, clock, noting }: FindSessions): (cookie: string) => Promise<Found> {
  const find = gather(async (tokens: readonly string[]) => await readSessions(db, { tokens, now: clock.now() }))
  const note = gather(async (ids: readonly string[]) => await noteSeen(db, { ids, now: clock.now() }))
  return async (cookie) => {
    const token = tokenOf(cookie, secret)
    const session = token === undefined ? undefined : await find(hashOfToken(token))
    if (!session) return undefined
    const seen_ms = session.last_seen_at?.getTime() ?? 0
    if (noting && clock.now().getTime() - seen_ms >= SEEN_EVERY_MS) await note(session.id)
    return { login: session.user_id, actor: { ...actorOfPerson(session.person, session.role), session: session.id } }
  }
}

/** Where somebody is signed in, the newest first. */
export async function listSessions(db: Db, { person, now }: { person: string; now: Date }): Promise<ListedSession[]> {
  return await db
    .selectFrom('auth.session as session')
    .innerJoin('identity.person as person', 'person.auth_user', 'session.user_id')
    .select([
      'session.id',
      'session.ip_address',
      'session.user_agent',
      'session.created_at',
      'session.last_seen_at',
      'session.expires_at',
    ])
    .where('person.id', '=', person)
    .where('session.expires_at', '>', now)
    .orderBy('session.created_at', 'desc')
    .limit(SESSIONS_MAX)
    .execute()
}

/** Ends one session of a person, or all but one, or all; at once. Fails: session_not_found. */
export async function endSessions(tx: Tx, { person, only, except, now }: EndSessions): Promise<number> {
  let ending = tx
    .deleteFrom('auth.session')
    .where('user_id', '=', sql<string>`(select auth_user from identity.person where id = ${person}::uuid)`)
    .returning('id')
  if (only !== undefined) ending = ending.where('id', '=', only)
  if (except !== undefined) ending = ending.where('id', '<>', except)
  const ended = await ending.execute()
  if (only !== undefined && ended.length === 0) throw new NotFound('session_not_found', 'There is no such session.')
  const subject = `person:${person}`
  for (const { id } of ended) {
    await record(tx, { at: now, actor: subject, action: 'session.end', subject, diff: { before: { session: id } } })
  }
  return ended.length
}

/** Somebody who is signed in. */
export interface Session {
  /** What better-auth calls the user. */
  login: string
  actor: Actor
}

export interface ListedSession {
  id: string
  ip_address: string | null
  user_agent: string | null
  created_at: Date
  last_seen_at: Date | null
  expires_at: Date
}

type Found = Session | undefined

interface FindSessions {
  db: Db
  secret: Secret
  clock: Clock
  /** Whether it may be written down that they were here. */
  noting: boolean
}

interface FoundRow {
  id: string
  token: string
  user_id: string
  last_seen_at: Date | null
  person: string
  role: StaffRole | null
}

interface EndSessions {
  person: string
  only?: string
  except?: string
  now: Date
}

const SEEN_EVERY_MS = 60_000
const SESSIONS_MAX = 200

async function readSessions(
  db: Db,
  { tokens, now }: { tokens: readonly string[]; now: Date },
): Promise<Map<string, FoundRow>> {
  const { rows } = await sql<FoundRow>`
    select session.id, session.token, session.user_id, session.last_seen_at, person.id as person, granted.role
    from auth.session
    join identity.person on person.auth_user = session.user_id
    left join identity.person_role as granted on granted.person = person.id
    where session.token = any (${pgArray(tokens)}::text[]) and session.expires_at > ${now}::timestamptz
  `.execute(db)
  return new Map(rows.map((row) => [row.token, row]))
}

/** In the order of the ids, so that two servers at once wait for each other and do not deadlock. */
async function noteSeen(db: Db, { ids, now }: { ids: readonly string[]; now: Date }): Promise<Map<string, undefined>> {
  await transaction(db, async (tx) => {
    await sql`
      update auth.session
      set last_seen_at = ${now}::timestamptz
      where id in (select id from auth.session where id = any (${pgArray(ids)}::text[]) order by id for no key update)
    `.execute(tx)
  })
  return new Map<string, undefined>()
}
