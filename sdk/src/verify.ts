import canonicalize from 'canonicalize'

import { concat, equal, fromBase64, prefixed, ProofError, sha256, utf8, whole } from './bytes.ts'
import { type EntryLeaf, type EventLeaf, readEntryLeaf, readEventLeaf } from './leaf.ts'
import { checkConsistency, leafHash, rootOf } from './merkle.ts'
import { type Checkpoint, openCheckpoint } from './note.ts'
import { findLeaf, hashOf, type LoggedLeaf, type Trust } from './proof-file.ts'
import { readEventReceipt, readReceipt, type Receipt, type ReceiptLine } from './receipt.ts'

export { type Block, verifyBlock } from './block.ts'
export { ProofError } from './bytes.ts'
export { type Checkpoint, openCheckpoint } from './note.ts'

/**
 * Verifies that a log holds a posting, from the two files that prove it and what the reader trusts: the log's verifier keys,
 * a checkpoint from elsewhere, or both. It asks nobody: the same result without the server, in a browser or anywhere.
 * It is written from docs/log.md alone, apart from the server's own code.
 * Fails, in this order: receipt_malformed, leaf_malformed, leaf_not_an_entry, proof_malformed, posting_not_in_entry,
 * metadata_differs, actor_differs, trust_missing, then as `openCheckpoint`, checkpoint_differs, proof_root_differs.
 */
export function verifyReceipt({ receipt: text, proof, ...trust }: ReceiptFiles): ProvenPosting {
  const receipt = readReceipt(text)
  const data = bytesOf(receipt.leaf)
  const leaf = readEntryLeaf(data)
  checkPosting(receipt, leaf)
  checkDisclosed(receipt, leaf)
  const logged = findLeaf({ data, proof, ...trust })
  const { postings_root: _, metadata_digest: __, actor_digest: ___, ...entry } = leaf
  const { no, from, to, asset, scale, amount, from_line, to_line } = receipt.posting
  return {
    entry,
    posting: {
      no,
      from,
      to,
      asset,
      scale,
      amount: BigInt(amount),
      from_line: shown(from_line),
      to_line: shown(to_line),
    },
    ...(receipt.metadata && { metadata: receipt.metadata.value }),
    ...(receipt.actor && { actor: receipt.actor.value }),
    ...logged,
  }
}

/**
 * Verifies that a log holds an audit event, as `verifyReceipt` does it for a posting.
 * Fails, in this order: receipt_malformed, leaf_malformed, leaf_not_an_event, actor_differs, diff_differs, proof_malformed,
 * trust_missing, then as `openCheckpoint`, checkpoint_differs, proof_root_differs.
 */
export function verifyEventReceipt({ receipt: text, proof, ...trust }: ReceiptFiles): ProvenEvent {
  const { leaf, actor, diff } = readEventReceipt(text)
  const data = bytesOf(leaf)
  const { actor_digest, diff_digest, ...event } = readEventLeaf(data)
  if (actor && !equal(sha256(bytesOf(actor.salt), utf8(actor.value ?? '')), actor_digest)) {
    throw new ProofError('actor_differs', 'The actor is not the one the event was recorded with.')
  }
  if (diff && !equal(sha256(bytesOf(diff.salt), jsonBytes(diff.value)), diff_digest)) {
    throw new ProofError('diff_differs', 'The change is not the one the event was recorded with.')
  }
  const logged = findLeaf({ data, proof, ...trust })
  return { event, ...(actor && { actor: actor.value }), ...(diff && { diff: diff.value }), ...logged }
}

/**
 * Verifies that the log was only appended to between two checkpoints of one origin, with the hashes (base64) that the server
 * gives for their sizes. Fails: as `openCheckpoint` for either, checkpoint_origin_differs, proof_malformed,
 * proof_root_differs: then keep both checkpoints, they are evidence.
 */
export function verifyConsistency({ older, newer, proof, vkeys }: ConsistencyFiles): {
  from: Checkpoint
  to: Checkpoint
} {
  const from = openCheckpoint(older, vkeys)
  const to = openCheckpoint(newer, vkeys)
  if (from.origin !== to.origin) {
    throw new ProofError('checkpoint_origin_differs', `One checkpoint is of ${from.origin}, the other of ${to.origin}.`)
  }
  checkConsistency({ from, to, proof: proof.map(hashOf) })
  return { from, to }
}

export interface ReceiptFiles extends Trust {
  /** The receipt, as JSON. */
  receipt: string
  /** The proof file (`.tlog-proof`). */
  proof: string
}

export interface ProvenPosting extends LoggedLeaf {
  entry: Omit<EntryLeaf, 'postings_root' | 'metadata_digest' | 'actor_digest'>
  posting: {
    no: number
    from: string
    to: string
    asset: string
    scale: number
    /** In minor units, of which `scale` says the decimals. */
    amount: bigint
    /** Null where it is not disclosed. */
    from_line: Line | null
    to_line: Line | null
  }
  metadata?: unknown
  actor?: string | null
}

export interface ProvenEvent extends LoggedLeaf {
  event: Omit<EventLeaf, 'actor_digest' | 'diff_digest'>
  /** Undefined where it is not disclosed. */
  actor?: string | null
  diff?: unknown
}

interface Line {
  version: bigint
  balance: bigint
}

interface ConsistencyFiles {
  older: string
  newer: string
  proof: readonly string[]
  vkeys: readonly string[]
}

function checkPosting({ posting, path }: Receipt, leaf: EntryLeaf): void {
  const { no, salt, from, to, asset, scale, amount, from_line, to_line } = posting
  const data = concat(
    Uint8Array.of(VERSION),
    bytesOf(salt),
    whole(BigInt(no), 4),
    prefixed(from),
    prefixed(to),
    prefixed(asset),
    whole(BigInt(scale), 1),
    prefixed(amount),
    digestOf(from_line),
    digestOf(to_line),
  )
  const size = BigInt(leaf.postings_count)
  const root = rootOf({ index: BigInt(no), size, leaf: leafHash(data), path: path.map(bytesOf) })
  if (equal(root, leaf.postings_root)) return
  throw new ProofError('posting_not_in_entry', 'The entry does not hold this posting as the receipt shows it.')
}

function checkDisclosed({ metadata, actor }: Receipt, leaf: EntryLeaf): void {
  if (metadata && !equal(sha256(bytesOf(metadata.salt), jsonBytes(metadata.value)), leaf.metadata_digest)) {
    throw new ProofError('metadata_differs', 'The metadata is not what the entry was recorded with.')
  }
  if (actor && !equal(sha256(bytesOf(actor.salt), utf8(actor.value ?? '')), leaf.actor_digest)) {
    throw new ProofError('actor_differs', 'The actor is not the one the entry was recorded with.')
  }
}

/** RFC 8785; nothing where there is no value. */
function jsonBytes(value: unknown): Uint8Array {
  return utf8(value === null ? '' : (canonicalize(value) ?? ''))
}

function digestOf(line: ReceiptLine): Uint8Array {
  if ('digest' in line) return bytesOf(line.digest)
  return sha256(bytesOf(line.salt), whole(BigInt(line.version), 8), utf8(line.balance))
}

function shown(line: ReceiptLine): Line | null {
  return 'digest' in line ? null : { version: BigInt(line.version), balance: BigInt(line.balance) }
}

/** The receipt has been read: its base64 is base64. */
function bytesOf(base64: string): Uint8Array {
  return fromBase64(base64) ?? new Uint8Array()
}

const VERSION = 1
