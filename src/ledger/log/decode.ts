import { Invalid } from '../../core/errors.ts'
import { newReader, takeBytes, takeEnd, takeText, takeTime, takeU32, takeU8 } from './bytes.ts'
import type { Reader } from './bytes.ts'
import { AUDIT_LEAF, ENTRY_LEAF, LEAF_VERSION } from './encode.ts'
import { HASH_BYTES } from './merkle.ts'

/**
 * What leaf data says, read strictly: exactly one version, two kinds, no byte too few or too many. One leaf has one data,
 * so what is decoded here encodes to the same bytes.
 * Fails: leaf_malformed.
 */
export function decodeLeaf(data: Uint8Array): EntryLeaf | AuditLeaf {
  const reader = newReader(data, 'leaf_malformed')
  const version = takeU8(reader)
  if (version !== LEAF_VERSION) {
    throw new Invalid('leaf_malformed', `The leaf has version ${version}; this reader knows ${LEAF_VERSION}.`)
  }
  const kind = takeU8(reader)
  if (kind !== ENTRY_LEAF && kind !== AUDIT_LEAF) {
    throw new Invalid(
      'leaf_malformed',
      `The leaf has the kind ${kind}; this reader knows entries (1) and audit events (2).`,
    )
  }
  const leaf = kind === ENTRY_LEAF ? takeEntry(reader) : takeEvent(reader)
  takeEnd(reader)
  return leaf
}

/** The usual text of a UUID's 16 bytes. */
export function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function takeEntry(reader: Reader): EntryLeaf {
  const leaf: EntryLeaf = {
    type: 'entry',
    uuid: uuidText(takeBytes(reader, 16)),
    kind: takeText(reader),
    reference: takeText(reader) || null,
    effectiveAt: takeTime(reader),
    recordedAt: takeTime(reader),
    postings: takeU32(reader),
    postingsRoot: takeBytes(reader, HASH_BYTES),
    metadataDigest: takeBytes(reader, HASH_BYTES),
    actorDigest: takeBytes(reader, HASH_BYTES),
  }
  if (leaf.postings === 0) throw new Invalid('leaf_malformed', 'The leaf is of an entry without postings.')
  return leaf
}

function takeEvent(reader: Reader): AuditLeaf {
  return {
    type: 'event',
    uuid: uuidText(takeBytes(reader, 16)),
    action: takeText(reader),
    subject: takeText(reader),
    at: takeTime(reader),
    actorDigest: takeBytes(reader, HASH_BYTES),
    diffDigest: takeBytes(reader, HASH_BYTES),
  }
}

export type EntryLeaf = {
  type: 'entry'
  uuid: string
  kind: string
  reference: string | null
  effectiveAt: Date
  recordedAt: Date
  /** How many postings the entry has; `postingsRoot` is over their hashes. */
  postings: number
  postingsRoot: Buffer
  metadataDigest: Buffer
  actorDigest: Buffer
}
export type AuditLeaf = {
  type: 'event'
  uuid: string
  action: string
  subject: string
  at: Date
  actorDigest: Buffer
  diffDigest: Buffer
}
