import { z } from 'zod'

import { assert, must } from '../core/assert.ts'
import type { Db } from '../core/db.ts'
import { BadRequest } from '../core/errors.ts'
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
import { keyset, zPage, zSerial } from '../core/page.ts'
import { findAsset } from './accounts.ts'
import { POSTINGS_MAX } from './check-items.ts'
import { findEntry, listEntries, POSTINGS_LISTED, readEntry } from './entry-queries.ts'
import type { EntryFilters } from './entry-search.ts'
import { entryView, zEntry } from './entry-view.ts'
import { postEntries } from './post-request.ts'
import {
  readAmount,
  zEntryRequest,
  zKind,
  zMetadata,
  zMetadataFilter,
  zPathPrefix,
  zReference,
} from './request-schemas.ts'
import { resultView, zResult } from './result-view.ts'
import { reverseEntry } from './reversal.ts'
import type { LedgerScope } from './scope.ts'

const route = router<LedgerScope>()

const byId = keyset('ledger.entries', z.tuple([zSerial]))

const entryQuery = {
  account: zAccountPath.optional().meta({ description: 'With a posting from or to this account.' }),
  account_prefix: zPathPrefix.optional(),
  asset: zAssetCode.optional(),
  amount_min: zAmount.optional().meta({ description: 'With a posting of at least this; name the asset too.' }),
  amount_max: zAmount.optional(),
  kind: zKind.optional(),
  reference: zReference.optional(),
  actor: zText(200).optional(),
  metadata: zMetadataFilter.optional().meta({ description: 'With these members in its metadata.' }),
  recorded_from: zTime.optional().meta({ description: 'Recorded at this time or later.' }),
  recorded_until: zTime.optional().meta({ description: 'Recorded before this time.' }),
  effective_from: zTime.optional(),
  effective_until: zTime.optional(),
}

export const entryRoutes = [
  route({
    method: 'post',
    path: '/ledger/entries',
    may: 'ledger.post',
    idempotency: 'own',
    summary: 'Post entries',
    description:
      'Each entry moves value by its postings, all of them or none, in order; each gets a result of its own, refused or not, and the answer is 200. `linked` binds an entry to the next one. Every entry needs a key: its own, or one made of the header Idempotency-Key and its place.',
    errors: [
      'idempotency_key_required',
      'amount_invalid',
      'too_many_postings',
      'reference_invalid',
      'kind_invalid',
      'path_invalid',
      'time_invalid',
      'metadata_invalid',
      'ledger_overloaded',
    ],
    body: z.strictObject({ entries: z.array(zEntryRequest).min(1).max(POSTINGS_MAX), dry_run: zDryRun }),
    body_bytes_max: 4 * 1_048_576,
    response: z.object({ results: z.array(zResult) }),
    handler: async ({ scope, actor, body: { entries, dry_run = false }, key, now, setHeader }) => {
      const { results, scales } = await postEntries(scope, { entries, key, dry_run, actor, now })
      if (results.every(({ replayed }) => replayed)) setHeader('idempotency-replayed', 'true')
      const assetsOf = (i: number) => must(entries[i], 'A result for each entry').postings
      return { results: results.map((result, i) => resultView(result, { assets: assetsOf(i), scales, dry_run })) }
    },
  }),
  route({
    method: 'get',
    path: '/ledger/entries',
    may: 'ledger.read',
    summary: 'List entries',
    description: `Entries that all of the filters hold for, newest first. What is asked of postings holds for one and the same posting. Each entry comes with its first ${POSTINGS_LISTED} postings that match; \`postings_count\` says how many it has.`,
    errors: ['asset_required', 'asset_not_found', 'amount_invalid', 'cursor_invalid'],
    query: { ...entryQuery, limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zEntry),
    handler: async ({ scope: { db }, query: { limit, cursor, ...asked } }) => {
      const after = byId.after(cursor, asked)
      const filters = await filtersOf(db, asked)
      const entries = await listEntries(db, { filters, before: after?.[0], limit: limit + 1 })
      return byId.page(entries, { limit, filters: asked, keyOf: ({ id }) => [id], view: entryView })
    },
  }),
  route({
    method: 'get',
    path: '/ledger/entries/:id',
    may: 'ledger.read',
    summary: 'Get an entry',
    description: 'An entry with all of its postings, the balances before and after each, and what it is linked to.',
    errors: ['entry_not_found'],
    params: { id: zUuid },
    response: zEntry,
    handler: async ({ scope, params }) => entryView(await findEntry(scope.db, params.id)),
  }),
  route({
    method: 'post',
    path: '/ledger/entries/:id/reverse',
    may: 'ledger.reverse',
    idempotency: 'required',
    status: 201,
    summary: 'Reverse an entry',
    description:
      'Undoes an entry by a new one of the kind `reversal` that moves everything back; once. The entry itself stays. Only kinds that are posted by hand can be reversed; a module undoes its own.',
    errors: [
      'entry_not_found',
      'entry_not_reversible',
      'account_owned_by_module',
      'entry_already_reversed',
      'account_closed',
      'account_frozen',
      'insufficient_funds',
    ],
    params: { id: zUuid },
    body: z.strictObject({ metadata: zMetadata.optional(), dry_run: zDryRun }),
    response: zEntry,
    handler: async ({ scope: { chart, reversibleKinds }, tx, actor, params, body, now }) => {
      const { id, principal } = actor
      const by = { metadata: body.metadata, reversibleKinds, chart, actor: id, principal, now }
      const result = await reverseEntry(tx, { id: params.id, ...by })
      assert(result.status === 'posted', 'A reversal that is refused is thrown')
      return entryView(await readEntry(tx, result.entry))
    },
  }),
]

async function filtersOf(db: Db, asked: AskedEntries): Promise<EntryFilters> {
  const { amount_min: min, amount_max: max, ...filters } = asked
  if (min === undefined && max === undefined) return filters
  if (filters.asset === undefined) {
    throw new BadRequest('asset_required', 'Amounts are of an asset: name the asset too.', { field: 'asset' })
  }
  const { scale } = await findAsset(db, filters.asset)
  const amounts = {
    ...(min !== undefined && { amount_min: readAmount(min, scale, 'amount_min') }),
    ...(max !== undefined && { amount_max: readAmount(max, scale, 'amount_max') }),
  }
  return { ...filters, ...amounts }
}

type AskedEntries = z.output<z.ZodObject<typeof entryQuery>>
