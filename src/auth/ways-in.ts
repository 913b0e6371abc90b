import { sql } from 'kysely'

import type { Db } from '../core/db.ts'
import { findPerson } from '../identity/identity.ts'

/**
 * With what somebody signs in as a person, and how often they are signed in now: what there is, and nothing that would let
 * anybody in. All is none where nobody signs in as them. Fails: person_not_found.
 */
export async function waysIn(db: Db, { person, now }: { person: string; now: Date }): Promise<WaysIn> {
  const { id } = await findPerson(db, { id: person })
  const { rows } = await sql<WaysIn>`
    select
      coalesce(login.email_verified, false) as email_verified,
      coalesce(login.two_factor_enabled, false) as second_factor,
      exists (
        select from auth.account where account.user_id = login.id and account.password is not null
      ) as password,
      (select count(*)::int from auth.passkey where passkey.user_id = login.id) as passkeys,
      (
        select count(*)::int
        from auth.session
        where session.user_id = login.id and session.expires_at > ${now}::timestamptz
      ) as sessions,
      (select max(session.last_seen_at) from auth.session where session.user_id = login.id) as last_seen_at
    from identity.person
    left join auth.login on login.id = person.auth_user
    where person.id = ${id}::uuid
  `.execute(db)
  return rows[0]!
}

export interface WaysIn {
  email_verified: boolean
  password: boolean
  second_factor: boolean
  passkeys: number
  /** Those that have not ended. */
  sessions: number
  last_seen_at: Date | null
}
