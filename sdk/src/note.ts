import { ed25519 } from '@noble/curves/ed25519.js'

import { concat, equal, fromBase64, HASH_BYTES, ProofError, sha256, utf8 } from './bytes.ts'
import type { Tree } from './merkle.ts'

/**
 * Opens a signed checkpoint (C2SP tlog-checkpoint) with the keys that are known, of which one at least must have signed
 * it, under its own name. Lines of others are passed over; one that bears a known name and id must be right.
 * Fails: vkey_invalid, note_malformed, note_signature_invalid, note_unsigned, checkpoint_malformed,
 * checkpoint_origin_differs.
 */
export function openCheckpoint(note: string, vkeys: readonly string[]): Checkpoint {
  const keys = vkeys.map(readVkey)
  const { text, lines } = splitNote(note)
  const signed = lines.flatMap(({ name, id, signature }) => {
    const key = keys.find((known) => known.name === name && equal(known.id, id))
    if (!key) return []
    if (signature.length === SIGNATURE_BYTES && ed25519.verify(signature, utf8(text), key.publicKey, { zip215: false }))
      return [name]
    throw new ProofError('note_signature_invalid', `The signature of ${name} does not belong to this checkpoint.`)
  })
  if (signed.length === 0) throw new ProofError('note_unsigned', 'None of the known keys signed the checkpoint.')
  const checkpoint = readText(text)
  if (!signed.includes(checkpoint.origin)) {
    throw new ProofError(
      'checkpoint_origin_differs',
      `The checkpoint is of ${checkpoint.origin}, which did not sign it.`,
    )
  }
  return checkpoint
}

/** What a checkpoint says, believed by nobody yet. Fails: note_malformed, checkpoint_malformed. */
export function readCheckpoint(note: string): Checkpoint {
  return readText(splitNote(note).text)
}

export interface Checkpoint extends Tree {
  origin: string
}

function readText(text: string): Checkpoint {
  const [, origin, size, root] = /^([^\n]+)\n(0|[1-9]\d{0,17})\n([^\n]+)\n$/.exec(text) ?? []
  const hash = fromBase64(root ?? '')
  if (origin === undefined || size === undefined || hash?.length !== HASH_BYTES) {
    throw new ProofError('checkpoint_malformed', 'A checkpoint is an origin, a size and a root, each on its line.')
  }
  return { origin, size: BigInt(size), root: hash }
}

function splitNote(note: string): { text: string; lines: SignatureLine[] } {
  const split = note.lastIndexOf('\n\n')
  // Nothing below U+0020 but the newline, and no half characters.
  if (note.length > NOTE_LENGTH_MAX || /[^\n -\u{10ffff}]/u.test(note) || !note.isWellFormed() || split < 0)
    throw malformed()
  if (!note.endsWith('\n')) throw malformed()
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > SIGNATURES_MAX) throw malformed()
  return { text: note.slice(0, split + 1), lines: lines.map(readLine) }
}

function readLine(line: string): SignatureLine {
  const [, name, base64] = /^\u2014 ([^\p{White_Space}+]+) (\S+)$/u.exec(line) ?? []
  const blob = fromBase64(base64 ?? '')
  if (name === undefined || blob === undefined || blob.length <= ID_BYTES) throw malformed()
  return { name, id: blob.subarray(0, ID_BYTES), signature: blob.subarray(ID_BYTES) }
}

function readVkey(vkey: string): VerifierKey {
  const [, name, id, base64] = /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(vkey.trim()) ?? []
  const key = fromBase64(base64 ?? '')
  if (name !== undefined && key !== undefined && key[0] === ED25519 && key.length === 1 + HASH_BYTES) {
    const expected = sha256(concat(utf8(`${name}\n`), key)).subarray(0, ID_BYTES)
    const hex = Array.from(expected, (byte) => byte.toString(16).padStart(2, '0')).join('')
    if (hex === id) return { name, id: expected, publicKey: key.subarray(1) }
  }
  throw new ProofError('vkey_invalid', 'A verifier key is name+id+key, as "florin checkpoint --keys" prints it.')
}

function malformed(): ProofError {
  return new ProofError('note_malformed', 'This is no signed note.')
}

const ED25519 = 1
const ID_BYTES = 4
const SIGNATURE_BYTES = 64
const NOTE_LENGTH_MAX = 1_000_000
const SIGNATURES_MAX = 100

interface SignatureLine {
  name: string
  id: Uint8Array
  signature: Uint8Array
}

interface VerifierKey {
  name: string
  id: Uint8Array
  publicKey: Uint8Array
}
