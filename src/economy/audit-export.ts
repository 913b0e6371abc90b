import { stringify } from 'csv-stringify/sync'

import { type Diff, type EventFilters, walkEvents } from '../core/audit.ts'
import { csvText } from '../core/csv.ts'
import type { Db, Tx } from '../core/db.ts'
import { eventViews, type EventView } from './audit-view.ts'

/** The audit trail as a file, oldest first, in pieces: however long it is, only one piece of it is in memory. */
export async function* exportEvents(db: Db | Tx, { format, ...where }: ExportEvents): AsyncGenerator<string> {
  let head = format === 'csv' ? stringify([HEADER]) : ''
  for await (const events of walkEvents(db, where)) {
    const views = await eventViews(db, events)
    yield head + WRITERS[format](events.map(({ id }) => views(id)))
    head = ''
  }
  if (head !== '') yield head
}

export const AUDIT_FORMATS = ['csv', 'jsonl'] as const
export type AuditFormat = (typeof AUDIT_FORMATS)[number]

export const CONTENT_TYPES: Readonly<Record<AuditFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
}

const HEADER = ['leaf', 'id', 'at', 'actor', 'action', 'subject', 'before', 'after']

const WRITERS: Readonly<Record<AuditFormat, (events: readonly EventView[]) => string>> = {
  csv: (events) => stringify(events.map(rowOf)),
  jsonl: (events) =>
    events.map(({ at, ...event }) => `${JSON.stringify({ at: at.toISOString(), ...event })}\n`).join(''),
}

function rowOf({ leaf, id, at, actor, action, subject, diff }: EventView): string[] {
  const { before, after } = (diff ?? {}) as Diff
  const texts = [actor ?? '', action, subject, cellOf(before), cellOf(after)]
  return [leaf ?? '', id, at.toISOString(), ...texts.map(csvText)]
}

/** A text as it is, what has parts as JSON, and nothing for what was not there. */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

interface ExportEvents extends EventFilters {
  format: AuditFormat
}
