import { hash } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import * as rfc from '../../../test/rfc9162.ts'
import { checkConsistency, checkInclusion, EMPTY_ROOT, inclusionPath } from './merkle.ts'
import { leafHash, nodeHash, rootFromPath, rootOf } from './merkle.ts'

// The leaves, hashes, roots and proofs of the first part are those of transparency-dev/merkle, testonly/constants.go
// (commit 417fb0c), the test vectors that Certificate Transparency's implementations share.
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const L = INPUTS.map((input) => leafHash(Buffer.from(input, 'hex')))
const N01 = nodeHash(L[0]!, L[1]!)
const N23 = nodeHash(L[2]!, L[3]!)
const N45 = nodeHash(L[4]!, L[5]!)
const N67 = nodeHash(L[6]!, L[7]!)
const N03 = nodeHash(N01, N23)
const N46 = nodeHash(N45, L[6]!)
const N47 = nodeHash(N45, N67)
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

describe('the vectors of transparency-dev/merkle', () => {
  test('leaf and node hashes', () => {
    expect(L.map(hex)).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
      '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      '4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      '46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1',
    ])
    expect([N23, N45, N67, N46, N47].map(hex)).toEqual([
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      '837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ])
    expect(hex(leafHash(Buffer.from('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    )
    expect(hex(nodeHash(Buffer.from('N123'), Buffer.from('N456')))).toBe(
      'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
    )
  })

  test('roots', () => {
    expect(ROOTS.map((_, size) => hex(rootOf(L.slice(0, size))))).toEqual(ROOTS)
    expect(hex(EMPTY_ROOT)).toBe(ROOTS[0])
  })

  test.each([
    { index: 0, size: 1, path: [] },
    { index: 0, size: 8, path: [L[1], N23, N47] },
    { index: 5, size: 8, path: [L[4], N67, N03] },
    { index: 2, size: 3, path: [N01] },
    { index: 1, size: 5, path: [L[0], N23, L[4]] },
    { index: 6, size: 7, path: [N45, N03] },
  ])('the inclusion path of leaf $index of $size', ({ index, size, path }) => {
    expect(inclusionPath(L.slice(0, size), index)).toEqual(path)
  })

  test.each([
    { from: 1, to: 1, proof: [] },
    { from: 1, to: 8, proof: [L[1]!, N23, N47] },
    { from: 2, to: 5, proof: [N23, L[4]!] },
    { from: 3, to: 7, proof: [L[2]!, L[3]!, N01, N46] },
    { from: 4, to: 7, proof: [N46] },
    { from: 6, to: 7, proof: [N45, L[6]!, N03] },
    { from: 6, to: 8, proof: [N45, N67, N03] },
    { from: 7, to: 8, proof: [L[6]!, L[7]!, N45, N03] },
  ])('the consistency proof from $from to $to leaves', ({ from, to, proof }) => {
    expect(rfc.proof(from, L.slice(0, to))).toEqual(proof)
    checkConsistency({ from: head(L, from), to: head(L, to), proof })
  })

  // The digests over all roots and proofs of the trees of the bytes 0, 1, 2, … up to 130 leaves were computed twice, by two
  // implementations that share nothing with this one.
  test('all roots and inclusion paths up to 130 leaves', () => {
    const leaves = Array.from({ length: 130 }, (_, i) => leafHash(Buffer.of(i)))
    const roots = Array.from({ length: 131 }, (_, n) => `${n} ${hex(rootOf(leaves.slice(0, n)))}\n`)
    expect(hash('sha256', roots.join(''))).toBe('9c67f07f906103b6bf201842a50ff0b8c91fca9b3e211334a6b7aa3133165dec')
    const paths = sizes(130).flatMap((size) => {
      const tree = leaves.slice(0, size)
      return tree.map((_, index) => `${[index, size, ...inclusionPath(tree, index).map(hex)].join(' ')}\n`)
    })
    expect(hash('sha256', paths.join(''))).toBe('893ce6eea61adc33c22c0e3a952498b76dfa3c282e78ac659f6fcc0ea44f9983')
  })
})

describe('verification', () => {
  const leaves = Array.from({ length: 70 }, (_, i) => leafHash(Buffer.of(i)))

  test('accepts every inclusion path up to 70 leaves', () => {
    for (const size of sizes(70)) {
      const tree = leaves.slice(0, size)
      const root = rfc.treeHash(tree)
      for (const [index, leaf] of tree.entries()) {
        checkInclusion({ index: BigInt(index), size: BigInt(size), leaf, path: rfc.path(index, tree), root })
      }
    }
  })

  test('accepts every consistency proof up to 70 leaves', () => {
    for (const to of sizes(70)) {
      for (const from of sizes(to)) {
        checkConsistency({
          from: head(leaves, from),
          to: head(leaves, to),
          proof: rfc.proof(from, leaves.slice(0, to)),
        })
      }
    }
  })

  test('refuses an inclusion path for any other place, leaf, sibling or root', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, seed, bit) => {
        const tree = leaves.slice(0, size)
        const index = seed % size
        const proof = { index: BigInt(index), size: BigInt(size), leaf: tree[index]!, root: rfc.treeHash(tree) }
        const path = rfc.path(index, tree)
        expectRefusal(() => checkInclusion({ ...proof, path, index: proof.index ^ (1n << BigInt(bit % 64)) }))
        expectRefusal(() => checkInclusion({ ...proof, path, leaf: flip(proof.leaf, bit) }))
        expectRefusal(() => checkInclusion({ ...proof, path, root: flip(proof.root, bit) }))
        expectRefusal(() => checkInclusion({ ...proof, path: [...path, proof.root] }))
        expectRefusal(() => checkInclusion({ ...proof, path: [proof.root, ...path] }))
        if (path.length === 0) return
        expectRefusal(() => checkInclusion({ ...proof, path: flipOne(path, bit) }))
        expectRefusal(() => checkInclusion({ ...proof, path: path.slice(1) }))
        expectRefusal(() => checkInclusion({ ...proof, path: path.slice(0, -1) }))
      }),
      { numRuns: 1000 },
    )
  })

  // A path does not depend on every bit of the size (leaf 0 has the same siblings in trees of 5 to 8 leaves): the size is
  // believed because it stands in the signed checkpoint beside the root. A size of another length of path is refused.
  test('refuses an inclusion path for a size whose tree is higher or lower', () => {
    const tree = leaves.slice(0, 6)
    for (const size of [0n, 1n, 3n, 4n, 9n, 1n << 40n]) {
      const proof = { index: 0n, size, leaf: tree[0]!, path: rfc.path(0, tree), root: rfc.treeHash(tree) }
      expectRefusal(() => checkInclusion(proof))
    }
  })

  test('refuses a leaf beyond the end of the tree, although its path leads to the root of a larger one', () => {
    const [left, right] = [leaves[0]!, leaves[1]!]
    const beyond = { index: 1n, size: 1n, leaf: right, path: [left], root: nodeHash(left, right) }
    expectRefusal(() => checkInclusion(beyond))
    expectRefusal(() => checkInclusion({ ...beyond, index: -1n }))
    expectRefusal(() => checkInclusion({ ...beyond, index: 0n, size: 0n }))
  })

  test('refuses a consistency proof for any other root or hash, longer or shorter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), (size, seed, bit) => {
        const [from, to] = [head(leaves, 1 + (seed % (size - 1))), head(leaves, size)]
        const proof = rfc.proof(Number(from.size), leaves.slice(0, size))
        expectRefusal(() => checkConsistency({ from: { ...from, root: flip(from.root, bit) }, to, proof }))
        expectRefusal(() => checkConsistency({ from, to: { ...to, root: flip(to.root, bit) }, proof }))
        expectRefusal(() => checkConsistency({ from, to, proof: flipOne(proof, bit) }))
        expectRefusal(() => checkConsistency({ from, to, proof: [...proof, to.root] }))
        expectRefusal(() => checkConsistency({ from, to, proof: proof.slice(1) }))
        expectRefusal(() => checkConsistency({ from, to, proof: proof.slice(0, -1) }))
        expectRefusal(() => checkConsistency({ from: to, to: from, proof }))
        expectRefusal(() => checkConsistency({ from: { ...from, size: from.size + 1n }, to, proof }))
        expectRefusal(() => checkConsistency({ from: { ...from, size: from.size - 1n }, to, proof }))
      }),
      { numRuns: 1000 },
    )
  })

  test('takes every tree to be consistent with the empty one, and says so with an empty proof', () => {
    const empty = { size: 0n, root: EMPTY_ROOT }
    checkConsistency({ from: empty, to: head(leaves, 5), proof: [] })
    checkConsistency({ from: empty, to: empty, proof: [] })
    expectRefusal(() => checkConsistency({ from: empty, to: head(leaves, 5), proof: [leaves[0]!] }))
    expectRefusal(() => checkConsistency({ from: { ...empty, root: leaves[0]! }, to: head(leaves, 5), proof: [] }))
    expectRefusal(() => checkConsistency({ from: empty, to: { ...empty, root: leaves[0]! }, proof: [] }))
  })

  test('refuses two roots of one size', () => {
    const other = { size: 5n, root: leaves[0]! }
    expectRefusal(() => checkConsistency({ from: head(leaves, 5), to: other, proof: [] }))
    expectRefusal(() => checkConsistency({ from: head(leaves, 5), to: head(leaves, 5), proof: [leaves[0]!] }))
  })

  test('refuses hashes that are not 32 bytes, before anything is hashed', () => {
    const short = Buffer.alloc(31)
    const proof = { index: 0n, size: 2n, leaf: leaves[0]!, path: [leaves[1]!], root: rootOf(leaves.slice(0, 2)) }
    for (const broken of [{ leaf: short }, { path: [short] }, { root: short }, { root: Buffer.alloc(0) }]) {
      expect(() => checkInclusion({ ...proof, ...broken })).toThrow(
        expect.objectContaining({ code: 'proof_malformed' }),
      )
    }
    expect(() => checkConsistency({ from: head(leaves, 1), to: head(leaves, 2), proof: [short] })).toThrow('32 bytes')
  })

  // 2^32 + 5 is where an implementation with 32-bit operators takes the wrong turn.
  test('reaches beyond 2^32 leaves', () => {
    const size = (1n << 32n) + 7n
    const index = (1n << 32n) + 5n
    const [four, left] = [leaves[0]!, leaves[1]!]
    const path = [leaves[2]!, leaves[3]!, four, left]
    const pair = nodeHash(path[0]!, leaves[5]!)
    const expected = nodeHash(left, nodeHash(four, nodeHash(pair, leaves[3]!)))
    expect(rootFromPath({ index, size, leaf: leaves[5]!, path })).toEqual(expected)
  })
})

function head(leaves: readonly Buffer[], size: number) {
  return { size: BigInt(size), root: rfc.treeHash(leaves.slice(0, size)) }
}

function sizes(upTo: number): number[] {
  return Array.from({ length: upTo }, (_, i) => i + 1)
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex')
}

function flip(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes)
  flipped[Math.floor(bit / 8) % bytes.length]! ^= 1 << (bit % 8)
  return flipped
}

function flipOne(hashes: readonly Buffer[], bit: number): Buffer[] {
  const chosen = bit % hashes.length
  return hashes.map((each, i) => (i === chosen ? flip(each, bit) : each))
}

function expectRefusal(check: () => void): void {
  expect(check).toThrow(expect.objectContaining({ code: expect.stringMatching(/^proof_/) }))
}
