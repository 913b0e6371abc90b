import type { Selectable } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { NotFound } from '../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../core/id.ts'
import type { ContributionsImport } from '../core/schema.gen.ts'

/** Imports, the newest first, a page at a time. */
export async function listImports(
  db: Db | Tx,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<ImportRow[]> {
  const query = db.selectFrom('contributions.import').selectAll().orderBy('id', 'desc').limit(limit)
  return await (before === undefined ? query : query.where('id', '<', before)).execute()
}

/** By its public id. Fails: import_not_found. */
export async function findImportById(db: Db | Tx, id: string): Promise<ImportRow> {
  const { serial } = parseSerialUuid(id, 'import_not_found')
  const row =
    serial <= SERIAL_MAX
      ? await db
          .selectFrom('contributions.import')
          .selectAll()
          .where('id', '=', toSafeInteger(serial))
          .executeTakeFirst()
      : undefined
  if (row && importId(row) === id) return row
  throw new NotFound('import_not_found', `There is no import ${id}.`, { import: id })
}

export function importId({ id, started_at }: Pick<ImportRow, 'id' | 'started_at'>): string {
  return serialUuid(BigInt(id), started_at)
}

/** What has become of it: `reading` also where whoever read it has stopped, and may go on. */
export function importStatus({ rolled_back_at, completed_at }: ImportRow): ImportStatus {
  if (rolled_back_at) return 'rolled_back'
  return completed_at ? 'completed' : 'reading'
}

export const IMPORT_STATUSES = ['reading', 'completed', 'rolled_back'] as const
export type ImportStatus = (typeof IMPORT_STATUSES)[number]
export type ImportRow = Selectable<ContributionsImport>

const SERIAL_MAX = 2n ** 31n - 1n
