import { sql } from 'kysely'

import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { createPerson, personOfLogin } from '../identity/identity.ts'

/*
 * Who has signed up and not proven their address yet is nobody: a login without a person, which holds neither its address
 * nor its name. They become a person with the proof (docs/adr/0032).
 */

/** Makes room for a sign-up with that address: an earlier one that nobody proved ends, with its password and its links. */
export async function replaceSignUps(tx: Tx, { email, now }: { email: string; now: Date }): Promise<void> {
  // Of two at once with one address, the second finds the first, and not a row that it may not write beside.
  await sql`select pg_advisory_xact_lock(hashtextextended(${email}, 0))`.execute(tx)
  const { rows } = await sql<EndedSignUp>`
    delete from auth.login as login
    where email = ${email} and ${UNPROVEN}
    returning id, name
  `.execute(tx)
  await recordEnds(tx, { ended: rows, action: 'sign_up.replace', now })
}

/** Ends what nobody has proven in time. */
export async function expireSignUps(tx: Tx, { now }: { now: Date }): Promise<void> {
  const old = new Date(now.getTime() - SIGN_UP_MS)
  const { rows } = await sql<EndedSignUp>`
    delete from auth.login
    where id in (
      select id
      from auth.login as login
      where created_at <= ${old}::timestamptz and ${UNPROVEN}
      order by created_at
      limit ${AT_ONCE_MAX}
      for update skip locked
    )
    returning id, name
  `.execute(tx)
  await recordEnds(tx, { ended: rows, action: 'sign_up.expire', now })
}

/** Makes a person of who has proven their address, under the name they chose. Fails: username_taken. */
export async function becomePerson(
  tx: Tx,
  { login, username, now }: { login: string; username: string; now: Date },
): Promise<void> {
  if ((await personOfLogin(tx, login)) === undefined) await createPerson(tx, { username, login, now })
}

export const SIGN_UP_MS = 48 * 3_600_000
const AT_ONCE_MAX = 1_000

const UNPROVEN = sql`
  not login.email_verified and not exists (select from identity.person where auth_user = login.id)
`

interface EndedSignUp {
  id: string
  name: string
}

async function recordEnds(
  tx: Tx,
  { ended, action, now }: { ended: readonly EndedSignUp[]; action: string; now: Date },
): Promise<void> {
  for (const { id, name } of ended) {
    const diff = { before: { username: name } }
    await record(tx, { at: now, actor: 'system', action, subject: `login:${id}`, diff })
  }
}
