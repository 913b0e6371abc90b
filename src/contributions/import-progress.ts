import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { Conflict } from '../core/errors.ts'
import type { ImportFormat } from './import-format.ts'

/** How far a file has been read. */
export interface Import {
  id: number
  lines: number
  /** SHA-256 over these lines. */
  digest: Buffer
}

/** By the SHA-256 of how the file begins, unless it was taken back. */
export async function findImport(tx: Tx, head: Buffer): Promise<Import | undefined> {
  const row = await tx
    .selectFrom('contributions.import')
    .select(['id', 'lines', 'digest'])
    .where('head', '=', head)
    .where('rolled_back_at', 'is', null)
    .executeTakeFirst()
  return row && { ...row, lines: toSafeInteger(row.lines) }
}

/** Two who start with the same file at once start the same import. */
export async function startImport(tx: Tx, { head, format, file, actor, now }: StartImport): Promise<Import> {
  const row = await tx
    .insertInto('contributions.import')
    .values({ format, file, head, digest: head, actor, started_at: now, updated_at: now })
    .onConflict((conflict) =>
      conflict
        .column('head')
        .where('rolled_back_at', 'is', null)
        .doUpdateSet((set) => ({ head: set.ref('excluded.head') })),
    )
    .returning(['id', 'lines', 'digest'])
    .executeTakeFirstOrThrow()
  // A second run of the same file changes nothing, the audit trail included.
  if (row.lines > 0n) return { ...row, lines: toSafeInteger(row.lines) }
  await record(tx, { at: now, actor, action: 'import.start', subject: `import:${row.id}`, diff: { after: { file } } })
  return { ...row, lines: toSafeInteger(row.lines) }
}

/**
 * Notes that the lines after `from` up to `to` are read, in the transaction that takes them in.
 * Fails: import_busy, when somebody else has read on or taken it back meanwhile.
 */
export async function advanceImport(
  tx: Tx,
  { import: id, from, to, digest, done, total, refused, now }: Advance,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('contributions.import')
    .set((eb) => ({
      lines: BigInt(to),
      digest,
      done: BigInt(done),
      total: total === null ? null : BigInt(total),
      refused: eb('refused', '+', BigInt(refused)),
      updated_at: now,
      completed_at: null,
    }))
    .where('id', '=', id)
    .where('lines', '=', BigInt(from))
    .where('rolled_back_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 1n) return
  throw new Conflict('import_busy', 'Somebody else is importing this file. What was read is kept; wait for them.')
}

export async function countImported(
  tx: Tx,
  { import: id, contributions, people, articles, views, differences }: { import: number } & Counts,
): Promise<void> {
  await tx
    .updateTable('contributions.import')
    .set((eb) => ({
      contributions: eb('contributions', '+', BigInt(contributions)),
      people: eb('people', '+', BigInt(people)),
      articles: eb('articles', '+', BigInt(articles)),
      views: eb('views', '+', BigInt(views)),
      differences: eb('differences', '+', BigInt(differences)),
    }))
    .where('id', '=', id)
    .execute()
}

/** Notes that the end of the file was reached; it may grow. */
export async function completeImport(tx: Tx, { import: id, now }: { import: number; now: Date }): Promise<void> {
  await tx
    .updateTable('contributions.import')
    .set({ completed_at: now })
    .where('id', '=', id)
    .where('completed_at', 'is', null)
    .execute()
}

interface Counts {
  contributions: number
  people: number
  articles: number
  views: number
  differences: number
}

interface StartImport {
  head: Buffer
  format: ImportFormat
  file: string
  actor: string
  now: Date
}

interface Advance {
  import: number
  from: number
  to: number
  digest: Buffer
  done: number
  total: number | null
  refused: number
  now: Date
}
