import { Invalid } from '../../core/errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import type { Verifier } from './keys.ts'
import { HASH_BYTES } from './merkle.ts'
import { openNote, parseNote, signNote } from './note.ts'
import type { Signed, Signer } from './note.ts'

/**
 * The signed head of a log. Its own signature bears the origin as key name; while a key is being changed, both keys sign.
 * Fails: checkpoint_malformed, key_name_invalid.
 */
export function signCheckpoint(checkpoint: Checkpoint, keys: readonly Signer['key'][]): string {
  return signNote(
    formatCheckpoint(checkpoint),
    keys.map((key) => ({ name: checkpoint.origin, key })),
  )
}

/**
 * The head in a note that `log` signed, and who else among the witnesses did.
 * Fails: note_malformed, note_signature_invalid, note_unsigned, checkpoint_malformed, checkpoint_origin_differs.
 */
export function openCheckpoint(
  note: string,
  { log, witnesses = [] }: { log: Verifier; witnesses?: readonly Verifier[] },
): { checkpoint: Checkpoint; signedBy: Signed[] } {
  const { text, signedBy } = openNote(note, [log, ...witnesses])
  if (!signedBy.some(({ name, id }) => name === log.name && id === log.id)) {
    throw new Invalid('note_unsigned', `The log ${log.name} did not sign the checkpoint.`)
  }
  const checkpoint = parseCheckpoint(text)
  if (checkpoint.origin === log.name) return { checkpoint, signedBy }
  throw new Invalid('checkpoint_origin_differs', `${log.name} signed a checkpoint of ${checkpoint.origin}.`)
}

/** The head in a note whose signatures nobody has checked. Fails: note_malformed, checkpoint_malformed. */
export function readCheckpoint(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).text)
}

/** Origin, size and root in three lines (https://c2sp.org/tlog-checkpoint). Fails: checkpoint_malformed. */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  const text = [origin, size, encodeBase64(root), ...extensions].map((line) => `${line}\n`).join('')
  parseCheckpoint(text)
  return text
}

/** Fails: checkpoint_malformed. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.includes('')) malformed('lines that are not empty, each with a newline')
  const [origin, size, root, ...extensions] = lines
  if (!origin || !size || !SIZE.test(size)) malformed('an origin and then a size')
  const hash = decodeBase64(root ?? '')
  if (hash?.length !== HASH_BYTES) malformed('a root of 32 bytes in base64')
  return { origin, size: BigInt(size), root: hash, extensions }
}

/** Up to 2^53 and far beyond; what has more digits is no tree. */
const SIZE = /^(0|[1-9][0-9]{0,17})$/

function malformed(expected: string): never {
  throw new Invalid('checkpoint_malformed', `The checkpoint does not have ${expected}.`)
}

export type Checkpoint = { origin: string; size: bigint; root: Buffer; extensions?: readonly string[] }
