import { sql } from 'kysely'

import { type Db, pgArray, transaction, type Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { UUID } from '../core/id.ts'

/**
 * Gives back what expired holds reserve, oldest first, HOLDS_PER_SWEEP a transaction; returns how many. Moves nothing.
 * Accounts are locked before their holds and in the order of their ids, as everywhere.
 */
export async function expireHolds(db: Db, { now }: { now: Date }): Promise<number> {
  let expired = 0
  for (;;) {
    const swept = await transaction(db, (tx) => sweep(tx, now))
    expired += swept
    if (swept < HOLDS_PER_SWEEP) return expired
  }
}

/** Fails: hold_not_found. */
export async function findHold(db: Db | Tx, id: string): Promise<Hold> {
  const hold = UUID.test(id) && (await holdQuery(db).where('ledger.hold.id', '=', id).executeTakeFirst())
  if (!hold) throw new NotFound('hold_not_found', `There is no hold ${id.slice(0, 64)}.`, { hold: id.slice(0, 64) })
  return hold
}

/** Holds with the account and asset they are on, for lists to filter and order. */
export function holdQuery(db: Db | Tx) {
  return db
    .selectFrom('ledger.hold')
    .innerJoin('ledger.account', 'ledger.account.id', 'ledger.hold.account')
    .innerJoin('ledger.asset', 'ledger.asset.id', 'ledger.account.asset')
    .select([
      'ledger.hold.id',
      'ledger.account.path',
      'ledger.asset.code as asset',
      'ledger.asset.scale',
      'ledger.hold.amount',
      'ledger.hold.captured',
      'ledger.hold.status',
      'ledger.hold.reference',
      'ledger.hold.actor',
      'ledger.hold.expires_at',
      'ledger.hold.created_at',
      'ledger.hold.closed_at',
      'ledger.hold.entry',
    ])
}

export type Hold = Awaited<ReturnType<ReturnType<typeof holdQuery>['executeTakeFirstOrThrow']>>

async function sweep(tx: Tx, now: Date): Promise<number> {
  const due = await tx
    .selectFrom('ledger.hold')
    .select(['id', 'account'])
    .where('status', '=', 'pending')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(HOLDS_PER_SWEEP)
    .execute()
  if (due.length === 0) return 0
  await sql`
    select id
    from ledger.account
    where id = any (${pgArray([...new Set(due.map(({ account }) => account))])}::bigint[])
    order by id
    for no key update
  `.execute(tx)
  // What was captured or voided while the locks were waited for is no longer pending, and stays as it is.
  await sql`
    with
      expired as (
        update ledger.hold
        set status = 'expired', closed_at = ${now}::timestamptz
        where id = any (${pgArray(due.map(({ id }) => id))}::uuid[]) and status = 'pending'
        returning account, amount
      )
    update ledger.account
    set reserved = reserved - freed.amount
    from (select account, sum(amount) as amount from expired group by account) as freed
    where account.id = freed.account
  `.execute(tx)
  return due.length
}

const HOLDS_PER_SWEEP = 1_000
