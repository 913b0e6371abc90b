import type { Db } from '../core/db.ts'

/**
 * The scales of the assets `codes`, as far as there are such assets. Assets are only ever added and never change, so what
 * was read once is true for as long as the economy is open; only unknown codes ask the database.
 */
export function scalesOf(db: Db, codes: Iterable<string>): Scales | Promise<Scales> {
  const known = caches.get(db) ?? new Map<string, number>()
  caches.set(db, known)
  for (const code of codes) if (!known.has(code)) return loadInto(known, db)
  return known
}

export type Scales = ReadonlyMap<string, number>

const caches = new WeakMap<Db, Map<string, number>>()

async function loadInto(known: Map<string, number>, db: Db): Promise<Scales> {
  const assets = await db.selectFrom('ledger.asset').select(['code', 'scale']).execute()
  for (const { code, scale } of assets) known.set(code, scale)
  return known
}
