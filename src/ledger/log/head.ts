import { must } from '../../core/assert.ts'
import type { Db, Tx } from '../../core/db.ts'
import { Invalid, NotFound } from '../../core/errors.ts'
import type { TileReader } from './tree.ts'

/** The last block, undefined while nothing has been sealed. */
export async function lastBlock(db: Db | Tx): Promise<Block | undefined> {
  return await db.selectFrom('ledger.block').selectAll().orderBy('height', 'desc').limit(1).executeTakeFirst()
}

/** The first block whose tree has at least `treeSize` leaves. Fails: tree_size_unsealed. */
export async function blockOver(db: Db | Tx, treeSize: bigint): Promise<Block> {
  const block = await db
    .selectFrom('ledger.block')
    .selectAll()
    .where('tree_size', '>=', treeSize)
    .orderBy('tree_size')
    .limit(1)
    .executeTakeFirst()
  if (!block) throw new Invalid('tree_size_unsealed', `The log has fewer than ${treeSize} sealed leaves.`)
  return block
}

/** Fails: block_not_found. */
export async function findBlock(db: Db | Tx, height: bigint): Promise<Block> {
  const block = await db.selectFrom('ledger.block').selectAll().where('height', '=', height).executeTakeFirst()
  if (!block) throw new NotFound('block_not_found', `There is no block ${height}.`)
  return block
}

/** Where in the log entries or audit events are, by their numbers; those that are not sealed yet are missing. */
export async function leavesOf(
  db: Db | Tx,
  { kind, refs }: { kind: number; refs: readonly bigint[] },
): Promise<Map<bigint, bigint>> {
  if (refs.length === 0) return new Map()
  const rows = await db
    .selectFrom('ledger.leaf')
    .select(['ref', 'position'])
    .where('kind', '=', kind)
    .where('ref', 'in', [...refs])
    .execute()
  return new Map(rows.map(({ ref, position }) => [ref, position]))
}

/** Reads tiles out of the database. */
export function tileReader(db: Db | Tx): TileReader {
  return async (level, index) => {
    const tile = await db
      .selectFrom('ledger.tile')
      .select('hashes')
      .where('level', '=', level)
      .where('index', '=', index)
      .executeTakeFirst()
    return must(tile, `There is no tile ${index} of level ${level}`).hashes
  }
}

export interface Block {
  height: bigint
  previous_hash: Buffer
  tree_size: bigint
  root: Buffer
  time: Date
  difficulty: bigint
  nonce: bigint
  origin: string
  hash: Buffer
  checkpoint: string
}
