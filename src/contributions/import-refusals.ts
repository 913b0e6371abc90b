import { sql } from 'kysely'

import { type Db, pgArray, type Tx } from '../core/db.ts'
import type { LineError } from './import-format.ts'

/** Keeps why lines were left out: of the first `REFUSALS_KEPT` of an import; the others are counted alone. */
export async function keepRefusals(
  tx: Tx,
  { import: source, refused }: { import: number; refused: readonly LineError[] },
): Promise<void> {
  if (refused.length === 0) return
  await sql`
    insert into contributions.import_refusal (import, line, field, code, message)
    select ${source}, refused.line, nullif(refused.field, ''), refused.code, left(refused.message, ${sql.lit(MESSAGE_MAX)})
    from unnest(
      ${pgArray(refused.map(({ line }) => line))}::bigint[],
      ${pgArray(refused.map(({ field }) => field ?? ''))}::text[],
      ${pgArray(refused.map(({ code }) => code))}::text[],
      ${pgArray(refused.map(({ message }) => message))}::text[]
    ) as refused (line, field, code, message)
    order by refused.line
    limit greatest(
      0,
      ${sql.lit(REFUSALS_KEPT)} - (select count(*) from contributions.import_refusal where import = ${source})
    )
  `.execute(tx)
}

/** In the order of the lines, those after `after`. */
export async function listRefusals(
  db: Db,
  { import: source, after, limit }: { import: number; after: bigint; limit: number },
): Promise<Refusal[]> {
  return await db
    .selectFrom('contributions.import_refusal')
    .select(['line', 'field', 'code', 'message'])
    .where('import', '=', source)
    .where('line', '>', after)
    .orderBy('line')
    .limit(limit)
    .execute()
}

export interface Refusal {
  line: bigint
  field: string | null
  code: string
  message: string
}

export const REFUSALS_KEPT = 1_000
const MESSAGE_MAX = 1_000
