import { must } from '../../core/assert.ts'
import type { Db, Tx } from '../../core/db.ts'
import { Conflict, Invalid, NotFound } from '../../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../../core/id.ts'
import { AUDIT_LEAF, ENTRY_LEAF, type LoggedEntry, type LoggedEvent } from './encode.ts'
import { type EventDisclosure, type EventReceipt, makeEventReceipt } from './event-receipt.ts'
import { type Block, blockOver, findBlock, lastBlock, leavesOf, tileReader } from './head.ts'
import { loggedEvents, LoggedReader } from './logged.ts'
import { type Disclosure, makeReceipts, type Receipt } from './receipt.ts'
import { formatTlogProof } from './tlog-proof.ts'
import { consistencyProof, inclusionProof } from './tree.ts'

/**
 * What proves an entry to somebody who trusts a checkpoint and nothing else: its place in the log as a C2SP tlog-proof
 * under the newest checkpoint (or the first that covers `treeSize`), and a receipt for each posting asked for.
 * Fails: entry_not_found, posting_not_found, entry_not_sealed, tree_size_unsealed, entry_redacted.
 */
export async function proveEntry(db: Db | Tx, { id, postings, disclose, treeSize }: ProveEntry): Promise<EntryProof> {
  const entry = await readEntry(db, id)
  const { serial } = parseSerialUuid(id, 'entry_not_found')
  for (const no of postings) {
    if (no >= entry.postings.length) throw new NotFound('posting_not_found', `The entry ${id} has no posting ${no}.`)
  }
  const position = await positionOf(db, { kind: ENTRY_LEAF, ref: serial })
  if (position === undefined) {
    throw new Conflict('entry_not_sealed', 'This entry is not sealed yet. Ask again in a moment.')
  }
  const receipts = makeReceipts({ entry, postings, disclose })
  return { ...(await proveLeaf(db, { position, treeSize })), receipts }
}

/**
 * What proves an audit event: its place in the log, as an entry's, and its receipt.
 * Fails: audit_event_not_found, audit_event_not_sealed, tree_size_unsealed.
 */
export async function proveEvent(db: Db | Tx, { id, disclose, treeSize }: ProveEvent): Promise<EventProof> {
  const { serial, event } = await readEvent(db, id)
  const position = await positionOf(db, { kind: AUDIT_LEAF, ref: serial })
  if (position === undefined) {
    throw new Conflict('audit_event_not_sealed', 'This event is not sealed yet. Ask again in a moment.')
  }
  return { ...(await proveLeaf(db, { position, treeSize })), receipt: makeEventReceipt({ event, disclose }) }
}

/** What shows that the log of `to` leaves continues the log of `from`. Fails: tree_size_unsealed, range_invalid. */
export async function proveConsistency(db: Db | Tx, { from, to }: { from: bigint; to: bigint }): Promise<Buffer[]> {
  if (from > to) throw new Invalid('range_invalid', 'The older size is the smaller one: `from` must not be above `to`.')
  if (to > 0n) await blockOver(db, to)
  return await consistencyProof({ from, to, read: tileReader(db) })
}

async function readEntry(db: Db | Tx, id: string): Promise<LoggedEntry> {
  const { serial } = parseSerialUuid(id, 'entry_not_found')
  const [found] = await new LoggedReader().entries(db, [serial])
  if (found && serialUuid(found.id, found.logged.recordedAt) === id) return found.logged
  throw new NotFound('entry_not_found', `There is no entry ${id}.`, { entry: id })
}

async function readEvent(db: Db | Tx, id: string): Promise<{ serial: bigint; event: LoggedEvent }> {
  const { serial } = parseSerialUuid(id, 'audit_event_not_found')
  const [found] = await loggedEvents(db, [serial])
  if (found && serialUuid(found.id, found.logged.at) === id) return { serial, event: found.logged }
  throw new NotFound('audit_event_not_found', `There is no audit event ${id}.`, { event: id })
}

async function positionOf(db: Db | Tx, { kind, ref }: { kind: number; ref: bigint }): Promise<bigint | undefined> {
  return (await leavesOf(db, { kind, refs: [ref] })).get(ref)
}

async function proveLeaf(db: Db | Tx, { position, treeSize }: LeafAt): Promise<LeafProof> {
  const block = await coveringBlock(db, position, treeSize)
  const path = await inclusionProof({ index: position, size: block.tree_size, read: tileReader(db) })
  return { position, block, proof: formatTlogProof({ index: position, path, checkpoint: block.checkpoint }) }
}

async function coveringBlock(db: Db | Tx, position: bigint, treeSize: bigint | undefined): Promise<Block> {
  if (treeSize === undefined) return must(await lastBlock(db), 'What has a leaf is under a block')
  const block = await blockOver(db, treeSize)
  if (position < block.tree_size) return block
  return await findBlock(db, (await blockOver(db, position + 1n)).height)
}

/** Where in the log a leaf is, and the file that proves it (c2sp.org/tlog-proof). */
export interface LeafProof {
  position: bigint
  block: Block
  proof: string
}

export interface EntryProof extends LeafProof {
  receipts: Receipt[]
}

export interface EventProof extends LeafProof {
  receipt: EventReceipt
}

interface LeafAt {
  position: bigint
  treeSize: bigint | undefined
}

interface ProveEntry {
  id: string
  /** Numbers of the postings to make receipts for. */
  postings: readonly number[]
  disclose: Disclosure
  treeSize?: bigint | undefined
}

interface ProveEvent {
  id: string
  disclose: EventDisclosure
  treeSize?: bigint | undefined
}
