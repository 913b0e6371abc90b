import { sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { type Order, WALK } from '../core/page.ts'
import type { Account } from './accounts.ts'
import { balanceAt } from './balances.ts'

/**
 * The lines of an account that were recorded in [from, until), with the balances around them. Lines are numbered: a
 * statement without a gap has the versions after `opening.version` up to `closing.version`, each once.
 */
export async function readStatement(
  db: Db | Tx,
  { account, from, until, order, after, limit }: ReadStatement,
): Promise<Statement> {
  const opening = from ? await balanceBefore(db, account, from) : { balance: 0n, version: 0n }
  const closing = until ? await balanceBefore(db, account, until) : account
  const oldest = order === 'oldest' && after !== undefined ? after : opening.version
  const newest = order === 'newest' && after !== undefined ? after - 1n : closing.version
  const { rows: lines } = await sql<Line>`
    select
      line.version, line.amount, line.balance_before, line.balance_after, counterparty.path as counterparty,
      entry.id as entry, line.no, entry.kind, entry.reference, entry.effective_at, entry.recorded_at
    from ledger.line
    join ledger.account as counterparty on counterparty.id = line.counterparty
    join ledger.entry on entry.id = line.entry
    where line.account = ${account.id}::bigint and line.version > ${oldest}::bigint and line.version <= ${newest}::bigint
    order by line.version ${sql.raw(WALK[order].direction)}
    limit ${limit}::int
  `.execute(db)
  return { opening, closing: { balance: closing.balance, version: closing.version }, lines }
}

/** Times are kept to the millisecond. */
async function balanceBefore(db: Db | Tx, account: Account, time: Date): Promise<Balance> {
  return await balanceAt(db, account, { by: 'recorded', at: new Date(time.getTime() - 1) })
}

/** Amounts in minor units of the account's asset. */
export interface Statement {
  opening: Balance
  closing: Balance
  lines: Line[]
}

export interface Line {
  /** Counts the lines of the account: 1, 2, 3, … */
  version: bigint
  /** Above zero: came in. */
  amount: bigint
  balance_before: bigint
  balance_after: bigint
  counterparty: string
  entry: bigint
  /** Of the posting in its entry. */
  no: number
  kind: string
  reference: string | null
  effective_at: Date
  recorded_at: Date
}

interface Balance {
  balance: bigint
  version: bigint
}

export interface ReadStatement {
  account: Account
  from?: Date | undefined
  until?: Date | undefined
  order: Order
  /** The version of the last line seen. */
  after?: bigint | undefined
  limit: number
}
