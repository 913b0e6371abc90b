import { hash } from 'node:crypto'

import { assert } from '../../core/assert.ts'
import { newWriter, putBinary, putBytes, putText, putTime, putU32, putU8, restart, written } from './bytes.ts'
import type { Writer } from './bytes.ts'
import { auditSalts, entrySalts, jsonDigest, lineDigest, postingSalts, textDigest } from './digest.ts'
import { foldInPlace, HASH_BYTES, putDigest } from './merkle.ts'

// The bytes of version 1, as docs/log.md has them. They can never change: a new layout is a new version number.

export const LEAF_VERSION = 1
export const ENTRY_LEAF = 1
export const AUDIT_LEAF = 2

/** The leaf hash of an entry: what the tree holds. Fails: metadata_invalid. */
export function hashEntryLeaf(entry: LoggedEntry): Buffer {
  return hashWritten(writeEntry(entry))
}

/** The leaf data of an entry: it commits to postings, metadata and actor without showing them. Fails: metadata_invalid. */
export function encodeEntryLeaf(entry: LoggedEntry): Buffer {
  return dataOf(writeEntry(entry))
}

/** The leaf hash of an audit event. Fails: metadata_invalid. */
export function hashAuditLeaf(event: LoggedEvent): Buffer {
  return hashWritten(writeEvent(event))
}

/** The leaf data of an audit event: it commits to actor and diff without showing them. Fails: metadata_invalid. */
export function encodeAuditLeaf(event: LoggedEvent): Buffer {
  return dataOf(writeEvent(event))
}

/** The leaf hashes of an entry's postings, in the tree whose root its leaf data holds. */
export function hashPostings(postings: readonly LoggedPosting[], postingKey: Uint8Array): Buffer[] {
  const key = Buffer.from(postingKey).toString('binary')
  return postings.map((posting, no) => Buffer.from(hashPosting(posting, no, key), 'binary'))
}

/** The leaf hash of one posting that is shown with its salt, and with the digests of its two lines. */
export function hashShownPosting(posting: ShownPosting): Buffer {
  return Buffer.from(hashFace(posting), 'binary')
}

/**
 * What must be kept when an entry's salt, metadata and actor are erased, so that its leaf can still be recomputed and each
 * posting still be proven. Metadata and actor can then neither be read nor guessed. Fails: metadata_invalid.
 */
export function redact(secrets: EntrySecrets): Redaction {
  const { postingKey, metadataDigest, actorDigest } = commit(secrets)
  return {
    postingKey: Buffer.from(postingKey, 'binary'),
    metadataDigest: Buffer.from(metadataDigest, 'binary'),
    actorDigest: Buffer.from(actorDigest, 'binary'),
  }
}

// The leaf and its hash share one buffer, which starts with RFC 9162's prefix byte.
const leaf = newWriter()
const postingLeaf = newWriter()

function writeEntry(entry: LoggedEntry): Writer {
  assert(entry.postings.length > 0, 'An entry has postings')
  const { postingKey, metadataDigest, actorDigest } = commit(entry.secrets)
  startLeaf(ENTRY_LEAF, entry.uuid)
  putText(leaf, entry.kind)
  putText(leaf, entry.reference ?? '')
  putTime(leaf, entry.effectiveAt)
  putTime(leaf, entry.recordedAt)
  putU32(leaf, entry.postings.length)
  putBinary(leaf, postingsRoot(entry.postings, postingKey))
  putBinary(leaf, metadataDigest)
  putBinary(leaf, actorDigest)
  return leaf
}

function writeEvent(event: LoggedEvent): Writer {
  const { actorDigest, diffDigest } = commitEvent(event.secrets)
  startLeaf(AUDIT_LEAF, event.uuid)
  putText(leaf, event.action)
  putText(leaf, event.subject)
  putTime(leaf, event.at)
  putBinary(leaf, actorDigest)
  putBinary(leaf, diffDigest)
  return leaf
}

function startLeaf(kind: number, uuid: Uint8Array): void {
  assert(uuid.length === 16, 'A UUID has 16 bytes')
  restart(leaf)
  putU8(leaf, 0)
  putU8(leaf, LEAF_VERSION)
  putU8(leaf, kind)
  putBytes(leaf, uuid)
}

function postingsRoot(postings: readonly LoggedPosting[], postingKey: string): string {
  if (postings.length === 1) return hashPosting(postings[0]!, 0, postingKey)
  const hashes = Buffer.allocUnsafe(postings.length * HASH_BYTES)
  postings.forEach((posting, no) => putDigest(hashPosting(posting, no, postingKey), hashes, no * HASH_BYTES))
  foldInPlace(hashes, postings.length)
  return hashes.toString('binary', 0, HASH_BYTES)
}

function hashPosting(posting: LoggedPosting, no: number, postingKey: string): string {
  const salts = postingSalts(postingKey, no)
  const { from, to, asset, scale, amount } = posting
  const fromDigest = lineDigest(salts.from, { version: posting.fromVersion, balance: posting.fromBalance })
  const toDigest = lineDigest(salts.to, { version: posting.toVersion, balance: posting.toBalance })
  return hashFace({ no, salt: salts.posting, from, to, asset, scale, amount, fromDigest, toDigest })
}

function hashFace(posting: ShownPosting): string {
  restart(postingLeaf)
  putU8(postingLeaf, 0)
  putU8(postingLeaf, LEAF_VERSION)
  putBinary(postingLeaf, posting.salt)
  putU32(postingLeaf, posting.no)
  putText(postingLeaf, posting.from)
  putText(postingLeaf, posting.to)
  putText(postingLeaf, posting.asset)
  putU8(postingLeaf, posting.scale)
  putText(postingLeaf, posting.amount.toString())
  putBinary(postingLeaf, posting.fromDigest)
  putBinary(postingLeaf, posting.toDigest)
  return hash('sha256', written(postingLeaf), 'binary')
}

function commit(secrets: EntrySecrets | Redaction): Commitments<'postingKey' | 'metadataDigest' | 'actorDigest'> {
  if ('postingKey' in secrets) {
    return {
      postingKey: secrets.postingKey.toString('binary'),
      metadataDigest: secrets.metadataDigest.toString('binary'),
      actorDigest: secrets.actorDigest.toString('binary'),
    }
  }
  const salts = entrySalts(secrets.salt)
  return {
    postingKey: salts.postingKey,
    metadataDigest: jsonDigest(salts.metadata, secrets.metadata),
    actorDigest: textDigest(salts.actor, secrets.actor),
  }
}

function commitEvent({ salt, actor, diff }: EventSecrets): Commitments<'actorDigest' | 'diffDigest'> {
  const salts = auditSalts(salt)
  return { actorDigest: textDigest(salts.actor, actor), diffDigest: jsonDigest(salts.diff, diff) }
}

function hashWritten(writer: Writer): Buffer {
  const digest = Buffer.allocUnsafe(HASH_BYTES)
  putDigest(hash('sha256', written(writer), 'binary'), digest, 0)
  return digest
}

function dataOf(writer: Writer): Buffer {
  return Buffer.from(written(writer).subarray(1))
}

/** An entry as the log sees it. The number of a posting is its place in the list, from 0. */
export type LoggedEntry = {
  uuid: Uint8Array
  kind: string
  reference: string | null
  effectiveAt: Date
  recordedAt: Date
  postings: readonly LoggedPosting[]
  secrets: EntrySecrets | Redaction
}
/** Amount and balances in minor units of the asset, whose `scale` says how many decimals they have. */
export type LoggedPosting = {
  from: string
  to: string
  asset: string
  scale: number
  amount: bigint
  fromVersion: bigint
  fromBalance: bigint
  toVersion: bigint
  toBalance: bigint
}
/** A posting without its balances. Salt and digests are binary strings: one character a byte. */
export type ShownPosting = Pick<LoggedPosting, 'from' | 'to' | 'asset' | 'scale' | 'amount'> & {
  no: number
  salt: string
  fromDigest: string
  toDigest: string
}
export type LoggedEvent = {
  uuid: Uint8Array
  action: string
  subject: string
  at: Date
  secrets: EventSecrets
}
export type EntrySecrets = { salt: Uint8Array; metadata: unknown; actor: string | null }
export type Redaction = { postingKey: Buffer; metadataDigest: Buffer; actorDigest: Buffer }
export type EventSecrets = { salt: Uint8Array; actor: string | null; diff: unknown }
/** Binary strings: one character a byte. */
type Commitments<Name extends string> = Record<Name, string>
