import { sql } from 'kysely'

import type { Actor } from '../core/actor.ts'
import { assert, must } from '../core/assert.ts'
import { type Db, pgArray, transaction, type Tx } from '../core/db.ts'
import { Conflict, Invalid } from '../core/errors.ts'
import { serialUuid, UUID } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { findPerson, holdPerson, type Person } from '../identity/identity.ts'
import { ensureAccounts, findAsset } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import type { KindOwners } from '../ledger/chart.ts'
import { type EntryItem, keyId, type Rejected } from '../ledger/items.ts'
import { rolledBack, submitOne } from '../ledger/post-request.ts'
import { postEach } from '../ledger/post.ts'
import { readAmount } from '../ledger/request-schemas.ts'
import type { LedgerScope } from '../ledger/scope.ts'
import { feeTermsAt } from './parameters.ts'
import { transferFee } from './transfer-rules.ts'

/*
 * Transfers: a member sends another one what is in their wallet. The receiver gets the amount, the sender pays the fee
 * on top of it. The entry is all there is of a transfer: the statement of either shows it.
 */
export { TRANSFER_PARAMETERS } from './parameters.ts'

/**
 * Sends `amount` to another member through the batcher, once for each key of the sender's; a repetition is answered as
 * the first time, also when the fee is another now. The receiver's wallet is opened if they have none.
 * Moves: users:{from}:available -> users:{to}:available, and the fee -> treasury:main; kind `member_transfer`.
 * Fails, in this order: person_not_found, transfer_to_self, asset_not_found, amount_invalid, transfer_fee_changed when
 * the fee is above `fee_max`, idempotency_key_required, then as `Batcher.submit` and `evaluate` (account_closed,
 * account_frozen, insufficient_funds).
 */
export async function transferToMember(
  scope: LedgerScope,
  { key, setHeader, ...asked }: Transfer,
): Promise<Transferred> {
  const { db } = scope
  const { actor, now } = asked
  const plan = await planTransfer(db, asked)
  if (asked.fee_max !== undefined && plan.fee > readAmount(asked.fee_max, plan.scale, 'fee_max')) {
    // What was done before is answered, whatever the fee is now.
    if (key === undefined || !(await isKeyUsed(db, actor, key))) throw feeChanged(plan)
  }
  const missing = await missingAccounts(db, plan)
  if (missing.length > 0) {
    const opened = await transaction(db, async (tx) => {
      if (!(await holdPerson(tx, plan.to.id))) return false
      await ensureAccounts(tx, { asset: plan.asset, accounts: missing, now })
      return true
    })
    // The receiver has just become somebody else, by a claim: it is sent to whom they are now.
    if (!opened) return await transferToMember(scope, { key, setHeader, ...asked })
  }
  const posted = await submitOne(scope, plan.item, { key, dry_run: false, actor, now, setHeader })
  assert(posted.status === 'posted', 'A transfer is an entry')
  const [sent, fee] = posted.postings
  const last = must(fee ?? sent, 'A transfer has a posting')
  return {
    ...plan,
    amount: must(sent, 'A transfer has a posting').amount,
    fee: fee?.amount ?? 0n,
    entry: serialUuid(posted.entry, posted.recordedAt),
    recordedAt: posted.recordedAt,
    balance: last.fromBalance,
  }
}

/**
 * What the same transfer would come to at this moment: its fee, what it would leave, or why it would be refused.
 * Everything is done as it would be, and taken back.
 * Fails, in this order: person_not_found, transfer_to_self, asset_not_found, amount_invalid.
 */
export async function previewTransfer({ db }: LedgerScope, asked: AskedTransfer): Promise<PreviewedTransfer> {
  const plan = await planTransfer(db, asked)
  const { actor, now } = asked
  return await rolledBack(db, async (tx) => {
    await ensureAccounts(tx, { asset: plan.asset, accounts: await missingAccounts(tx, plan), now })
    const available = await availableOn(tx, plan)
    const [result] = await postEach(tx, [plan.item], { actor: actor.id, now, dryRun: true })
    return { ...plan, available, refusal: result?.status === 'rejected' ? result : null }
  })
}

/** Its kind of entries: a hand's transfer is another thing, and can be reversed. */
export const TRANSFER_KINDS: KindOwners = { member_transfer: 'transfers' }

export interface AskedTransfer {
  /** The sender. */
  from: string
  /** The receiver: a person's id, or a username. */
  to: string
  asset: string
  /** A decimal string. */
  amount: string
  note?: string | undefined
  actor: Actor
  now: Date
}

export interface Transfer extends AskedTransfer {
  /** The highest fee that the sender agrees to, as a decimal string. */
  fee_max?: string | undefined
  key: string | undefined
  setHeader: (name: string, value: string) => void
}

/** Amounts in minor units of `asset`. */
interface Plan {
  to: Person
  asset: string
  scale: number
  amount: bigint
  fee: bigint
  item: EntryItem
  wallets: { path: string; owner?: string }[]
}

export interface Transferred extends Plan {
  /** The entry's public id. */
  entry: string
  recordedAt: Date
  /** The sender's, afterwards. */
  balance: bigint
}

export interface PreviewedTransfer extends Plan {
  available: bigint
  refusal: Rejected | null
}

const FEE_ACCOUNT = 'treasury:main'

async function planTransfer(db: Db, { from, to, asset, amount: text, note, now }: AskedTransfer): Promise<Plan> {
  const receiver = await findPerson(db, UUID.test(to) ? { id: to } : { username: to })
  if (receiver.id === from) throw new Invalid('transfer_to_self', 'This is your own account: name somebody else.')
  const { scale } = await findAsset(db, asset)
  const amount = readAmount(text, scale, 'amount')
  const fee = transferFee(amount, await feeTermsAt(db, { asset, at: now }))
  const [source, target] = [availableAccount(from), availableAccount(receiver.id)]
  const postings = [{ from: source, to: target, asset, amount }]
  if (fee > 0n) postings.push({ from: source, to: FEE_ACCOUNT, asset, amount: fee })
  const wallets = [
    { path: source, owner: from },
    { path: target, owner: receiver.id },
    ...(fee > 0n ? [{ path: FEE_ACCOUNT }] : []),
  ]
  const item: EntryItem = {
    kind: 'member_transfer',
    postings,
    asked: `${source}>${target} ${amount} ${asset}`,
    ...(note !== undefined && { metadata: { note } }),
  }
  return { to: receiver, asset, scale, amount, fee, item, wallets }
}

async function missingAccounts(db: Db | Tx, { asset, wallets }: Plan): Promise<Plan['wallets']> {
  const { rows } = await sql<{ path: string }>`
    select account.path
    from ledger.account
    join ledger.asset on asset.id = account.asset
    where asset.code = ${asset} and account.path = any (${pgArray(wallets.map(({ path }) => path))}::text[])
  `.execute(db)
  const known = new Set(rows.map(({ path }) => path))
  return wallets.filter(({ path }) => !known.has(path))
}

async function availableOn(tx: Tx, { asset, wallets: [wallet] }: Plan): Promise<bigint> {
  const { rows } = await sql<{ available: bigint }>`
    select account.balance - account.reserved - coalesce(account.floor, 0) as available
    from ledger.account
    join ledger.asset on asset.id = account.asset
    where asset.code = ${asset} and account.path = ${must(wallet, 'The sender has a wallet').path}
  `.execute(tx)
  return must(rows[0], 'The wallet was opened').available
}

async function isKeyUsed(db: Db, { principal }: Actor, key: string): Promise<boolean> {
  const used = await db.selectFrom('ledger.key').select('id').where('id', '=', keyId(principal, key)).executeTakeFirst()
  return used !== undefined
}

function feeChanged({ fee, scale, asset }: Plan): Error {
  const text = formatAmount(fee, scale)
  return new Conflict('transfer_fee_changed', `The fee is ${text} ${asset} now. Look at it again, and agree to it.`, {
    fee: text,
    asset,
  })
}
