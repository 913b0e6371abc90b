import { z } from 'zod'

import type { Db, Tx } from '../core/db.ts'
import { zTime } from '../core/http.ts'
import { formatAmount } from '../core/money.ts'
import { entryId, zBalance } from './entry-view.ts'
import type { Issuance } from './issuance.ts'

/** Issuances newest first, before the one `before`; waiting for an approval, or carried out, where `approved` says. */
export async function listIssuances(
  db: Db | Tx,
  { approved, before, limit }: ListIssuances,
): Promise<RecordedIssuance[]> {
  let query = issuanceQuery(db).orderBy('ledger.issuance.id', 'desc').limit(limit)
  if (approved !== undefined) query = query.where('ledger.issuance.entry', approved ? 'is not' : 'is', null)
  if (before !== undefined) query = query.where('ledger.issuance.id', '<', before)
  return await query.execute()
}

/** An issuance that was just asked for or approved. */
export async function readIssuance(db: Db | Tx, id: string): Promise<RecordedIssuance> {
  return await issuanceQuery(db).where('ledger.issuance.id', '=', id).executeTakeFirstOrThrow()
}

export const zIssuance = z
  .object({
    id: z.string(),
    asset: z.string(),
    to: z.string(),
    amount: zBalance,
    reason: z.string(),
    requested_by: z.string(),
    requested_at: zTime,
    approved_by: z.string().nullable(),
    approved_at: zTime.nullable(),
    entry: z.string().nullable().meta({ description: 'The entry that carried it out.' }),
  })
  .meta({ id: 'Issuance' })

export function issuanceView({
  to_path: to,
  scale,
  recorded_at,
  ...issuance
}: RecordedIssuance): z.output<typeof zIssuance> {
  return {
    ...issuance,
    to,
    amount: formatAmount(issuance.amount, scale),
    entry: entryId(issuance.entry, recorded_at),
  }
}

/** With the time of its entry. */
interface RecordedIssuance extends Issuance {
  recorded_at: Date | null
}

export interface ListIssuances {
  approved?: boolean | undefined
  before?: string | undefined
  limit: number
}

function issuanceQuery(db: Db | Tx) {
  return db
    .selectFrom('ledger.issuance')
    .innerJoin('ledger.asset', 'ledger.asset.id', 'ledger.issuance.asset')
    .leftJoin('ledger.entry', 'ledger.entry.id', 'ledger.issuance.entry')
    .select([
      'ledger.issuance.id',
      'ledger.asset.code as asset',
      'ledger.asset.scale',
      'ledger.issuance.to_path',
      'ledger.issuance.amount',
      'ledger.issuance.reason',
      'ledger.issuance.requested_by',
      'ledger.issuance.requested_at',
      'ledger.issuance.approved_by',
      'ledger.issuance.approved_at',
      'ledger.issuance.entry',
      'ledger.entry.recorded_at',
    ])
}
