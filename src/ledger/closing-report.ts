import { sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { closedBefore } from './closing.ts'
import { type AssetBalance, trialBalance } from './trial-balance.ts'

/**
 * What the books say at `before`, where they are closed or are to be: the trial balance of all that had taken effect until
 * then, and what each kind of entry moved since the closing before. Nothing is stored for it: once the books are closed
 * to `before`, it is always the same. Call it on a `snapshot`.
 * Fails: too_many_groups.
 */
export async function closingReport(
  tx: Tx,
  { before, depth }: { before: Date; depth: number },
): Promise<ClosingReport> {
  const since = await closingBefore(tx, before)
  const last = new Date(before.getTime() - 1)
  const balances = await trialBalance(tx, { depth, moment: { by: 'effective', at: last } })
  const { rows: kinds } = await sql<KindMoved>`
    select asset.code as asset, asset.scale, entry.kind, count(distinct entry.id) as entries, sum(posting.amount) as amount
    from ledger.entry
    join ledger.posting on posting.entry = entry.id
    join ledger.account on account.id = posting.from_account
    join ledger.asset on asset.id = account.asset
    where entry.effective_at >= coalesce(${since}::timestamptz, '-infinity') and entry.effective_at < ${before}::timestamptz
    group by asset.id, entry.kind
    order by asset.code, entry.kind
    limit ${sql.lit(KINDS_MAX)}
  `.execute(tx)
  const closed = await closedBefore(tx)
  return { since, before, closed: closed !== null && closed >= before, balances, kinds }
}

export interface ClosingReport {
  /** The closing before; null: from the beginning. */
  since: Date | null
  before: Date
  /** Whether the books are closed to `before`, so that it cannot change any more. */
  closed: boolean
  balances: AssetBalance[]
  kinds: KindMoved[]
}

/** What the postings of a kind moved, in minor units. */
export interface KindMoved {
  asset: string
  scale: number
  kind: string
  entries: bigint
  amount: bigint
}

const KINDS_MAX = 1_000

async function closingBefore(db: Db | Tx, before: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('ledger.closing')
    .select((eb) => eb.fn.max('closed_before').as('time'))
    .where('closed_before', '<', before)
    .executeTakeFirst()
  return row?.time ?? null
}
