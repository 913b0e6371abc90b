import { assert } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { type AppError, Conflict, Forbidden, Invalid, NotFound } from '../core/errors.ts'
import { newUuid, UUID } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { findAccount, findAsset } from './accounts.ts'
import { BALANCE_MAX } from './book.ts'
import { type Chart, issuanceAccount } from './chart.ts'
import { isPlainText } from './check-items.ts'
import { post } from './post.ts'

/**
 * Asks to issue `amount` of an asset to the account `to`. Moves nothing: another owner must approve it first.
 * Fails: asset_not_found, account_not_found, account_owned_by_module, amount_invalid, reason_invalid.
 */
export async function requestIssuance(
  tx: Tx,
  { asset: code, to, amount, reason, chart, actor, now }: RequestIssuance,
): Promise<Issuance> {
  const asset = await findAsset(tx, code)
  await findAccount(tx, to, code)
  chart.refuseModuleAccount(to)
  if (amount <= 0n || amount > BALANCE_MAX) {
    throw new Invalid('amount_invalid', 'An issuance is of more than zero, and of at most 38 digits.')
  }
  if (!isPlainText(reason, REASON_LENGTH_MAX)) {
    throw new Invalid('reason_invalid', `Give the reason in 1 to ${REASON_LENGTH_MAX} characters on one line.`)
  }
  const row = await tx
    .insertInto('ledger.issuance')
    .values({ id: newUuid(now), asset: asset.id, to_path: to, amount, reason, requested_by: actor, requested_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
  const after = { to, amount: formatAmount(amount, asset.scale), asset: code, reason }
  await record(tx, { at: now, actor, action: 'issuance.request', subject: `issuance:${row.id}`, diff: { after } })
  return { ...row, asset: code, scale: asset.scale }
}

/**
 * Approves and carries out an issuance that somebody else asked for.
 * Moves: issuance:{asset} -> the account asked for.
 * Fails: issuance_not_found, issuance_already_approved, second_approver_required, then as `post` (insufficient_funds:
 * the maximum supply).
 */
export async function approveIssuance(
  tx: Tx,
  { id, actor, now }: { id: string; actor: string; now: Date },
): Promise<Issuance> {
  if (!UUID.test(id)) throw issuanceNotFound(id)
  const row = await tx
    .selectFrom('ledger.issuance as issuance')
    .innerJoin('ledger.asset as asset', 'asset.id', 'issuance.asset')
    .selectAll('issuance')
    .select(['asset.code', 'asset.scale'])
    .where('issuance.id', '=', id)
    .forUpdate('issuance')
    .executeTakeFirst()
  if (!row) throw issuanceNotFound(id)
  if (row.entry !== null)
    throw new Conflict('issuance_already_approved', 'This issuance was approved and carried out before.')
  if (row.requested_by === actor) {
    throw new Forbidden('second_approver_required', 'Who asked for an issuance cannot approve it: another owner must.')
  }
  const after = { asset: row.code, to: row.to_path, amount: formatAmount(row.amount, row.scale) }
  await record(tx, { at: now, actor, action: 'issuance.approve', subject: `issuance:${id}`, diff: { after } })
  const postings = [{ from: issuanceAccount(row.code), to: row.to_path, asset: row.code, amount: row.amount }]
  const [result] = await post(tx, [{ kind: 'issuance', reference: id, postings }], { actor, now })
  assert(result?.status === 'posted', `An issuance was ${result?.status}`)
  const approved = { approved_by: actor, approved_at: now, entry: result.entry }
  await tx.updateTable('ledger.issuance').set(approved).where('id', '=', id).execute()
  return { ...row, ...approved, asset: row.code }
}

function issuanceNotFound(id: string): AppError {
  return new NotFound('issuance_not_found', `There is no issuance ${id.slice(0, 64)}.`)
}

export interface Issuance {
  id: string
  asset: string
  scale: number
  to_path: string
  amount: bigint
  reason: string
  requested_by: string
  requested_at: Date
  approved_by: string | null
  approved_at: Date | null
  entry: bigint | null
}

const REASON_LENGTH_MAX = 500

interface RequestIssuance {
  asset: string
  to: string
  amount: bigint
  reason: string
  chart: Chart
  actor: string
  now: Date
}
