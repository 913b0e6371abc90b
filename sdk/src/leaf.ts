import { HASH_BYTES, ProofError } from './bytes.ts'

/** What the leaf data of an entry says, read strictly. Fails: leaf_malformed, leaf_not_an_entry. */
export function readEntryLeaf(data: Uint8Array): EntryLeaf {
  const read = leafReader(data)
  if (read.kind === AUDIT) {
    throw new ProofError('leaf_not_an_entry', 'The receipt is for an audit event, not an entry.')
  }
  const leaf = {
    id: read.uuid(),
    kind: read.text(),
    reference: read.text() || null,
    effective_at: read.time(),
    recorded_at: read.time(),
    postings_count: read.whole(4),
    postings_root: read.bytes(HASH_BYTES),
    metadata_digest: read.bytes(HASH_BYTES),
    actor_digest: read.bytes(HASH_BYTES),
  }
  if (!read.atEnd() || leaf.postings_count === 0) throw malformed()
  return leaf
}

/** What the leaf data of an audit event says. Fails: leaf_malformed, leaf_not_an_event. */
export function readEventLeaf(data: Uint8Array): EventLeaf {
  const read = leafReader(data)
  if (read.kind === ENTRY) {
    throw new ProofError('leaf_not_an_event', 'The receipt is for an entry, not an audit event.')
  }
  const leaf = {
    id: read.uuid(),
    action: read.text(),
    subject: read.text(),
    at: read.time(),
    actor_digest: read.bytes(HASH_BYTES),
    diff_digest: read.bytes(HASH_BYTES),
  }
  if (!read.atEnd()) throw malformed()
  return leaf
}

export interface EntryLeaf {
  id: string
  kind: string
  reference: string | null
  effective_at: Date
  recorded_at: Date
  postings_count: number
  postings_root: Uint8Array
  metadata_digest: Uint8Array
  actor_digest: Uint8Array
}

export interface EventLeaf {
  id: string
  action: string
  subject: string
  at: Date
  actor_digest: Uint8Array
  diff_digest: Uint8Array
}

/** A reader that stands behind the version and the kind. */
function leafReader(data: Uint8Array) {
  const read = reader(data)
  if (read.whole(1) !== VERSION) throw malformed()
  const kind = read.whole(1)
  if (kind !== ENTRY && kind !== AUDIT) throw malformed()
  return { ...read, kind }
}

function reader(data: Uint8Array) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let at = 0
  const take = (length: number): number => {
    const start = at
    at += length
    if (at > data.length) throw malformed()
    return start
  }
  const bytes = (length: number) => data.slice(take(length), at)
  const whole = (width: 1 | 4) => (width === 1 ? view.getUint8(take(1)) : view.getUint32(take(4)))
  return {
    bytes,
    whole,
    text: () => decodeText(bytes(whole(4))),
    time: () => {
      const time = new Date(Number(view.getBigInt64(take(8))))
      if (Number.isNaN(time.getTime())) throw malformed()
      return time
    },
    uuid: () => {
      const hex = Array.from(bytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('')
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    },
    atEnd: () => at === data.length,
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed()
  }
}

function malformed(): ProofError {
  return new ProofError('leaf_malformed', 'The leaf cannot be read.')
}

const VERSION = 1
const ENTRY = 1
const AUDIT = 2
