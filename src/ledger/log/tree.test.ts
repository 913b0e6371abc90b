import { hash } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as rfc from '../../../test/rfc9162.ts'
import { checkConsistency, checkInclusion, EMPTY_ROOT, HASH_BYTES, leafHash, rootOf } from './merkle.ts'
import { appendLeaves, consistencyProof, EMPTY_EDGE, inclusionProof, readEdge } from './tree.ts'
import { rootAt, rootOfEdge, TILE_HASHES } from './tree.ts'
import type { TileReader, TreeEdge } from './tree.ts'

const LEAVES = Array.from({ length: 70_000 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))

describe('appending', () => {
  test('gives the tiles of C2SP tlog-tiles', () => {
    // The level 0 tile over the eight leaves of transparency-dev/merkle's vectors (testonly/constants.go).
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const leaves = Buffer.concat(inputs.map((hex) => leafHash(Buffer.from(hex, 'hex'))))
    const { edge, tiles } = appendLeaves(EMPTY_EDGE, leaves)
    expect(tiles.map(({ level, index }) => [level, index])).toEqual([[0, 0n]])
    expect(hash('sha256', tiles[0]!.hashes)).toBe('aea2f1bbb5140fd5f8eacb503fdf54c00c3d860c72588e40233addd416bc8f10')
    expect(rootOfEdge(edge).toString('hex')).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
  })

  test('keeps 70,000 leaves in 273 full tiles and a part, one full tile and a part above, and one hash above that', () => {
    const log = newLog()
    log.append(LEAVES)
    const widths = [0, 1, 2].map((level) =>
      [...log.tiles].flatMap(([key, hashes]) => (key.startsWith(`${level}/`) ? [hashes.length / HASH_BYTES] : [])),
    )
    expect(widths).toEqual([[...Array<number>(273).fill(256), 112], [256, 17], [1]])
    expect(log.tiles.size).toBe(277)
    expect(rootOfEdge(log.edge)).toEqual(rootOf(LEAVES))
  })

  test('gives the same tiles and the same root however the leaves are split into batches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.array(fc.integer({ min: 1, max: 600 })), (size, batches) => {
        const [whole, parts] = [newLog(), newLog()]
        whole.append(LEAVES.slice(0, size))
        for (const batch of [...batches, size]) {
          parts.append(LEAVES.slice(Number(parts.edge.size), Math.min(size, Number(parts.edge.size) + batch)))
        }
        expect(parts.edge.size).toBe(BigInt(size))
        expect(parts.tiles).toEqual(whole.tiles)
        expect(rootOfEdge(parts.edge)).toEqual(rootOf(LEAVES.slice(0, size)))
      }),
      { numRuns: 50 },
    )
  })

  test('rewrites only the tiles that changed', () => {
    const log = newLog()
    log.append(LEAVES.slice(0, 1000))
    const { tiles } = appendLeaves(log.edge, Buffer.concat(LEAVES.slice(1000, 1030)))
    expect(tiles.map(({ level, index, hashes }) => [level, index, hashes.length / HASH_BYTES])).toEqual([
      [0, 3n, 256],
      [0, 4n, 6],
      [1, 0n, 4],
    ])
  })

  test('leaves the edge it was given as it was, so that a seal that fails can be tried again', () => {
    const { edge } = appendLeaves(EMPTY_EDGE, Buffer.concat(LEAVES.slice(0, 300)))
    const before = { size: edge.size, unfinished: edge.unfinished.map((hashes) => Buffer.from(hashes)) }
    appendLeaves(edge, Buffer.concat(LEAVES.slice(300, 900)))
    expect(edge).toEqual(before)
  })

  test('an edge read back from the tiles is the one that was kept', async () => {
    const log = newLog()
    for (const size of [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000]) {
      log.append(LEAVES.slice(Number(log.edge.size), size))
      expect(await readEdge(BigInt(size), log.read)).toEqual(log.edge)
    }
    expect(await readEdge(0n, log.read)).toEqual(EMPTY_EDGE)
  })
})

describe('proofs from tiles', () => {
  const log = newLog()
  log.append(LEAVES)

  test('the root of every historic size can be computed from the tiles of today', async () => {
    expect(await rootAt(0n, log.read)).toEqual(EMPTY_ROOT)
    for (const size of [1, 2, 7, 255, 256, 257, 1000, 4097, 65_535, 65_536, 65_537, 69_999]) {
      expect(await rootAt(BigInt(size), log.read), `${size}`).toEqual(rootOf(LEAVES.slice(0, size)))
    }
  })

  // The same digest as over the proofs of two other implementations (see merkle.test.ts).
  test('all consistency proofs up to 130 leaves', async () => {
    const small = newLog()
    small.append(Array.from({ length: 130 }, (_, i) => leafHash(Buffer.of(i))))
    const lines: string[] = []
    for (let to = 1n; to <= 130n; to++) {
      for (let from = 1n; from <= to; from++) {
        const proof = await consistencyProof({ from, to, read: small.read })
        lines.push(`${[from, to, ...proof.map((each) => each.toString('hex'))].join(' ')}\n`)
      }
    }
    expect(hash('sha256', lines.join(''))).toBe('2498232e1aebe8d1aa8d339d897fc471f4495fe0b8a55ac08f7dae3d88bc4c2a')
  })

  test('are those of RFC 9162, at any historic size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), fc.nat(), async (size, seed) => {
        const place = seed % size
        const tree = LEAVES.slice(0, size)
        const inclusion = { index: BigInt(place), size: BigInt(size) }
        const path = await inclusionProof({ ...inclusion, read: log.read })
        expect(path).toEqual(rfc.path(place, tree))
        checkInclusion({ ...inclusion, path, leaf: tree[place]!, root: rfc.treeHash(tree) })

        const proof = await consistencyProof({ from: BigInt(place + 1), to: BigInt(size), read: log.read })
        expect(proof).toEqual(rfc.proof(place + 1, tree))
      }),
      { numRuns: 60 },
    )
  })

  test('verify at every size around the edges of tiles', async () => {
    const edges = [1n, 2n, 255n, 256n, 257n, 65_535n, 65_536n, 65_537n, 69_999n, 70_000n]
    for (const size of edges) {
      const root = await rootAt(size, log.read)
      for (const index of [0n, 1n, 254n, 255n, 256n, 65_535n, 65_536n, size - 1n].filter((each) => each < size)) {
        const path = await inclusionProof({ index, size, read: log.read })
        checkInclusion({ index, size, path, leaf: LEAVES[Number(index)]!, root })
      }
      for (const from of edges.filter((each) => each <= size)) {
        const proof = await consistencyProof({ from, to: size, read: log.read })
        checkConsistency({ from: { size: from, root: await rootAt(from, log.read) }, to: { size, root }, proof })
      }
    }
  })

  // Two tiles a level but for the last, of which there is one (reference: tlog-tiles, "right edge").
  test('read five tiles at most of 70,000 leaves, each once', async () => {
    for (const index of [0n, 255n, 33_333n, 65_535n, 65_536n, 69_887n, 69_888n, 69_999n]) {
      const tiles: string[] = []
      const read: TileReader = (level, at) => {
        tiles.push(`${level}/${at}`)
        return log.read(level, at)
      }
      await inclusionProof({ index, size: 70_000n, read })
      expect(tiles.length).toBeLessThanOrEqual(5)
      expect(new Set(tiles).size).toBe(tiles.length)
    }
  })

  test('are not made from a tile that lost its end', async () => {
    await expect(
      rootAt(70_000n, async (...tile) => (await log.read(...tile)).subarray(0, -HASH_BYTES)),
    ).rejects.toThrow('Tile 273 of level 0 ends before hash 112')
  })
})

/** A log whose tiles lie in a map. */
function newLog() {
  const tiles = new Map<string, Buffer>()
  let edge: TreeEdge = EMPTY_EDGE
  return {
    tiles,
    get edge() {
      return edge
    },
    append(leaves: readonly Buffer[]): void {
      const appended = appendLeaves(edge, Buffer.concat(leaves))
      edge = appended.edge
      for (const { level, index, hashes } of appended.tiles) {
        expect(hashes.length).toBeLessThanOrEqual(TILE_HASHES * HASH_BYTES)
        tiles.set(`${level}/${index}`, Buffer.from(hashes))
      }
    },
    read: (level: number, index: bigint): Promise<Buffer> =>
      Promise.resolve(tiles.get(`${level}/${index}`) ?? Buffer.alloc(0)),
  }
}
