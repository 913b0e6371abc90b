import { concat, equal, HASH_BYTES, ProofError, sha256 } from './bytes.ts'

// RFC 9162, sections 2.1.3.2 and 2.1.4.2. Sizes are bigints: the operators of numbers end at 32 bits.

export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(0), data)
}

/** The root that a leaf and its path lead to. Fails: proof_malformed. */
export function rootOf({ index, size, leaf, path }: Inclusion): Uint8Array {
  if (index < 0n || index >= size) throw malformed(`There is no leaf ${index} in a tree of ${size}.`)
  const inner = bitLength(index ^ (size - 1n))
  expectHashes(path, inner + popCount(index >> BigInt(inner)))
  let fn = index
  let sn = size - 1n
  let root = leaf
  for (const hash of path) {
    if (fn % 2n === 1n || fn === sn) {
      root = node(hash, root)
      while (fn % 2n === 0n && fn > 0n) [fn, sn] = [fn / 2n, sn / 2n]
    } else {
      root = node(root, hash)
    }
    fn /= 2n
    sn /= 2n
  }
  return root
}

/** Fails: proof_malformed, proof_root_differs. */
export function checkConsistency({ from, to, proof }: Consistency): void {
  if (from.size > to.size) throw malformed('The older tree is the smaller one.')
  if (from.size === to.size || from.size === 0n) {
    expectHashes(proof, 0)
    const same = from.size === to.size ? equal(from.root, to.root) : equal(from.root, sha256())
    if (!same) throw differs()
    return
  }
  const shift = bitLength((from.size - 1n) ^ (to.size - 1n))
  const perfect = popCount(from.size) === 1
  const zeros = bitLength(from.size & -from.size) - 1
  expectHashes(proof, shift - zeros + popCount((from.size - 1n) >> BigInt(shift)) + (perfect ? 0 : 1))
  const [first, ...rest] = perfect ? [from.root, ...proof] : proof
  let fn = from.size - 1n
  let sn = to.size - 1n
  while (fn % 2n === 1n) [fn, sn] = [fn / 2n, sn / 2n]
  let older = first ?? from.root
  let newer = older
  for (const hash of rest) {
    if (fn % 2n === 1n || fn === sn) {
      older = node(hash, older)
      newer = node(hash, newer)
      while (fn % 2n === 0n && fn > 0n) [fn, sn] = [fn / 2n, sn / 2n]
    } else {
      newer = node(newer, hash)
    }
    fn /= 2n
    sn /= 2n
  }
  if (!equal(older, from.root) || !equal(newer, to.root)) throw differs()
}

export function differs(): ProofError {
  return new ProofError('proof_root_differs', 'The proof does not lead to the root that was signed.')
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right))
}

/** First of all: a path of another length would be one of another tree. */
function expectHashes(path: readonly Uint8Array[], count: number): void {
  if (path.length !== count) throw malformed(`The proof has ${path.length} hashes where there are ${count}.`)
  if (path.some((hash) => hash.length !== HASH_BYTES)) throw malformed('A hash of the proof has not 32 bytes.')
}

function malformed(message: string): ProofError {
  return new ProofError('proof_malformed', message)
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

function popCount(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length
}

interface Inclusion {
  index: bigint
  size: bigint
  leaf: Uint8Array
  path: readonly Uint8Array[]
}

export interface Tree {
  size: bigint
  root: Uint8Array
}

interface Consistency {
  from: Tree
  to: Tree
  proof: readonly Uint8Array[]
}
