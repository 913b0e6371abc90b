import { Invalid } from '../../core/errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { openCheckpoint, readCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Verifier } from './keys.ts'
import { checkInclusion, HASH_BYTES } from './merkle.ts'
import type { Signed } from './note.ts'

const MAX_EXTRA_LENGTH = 100_000

/** A proof file as https://c2sp.org/tlog-proof has it: the place of a leaf, its path, and the signed checkpoint. */
export function formatTlogProof({ index, path, checkpoint, extra }: TlogProof): string {
  const head = extra ? [HEADER, `extra ${encodeBase64(extra)}`] : [HEADER]
  return [...head, `index ${index}`, ...path.map(encodeBase64), '', checkpoint].join('\n')
}

/** Fails: proof_malformed. */
export function parseTlogProof(file: string): TlogProof {
  const end = file.indexOf('\n\n')
  const [header, ...lines] = file.slice(0, Math.max(end, 0)).split('\n')
  if (header !== HEADER) malformed(`The file does not begin with ${HEADER}.`)
  const extra = lines[0]?.startsWith('extra ') ? takeExtra(lines) : null
  const [, index] = INDEX.exec(lines.shift() ?? '') ?? []
  if (!index) malformed('The file has no line that says the index.')
  return { index: BigInt(index), path: lines.map(readHash), checkpoint: file.slice(end + 2), ...(extra && { extra }) }
}

/**
 * Shows that the log holds `leaf` (a leaf hash) at the proof's index, in the tree of a checkpoint that `trust` vouches for:
 * the log's key, a checkpoint that the reader has from elsewhere, or both.
 * Fails: proof_malformed, note_malformed, note_signature_invalid, note_unsigned, checkpoint_malformed,
 * checkpoint_origin_differs, checkpoint_differs, proof_root_differs.
 */
export function checkTlogProof({ file, leaf, trust }: { file: string; leaf: Uint8Array; trust: Trust }): Logged {
  const { index, path, checkpoint: note } = parseTlogProof(file)
  const { checkpoint, signedBy } = trustedCheckpoint(note, trust)
  checkInclusion({ index, size: checkpoint.size, leaf, path, root: checkpoint.root })
  return { index, checkpoint, signedBy }
}

const HEADER = 'c2sp.org/tlog-proof@v1'
const INDEX = /^index (0|[1-9][0-9]{0,17})$/

function trustedCheckpoint(note: string, { log, witnesses, expected }: Trust): Omit<Logged, 'index'> {
  if (!log && !expected) throw new Invalid('trust_missing', 'Say which key or which checkpoint you trust.')
  const opened = log
    ? openCheckpoint(note, { log, ...(witnesses && { witnesses }) })
    : { checkpoint: readCheckpoint(note), signedBy: [] }
  if (expected) checkSameHead(opened.checkpoint, expected)
  return opened
}

function checkSameHead(actual: Checkpoint, expected: Checkpoint): void {
  if (actual.origin === expected.origin && actual.size === expected.size && actual.root.equals(expected.root)) return
  throw new Invalid('checkpoint_differs', 'The proof is for another checkpoint than the one expected.', {
    origin: actual.origin,
    size: actual.size.toString(),
    expected_origin: expected.origin,
    expected_size: expected.size.toString(),
  })
}

function takeExtra(lines: string[]): Buffer {
  const text = lines.shift()!.slice('extra '.length)
  const extra = text.length > MAX_EXTRA_LENGTH ? null : decodeBase64(text)
  return extra ?? malformed('The extra data is too long or not base64.')
}

function readHash(line: string): Buffer {
  const hash = decodeBase64(line)
  return hash?.length === HASH_BYTES ? hash : malformed('A line of the path is not a hash of 32 bytes in base64.')
}

function malformed(message: string): never {
  throw new Invalid('proof_malformed', message)
}

/** `extra` is not covered by any signature: believe nothing in it. `checkpoint` is the signed note. */
export type TlogProof = { index: bigint; path: readonly Buffer[]; checkpoint: string; extra?: Buffer }
/** What the reader believes beforehand: at least one of `log` and `expected`. */
export type Trust = { log?: Verifier; witnesses?: readonly Verifier[]; expected?: Checkpoint }
export type Logged = { index: bigint; checkpoint: Checkpoint; signedBy: Signed[] }
