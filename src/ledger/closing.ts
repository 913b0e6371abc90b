import { sql } from 'kysely'

import { record } from '../core/audit.ts'
import { isPgError, PG, type Tx } from '../core/db.ts'
import { Conflict, Invalid, Unavailable } from '../core/errors.ts'

/**
 * Closes the books for all that is effective before `before`: nothing may be recorded into that time any more. Books
 * close forward only. Moves nothing.
 * Fails: closing_in_future, books_busy while a transaction that dates entries back is under way, period_closed when they
 * are closed to that day or further already.
 */
export async function closeBooks(
  tx: Tx,
  { before, actor, now }: { before: Date; actor: string; now: Date },
): Promise<void> {
  if (before > now) throw new Invalid('closing_in_future', 'Only time that has passed can be closed.')
  const { rows } = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock(${CLOSING_LOCK}) as free`.execute(tx)
  if (!rows[0]?.free) {
    throw new Unavailable(
      'books_busy',
      'Entries are being dated back at this moment. Close the books when they are posted.',
    )
  }
  const closed = await closedBefore(tx)
  const until = closed?.toISOString() ?? ''
  if (closed && before <= closed) {
    throw new Conflict('period_closed', `The books are closed before ${until} already.`, { closed_before: until })
  }
  try {
    await tx.insertInto('ledger.closing').values({ closed_before: before, closed_at: now, actor }).execute()
  } catch (error) {
    if (isPgError(error, PG.unique_violation))
      throw new Conflict('period_closed', 'The books were just closed to that time.')
    throw error
  }
  const diff = {
    before: { closed_before: closed?.toISOString() ?? null },
    after: { closed_before: before.toISOString() },
  }
  await record(tx, { at: now, actor, action: 'books.close', subject: 'ledger', diff })
}

/**
 * Until the transaction ends nobody closes the books: whoever posts what is dated back asks for this before reading the
 * closing date, or it could be moved between reading and commit.
 */
export async function keepBooksOpen(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${CLOSING_LOCK})`.execute(tx)
}

/** The time before which nothing may be recorded as effective; null while the books were never closed. */
export async function closedBefore(tx: Tx): Promise<Date | null> {
  const row = await tx
    .selectFrom('ledger.closing')
    .select((eb) => eb.fn.max('closed_before').as('time'))
    .executeTakeFirst()
  return row?.time ?? null
}

const CLOSING_LOCK = sql`hashtextextended('ledger.closing', 0)`
