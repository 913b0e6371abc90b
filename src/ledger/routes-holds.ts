import { z } from 'zod'

import { assert } from '../core/assert.ts'
import { record, type RecordOptions } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import { router, zAccountPath, zAmount, zAssetCode, zCursor, zDryRun, zLimit, zTime, zUuid } from '../core/http.ts'
import { newUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { keyset, zPage } from '../core/page.ts'
import { findAsset } from './accounts.ts'
import type { Beside } from './batcher.ts'
import { HOLD_STATUSES, holdView, listHolds, zHold } from './hold-queries.ts'
import { findHold, type Hold } from './holds.ts'
import type { PostingItem } from './items.ts'
import { submitOne } from './post-request.ts'
import { readAmount, zEffectiveAt, zKind, zMetadata, zModule, zReference } from './request-schemas.ts'
import { postedView, zPosted } from './result-view.ts'
import type { LedgerScope } from './scope.ts'

const route = router<LedgerScope>()

const byId = keyset('ledger.holds', z.tuple([zUuid]))

const zCapture = z.strictObject({
  kind: zKind.default('capture'),
  postings: z
    .array(
      z.strictObject({
        to: zAccountPath,
        amount: zAmount.optional().meta({ description: 'All that is held, if this is the only posting.' }),
      }),
    )
    .min(1)
    .max(1_000),
  effective_at: zEffectiveAt.optional(),
  reference: zReference.optional(),
  metadata: zMetadata.optional(),
  dry_run: zDryRun,
})

export const holdRoutes = [
  route({
    method: 'post',
    path: '/ledger/holds',
    may: 'ledger.hold',
    idempotency: 'own',
    status: 201,
    summary: 'Hold an amount',
    description: 'Sets it aside on the account until it is captured, voided or expires. Nothing moves.',
    errors: [
      'account_owned_by_module',
      'asset_not_found',
      'amount_invalid',
      'idempotency_key_required',
      'path_invalid',
      'amount_zero',
      'account_not_found',
      'account_closed',
      'account_frozen',
      'expires_in_past',
      'account_without_floor',
      'insufficient_funds',
    ],
    body: z.strictObject({
      account: zAccountPath,
      asset: zAssetCode,
      amount: zAmount,
      expires_at: zTime.optional(),
      reference: zReference.optional(),
      dry_run: zDryRun,
    }),
    response: zHold.partial({ id: true }),
    handler: async ({ scope, body, key, actor, now, setHeader }) => {
      const { account: on, asset, reference, expires_at: expiresAt, dry_run = false } = body
      scope.chart.refuseModuleAccount(on)
      const { scale } = await findAsset(scope.db, asset)
      const reserve = readAmount(body.amount, scale, 'amount')
      const item = {
        id: newUuid(now),
        reserve,
        on,
        asset,
        ...(reference !== undefined && { reference }),
        ...(expiresAt && { expiresAt }),
      }
      const after = { account: on, asset, amount: formatAmount(reserve, scale) }
      const beside = besideHold({
        at: now,
        actor: actor.id,
        action: 'hold.create',
        subject: `hold:${item.id}`,
        diff: { after },
      })
      const result = await submitOne(scope, item, { key, dry_run, actor, now, setHeader, beside })
      assert(result.status === 'held', 'What is asked to be held is held, or refused')
      // As it was when it was made: a repeated request gets the same answer, whatever became of the hold.
      const made = { captured: 0n, status: 'pending', closed_at: null, entry: null }
      if (!dry_run) return holdView({ ...(await findHold(scope.db, result.hold)), ...made })
      const asked = {
        path: on,
        asset,
        scale,
        amount: reserve,
        reference: reference ?? null,
        expires_at: expiresAt ?? null,
      }
      const { id: _, ...view } = holdView({ id: result.hold, ...asked, actor: actor.id, created_at: now, ...made })
      return view
    },
  }),
  route({
    method: 'get',
    path: '/ledger/holds',
    may: 'ledger.read',
    summary: 'List holds',
    description: 'Newest first.',
    errors: ['cursor_invalid'],
    query: {
      account: zAccountPath.optional(),
      asset: zAssetCode.optional(),
      status: z.enum(HOLD_STATUSES).optional(),
      reference: zReference.optional(),
      limit: zLimit,
      cursor: zCursor.optional(),
    },
    response: zPage(zHold.extend({ module: zModule })),
    handler: async ({ scope, query: { limit, cursor, ...filters } }) => {
      const after = byId.after(cursor, filters)
      const holds = await listHolds(scope.db, { ...filters, before: after?.[0], limit: limit + 1 })
      const view = (hold: Hold) => ({ ...holdView(hold), module: scope.chart.moduleOf(hold.path) })
      return byId.page(holds, { limit, filters, keyOf: ({ id }) => [id], view })
    },
  }),
  route({
    method: 'get',
    path: '/ledger/holds/:id',
    may: 'ledger.read',
    summary: 'Get a hold',
    description: 'A hold with what became of it.',
    errors: ['hold_not_found'],
    params: { id: zUuid },
    response: zHold,
    handler: async ({ scope, params }) => holdView(await findHold(scope.db, params.id)),
  }),
  route({
    method: 'post',
    path: '/ledger/holds/:id/capture',
    may: 'ledger.hold',
    idempotency: 'own',
    summary: 'Capture a hold',
    description:
      'Posts an entry that takes from the held account all that is held, or a part: the rest goes back. A hold is captured once.',
    errors: [
      'kind_owned_by_module',
      'hold_not_found',
      'account_owned_by_module',
      'amount_required',
      'amount_invalid',
      'idempotency_key_required',
      'hold_not_pending',
      'hold_expired',
      'account_not_found',
      'account_closed',
      'account_frozen',
      'ceiling_exceeded',
      'capture_exceeds_hold',
    ],
    params: { id: zUuid },
    body: zCapture,
    response: zPosted,
    handler: async ({ scope, params, body, key, actor, now, setHeader }) => {
      const { kind, effective_at: effectiveAt, reference, metadata, dry_run = false } = body
      scope.chart.refuseModuleKind(kind)
      const hold = await findHold(scope.db, params.id)
      for (const path of [hold.path, ...body.postings.map(({ to }) => to)]) scope.chart.refuseModuleAccount(path)
      const postings = capturedPostings(hold, body.postings)
      const about = {
        ...(effectiveAt && { effectiveAt }),
        ...(reference && { reference }),
        ...(metadata && { metadata }),
      }
      const item = { kind, postings, captures: hold.id, ...about }
      const posted = await submitOne(scope, item, { key, dry_run, actor, now, setHeader })
      assert(posted.status === 'posted', 'An entry is posted, or refused')
      const scales = new Map([[hold.asset, hold.scale]])
      return postedView(posted, { assets: postings, scales, dry_run })
    },
  }),
  route({
    method: 'post',
    path: '/ledger/holds/:id/void',
    may: 'ledger.hold',
    idempotency: 'own',
    summary: 'Void a hold',
    description: 'Gives back what is held. Nothing moves.',
    errors: ['hold_not_found', 'account_owned_by_module', 'idempotency_key_required', 'hold_not_pending'],
    params: { id: zUuid },
    body: z.strictObject({ dry_run: zDryRun }),
    response: zHold,
    handler: async ({ scope, params, body: { dry_run = false }, key, actor, now, setHeader }) => {
      const hold = await findHold(scope.db, params.id)
      scope.chart.refuseModuleAccount(hold.path)
      const before = { account: hold.path, asset: hold.asset, amount: formatAmount(hold.amount, hold.scale) }
      const beside = besideHold({
        at: now,
        actor: actor.id,
        action: 'hold.void',
        subject: `hold:${hold.id}`,
        diff: { before },
      })
      await submitOne(scope, { void: hold.id }, { key, dry_run, actor, now, setHeader, beside })
      return holdView(dry_run ? { ...hold, status: 'voided', closed_at: now } : await findHold(scope.db, hold.id))
    },
  }),
]

/** A hold moves nothing, so no entry tells of it: an audit event does, written with it. A capture is an entry. */
function besideHold(event: RecordOptions): Beside {
  return { insert: recordAll, row: event }
}

async function recordAll(tx: Tx, events: unknown[]): Promise<void> {
  for (const event of events) await record(tx, event as RecordOptions)
}

/** Fails: amount_required, amount_invalid. */
function capturedPostings(
  { path: from, asset, amount: held, scale }: Hold,
  postings: z.output<typeof zCapture>['postings'],
): PostingItem[] {
  return postings.map(({ to, amount }, i) => {
    if (amount !== undefined) return { from, to, asset, amount: readAmount(amount, scale, `postings[${i}].amount`) }
    if (postings.length === 1) return { from, to, asset, amount: held }
    const field = `postings[${i}].amount`
    throw new Invalid('amount_required', `Give ${field}: only a single posting can take all that is held.`, { field })
  })
}
