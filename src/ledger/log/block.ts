import { hash } from 'node:crypto'

import { assert } from '../../core/assert.ts'
import { newWriter, putBytes, putText, putTime, putU32, putU64, putU8, restart, written } from './bytes.ts'
import { HASH_BYTES } from './merkle.ts'

const BLOCK_VERSION = 1

/** What the first block has in the place of a previous hash. */
export const NO_PREVIOUS_HASH: Buffer = Buffer.alloc(HASH_BYTES)

/** A block is a sealed head of the tree; its hash, SHA-256 of the header, is the next block's `previousHash`. */
export function hashBlock(header: BlockHeader): Buffer {
  return hash('sha256', encodeBlockHeader(header), 'buffer')
}

export function encodeBlockHeader(header: BlockHeader): Buffer {
  assert(header.previousHash.length === HASH_BYTES && header.root.length === HASH_BYTES, 'A hash has 32 bytes')
  assert(header.height > 0n || NO_PREVIOUS_HASH.equals(header.previousHash), 'The first block has nothing before it')
  restart(writer)
  putU8(writer, BLOCK_VERSION)
  putU64(writer, header.height)
  putBytes(writer, header.previousHash)
  putU64(writer, header.treeSize)
  putBytes(writer, header.root)
  putTime(writer, header.time)
  putU32(writer, header.difficulty)
  putU64(writer, header.nonce)
  putText(writer, header.origin)
  return Buffer.from(written(writer))
}

const writer = newWriter()

export type BlockHeader = {
  height: bigint
  previousHash: Uint8Array
  treeSize: bigint
  root: Uint8Array
  time: Date
  /** 0: signed only. */
  difficulty: number
  nonce: bigint
  origin: string
}
