import { hash } from 'node:crypto'

import { assert } from '../../core/assert.ts'
import { Invalid } from '../../core/errors.ts'

export const HASH_BYTES = 32

/** The root of a tree without leaves: SHA-256 of nothing, without a prefix byte (RFC 9162, section 2.1.1). */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer')

/** SHA-256(00 ‖ data). */
export function leafHash(data: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF_PREFIX, data]), 'buffer')
}

/** SHA-256(01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([NODE_PREFIX, left, right]), 'buffer')
}

/** The Merkle tree hash over leaf hashes, in their order (RFC 9162, section 2.1.1). */
export function rootOf(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return EMPTY_ROOT
  const bytes = Buffer.concat(leaves)
  assert(bytes.length === leaves.length * HASH_BYTES, 'Every leaf hash has 32 bytes')
  foldInPlace(bytes, leaves.length)
  return Buffer.from(bytes.subarray(0, HASH_BYTES))
}

/** The siblings from the leaf at `index` up to the root's child (RFC 9162, section 2.1.3.1). */
export function inclusionPath(leaves: readonly Buffer[], index: number): Buffer[] {
  assert(Number.isInteger(index) && index >= 0 && index < leaves.length, `There is no leaf ${index}`)
  const row = Buffer.concat(leaves)
  const path: Buffer[] = []
  let at = index
  for (let count = leaves.length; count > 1; count = foldRow(row, count)) {
    const sibling = at ^ 1
    if (sibling < count) path.push(Buffer.from(row.subarray(sibling * HASH_BYTES, (sibling + 1) * HASH_BYTES)))
    at >>= 1
  }
  return path
}

/**
 * The root that `path` leads to from a leaf hash (RFC 9162, section 2.1.3.2). The path has exactly as many hashes as the
 * place asks for; that the root is the expected one remains to be compared.
 * Fails: proof_malformed.
 */
export function rootFromPath({ index, size, leaf, path }: InclusionPath): Buffer {
  if (index < 0n || index >= size) malformed(`Leaf ${index} is not in a tree of ${size} leaves.`)
  checkHashes([leaf, ...path])
  const inner = bitLength(index ^ (size - 1n))
  checkLength(path, inner + ones(index >> BigInt(inner)))

  let hashed: Buffer = Buffer.from(leaf)
  let at = index
  let last = size - 1n
  for (const sibling of path) {
    if (isOdd(at) || at === last) {
      hashed = nodeHash(sibling, hashed)
      // A node without a sibling rises unchanged, however far, until it is a right child.
      for (; !isOdd(at) && at !== 0n; at >>= 1n) last >>= 1n
    } else {
      hashed = nodeHash(hashed, sibling)
    }
    at >>= 1n
    last >>= 1n
  }
  return hashed
}

/** Fails: proof_malformed, proof_root_differs. */
export function checkInclusion({ root, ...inclusion }: InclusionPath & { root: Uint8Array }): void {
  checkHashes([root])
  if (!rootFromPath(inclusion).equals(root)) rootDiffers()
}

/**
 * Checks that the tree of `to` begins with the leaves of the tree of `from` (RFC 9162, section 2.1.4.2). Beyond the RFC,
 * as C2SP witnesses do: every tree is consistent with the empty one and with itself, and the proof of that is empty.
 * Fails: proof_malformed, proof_root_differs.
 */
export function checkConsistency({ from, to, proof }: Consistency): void {
  if (from.size < 0n || from.size > to.size) malformed(`A tree of ${to.size} leaves cannot hold one of ${from.size}.`)
  checkHashes([from.root, to.root, ...proof])
  if (from.size === 0n || from.size === to.size) {
    checkLength(proof, 0)
    if (from.size === 0n && !EMPTY_ROOT.equals(from.root)) rootDiffers()
    if (from.size === to.size && Buffer.compare(from.root, to.root) !== 0) rootDiffers()
    return
  }
  const { size } = from
  const whole = (size & (size - 1n)) === 0n
  const inner = bitLength((size - 1n) ^ (to.size - 1n))
  checkLength(proof, inner - trailingZeros(size) + ones((size - 1n) >> BigInt(inner)) + (whole ? 0 : 1))

  // A first tree that is one whole subtree is its own starting point, and is left out of the proof.
  const [first, ...rest] = whole ? [from.root, ...proof] : proof
  let at = (size - 1n) >> BigInt(trailingZeros(size))
  let last = (to.size - 1n) >> BigInt(trailingZeros(size))
  let older: Buffer = Buffer.from(first!)
  let newer = older
  for (const sibling of rest) {
    if (isOdd(at) || at === last) {
      older = nodeHash(sibling, older)
      newer = nodeHash(sibling, newer)
      for (; !isOdd(at) && at !== 0n; at >>= 1n) last >>= 1n
    } else {
      newer = nodeHash(newer, sibling)
    }
    at >>= 1n
    last >>= 1n
  }
  if (!older.equals(from.root) || !newer.equals(to.root)) rootDiffers()
}

/**
 * Overwrites `count` > 0 hashes, side by side at the front of `bytes`, row by row with the tree above them: the root is
 * then the first 32 bytes. This is where the hashing of whole trees spends its time, so nothing is allocated here.
 */
export function foldInPlace(bytes: Buffer, count: number): void {
  for (let left = count; left > 1; left = foldRow(bytes, left));
}

/** A digest as `hash(…, 'binary')` gives it, a third of the price of a Buffer of its own, written at `at`. */
export function putDigest(digest: string, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < digest.length; i++) bytes[at + i] = digest.charCodeAt(i)
}

const LEAF_PREFIX = Buffer.of(0)
const NODE_PREFIX = Buffer.of(1)
const node = Buffer.concat([NODE_PREFIX], 1 + 2 * HASH_BYTES)

/** Overwrites `count` hashes with the row above them, and gives how many that has. */
function foldRow(bytes: Buffer, count: number): number {
  const pairs = count >> 1
  for (let pair = 0; pair < pairs; pair++) {
    node.set(bytes.subarray(pair * 2 * HASH_BYTES, (pair + 1) * 2 * HASH_BYTES), 1)
    putDigest(hash('sha256', node, 'binary'), bytes, pair * HASH_BYTES)
  }
  if (count % 2 === 0) return pairs
  // A lone node rises as it is: it is never doubled, nor hashed alone.
  bytes.copyWithin(pairs * HASH_BYTES, (count - 1) * HASH_BYTES, count * HASH_BYTES)
  return pairs + 1
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((each) => each.length !== HASH_BYTES)) malformed('A hash in the proof does not have 32 bytes.')
}

function checkLength(proof: readonly Uint8Array[], expected: number): void {
  if (proof.length !== expected) malformed(`The proof has ${proof.length} hashes and needs ${expected}.`)
}

function malformed(message: string): never {
  throw new Invalid('proof_malformed', message)
}

function rootDiffers(): never {
  throw new Invalid('proof_root_differs', 'The proof leads to another root than the one it was to prove.')
}

// Sizes are bigint because the operators of `number` cut them to 32 bits.

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

function ones(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length
}

function trailingZeros(value: bigint): number {
  return bitLength(value & -value) - 1
}

export type InclusionPath = { index: bigint; size: bigint; leaf: Uint8Array; path: readonly Uint8Array[] }
export type Consistency = { from: TreeHead; to: TreeHead; proof: readonly Uint8Array[] }
export type TreeHead = { size: bigint; root: Uint8Array }
