import { assert } from '../../core/assert.ts'
import { EMPTY_ROOT, foldInPlace, HASH_BYTES, nodeHash } from './merkle.ts'

/** A tile holds up to 256 hashes of one level, side by side; level n+1 has one hash for each full tile of level n. */
export const TILE_HASHES = 256

/** The tree that is kept for `edge`, one leaf further for each 32 bytes of `leaves`; nothing in `edge` is changed. */
export function appendLeaves(edge: TreeEdge, leaves: Buffer): { edge: TreeEdge; tiles: Tile[] } {
  assert(leaves.length % HASH_BYTES === 0, 'Leaf hashes lie side by side, 32 bytes each')
  const tiles: Tile[] = []
  const unfinished = [...edge.unfinished]
  let arriving = leaves
  for (let level = 0; arriving.length > 0; level++) {
    const hashes = Buffer.concat([unfinished[level] ?? NO_HASHES, arriving])
    const first = edge.size >> BigInt(BITS * (level + 1))
    const full: Buffer[] = []
    for (let at = 0; at < hashes.length; at += TILE_BYTES) {
      const tile = { level, index: first + BigInt(at / TILE_BYTES), hashes: hashes.subarray(at, at + TILE_BYTES) }
      tiles.push(tile)
      if (tile.hashes.length === TILE_BYTES) full.push(rootOfPerfect(tile.hashes))
    }
    // A copy, so that the edge does not keep the whole batch in memory.
    unfinished[level] = Buffer.from(hashes.subarray(hashes.length - (hashes.length % TILE_BYTES)))
    arriving = Buffer.concat(full)
  }
  return { edge: { size: edge.size + BigInt(leaves.length / HASH_BYTES), unfinished }, tiles }
}

/** What an appender must know of a tree of `size` leaves: the last, unfinished tile of each level. */
export async function readEdge(size: bigint, read: TileReader): Promise<TreeEdge> {
  const unfinished: Buffer[] = []
  for (let level = 0; size >> BigInt(BITS * level) > 0n; level++) {
    const hashes = tileWidth(size, level)
    const index = size >> BigInt(BITS * (level + 1))
    unfinished.push(hashes === 0 ? NO_HASHES : await readHashes(read, { level, index, from: 0, hashes }))
  }
  return { size, unfinished }
}

/** The root of the tree whose edge this is: its perfect subtrees, folded from the smallest to the largest. */
export function rootOfEdge({ unfinished }: TreeEdge): Buffer {
  const subtrees = unfinished.flatMap((hashes) => perfectSubtrees(hashes).toReversed())
  return subtrees.length === 0 ? EMPTY_ROOT : subtrees.reduce((right, left) => nodeHash(left, right))
}

export async function rootAt(size: bigint, read: TileReader): Promise<Buffer> {
  return rootOfEdge(await readEdge(size, read))
}

/** The siblings of leaf `index` in the tree as it was at `size` leaves, from the leaf up (RFC 9162, section 2.1.3.1). */
export async function inclusionProof({ index, size, read }: InclusionRequest): Promise<Buffer[]> {
  assert(index >= 0n && index < size, `Leaf ${index} is not in a tree of ${size} leaves`)
  const siblings: LeafRange[] = []
  let [start, end] = [0n, size]
  while (end - start > 1n) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) {
      siblings.push({ start: middle, end })
      end = middle
    } else {
      siblings.push({ start, end: middle })
      start = middle
    }
  }
  return rootsOf(siblings.toReversed(), read)
}

/**
 * What shows that the tree of `to` leaves begins with the tree of `from` (RFC 9162, section 2.1.4.1). From the empty tree,
 * and from a tree to itself, the proof is empty.
 */
export async function consistencyProof({ from, to, read }: ConsistencyRequest): Promise<Buffer[]> {
  assert(from >= 0n && from <= to, `A tree of ${to} leaves cannot hold one of ${from}`)
  if (from === 0n) return []
  const subtrees: LeafRange[] = []
  let [start, end] = [0n, to]
  while (end !== from) {
    const middle = start + largestPowerBelow(end - start)
    if (from <= middle) {
      subtrees.push({ start: middle, end })
      end = middle
    } else {
      subtrees.push({ start, end: middle })
      start = middle
    }
  }
  // The verifier knows the older root; when that is one whole subtree, it need not be told.
  if (start > 0n) subtrees.push({ start, end })
  return rootsOf(subtrees.toReversed(), read)
}

const BITS = 8
const TILE_BYTES = TILE_HASHES * HASH_BYTES
const NO_HASHES = Buffer.alloc(0)

export const EMPTY_EDGE: TreeEdge = { size: 0n, unfinished: [] }

async function rootsOf(ranges: readonly LeafRange[], read: TileReader): Promise<Buffer[]> {
  const remembering = remember(read)
  const roots: Buffer[] = []
  for (const range of ranges) roots.push(await rootOfRange(range, remembering))
  return roots
}

/** `start` is a multiple of the largest power of two within the range: so is every subtree that the splits make. */
async function rootOfRange({ start, end }: LeafRange, read: TileReader): Promise<Buffer> {
  const subtrees: Buffer[] = []
  for (let at = start; at < end;) {
    const height = (end - at).toString(2).length - 1
    subtrees.push(await readSubtree(at, height, read))
    at += 1n << BigInt(height)
  }
  return subtrees.reduceRight((right, left) => nodeHash(left, right))
}

/** The root over the 2^height leaves from `start`, out of the one tile that holds the row it is computed from. */
async function readSubtree(start: bigint, height: number, read: TileReader): Promise<Buffer> {
  const level = Math.floor(height / BITS)
  const place = start >> BigInt(BITS * level)
  const from = Number(place % BigInt(TILE_HASHES))
  const hashes = 2 ** (height % BITS)
  return rootOfPerfect(await readHashes(read, { level, index: place / BigInt(TILE_HASHES), from, hashes }))
}

async function readHashes(
  read: TileReader,
  { level, index, from, hashes }: { level: number; index: bigint; from: number; hashes: number },
): Promise<Buffer> {
  const tile = await read(level, index)
  const part = tile.subarray(from * HASH_BYTES, (from + hashes) * HASH_BYTES)
  assert(part.length === hashes * HASH_BYTES, `Tile ${index} of level ${level} ends before hash ${from + hashes}`)
  return part
}

function remember(read: TileReader): TileReader {
  const tiles = new Map<string, Promise<Buffer>>()
  return (level, index) => {
    const key = `${level}/${index}`
    const tile = tiles.get(key) ?? read(level, index)
    tiles.set(key, tile)
    return tile
  }
}

/** The hashes of an unfinished tile, gathered into the largest perfect subtrees, from left to right. */
function perfectSubtrees(hashes: Buffer): Buffer[] {
  const subtrees: Buffer[] = []
  for (let at = 0; at < hashes.length;) {
    const width = 2 ** Math.floor(Math.log2((hashes.length - at) / HASH_BYTES))
    subtrees.push(rootOfPerfect(hashes.subarray(at, at + width * HASH_BYTES)))
    at += width * HASH_BYTES
  }
  return subtrees
}

function rootOfPerfect(hashes: Buffer): Buffer {
  const rows = Buffer.from(hashes)
  foldInPlace(rows, hashes.length / HASH_BYTES)
  return Buffer.from(rows.subarray(0, HASH_BYTES))
}

function tileWidth(size: bigint, level: number): number {
  return Number((size >> BigInt(BITS * level)) % BigInt(TILE_HASHES))
}

function largestPowerBelow(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1)
}

/** A row of hashes: full, or the last of its level. At an older size a tile is a prefix of what it is now. */
export type Tile = { level: number; index: bigint; hashes: Buffer }
/** Gives the tile as it is now; it may hold more hashes than the size that is asked about. */
export type TileReader = (level: number, index: bigint) => Promise<Buffer>
export type TreeEdge = { size: bigint; unfinished: readonly Buffer[] }
export type InclusionRequest = { index: bigint; size: bigint; read: TileReader }
export type ConsistencyRequest = { from: bigint; to: bigint; read: TileReader }
type LeafRange = { start: bigint; end: bigint }
