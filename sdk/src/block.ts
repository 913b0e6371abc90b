import { concat, equal, fromBase64, HASH_BYTES, prefixed, ProofError, sha256, whole } from './bytes.ts'
import { type Checkpoint, openCheckpoint } from './note.ts'

/**
 * Verifies that a block's hash is that of its header, that it follows the block before it (none at height 0), and that its
 * head is the one which the log signed: docs/log.md, sections 6 and 7.
 * Fails, in this order: block_malformed, block_hash_differs, block_previous_differs, then as `openCheckpoint`,
 * checkpoint_differs.
 */
export function verifyBlock({ block, previous, vkeys }: BlockToVerify): Checkpoint {
  const header = hashed(block)
  if (!equal(sha256(header), hashIn(block.hash))) {
    throw new ProofError('block_hash_differs', `The hash of block ${block.height} is not that of its header.`)
  }
  const before = previous ? sha256(hashed(previous)) : new Uint8Array(HASH_BYTES)
  const follows = BigInt(block.height) === (previous ? BigInt(previous.height) + 1n : 0n)
  if (!follows || !equal(before, hashIn(block.previous_hash))) {
    throw new ProofError('block_previous_differs', `Block ${block.height} does not follow the block before it.`)
  }
  const checkpoint = openCheckpoint(block.checkpoint, vkeys)
  const { origin, size, root } = checkpoint
  if (origin !== block.origin || size !== BigInt(block.tree_size) || !equal(root, hashIn(block.root))) {
    throw new ProofError('checkpoint_differs', `The checkpoint of block ${block.height} is about another head.`)
  }
  return checkpoint
}

/** As the API answers it: figures as decimal strings, hashes in base64. */
export interface Block {
  height: string
  hash: string
  previous_hash: string
  tree_size: string
  root: string
  time: string
  difficulty: string
  nonce: string
  origin: string
  checkpoint: string
}

export interface BlockToVerify {
  block: Block
  /** The block before; undefined at height 0. */
  previous: Block | undefined
  /** Verifier keys of the log, as the operator publishes them. */
  vkeys: readonly string[]
}

function hashed(block: Block): Uint8Array {
  const { height, previous_hash, tree_size, root, time, difficulty, nonce, origin } = block
  const time_ms = Date.parse(time)
  if (![height, tree_size, difficulty, nonce].every((figure) => FIGURE.test(figure)) || Number.isNaN(time_ms)) {
    throw malformed()
  }
  return concat(
    Uint8Array.of(VERSION),
    whole(BigInt(height), 8),
    hashIn(previous_hash),
    whole(BigInt(tree_size), 8),
    hashIn(root),
    whole(BigInt(time_ms), 8),
    whole(BigInt(difficulty), 4),
    whole(BigInt(nonce), 8),
    prefixed(origin),
  )
}

function hashIn(base64: string): Uint8Array {
  const hash = fromBase64(base64)
  if (hash?.length === HASH_BYTES) return hash
  throw malformed()
}

function malformed(): ProofError {
  return new ProofError('block_malformed', 'This is no block: a figure, a time or a hash of it cannot be read.')
}

const VERSION = 1
const FIGURE = /^(0|[1-9]\d{0,19})$/
