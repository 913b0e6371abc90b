import type { Answer } from '../api/client.ts'
import { type Bytes, fromBase64, join, lp, same, sha256, toBase64, u32, u64 } from './bytes.ts'
import { isSigned, parseCheckpoint } from './checkpoint.ts'
import type { Check } from './receipt.ts'

type Block = Answer<'/ledger/blocks/{height}'>

/** That a block's hash is that of its header, that it names the block before it, and that its head is signed (docs/log.md, sections 6 and 7). */
export async function verifyBlock({ block, previous, vkeys }: VerifyBlock): Promise<Check[]> {
  const hash = await sha256(headerOf(block))
  const before = previous ? await sha256(headerOf(previous)) : new Uint8Array(32)
  const checkpoint = parseCheckpoint(block.checkpoint)
  return [
    { name: 'The hash is that of the header', holds: same(hash, fromBase64(block.hash)), shown: toBase64(hash) },
    {
      name: previous ? `It follows block ${previous.height}` : 'It is the first',
      holds: same(before, fromBase64(block.previous_hash)),
      shown: toBase64(before),
    },
    {
      name: 'The checkpoint has this size and root',
      holds: checkpoint?.size === BigInt(block.tree_size) && same(checkpoint.root, fromBase64(block.root)),
      shown: `${block.tree_size} leaves, root ${block.root}`,
    },
    {
      name: `${block.origin} has signed the checkpoint`,
      holds: checkpoint !== undefined && (await isSigned(checkpoint, vkeys)),
      shown: vkeys.join(', '),
    },
  ]
}

interface VerifyBlock {
  block: Block
  /** The block before; none at height 0. */
  previous: Block | undefined
  vkeys: readonly string[]
}

function headerOf({ height, previous_hash, tree_size, root, time, difficulty, nonce, origin }: Block): Bytes {
  return join(
    Uint8Array.of(1),
    u64(BigInt(height)),
    fromBase64(previous_hash),
    u64(BigInt(tree_size)),
    fromBase64(root),
    u64(BigInt(new Date(time).getTime())),
    u32(Number.parseInt(difficulty, 10)),
    u64(BigInt(nonce)),
    lp(origin),
  )
}
