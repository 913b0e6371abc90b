import { AppError } from '../../core/errors.ts'
import { hashBlock, NO_PREVIOUS_HASH } from './block.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import type { Verifier } from './keys.ts'
import { rootOfEdge, type TreeEdge } from './tree.ts'

/**
 * Checks blocks, and heads expected from elsewhere, against a tree that grows leaf by leaf. Where the tree comes from,
 * a database or an exported file, is no concern of its.
 */
export class BlockChecker {
  readonly #findings: { add(code: string, detail: string): void }
  readonly #log: readonly Verifier[]
  readonly #expected: readonly Checkpoint[]
  #waiting: CheckedBlock[] = []
  #height = -1n
  #hash = NO_PREVIOUS_HASH
  #size = 0n

  constructor(findings: { add(code: string, detail: string): void }, { log, expected }: Expectations) {
    this.#findings = findings
    this.#log = log
    this.#expected = expected.toSorted((a, b) => (a.size < b.size ? -1 : 1))
  }

  /** Where to stop while `leaves` more are added to a tree of `size`: at each head that is to be checked, and at the end. */
  boundaries(size: bigint, leaves: bigint, blocks: readonly CheckedBlock[]): { from: bigint; to: bigint }[] {
    this.#waiting.push(...blocks)
    const stops = [
      ...blocks.map(({ tree_size }) => tree_size),
      ...this.#expected.map((head) => head.size),
      size + leaves,
    ]
    const sorted = [...new Set(stops)]
      .filter((stop) => stop > size && stop <= size + leaves)
      .toSorted((a, b) => (a < b ? -1 : 1))
    return sorted.map((stop, i) => ({ from: (sorted[i - 1] ?? size) - size, to: stop - size }))
  }

  /** Checks all heads over the tree as it is now. */
  check(edge: TreeEdge): void {
    const root = rootOfEdge(edge)
    while (this.#waiting[0] && this.#waiting[0].tree_size <= edge.size)
      this.#checkBlock(this.#waiting.shift()!, edge.size, root)
    for (const { size, root: other, origin } of this.#expected) {
      if (size !== edge.size || other.equals(root)) continue
      this.#findings.add('log_forked', `The expected head of ${origin} at ${size} leaves is not part of this history.`)
    }
  }

  /** Says what is missing when the tree has come to its end. */
  finish(edge: TreeEdge): void {
    if (this.#size !== edge.size)
      this.#findings.add('block_missing', `The last ${edge.size - this.#size} leaves are under no block.`)
    for (const { tree_size, height } of this.#waiting) {
      this.#findings.add('leaf_missing', `Block ${height} is over ${tree_size} leaves; there are ${edge.size}.`)
    }
    for (const { size, origin } of this.#expected) {
      if (size <= edge.size) continue
      this.#findings.add(
        'log_shortened',
        `${origin} had ${size} leaves when the expected head was signed; now it has ${edge.size}.`,
      )
    }
  }

  #checkBlock(block: CheckedBlock, size: bigint, root: Buffer): void {
    const { height } = block
    const wrong = (code: string, detail: string) => this.#findings.add(code, `Block ${height} ${detail}`)
    if (height !== this.#height + 1n) wrong('block_missing', `follows block ${this.#height}.`)
    if (!block.previous_hash.equals(this.#hash)) wrong('block_link_broken', 'does not name the hash of the one before.')
    if (block.tree_size !== size || block.tree_size <= this.#size)
      wrong('block_altered', 'has a tree size that does not grow.')
    if (!block.root.equals(root)) wrong('root_differs', `has another root than its ${size} leaves make.`)
    if (!hashBlock(headerOf(block)).equals(block.hash))
      wrong('block_altered', 'has another hash than its header makes.')
    this.#checkCheckpoint(block, wrong)
    this.#height = height
    this.#hash = block.hash
    this.#size = block.tree_size
  }

  #checkCheckpoint(block: CheckedBlock, wrong: (code: string, detail: string) => void): void {
    const key = this.#log.find(({ name }) => name === block.origin)
    if (!key) return wrong('origin_unknown', `was signed by ${block.origin}, whose key is not known.`)
    const trouble = this.#log.filter(({ name }) => name === block.origin).map((log) => checkpointTrouble(block, log))
    // While keys change there are several, and one that fits is enough.
    if (trouble.every((sentence) => sentence !== undefined)) wrong('checkpoint_invalid', trouble[0] ?? '')
  }
}

interface Expectations {
  log: readonly Verifier[]
  expected: readonly Checkpoint[]
}

export interface CheckedBlock {
  height: bigint
  previous_hash: Buffer
  tree_size: bigint
  root: Buffer
  time: Date
  difficulty: bigint
  nonce: bigint
  origin: string
  hash: Buffer
  checkpoint: string
}

function headerOf(block: CheckedBlock) {
  const { height, previous_hash, tree_size, root, time, difficulty, nonce, origin } = block
  return {
    height,
    previousHash: previous_hash,
    treeSize: tree_size,
    root,
    time,
    difficulty: Number(difficulty),
    nonce,
    origin,
  }
}

function checkpointTrouble(block: CheckedBlock, log: Verifier): string | undefined {
  try {
    const { checkpoint } = openCheckpoint(block.checkpoint, { log })
    const same = checkpoint.size === block.tree_size && checkpoint.root.equals(block.root)
    return same ? undefined : 'has a checkpoint over another tree.'
  } catch (error) {
    if (error instanceof AppError) return `has a checkpoint that does not verify: ${error.message}`
    throw error
  }
}
