import { sql } from 'kysely'

import type { Actor } from '../core/actor.ts'
import { record } from '../core/audit.ts'
import { type Db, transaction, type Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'
import { actorOfLogin } from '../identity/identity.ts'
import { hashOfToken, tokenOf } from './tokens.ts'

/**
 * Who is signed in with that cookie; undefined when nobody is, or not any more. It is looked up each time, so that a
 * session that was ended is dead everywhere at once. That it was seen is noted once a minute.
 */
export async function findSession(db: Db, { cookie, secret, now, note }: FindSession): Promise<Session | undefined> {
  const token = tokenOf(cookie, secret)
  if (token === undefined) return undefined
  const session = await db
    .selectFrom('auth.session')
    .select(['id', 'user_id', 'last_seen_at'])
    .where('token', '=', hashOfToken(token))
    .where('expires_at', '>', now)
    .executeTakeFirst()
  if (!session) return undefined
  const actor = await actorOfLogin(db, session.user_id)
  if (!actor) return undefined
  const seen_ms = session.last_seen_at?.getTime() ?? 0
  if (note && now.getTime() - seen_ms >= SEEN_EVERY_MS) await noteSeen(db, { id: session.id, now })
  return { login: session.user_id, actor: { ...actor, session: session.id } }
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

interface FindSession {
  /** The value of the session's cookie. */
  cookie: string
  secret: Secret
  now: Date
  /** Whether it may be written down that they were here. */
  note: boolean
}

interface EndSessions {
  person: string
  only?: string
  except?: string
  now: Date
}

const SEEN_EVERY_MS = 60_000
const SESSIONS_MAX = 200

async function noteSeen(db: Db, { id, now }: { id: string; now: Date }): Promise<void> {
  await transaction(db, async (tx) => {
    await tx.updateTable('auth.session').set({ last_seen_at: now }).where('id', '=', id).execute()
  })
}
