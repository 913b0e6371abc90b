import { z } from 'zod'

import type { Db } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { router, zCursor, zDryRun, zLimit, zTime } from '../core/http.ts'
import { keyset, zPage, zSerial } from '../core/page.ts'
import { zCount } from './fields.ts'
import { listRefusals, type Refusal, REFUSALS_KEPT } from './import-refusals.ts'
import {
  findImportById,
  IMPORT_STATUSES,
  importId,
  type ImportRow,
  importStatus,
  listImports,
} from './imports-queries.ts'
import { rollbackImport } from './rollback.ts'

const route = router<{ db: Db }>()

const newest = keyset('imports', z.tuple([z.int()]))
const byLine = keyset('imports.refusals', z.tuple([zSerial]))

const zImport = z.object({
  id: z.string(),
  format: z.string(),
  file: z.string(),
  status: z
    .enum(IMPORT_STATUSES)
    .meta({ description: 'reading: its end was not reached yet; whoever reads it may have stopped, and can go on.' }),
  done: zCount.meta({ description: 'How far its source was read: bytes of a file, commits of a repository.' }),
  total: zCount.nullable().meta({ description: 'How far that goes, where it is known.' }),
  lines: zCount,
  refused: zCount.meta({ description: 'Lines that were wrong, and left out.' }),
  contributions: zCount,
  people: zCount.meta({ description: 'People who were new.' }),
  articles: zCount.meta({ description: 'Articles that were new.' }),
  views: zCount.meta({ description: 'Figures of page views.' }),
  differences: zCount.meta({ description: 'Fields of what was known in which the file says something else.' }),
  actor: z.string(),
  started_at: zTime,
  updated_at: zTime,
  completed_at: zTime.nullable(),
  rolled_back_at: zTime.nullable(),
  rolled_back_by: z.string().nullable(),
})

const zRefusal = z.object({
  line: zCount,
  field: z.string().nullable().meta({ description: 'Of the line, where one was wrong.' }),
  code: z.string(),
  message: z.string(),
})

export const importRoutes = [
  route({
    method: 'get',
    path: '/imports',
    may: 'imports.read',
    summary: 'List imports',
    description: 'What was brought in from files and repositories, and how far it has come; the newest first.',
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zImport),
    handler: async ({ scope: { db }, query: { limit, cursor } }) => {
      const after = newest.after(cursor, {})
      const rows = await listImports(db, { before: after?.[0], limit: limit + 1 })
      return newest.page(rows, { limit, filters: {}, keyOf: (row) => [row.id], view: importView })
    },
  }),
  route({
    method: 'get',
    path: '/imports/:id',
    may: 'imports.read',
    summary: 'Get an import',
    description: 'With how far it has come.',
    errors: ['import_not_found'],
    params: { id: z.uuid() },
    response: zImport,
    handler: async ({ scope: { db }, params }) => importView(await findImportById(db, params.id)),
  }),
  route({
    method: 'get',
    path: '/imports/:id/refusals',
    may: 'imports.read',
    summary: 'List what an import left out',
    description: `The first ${REFUSALS_KEPT} lines that were refused, in their order, each with the reason; \`refused\` of the import counts all of them.`,
    errors: ['import_not_found'],
    params: { id: z.uuid() },
    query: { limit: zLimit, cursor: zCursor.optional() },
    response: zPage(zRefusal),
    handler: async ({ scope: { db }, params, query: { limit, cursor } }) => {
      const [after] = byLine.after(cursor, params) ?? [0n]
      const { id } = await findImportById(db, params.id)
      const rows = await listRefusals(db, { import: id, after, limit: limit + 1 })
      return byLine.page(rows, { limit, filters: params, keyOf: ({ line }) => [line], view: refusalView })
    },
  }),
  route({
    method: 'post',
    path: '/imports/:id/rollback',
    may: 'imports.rollback',
    idempotency: 'required',
    summary: 'Take an import back',
    description:
      'Removes all that it brought and nothing else, in one step; refused once one of its weeks was distributed, or others have built on it. The file may then be imported again. A dry run says what it would take back, or why it cannot.',
    errors: ['import_not_found', 'import_rolled_back', 'import_settled', 'import_in_use', 'person_in_use'],
    params: { id: z.uuid() },
    body: z.strictObject({ dry_run: zDryRun }),
    response: z.object({
      file: z.string(),
      contributions: zCount,
      people: zCount,
      articles: zCount,
      views: zCount,
    }),
    handler: async ({ tx, actor, params, now }) =>
      await rollbackImport(tx, { import: params.id, actor: actor.id, now }),
  }),
]

function refusalView({ line, ...refusal }: Refusal): z.output<typeof zRefusal> {
  return { ...refusal, line: toSafeInteger(line) }
}

function importView(row: ImportRow): z.output<typeof zImport> {
  return {
    id: importId(row),
    format: row.format,
    file: row.file,
    status: importStatus(row),
    done: toSafeInteger(row.done),
    total: row.total === null ? null : toSafeInteger(row.total),
    lines: toSafeInteger(row.lines),
    refused: toSafeInteger(row.refused),
    contributions: toSafeInteger(row.contributions),
    people: toSafeInteger(row.people),
    articles: toSafeInteger(row.articles),
    views: toSafeInteger(row.views),
    differences: toSafeInteger(row.differences),
    actor: row.actor,
    started_at: row.started_at,
    updated_at: row.updated_at,
    completed_at: row.completed_at,
    rolled_back_at: row.rolled_back_at,
    rolled_back_by: row.rolled_back_by,
  }
}
