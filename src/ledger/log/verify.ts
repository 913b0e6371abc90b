import { sql } from 'kysely'

import { must } from '../../core/assert.ts'
import { type Db, pgArray, type Tx } from '../../core/db.ts'
import type { Checkpoint } from './checkpoint.ts'
import { hashAuditLeaf, hashEntryLeaf } from './encode.ts'
import type { Block } from './head.ts'
import type { Verifier } from './keys.ts'
import { cutOff, fitting, LoggedReader, loggedEvents } from './logged.ts'
import { HASH_BYTES } from './merkle.ts'
import { appendLeaves, EMPTY_EDGE, type Tile, type TreeEdge } from './tree.ts'
import { BlockChecker } from './verify-blocks.ts'

/**
 * Recomputes the whole log from the books: every leaf from its entry or event, every tile and root from the leaves, every
 * block from the one before, every signature. Nothing that is stored is believed. With `expected` heads it also notices a
 * history that was shortened, forked, or rewritten together with all that is derived from it.
 * Run it on a `snapshot`. Findings are listed up to FINDINGS_MAX; an empty list says that all holds.
 */
export async function verifyLog(db: Db | Tx, { log, expected = [], onProgress }: VerifyLog): Promise<Verified> {
  const findings = new Findings()
  const blocks = new BlockChecker(findings, { log, expected })
  const reader = new LoggedReader()
  let edge: TreeEdge = EMPTY_EDGE
  let entries = 0
  let next = readChunk(db, reader, 0n)
  for (;;) {
    const chunk = await next
    if (chunk.leaves.length === 0) break
    // On its way while this chunk is hashed.
    next = readChunk(db, reader, edge.size + BigInt(chunk.leaves.length))
    const hashes = hashChunk(chunk, edge.size, findings)
    for (const size of blocks.boundaries(
      edge.size,
      BigInt(hashes.length / HASH_BYTES),
      await blocksOf(db, edge.size, chunk),
    )) {
      const grown = appendLeaves(edge, hashes.subarray(Number(size.from) * HASH_BYTES, Number(size.to) * HASH_BYTES))
      await compareTiles(db, grown.tiles, findings)
      edge = grown.edge
      blocks.check(edge)
    }
    entries += chunk.entries.size
    onProgress?.(edge.size)
  }
  blocks.finish(edge)
  await checkPassedOver(db, findings)
  return { size: edge.size, entries, unsealed: await countUnsealed(db), findings: findings.list }
}

export interface VerifyLog {
  log: readonly Verifier[]
  /** Heads that were seen before, and must still be part of this history. */
  expected?: readonly Checkpoint[]
  onProgress?: (leaves: bigint) => void
}

export interface Verified {
  size: bigint
  entries: number
  /** Entries and events that no block holds yet: the log proves nothing of them. */
  unsealed: bigint
  findings: Finding[]
}

export interface Finding {
  code: string
  detail: string
}

/** Collects what is wrong, up to a bound: a rewritten log would have a finding a leaf. */
export class Findings {
  readonly list: Finding[] = []

  add(code: string, detail: string): void {
    if (this.list.length < FINDINGS_MAX) this.list.push({ code, detail })
  }
}

const FINDINGS_MAX = 100
const CHUNK_LEAVES = 10_240

async function readChunk(db: Db | Tx, reader: LoggedReader, first: bigint): Promise<Chunk> {
  const { rows: leaves } = await sql<Chunk['leaves'][number]>`
    select position, kind, ref
    from ledger.leaf
    where position >= ${first} and position < ${first + BigInt(CHUNK_LEAVES)}
    order by position
  `.execute(db)
  const entryIds = await fitting(
    db,
    leaves.filter(({ kind }) => kind === 1).map(({ ref }) => ref),
  )
  cutOff(leaves, entryIds.length)
  const eventIds = leaves.filter(({ kind }) => kind === 2).map(({ ref }) => ref)
  const [entries, events] = await Promise.all([reader.entries(db, entryIds), loggedEvents(db, eventIds)])
  return {
    leaves,
    entries: new Map(entries.map(({ id, logged }) => [id, logged])),
    events: new Map(events.map(({ id, logged }) => [id, logged])),
  }
}

function hashChunk({ leaves, entries, events }: Chunk, first: bigint, findings: Findings): Buffer {
  const hashes = Buffer.alloc(leaves.length * HASH_BYTES)
  for (const [i, { position, kind, ref }] of leaves.entries()) {
    if (position !== first + BigInt(i)) findings.add('leaf_missing', `The log has no leaf ${first + BigInt(i)}.`)
    const entry = kind === 1 ? entries.get(ref) : undefined
    const event = kind === 2 ? events.get(ref) : undefined
    if (entry && entry.postings.length > 0) hashEntryLeaf(entry).copy(hashes, i * HASH_BYTES)
    else if (event) hashAuditLeaf(event).copy(hashes, i * HASH_BYTES)
    else
      findings.add(
        'entry_missing',
        `What the log holds at ${position} is gone: ${kind === 1 ? 'entry' : 'event'} ${ref}.`,
      )
  }
  return hashes
}

async function blocksOf(db: Db | Tx, size: bigint, { leaves }: Chunk): Promise<Block[]> {
  return await db
    .selectFrom('ledger.block')
    .selectAll()
    .where('tree_size', '>', size)
    .where('tree_size', '<=', size + BigInt(leaves.length))
    .orderBy('height')
    .execute()
}

/** Compares the leaves' tiles hash by hash, to name what was altered, and those above as a whole. */
async function compareTiles(db: Db | Tx, tiles: readonly Tile[], findings: Findings): Promise<void> {
  const { rows } = await sql<{ no: bigint; hashes: Buffer | null }>`
    select wanted.no, tile.hashes
    from unnest(
      ${pgArray(tiles.map(({ level }) => level))}::smallint[],
      ${pgArray(tiles.map(({ index }) => index))}::bigint[]
    ) with ordinality as wanted (level, index, no)
    left join ledger.tile on tile.level = wanted.level and tile.index = wanted.index
    order by wanted.no
  `.execute(db)
  for (const [i, { level, index, hashes }] of tiles.entries()) {
    const stored = rows[i]?.hashes?.subarray(0, hashes.length)
    if (stored?.equals(hashes)) continue
    if (level > 0) findings.add('tile_altered', `Tile ${index} of level ${level} is not what its leaves make.`)
    else nameAltered({ index, hashes, stored }, findings)
  }
}

function nameAltered(tile: { index: bigint; hashes: Buffer; stored: Buffer | undefined }, findings: Findings): void {
  for (let at = 0; at < tile.hashes.length; at += HASH_BYTES) {
    const stored = tile.stored?.subarray(at, at + HASH_BYTES)
    if (stored?.equals(tile.hashes.subarray(at, at + HASH_BYTES))) continue
    const position = tile.index * 256n + BigInt(at / HASH_BYTES)
    findings.add('leaf_altered', `What the log holds at ${position} is not what was sealed there.`)
  }
}

/** Everything up to the watermark must have its leaf; what lies above may still be waiting for the sealer. */
async function checkPassedOver(db: Db | Tx, findings: Findings): Promise<void> {
  const { rows } = await sql<{ what: string; id: bigint }>`
    select 'entry' as what, entry.id
    from ledger.log
    join ledger.entry on entry.id <= log.entry_watermark
    where not exists (select from ledger.leaf where leaf.ref = entry.id and leaf.kind = 1)
    union all
    select 'event', event.id
    from ledger.log
    join audit.event on event.id <= log.event_watermark
    where not exists (select from ledger.leaf where leaf.ref = event.id and leaf.kind = 2)
    limit ${FINDINGS_MAX}
  `.execute(db)
  for (const { what, id } of rows)
    findings.add('never_sealed', `The ${what} ${id} was passed over by the sealer, or put in later.`)
}

interface Chunk {
  leaves: { position: bigint; kind: number; ref: bigint }[]
  entries: Map<bigint, Parameters<typeof hashEntryLeaf>[0]>
  events: Map<bigint, Parameters<typeof hashAuditLeaf>[0]>
}

/** What the sealer has still to come to. */
async function countUnsealed(db: Db | Tx): Promise<bigint> {
  const { rows } = await sql<{ unsealed: bigint }>`
    select (
      select count(*)
      from ledger.entry
      where entry.id > log.entry_watermark
        and not exists (select from ledger.leaf where leaf.ref = entry.id and leaf.kind = 1)
    ) + (
      select count(*)
      from audit.event
      where event.id > log.event_watermark
        and not exists (select from ledger.leaf where leaf.ref = event.id and leaf.kind = 2)
    ) as unsealed
    from ledger.log
  `.execute(db)
  return must(rows[0], 'The log is one row').unsealed
}
