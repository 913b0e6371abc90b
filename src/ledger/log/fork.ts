import type { KeyObject } from 'node:crypto'

import { record } from '../../core/audit.ts'
import type { Db, Tx } from '../../core/db.ts'
import { Conflict } from '../../core/errors.ts'
import type { Checkpoint } from './checkpoint.ts'
import { lastBlock, tileReader } from './head.ts'
import { readOutside } from './outside.ts'
import { rootAt } from './tree.ts'

/**
 * Compares the log in the database with the last head that was kept outside of it. `behind`: the database holds fewer
 * leaves, or others, than were published: an older backup was restored, and going on would be a second history under
 * one name. The economy is then read-only until the fork is acknowledged.
 */
export async function compareWithOutside(db: Db | Tx, { folder, keys }: Outside): Promise<Standing> {
  const log = await db.selectFrom('ledger.log').select('origin').executeTakeFirstOrThrow()
  const outside = await readOutside(folder, keys)
  if (!outside) return { state: 'whole' }
  const head = await lastBlock(db)
  const size = head?.tree_size ?? 0n
  const same = outside.size <= size && (await rootAt(outside.size, tileReader(db))).equals(outside.root)
  // After an acknowledged fork the origin is a new one, and what was published under the old is its past.
  if (same || outside.origin !== log.origin) return { state: 'whole' }
  return { state: 'behind', outside, size }
}

/**
 * Goes on under a new origin (`…/2`, `…/3`, …) after a restore, and says so in the log: an audit event that names the
 * head that is continued and the head that was lost. Moves nothing.
 * Fails: log_not_forked.
 */
export async function acknowledgeFork(
  tx: Tx,
  { actor, now, ...where }: Outside & { actor: string; now: Date },
): Promise<string> {
  const standing = await compareWithOutside(tx, where)
  if (standing.state === 'whole') {
    throw new Conflict(
      'log_not_forked',
      'The log in the database continues the one that was published: there is no fork.',
    )
  }
  const { origin } = await tx.selectFrom('ledger.log').select('origin').executeTakeFirstOrThrow()
  const head = await lastBlock(tx)
  const next = nextOrigin(origin)
  await tx.updateTable('ledger.log').set({ origin: next }).execute()
  const before = { origin, size: `${standing.outside.size}`, root: standing.outside.root.toString('base64') }
  const after = { origin: next, size: `${head?.tree_size ?? 0n}`, root: head?.root.toString('base64') ?? '' }
  await record(tx, { at: now, actor, action: 'log.fork', subject: `log:${next}`, diff: { before, after } })
  return next
}

/**
 * Goes on under another origin because the log under the old one goes on elsewhere, as in a copy of an economy; an audit
 * event names the head that both have in common. Moves nothing.
 */
export async function branchLog(
  tx: Tx,
  { origin: next, actor, now }: { origin: string; actor: string; now: Date },
): Promise<void> {
  const { origin } = await tx.selectFrom('ledger.log').select('origin').executeTakeFirstOrThrow()
  if (origin === next) return
  const head = await lastBlock(tx)
  const common = { size: `${head?.tree_size ?? 0n}`, root: head?.root.toString('base64') ?? '' }
  await tx.updateTable('ledger.log').set({ origin: next }).execute()
  const diff = { before: { origin, ...common }, after: { origin: next, ...common } }
  await record(tx, { at: now, actor, action: 'log.fork', subject: `log:${next}`, diff })
}

export interface Outside {
  /** Where heads are kept outside the database. */
  folder: string
  keys: readonly KeyObject[]
}

export type Standing = { state: 'whole' } | { state: 'behind'; outside: Checkpoint; size: bigint }

function nextOrigin(origin: string): string {
  const [, base, number] = /^(.*?)(?:\/(\d+))?$/.exec(origin) ?? []
  return `${base}/${number === undefined ? 2 : BigInt(number) + 1n}`
}
