import type { Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'

/** Makes whatever else concerns this person wait for the transaction's end. Fails: person_not_found. */
export async function lockPerson(tx: Tx, person: string): Promise<void> {
  const found = await tx
    .selectFrom('identity.person')
    .select('id')
    .where('id', '=', person)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!found) throw new NotFound('person_not_found', 'There is no such person.')
}
