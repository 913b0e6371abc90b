import { type Bytes, join, sha256 } from './bytes.ts'

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export async function leafHash(data: Bytes): Promise<Bytes> {
  return await sha256(LEAF, data)
}

/** The root that a leaf at `index` leads to in a tree of `size`, by RFC 9162 section 2.1.3.2; undefined where the path does not fit the place. */
export async function rootFrom({ leaf, index, size, path }: InclusionPath): Promise<Bytes | undefined> {
  if (index < 0n || index >= size) return undefined
  let [node, last] = [index, size - 1n]
  let root = leaf
  for (const sibling of path) {
    if (last === 0n || sibling.length !== 32) return undefined
    if (node % 2n === 1n || node === last) {
      root = await sha256(join(NODE, sibling, root))
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n]
    } else {
      root = await sha256(join(NODE, root, sibling))
    }
    ;[node, last] = [node >> 1n, last >> 1n]
  }
  return last === 0n ? root : undefined
}

interface InclusionPath {
  /** The leaf's hash. */
  leaf: Bytes
  index: bigint
  size: bigint
  path: readonly Bytes[]
}
