import type { KeyObject } from 'node:crypto'

import { sql } from 'kysely'

import { must } from '../../core/assert.ts'
import type { Clock } from '../../core/clock.ts'
import { type Db, pgArray, pgBytes, transaction, type Tx } from '../../core/db.ts'
import { hashBlock, NO_PREVIOUS_HASH } from './block.ts'
import { Candidates, type Watermarks } from './candidates.ts'
import { signCheckpoint } from './checkpoint.ts'
import { AUDIT_LEAF, ENTRY_LEAF, hashAuditLeaf, hashEntryLeaf } from './encode.ts'
import { type Block, lastBlock, tileReader } from './head.ts'
import { LoggedReader, loggedEvents } from './logged.ts'
import { appendLeaves, readEdge, rootOfEdge, type Tile, type TreeEdge } from './tree.ts'

/**
 * Seals what has been recorded: gives each entry and audit event its position, hashes it into the tree, and signs the
 * new head. One sealer works at a time, whoever of several servers it is; positions are given here and nowhere else.
 * Every head is also handed to `publish`, to be kept where the database cannot take it back.
 */
export class Sealer {
  readonly #db: Db
  readonly #keys: readonly KeyObject[]
  readonly #clock: Clock
  readonly #publish: (block: Block) => Promise<void>
  readonly #reader = new LoggedReader()
  readonly #candidates = new Candidates()
  #edge: TreeEdge | undefined
  #timer: NodeJS.Timeout | undefined
  #sealing: Promise<unknown> | undefined
  #closed = false

  constructor({ db, keys, clock, publish }: SealerOptions) {
    this.#db = db
    this.#keys = keys
    this.#clock = clock
    this.#publish = publish
  }

  /** Seals everything that is there now; returns how many leaves were added. */
  async sealAll(): Promise<number> {
    let sealed = 0
    for (;;) {
      const { leaves, more } = await this.sealOnce()
      sealed += leaves
      if (!more) return sealed
    }
  }

  /** Seals one block. No leaves: nothing is new, or another sealer is at it. */
  async sealOnce(): Promise<{ leaves: number; more: boolean }> {
    const sealed = await transaction(this.#db, (tx) => this.#seal(tx))
    if (!sealed) return { leaves: 0, more: false }
    await this.#publish(sealed.block)
    return sealed
  }

  /** Seals every `interval_ms` until closed. `onError` hears of a seal that failed; the next tries again, after twice the pause. */
  start({ interval_ms, onError }: { interval_ms: number; onError: (error: unknown) => void }): void {
    let pause_ms = interval_ms
    const seal = async () => {
      try {
        await this.sealAll()
        pause_ms = interval_ms
      } catch (error) {
        // What was kept of the tree may be of a block that was never committed.
        this.#edge = undefined
        pause_ms = Math.min(2 * pause_ms, PAUSE_MAX_MS)
        onError(error)
      }
    }
    const next = () => {
      this.#sealing = seal().finally(() => {
        if (!this.#closed) this.#timer = setTimeout(next, pause_ms)
      })
    }
    this.#timer = setTimeout(next, interval_ms)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#sealing
  }

  async #seal(tx: Tx): Promise<{ block: Block; leaves: number; more: boolean } | undefined> {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtext('ledger.log')) as mine
    `.execute(tx)
    if (!must(rows[0], 'The lock is one row').mine) return undefined
    const log = await tx.selectFrom('ledger.log').selectAll().executeTakeFirstOrThrow()
    const marks = { entry: log.entry_watermark, event: log.event_watermark }
    const found = await this.#candidates.find(tx, marks, ROWS_PER_BLOCK)
    const leaves = await this.#hash(tx, found)
    if (leaves.length === 0) {
      await keepMarks(tx, marks, found.marks)
      return undefined
    }
    const head = await lastBlock(tx)
    const edge = await this.#edgeOf(tx, head?.tree_size ?? 0n)
    const { edge: grown, tiles } = appendLeaves(edge, Buffer.concat(leaves.map(({ hash }) => hash)))
    const block = this.#blockOver(grown, head, log.origin)
    await insertLeaves(tx, edge.size, leaves)
    await writeTiles(tx, tiles)
    await tx.insertInto('ledger.block').values(block).execute()
    await keepMarks(tx, marks, found.marks)
    this.#edge = grown
    return { block, leaves: leaves.length, more: found.more }
  }

  async #hash(tx: Tx, { entries, events }: { entries: readonly bigint[]; events: bigint[] }): Promise<Leaf[]> {
    const logged = await this.#reader.entries(tx, entries)
    const leaves: Leaf[] = logged.map(({ id, logged: entry }) => ({
      kind: ENTRY_LEAF,
      ref: id,
      hash: hashEntryLeaf(entry),
    }))
    for (const { id, logged: event } of await loggedEvents(tx, events)) {
      leaves.push({ kind: AUDIT_LEAF, ref: id, hash: hashAuditLeaf(event) })
    }
    return leaves
  }

  /** The tree's right edge at `size`: what we kept, unless another sealer went on meanwhile. */
  async #edgeOf(tx: Tx, size: bigint): Promise<TreeEdge> {
    if (this.#edge?.size === size) return this.#edge
    return await readEdge(size, tileReader(tx))
  }

  #blockOver(edge: TreeEdge, head: Block | undefined, origin: string): Block {
    const root = rootOfEdge(edge)
    const header = {
      height: head ? head.height + 1n : 0n,
      previousHash: head?.hash ?? NO_PREVIOUS_HASH,
      treeSize: edge.size,
      root,
      time: this.#clock.now(),
      difficulty: 0,
      nonce: 0n,
      origin,
    }
    return {
      height: header.height,
      previous_hash: Buffer.from(header.previousHash),
      tree_size: header.treeSize,
      root,
      time: header.time,
      difficulty: 0n,
      nonce: 0n,
      origin,
      hash: hashBlock(header),
      checkpoint: signCheckpoint({ origin, size: edge.size, root }, this.#keys),
    }
  }
}

export interface SealerOptions {
  db: Db
  /** The key that signs heads; while it is being changed, the old one too. */
  keys: readonly KeyObject[]
  clock: Clock
  publish: (block: Block) => Promise<void>
}

/** How long a sealer that fails waits at most, as while the database is read-only. */
const PAUSE_MAX_MS = 30_000
/** Entries, and as many audit events, in one block: bounds the memory and the time of a seal. */
const ROWS_PER_BLOCK = 8_192

async function insertLeaves(tx: Tx, first: bigint, leaves: readonly Leaf[]): Promise<void> {
  await sql`
    insert into ledger.leaf (position, kind, ref)
    select ${first}::bigint + no - 1, kind, ref
    from unnest(
      ${pgArray(leaves.map(({ kind }) => kind))}::smallint[],
      ${pgArray(leaves.map(({ ref }) => ref))}::bigint[]
    ) with ordinality as new (kind, ref, no)
  `.execute(tx)
}

async function writeTiles(tx: Tx, tiles: readonly Tile[]): Promise<void> {
  await sql`
    insert into ledger.tile (level, index, hashes)
    select level, index, hashes
    from unnest(
      ${pgArray(tiles.map(({ level }) => level))}::smallint[],
      ${pgArray(tiles.map(({ index }) => index))}::bigint[],
      ${pgBytes(tiles.map(({ hashes }) => hashes))}::bytea[]
    ) as new (level, index, hashes)
    on conflict (level, index) do update set hashes = excluded.hashes
  `.execute(tx)
}

async function keepMarks(tx: Tx, before: Watermarks, after: Watermarks): Promise<void> {
  if (before.entry === after.entry && before.event === after.event) return
  await tx.updateTable('ledger.log').set({ entry_watermark: after.entry, event_watermark: after.event }).execute()
}

interface Leaf {
  kind: number
  ref: bigint
  hash: Buffer
}
