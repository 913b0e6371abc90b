import { z } from 'zod'

import { personOf } from '../core/actor.ts'
import { router, zAmount, zAssetCode, zText, zTime } from '../core/http.ts'
import { formatAmount } from '../core/money.ts'
import type { LedgerScope } from '../ledger/scope.ts'
import { previewTransfer, transferToMember } from './transfers.ts'

const route = router<LedgerScope>()

const asked = {
  to: zText(100).meta({ description: 'Whom: a username, or a person’s id.' }),
  asset: zAssetCode,
  amount: zAmount.meta({ description: 'What the receiver gets; the fee comes on top.' }),
  note: zText(200).optional().meta({ description: 'For both to read in their statements.' }),
}

const figures = {
  to: z.object({ id: z.uuid(), username: z.string() }),
  asset: z.string(),
  amount: z.string(),
  fee: z.string(),
  total: z.string().meta({ description: 'What leaves the sender: amount and fee.' }),
}

const refusals = ['person_not_found', 'transfer_to_self', 'asset_not_found', 'amount_invalid']

export const transferRoutes = [
  route({
    method: 'post',
    path: '/me/transfers',
    may: 'me.transfer',
    idempotency: 'own',
    status: 201,
    summary: 'Send to another member',
    description:
      'Moves the amount from your account to theirs, and the fee, if there is one, from yours to the treasury. It cannot be taken back.',
    errors: [
      ...refusals,
      'transfer_fee_changed',
      'idempotency_key_required',
      'ledger_overloaded',
      'amount_zero',
      'account_closed',
      'account_frozen',
      'insufficient_funds',
    ],
    body: z.strictObject({
      ...asked,
      fee_max: zAmount.optional().meta({ description: 'The fee of the preview: refused if it is higher by now.' }),
    }),
    response: z.object({
      ...figures,
      id: z.string().meta({ description: 'The entry.' }),
      recorded_at: zTime,
      balance_after: z.string().meta({ description: 'Of your account.' }),
    }),
    handler: async ({ scope, actor, body, key, now, setHeader }) => {
      const sent = await transferToMember(scope, { ...body, from: personOf(actor), key, actor, now, setHeader })
      const { entry, recordedAt, balance, scale } = sent
      return { ...viewOf(sent), id: entry, recorded_at: recordedAt, balance_after: formatAmount(balance, scale) }
    },
  }),
  route({
    method: 'post',
    path: '/me/transfers/preview',
    may: 'me.transfer',
    idempotency: 'none',
    summary: 'Preview a transfer',
    description: 'What it would cost at this moment and what it would leave, or why it would be refused.',
    errors: refusals,
    body: z.strictObject(asked),
    response: z.object({
      ...figures,
      available: z.string().meta({ description: 'What you may send now.' }),
      available_after: z.string().nullable().meta({ description: 'Null when it would be refused.' }),
      refusal: z
        .object({ code: z.string(), detail: z.string() })
        .nullable()
        .meta({ description: 'What sending it would be refused with.' }),
    }),
    handler: async ({ scope, actor, body, now }) => {
      const preview = await previewTransfer(scope, { ...body, from: personOf(actor), actor, now })
      const { available, refusal, amount, fee, scale } = preview
      return {
        ...viewOf(preview),
        available: formatAmount(available, scale),
        available_after: refusal ? null : formatAmount(available - amount - fee, scale),
        refusal: refusal && { code: refusal.code, detail: refusal.message },
      }
    },
  }),
]

function viewOf({ to: { id, username }, asset, scale, amount, fee }: Viewed) {
  return {
    to: { id, username },
    asset,
    amount: formatAmount(amount, scale),
    fee: formatAmount(fee, scale),
    total: formatAmount(amount + fee, scale),
  }
}

interface Viewed {
  to: { id: string; username: string }
  asset: string
  scale: number
  amount: bigint
  fee: bigint
}
