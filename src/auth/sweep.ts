import { sql } from 'kysely'

import type { Tx } from '../core/db.ts'
import { expireSignUps } from './sign-ups.ts'

/** Deletes what has expired and what nobody needs to see any more. */
export async function sweepAuth(tx: Tx, { now }: { now: Date }): Promise<void> {
  await expireSignUps(tx, { now })
  await sql`delete from auth.session where expires_at < ${now}::timestamptz`.execute(tx)
  await sql`delete from auth.verification where expires_at < ${now}::timestamptz`.execute(tx)
  await sql`delete from auth.attempt where ends_at < ${now}::timestamptz`.execute(tx)
  const old = new Date(now.getTime() - MAIL_KEPT_MS)
  await sql`delete from auth.mail where created_at < ${old}::timestamptz`.execute(tx)
}

const MAIL_KEPT_MS = 7 * 86_400_000
