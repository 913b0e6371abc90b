import { z } from 'zod'

import {
  router,
  zAccountPath,
  zAmount,
  zAssetCode,
  zCursor,
  zDryRun,
  zLimit,
  zText,
  zTime,
  zUuid,
} from '../core/http.ts'
import { formatAmount } from '../core/money.ts'
import { keyset, zPage } from '../core/page.ts'
import { addAsset, type Asset, findAsset } from './accounts.ts'
import { issuanceView, listIssuances, readIssuance, zIssuance } from './issuance-queries.ts'
import { approveIssuance, requestIssuance } from './issuance.ts'
import { readAmount } from './request-schemas.ts'
import type { LedgerScope } from './scope.ts'

const route = router<LedgerScope>()

const byCode = keyset('ledger.assets', z.tuple([z.string()]))
const byId = keyset('ledger.issuances', z.tuple([zUuid]))

const zAsset = z
  .object({
    code: z.string(),
    name: z.string(),
    scale: z.int().meta({ description: 'The decimals of its amounts.' }),
    max_supply: z.string().meta({ description: 'What may ever be issued.' }),
    created_at: zTime,
  })
  .meta({ id: 'Asset' })

export const assetRoutes = [
  route({
    method: 'post',
    path: '/ledger/assets',
    may: 'ledger.add_asset',
    idempotency: 'optional',
    status: 201,
    summary: 'Add an asset',
    description:
      'What amounts can be of. Its code, scale and maximum supply never change. It is issued from an account of its own, `issuance:{code}`, whose floor is minus the maximum supply.',
    errors: ['amount_invalid', 'asset_invalid', 'asset_exists'],
    body: z.strictObject({
      code: zAssetCode,
      name: zText(200),
      scale: z.int().min(0).max(30),
      max_supply: zAmount,
    }),
    response: zAsset,
    handler: async ({ tx, actor, body: { code, name, scale, max_supply }, now }) => {
      const maxSupply = readAmount(max_supply, scale, 'max_supply')
      return assetView(await addAsset(tx, { code, name, scale, maxSupply, actor: actor.id, now }))
    },
  }),
  route({
    method: 'get',
    path: '/ledger/assets',
    may: 'ledger.read',
    summary: 'List assets',
    description: 'In the order of their codes.',
    errors: ['cursor_invalid'],
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zAsset),
    handler: async ({ scope: { db }, query: { limit, cursor } }) => {
      const after = byCode.after(cursor, {})
      let query = db
        .selectFrom('ledger.asset')
        .selectAll()
        .orderBy('code')
        .limit(limit + 1)
      if (after) query = query.where('code', '>', after[0])
      return byCode.page(await query.execute(), { limit, filters: {}, keyOf: ({ code }) => [code], view: assetView })
    },
  }),
  route({
    method: 'get',
    path: '/ledger/assets/:code',
    may: 'ledger.read',
    summary: 'Get an asset',
    description: 'One asset, by its code.',
    errors: ['asset_not_found'],
    params: { code: zAssetCode },
    response: zAsset,
    handler: async ({ scope, params }) => assetView(await findAsset(scope.db, params.code)),
  }),
  route({
    method: 'post',
    path: '/ledger/issuances',
    may: 'ledger.request_issuance',
    idempotency: 'required',
    status: 201,
    summary: 'Ask for an issuance',
    description: 'Asks to issue more of an asset than at the beginning. Nothing moves until another owner approves it.',
    errors: ['asset_not_found', 'amount_invalid', 'account_not_found', 'account_owned_by_module', 'reason_invalid'],
    body: z.strictObject({
      asset: zAssetCode,
      to: zAccountPath,
      amount: zAmount,
      reason: zText(500),
      dry_run: zDryRun,
    }),
    response: zIssuance,
    handler: async ({ scope: { chart }, tx, actor, body: { asset, to, amount, reason }, now }) => {
      const { scale } = await findAsset(tx, asset)
      const asked = { asset, to, amount: readAmount(amount, scale, 'amount'), reason }
      const { id } = await requestIssuance(tx, { ...asked, chart, actor: actor.id, now })
      return issuanceView(await readIssuance(tx, id))
    },
  }),
  route({
    method: 'get',
    path: '/ledger/issuances',
    may: 'ledger.read',
    summary: 'List issuances',
    description: 'Those asked for and those carried out, newest first.',
    errors: ['cursor_invalid'],
    query: { status: z.enum(['requested', 'approved']).optional(), limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zIssuance),
    handler: async ({ scope, query: { limit, cursor, ...filters } }) => {
      const after = byId.after(cursor, filters)
      const approved = filters.status && filters.status === 'approved'
      const issuances = await listIssuances(scope.db, { approved, before: after?.[0], limit: limit + 1 })
      return byId.page(issuances, { limit, filters, keyOf: ({ id }) => [id], view: issuanceView })
    },
  }),
  route({
    method: 'post',
    path: '/ledger/issuances/:id/approve',
    may: 'ledger.approve_issuance',
    idempotency: 'required',
    summary: 'Approve an issuance',
    description: 'Carries out what another owner asked for. Moves: issuance:{asset} → the account asked for.',
    errors: [
      'issuance_not_found',
      'issuance_already_approved',
      'second_approver_required',
      'account_closed',
      'insufficient_funds',
      'ceiling_exceeded',
    ],
    params: { id: zUuid },
    body: z.strictObject({ dry_run: zDryRun }),
    response: zIssuance,
    handler: async ({ tx, actor, params: { id }, now }) => {
      await approveIssuance(tx, { id, actor: actor.id, now })
      return issuanceView(await readIssuance(tx, id))
    },
  }),
]

function assetView({ code, name, scale, max_supply, created_at }: Asset): z.output<typeof zAsset> {
  return { code, name, scale, max_supply: formatAmount(max_supply, scale), created_at }
}
