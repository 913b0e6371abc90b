import { z } from 'zod'

import { snapshot } from '../core/db.ts'
import { router, zAssetCode, zCursor, zDryRun, zLimit, zTime, zWhole } from '../core/http.ts'
import { keyset, zPage } from '../core/page.ts'
import { assetBalanceView, closingReportView, zAssetBalance, zClosingReport } from './account-view.ts'
import { closingReport } from './closing-report.ts'
import { closeBooks } from './closing.ts'
import { momentOf, momentQuery } from './request-schemas.ts'
import type { LedgerScope } from './scope.ts'
import { DEPTH_MAX, trialBalance } from './trial-balance.ts'

const route = router<LedgerScope>()

const byNumber = keyset('ledger.closings', z.tuple([z.int()]))

const zClosing = z.object({ closed_before: zTime, closed_at: zTime, actor: z.string() })

export const bookRoutes = [
  route({
    method: 'get',
    path: '/ledger/trial-balance',
    may: 'ledger.read',
    summary: 'Get the trial balance',
    description:
      'What all accounts hold, asset by asset, summed by the first `depth` segments of their paths: above zero in the debit column, below zero in the credit column. The columns of an asset are equal.',
    errors: ['moment_ambiguous', 'tree_size_unsealed', 'too_many_groups'],
    query: { depth: zWhole({ min: 1, max: DEPTH_MAX }).default(1), asset: zAssetCode.optional(), ...momentQuery },
    response: z.object({ data: z.array(zAssetBalance) }),
    handler: async ({ scope, query: { depth, asset, ...asked } }) => {
      const assets = await trialBalance(scope.db, { depth, asset, moment: momentOf(asked) })
      return { data: assets.map(assetBalanceView) }
    },
  }),
  route({
    method: 'post',
    path: '/ledger/closing',
    may: 'ledger.close_period',
    idempotency: 'optional',
    status: 201,
    summary: 'Close the books',
    description: 'Nothing may be recorded any more as effective before this time. Books close forward only.',
    errors: ['closing_in_future', 'books_busy', 'period_closed'],
    body: z.strictObject({ before: zTime, dry_run: zDryRun }),
    response: zClosing,
    handler: async ({ tx, actor, body: { before }, now }) => {
      await closeBooks(tx, { before, actor: actor.id, now })
      return { closed_before: before, closed_at: now, actor: actor.id }
    },
  }),
  route({
    method: 'get',
    path: '/ledger/closing',
    may: 'ledger.read',
    summary: 'List the closings',
    description: 'The first one says before which time the books are closed; none: they never were.',
    errors: ['cursor_invalid'],
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zClosing),
    handler: async ({ scope: { db }, query: { limit, cursor } }) => {
      const after = byNumber.after(cursor, {})
      let query = db
        .selectFrom('ledger.closing')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit + 1)
      if (after) query = query.where('id', '<', after[0])
      const view = ({ closed_before, closed_at, actor }: z.output<typeof zClosing>) => ({
        closed_before,
        closed_at,
        actor,
      })
      return byNumber.page(await query.execute(), { limit, filters: {}, keyOf: ({ id }) => [id], view })
    },
  }),
  route({
    method: 'get',
    path: '/ledger/closing/report',
    may: 'ledger.read',
    summary: 'Get the report of a closing',
    description:
      'The trial balance of all that took effect before a time, and what each kind of entry moved since the closing before it: to look at before the books are closed, and to keep afterwards.',
    errors: ['too_many_groups'],
    query: { before: zTime, depth: zWhole({ min: 1, max: DEPTH_MAX }).default(1) },
    response: zClosingReport,
    handler: async ({ scope: { db }, query }) => {
      return closingReportView(await snapshot(db, async (tx) => await closingReport(tx, query)))
    },
  }),
  route({
    method: 'get',
    path: '/ledger/chart',
    may: 'ledger.read',
    summary: 'Get the chart of accounts',
    description:
      'Which module owns the accounts under which prefix: what belongs to `operator` can be posted to by hand, everything else is moved by its module alone. The first pattern that fits counts; what none fits is the operator’s. `*` stands for one segment, at the end for all that follow.',
    response: z.object({
      data: z.array(z.object({ pattern: z.string(), owner: z.string(), holds: z.string() })),
    }),
    handler: ({ scope }) => ({ data: scope.chart.rules }),
  }),
]
