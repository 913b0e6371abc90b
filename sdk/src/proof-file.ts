import { equal, fromBase64, HASH_BYTES, ProofError } from './bytes.ts'
import { differs, leafHash, rootOf } from './merkle.ts'
import { type Checkpoint, openCheckpoint, readCheckpoint } from './note.ts'

/**
 * Where the log holds the leaf with this data: the proof file leads from it to a checkpoint that is trusted.
 * Fails, in this order: proof_malformed, trust_missing, then as `openCheckpoint`, checkpoint_differs, proof_root_differs.
 */
export function findLeaf({ data, proof, ...trust }: LeafFiles): LoggedLeaf {
  const { index, path, note } = readProof(proof)
  const checkpoint = trusted(note, trust)
  const root = rootOf({ index, size: checkpoint.size, leaf: leafHash(data), path })
  if (!equal(root, checkpoint.root)) throw differs()
  return { position: index, checkpoint }
}

export function hashOf(base64: string): Uint8Array {
  const hash = fromBase64(base64)
  if (hash?.length === HASH_BYTES) return hash
  throw new ProofError('proof_malformed', 'A line of the proof is not a hash in base64.')
}

/** What the reader of a proof believes beforehand: at least one of the two. */
export interface Trust {
  /** Verifier keys of the log, as the operator publishes them. */
  vkeys?: readonly string[] | undefined
  /** A checkpoint that the reader has from elsewhere: the proof must be under this one. */
  expected?: string | undefined
}

export interface LoggedLeaf {
  position: bigint
  checkpoint: Checkpoint
}

interface LeafFiles extends Trust {
  data: Uint8Array
  /** The proof file (`.tlog-proof`). */
  proof: string
}

function readProof(file: string): { index: bigint; path: Uint8Array[]; note: string } {
  const end = file.indexOf('\n\n')
  const [header, ...lines] = file.slice(0, Math.max(end, 0)).split('\n')
  // What is extra is signed by nobody.
  if (lines[0]?.startsWith('extra ')) lines.shift()
  const [, index] = /^index (0|[1-9]\d{0,17})$/.exec(lines.shift() ?? '') ?? []
  if (header !== 'c2sp.org/tlog-proof@v1' || index === undefined) {
    throw new ProofError('proof_malformed', 'This is no proof file.')
  }
  return { index: BigInt(index), path: lines.map(hashOf), note: file.slice(end + 2) }
}

function trusted(note: string, { vkeys, expected }: Trust): Checkpoint {
  if (vkeys === undefined && expected === undefined) {
    throw new ProofError('trust_missing', 'Say which keys or which checkpoint you trust.')
  }
  const checkpoint = vkeys === undefined ? readCheckpoint(note) : openCheckpoint(note, vkeys)
  if (expected !== undefined) {
    const { origin, size, root } = readCheckpoint(expected)
    if (origin !== checkpoint.origin || size !== checkpoint.size || !equal(root, checkpoint.root)) {
      throw new ProofError('checkpoint_differs', 'The proof is for another checkpoint than the one expected.')
    }
  }
  return checkpoint
}
