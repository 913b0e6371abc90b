import { sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

import { Invalid } from '../../core/errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { ED25519, verifierOf } from './keys.ts'
import type { Verifier } from './keys.ts'

const MAX_NOTE_LENGTH = 1_000_000
/** C2SP asks readers to take at least 16. */
const MAX_SIGNATURES = 100

/**
 * A C2SP signed note: the text, an empty line, and one line a signer (https://c2sp.org/signed-note).
 * Fails: note_malformed, key_name_invalid.
 */
export function signNote(text: string, signers: readonly Signer[]): string {
  if (!text.endsWith('\n') || signers.length === 0) malformed('A note ends in a newline and has a signer.')
  checkCharacters(text)
  const lines = signers.map(({ name, key }) => {
    const { id } = verifierOf(name, key)
    return formatSignature({ name, id, signature: sign(null, Buffer.from(text), key) })
  })
  return `${text}\n${lines.join('')}`
}

/**
 * The text of a note and the signatures of those who are known. Signatures of others are ignored; one that bears a known
 * name and id must be right. Without a right one the note says nothing.
 * Fails: note_malformed, note_signature_invalid, note_unsigned.
 */
export function openNote(note: string, known: readonly Verifier[]): { text: string; signedBy: Signed[] } {
  const { text, signatures } = parseNote(note)
  const signedBy = signatures.flatMap((line) => {
    const verifier = known.find(({ name, id }) => name === line.name && id === line.id)
    return verifier ? [checkSignature(text, line, verifier)] : []
  })
  if (signedBy.length > 0) return { text, signedBy }
  throw new Invalid('note_unsigned', 'None of the known keys signed the note.', {
    signed_by: signatures.map(({ name }) => name),
  })
}

/** The parts of a note, nothing of which has been verified. Fails: note_malformed. */
export function parseNote(note: string): { text: string; signatures: NoteSignature[] } {
  if (note.length > MAX_NOTE_LENGTH) malformed(`The note is longer than ${MAX_NOTE_LENGTH} characters.`)
  checkCharacters(note)
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) malformed('The note has no empty line before its signatures, or breaks off.')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) malformed(`The note has more than ${MAX_SIGNATURES} signatures.`)
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) }
}

const ID_BYTES = 4
const TIME_BYTES = 8
const SIGNATURE_LINE = /^\u2014 ([^\p{White_Space}+]+) (\S+)$/u
/** Anything below U+0020 but the newline. */
const CONTROL_CHARACTER = /[^\n -\u{10ffff}]/u

function checkSignature(text: string, line: NoteSignature, verifier: Verifier): Signed {
  const { message, signature, time } =
    verifier.type === ED25519 ? { message: text, signature: line.signature, time: null } : readCosignature(text, line)
  if (!verify(null, Buffer.from(message), verifier.publicKey, signature)) {
    throw new Invalid('note_signature_invalid', `The signature of ${line.name} does not belong to this text.`)
  }
  return { name: line.name, id: line.id, time }
}

/** A witness signs the text with the time at which it saw it (https://c2sp.org/tlog-cosignature, cosignature/v1). */
function readCosignature(text: string, line: NoteSignature): { message: string; signature: Buffer; time: bigint } {
  if (line.signature.length < TIME_BYTES) malformed(`The cosignature of ${line.name} is too short.`)
  const time = line.signature.readBigUInt64BE()
  return { message: `cosignature/v1\ntime ${time}\n${text}`, signature: line.signature.subarray(TIME_BYTES), time }
}

function formatSignature({ name, id, signature }: NoteSignature): string {
  const blob = Buffer.alloc(ID_BYTES + signature.length)
  blob.writeUInt32BE(id)
  blob.set(signature, ID_BYTES)
  return `\u2014 ${name} ${encodeBase64(blob)}\n`
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? []
  const blob = decodeBase64(base64 ?? '')
  if (!name || !blob || blob.length <= ID_BYTES) malformed('A signature line of the note cannot be read.')
  return { name, id: blob.readUInt32BE(), signature: blob.subarray(ID_BYTES) }
}

function checkCharacters(note: string): void {
  if (CONTROL_CHARACTER.test(note) || !note.isWellFormed())
    malformed('The note holds control characters or broken text.')
}

function malformed(message: string): never {
  throw new Invalid('note_malformed', message)
}

export type Signer = { name: string; key: KeyObject }
export type NoteSignature = { name: string; id: number; signature: Buffer }
/** A signature that was verified; a witness's says when, in Unix seconds. */
export type Signed = { name: string; id: number; time: bigint | null }
