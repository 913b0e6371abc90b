import { z } from 'zod'

import { findEvent, listEvents } from '../core/audit.ts'
import type { Db } from '../core/db.ts'
import { begun, Download, router, zCursor, zLimit, zStream, zText, zTime, zUuid } from '../core/http.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import { eventProofView, zEventProof } from '../ledger/log/proof-view.ts'
import { proveEvent } from '../ledger/log/proofs.ts'
import { AUDIT_FORMATS, CONTENT_TYPES, exportEvents } from './audit-export.ts'
import { eventViews, zEvent } from './audit-view.ts'

const route = router<{ name: string; db: Db }>()

const events = keyset('audit.events', z.tuple([zSerial]))

const filters = {
  actor: zText(200).optional(),
  action: zText(100).optional().meta({ description: 'One action, or all that begin so: `key.*`.' }),
  subject: zText(300).optional(),
  from: zTime.optional(),
  until: zTime.optional(),
}

const zDisclose = z
  .string()
  .regex(/^(actor|diff)(,(actor|diff))?$/)
  .meta({ description: 'What the receipt shows besides the leaf: actor, diff, with a comma.' })

export const auditRoutes = [
  route({
    method: 'get',
    path: '/audit',
    may: 'audit.read',
    summary: 'List audit events',
    description:
      'Who did what to whom, newest first. Every event is sealed in the log, where `leaf` is its position; null: in a moment.',
    query: { ...filters, limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zEvent),
    handler: async ({ scope: { db }, query: { limit, cursor, ...where } }) => {
      const before = events.after(cursor, where)?.[0]
      const rows = await listEvents(db, { ...where, limit: limit + 1, ...(before !== undefined && { before }) })
      const views = await eventViews(db, rows)
      return events.page(rows, { limit, filters: where, keyOf: ({ id }) => [id], view: ({ id }) => views(id) })
    },
  }),
  route({
    method: 'get',
    path: '/audit/export',
    may: 'audit.read',
    summary: 'Export audit events',
    description:
      'All events that match, oldest first, as one file: `csv` for spreadsheets, `jsonl` with one event a line. It is written while it is read, so it may be of any length.',
    query: { format: z.enum(AUDIT_FORMATS).default('csv'), ...filters },
    content_type: CONTENT_TYPES.csv,
    downloads: Object.values(CONTENT_TYPES),
    response: zStream,
    handler: async ({ scope: { name, db }, query: { format, ...where } }) => {
      const pieces = await begun(exportEvents(db, { format, ...where }))
      return new Download({
        content_type: CONTENT_TYPES[format],
        name: `audit-${name}.${format}`,
        content: () => pieces,
      })
    },
  }),
  route({
    method: 'get',
    path: '/audit/:id',
    may: 'audit.read',
    summary: 'Get an audit event',
    description: 'Who did what to whom, what it changed, and where it is in the log.',
    errors: ['audit_event_not_found'],
    params: { id: zUuid },
    response: zEvent,
    handler: async ({ scope: { db }, params }) => {
      const event = await findEvent(db, params.id)
      return (await eventViews(db, [event]))(event.id)
    },
  }),
  route({
    method: 'get',
    path: '/audit/:id/proof',
    may: 'audit.read',
    summary: 'Prove an audit event',
    description:
      'The event’s place in the log under the newest checkpoint (or the first that covers `tree_size`), and its receipt: what was done to what and when, and of who did it and what changed what `disclose` names. With these two files and a checkpoint anybody can verify the event without this server.',
    errors: ['audit_event_not_found', 'audit_event_not_sealed', 'tree_size_unsealed'],
    params: { id: zUuid },
    query: { disclose: zDisclose.optional(), tree_size: zSerial.optional() },
    response: zEventProof,
    handler: async ({ scope: { db }, params: { id }, query: { disclose = '', tree_size: treeSize } }) => {
      const shown = new Set(disclose.split(','))
      const asked = { id, disclose: { actor: shown.has('actor'), diff: shown.has('diff') }, treeSize }
      return eventProofView(id, await proveEvent(db, asked))
    },
  }),
]
