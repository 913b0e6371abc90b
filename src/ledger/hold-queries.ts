import { z } from 'zod'

import type { Db, Tx } from '../core/db.ts'
import { zTime } from '../core/http.ts'
import { formatAmount } from '../core/money.ts'
import { entryId, zBalance } from './entry-view.ts'
import { type Hold, holdQuery } from './holds.ts'

/** Holds newest first, before the hold `before`. */
export async function listHolds(
  db: Db | Tx,
  { account, asset, status, reference, before, limit }: ListHolds,
): Promise<Hold[]> {
  let query = holdQuery(db).orderBy('ledger.hold.id', 'desc').limit(limit)
  if (account !== undefined) query = query.where('ledger.account.path', '=', account)
  if (asset !== undefined) query = query.where('ledger.asset.code', '=', asset)
  if (status !== undefined) query = query.where('ledger.hold.status', '=', status)
  if (reference !== undefined) query = query.where('ledger.hold.reference', '=', reference)
  if (before !== undefined) query = query.where('ledger.hold.id', '<', before)
  return await query.execute()
}

export const HOLD_STATUSES = ['pending', 'captured', 'voided', 'expired'] as const

export const zHold = z
  .object({
    id: z.string(),
    account: z.string(),
    asset: z.string(),
    amount: zBalance,
    captured: zBalance.meta({ description: 'How much of it an entry took; the rest went back.' }),
    status: z.enum(HOLD_STATUSES),
    reference: z.string().nullable(),
    actor: z.string().nullable(),
    expires_at: zTime.nullable(),
    created_at: zTime,
    closed_at: zTime.nullable(),
    entry: z.string().nullable().meta({ description: 'The entry that captured it.' }),
  })
  .meta({ id: 'Hold' })

/** A hold with its amounts as decimal strings. It is closed by the entry that captures it, at the same time. */
export function holdView({ path, scale, ...hold }: Hold): z.output<typeof zHold> {
  return {
    ...hold,
    account: path,
    amount: formatAmount(hold.amount, scale),
    captured: formatAmount(hold.captured, scale),
    status: z.enum(HOLD_STATUSES).parse(hold.status),
    entry: entryId(hold.entry, hold.closed_at),
  }
}

export interface ListHolds {
  account?: string | undefined
  asset?: string | undefined
  status?: (typeof HOLD_STATUSES)[number] | undefined
  reference?: string | undefined
  /** The id of the last hold seen. */
  before?: string | undefined
  limit: number
}
