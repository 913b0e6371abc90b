import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import type { Account } from './accounts.ts'
import { ENTRY_LEAF } from './log/encode.ts'

/**
 * The balance of `account` as it was: `recorded` counts what had been recorded by a time, `sealed` what the log's first
 * so many leaves hold, `effective` what had taken effect by a time, whenever it was recorded. Nothing is stored for any
 * of them: each posting keeps the balance after it, and a binary search over the account's versions finds the last one
 * that counts; what was dated back into the period is added from the index of entries dated back.
 * Fails: tree_size_unsealed.
 */
export async function balanceAt(
  db: Db | Tx,
  account: Account,
  moment: Moment,
): Promise<{ balance: bigint; version: bigint }> {
  if (moment.by === 'sealed') {
    await mustBeSealed(db, moment.treeSize)
    return await lastLine(db, account, sealedBy(moment.treeSize))
  }
  const recorded = await lastLine(db, account, recordedBy(moment.at))
  if (moment.by === 'recorded') return recorded
  return { ...recorded, balance: recorded.balance + (await datedBack(db, account, recorded.version, moment.at)) }
}

export type Moment = { by: 'recorded'; at: Date } | { by: 'effective'; at: Date } | { by: 'sealed'; treeSize: bigint }

/** The last of the account's lines that `counts` holds for: it holds for all lines up to some version, and for none after. */
async function lastLine(db: Db | Tx, account: Account, counts: Counts): Promise<{ balance: bigint; version: bigint }> {
  const newest = await lineAt(db, account, account.version)
  if (!newest) return { balance: 0n, version: 0n }
  if (await counts(db, newest)) return newest
  let counted = 0n
  let notCounted = account.version
  let found = { balance: 0n, version: 0n }
  while (notCounted - counted > 1n) {
    const middle = (counted + notCounted) / 2n
    const line = must(await lineAt(db, account, middle), `Account ${account.id} has no line ${middle}`)
    if (await counts(db, line)) {
      counted = middle
      found = line
    } else notCounted = middle
  }
  return { balance: found.balance, version: found.version }
}

async function lineAt(db: Db | Tx, account: Account, version: bigint): Promise<Line | undefined> {
  const { rows } = await sql<Line>`
    select line.balance_after as balance, line.version, line.entry, entry.recorded_at
    from ledger.line
    join ledger.entry on entry.id = line.entry
    where line.account = ${account.id} and line.version = ${version}
  `.execute(db)
  return rows[0]
}

function recordedBy(at: Date): Counts {
  return (_, line) => line.recorded_at <= at
}

/** Versions of one account are sealed in their order: its entries commit, and get their ids, one after the other. */
function sealedBy(treeSize: bigint): Counts {
  return async (db, line) => {
    const leaf = await db
      .selectFrom('ledger.leaf')
      .select('position')
      .where('ref', '=', line.entry)
      .where('kind', '=', ENTRY_LEAF)
      .executeTakeFirst()
    return leaf !== undefined && leaf.position < treeSize
  }
}

/**
 * What was recorded on the account after the line `version` and after `at`, but took effect by then. Sought among the
 * lines that follow, or, where those are many, among all that was dated back in the books.
 */
async function datedBack(db: Db | Tx, account: Account, version: bigint, at: Date): Promise<bigint> {
  const dated_back = sql<boolean>`
    entry.effective_at < entry.recorded_at
      and entry.effective_at <= ${at}::timestamptz
      and entry.recorded_at > ${at}::timestamptz
  `
  const query =
    account.version - version <= LINES_FEW
      ? sql<Sum>`
          select coalesce(sum(line.amount), 0) as sum
          from ledger.line
          join ledger.entry on entry.id = line.entry
          where line.account = ${account.id}::bigint and line.version > ${version}::bigint and ${dated_back}
        `
      : sql<Sum>`
          select coalesce(sum(line.sum), 0) as sum
          from ledger.entry
          cross join lateral (
            select sum(line.amount) as sum
            from ledger.line
            where line.entry = entry.id and line.account = ${account.id}::bigint
          ) as line
          where ${dated_back}
        `
  const { rows } = await query.execute(db)
  return must(rows[0], 'A sum is one row').sum
}

/** Fails: tree_size_unsealed. */
export async function mustBeSealed(db: Db | Tx, treeSize: bigint): Promise<void> {
  const head = await db
    .selectFrom('ledger.block')
    .select((eb) => eb.fn.max('tree_size').as('size'))
    .executeTakeFirst()
  if (treeSize <= (head?.size ?? 0n)) return
  throw new Invalid('tree_size_unsealed', `The log has ${head?.size ?? 0n} sealed leaves, fewer than ${treeSize}.`)
}

const LINES_FEW = 10_000n

type Counts = (db: Db | Tx, line: Line) => boolean | Promise<boolean>

interface Line {
  balance: bigint
  version: bigint
  entry: bigint
  recorded_at: Date
}

interface Sum {
  sum: bigint
}
