import { sql } from 'kysely'

import { type Db, transaction, type Tx } from './db.ts'

/**
 * Reads as `person`: a transaction in the economy's member role, to which the policies of every table show what is public
 * and what is this person's. A query that forgets to ask for the person's own rows still finds no others. It writes
 * nothing, since the role may not.
 */
export async function asMember<T>(db: Db, person: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await transaction(db, async (tx) => {
    // Roles are named florin_<installation>_<kind>_<economy>, and no part holds an underscore.
    await sql`
      select
        set_config('role', replace(session_user, '_service_', '_member_'), true),
        set_config('app.user_id', ${person}::text, true)
    `.execute(tx)
    return await work(tx)
  })
}
