import { z } from 'zod'

import { must } from '../../core/assert.ts'
import { Conflict, Invalid } from '../../core/errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { decodeLeaf } from './decode.ts'
import type { EntryLeaf } from './decode.ts'
import { entrySalts, jsonDigest, lineDigest, postingSalts, SALT_BYTES, textDigest } from './digest.ts'
import type { Line } from './digest.ts'
import { encodeEntryLeaf, hashPostings, hashShownPosting, redact } from './encode.ts'
import type { LoggedEntry, LoggedPosting } from './encode.ts'
import { HASH_BYTES, inclusionPath, leafHash, rootFromPath } from './merkle.ts'
import { balance, plainText, version } from './posting-json.ts'
import { checkTlogProof } from './tlog-proof.ts'
import type { Logged, Trust } from './tlog-proof.ts'

const MAX_PATH = 32
const MAX_RECEIPT_LENGTH = 1_000_000

/**
 * What each of some postings of an entry is proven with, beside the proof file of the entry's leaf: the posting with its
 * salt, and the hashes that lead from it to the leaf. A receipt says nothing of the entry's other postings but their
 * count; balances, metadata and actor only show when they are asked for. The balance of an account that pays many says
 * what its neighbours in the entry got: disclose it to those who may know.
 * Fails: entry_redacted, metadata_invalid.
 */
export function makeReceipts({ entry, postings, disclose = {} }: ReceiptRequest): Receipt[] {
  const { postingKey } = 'salt' in entry.secrets ? redact(entry.secrets) : entry.secrets
  const key = postingKey.toString('binary')
  const leaf = encodeBase64(encodeEntryLeaf(entry))
  const hashes = hashPostings(entry.postings, postingKey)
  const secrets = discloseSecrets(entry, disclose)
  return postings.map((no) => ({
    format: FORMAT,
    leaf,
    posting: showPosting(must(entry.postings[no], 'The posting is there'), { no, postingKey: key, disclose }),
    path: inclusionPath(hashes, no).map(encodeBase64),
    ...secrets,
  }))
}

/**
 * Verifies a receipt against a proof file and what the reader trusts, and gives what they prove. It reads nothing else:
 * no server, no database.
 * Fails, in this order: receipt_malformed, leaf_malformed, leaf_not_an_entry, proof_malformed, posting_not_in_entry,
 * metadata_invalid, metadata_differs, actor_differs, then as `checkTlogProof` does.
 */
export function verifyReceipt({ receipt: file, proof, trust }: ReceiptCheck): ProvenPosting {
  const receipt = parseReceipt(file)
  const data = bytesOf(receipt.leaf)
  const leaf = decodeLeaf(data)
  if (leaf.type !== 'entry') throw new Invalid('leaf_not_an_entry', 'The receipt is for an audit event, not an entry.')

  const posting = checkPosting(receipt, leaf)
  const disclosed = checkSecrets(receipt, leaf)

  const log = checkTlogProof({ file: proof, leaf: leafHash(data), trust })
  const { uuid: id, kind, reference, effectiveAt, recordedAt, postings } = leaf
  return { id, kind, reference, effectiveAt, recordedAt, postings, ...posting, ...disclosed, log }
}

/** Fails: receipt_malformed. */
export function parseReceipt(text: string): Receipt {
  const parsed = receiptSchema.safeParse(text.length > MAX_RECEIPT_LENGTH ? null : parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Invalid('receipt_malformed', `This is no receipt: ${issue?.path.join('.') || 'the file'} cannot be read.`)
}

function checkPosting({ posting, path }: Receipt, leaf: EntryLeaf): ShownFields {
  const { no, from, to, asset, scale, from_line, to_line } = posting
  const shown = { no, from, to, asset, scale, amount: BigInt(posting.amount) }
  const digests = { salt: binaryOf(posting.salt), fromDigest: digestOf(from_line), toDigest: digestOf(to_line) }
  const root = rootFromPath({
    index: BigInt(no),
    size: BigInt(leaf.postings),
    leaf: hashShownPosting({ ...shown, ...digests }),
    path: path.map(bytesOf),
  })
  if (!root.equals(leaf.postingsRoot)) {
    throw new Invalid('posting_not_in_entry', 'The entry does not hold this posting as the receipt shows it.')
  }
  return { ...shown, fromLine: readLine(from_line), toLine: readLine(to_line) }
}

function checkSecrets({ metadata, actor }: Receipt, leaf: EntryLeaf): Disclosed {
  if (metadata && !digestEquals(jsonDigest(binaryOf(metadata.salt), metadata.value), leaf.metadataDigest)) {
    throw new Invalid('metadata_differs', 'The metadata is not what the entry was recorded with.')
  }
  if (actor && !digestEquals(textDigest(binaryOf(actor.salt), actor.value), leaf.actorDigest)) {
    throw new Invalid('actor_differs', 'The actor is not the one the entry was recorded with.')
  }
  return { ...(metadata && { metadata: metadata.value }), ...(actor && { actor: actor.value }) }
}

function discloseSecrets(
  { secrets }: LoggedEntry,
  { metadata, actor }: Disclosure,
): Pick<Receipt, 'metadata' | 'actor'> {
  if (!metadata && !actor) return {}
  if ('postingKey' in secrets)
    throw new Conflict('entry_redacted', 'The metadata and the actor of the entry were erased.')
  const salts = entrySalts(secrets.salt)
  return {
    ...(metadata && { metadata: { salt: base64Of(salts.metadata), value: secrets.metadata } }),
    ...(actor && { actor: { salt: base64Of(salts.actor), value: secrets.actor } }),
  }
}

const FORMAT = 'florin-receipt@v1'

const base64 = z.string().refine((value) => decodeBase64(value) !== null)
const saltText = base64.refine((value) => bytesOf(value).length === SALT_BYTES)
const digestText = base64.refine((value) => bytesOf(value).length === HASH_BYTES)

const lineShape = z.union([
  z.strictObject({ digest: digestText }),
  z.strictObject({ salt: saltText, version, balance }),
])

/** The receipt as a file: JSON. Amounts and balances are whole minor units, of which `scale` says the decimals. */
export const receiptSchema = z.strictObject({
  format: z.literal(FORMAT),
  leaf: base64,
  posting: z.strictObject({
    no: z.int().min(0),
    salt: saltText,
    from: plainText,
    to: plainText,
    asset: plainText,
    scale: z.int().min(0).max(255),
    amount: z.string().regex(/^[1-9][0-9]{0,37}$/),
    from_line: lineShape,
    to_line: lineShape,
  }),
  path: z.array(base64).max(MAX_PATH),
  metadata: z.strictObject({ salt: saltText, value: z.unknown() }).optional(),
  actor: z.strictObject({ salt: saltText, value: plainText.nullable() }).optional(),
})

function showPosting(posting: LoggedPosting, { no, postingKey, disclose }: Shown): Receipt['posting'] {
  const { from, to, asset, scale, amount } = posting
  const salts = postingSalts(postingKey, no)
  const fromLine = { version: posting.fromVersion, balance: posting.fromBalance }
  const toLine = { version: posting.toVersion, balance: posting.toBalance }
  return {
    no,
    salt: base64Of(salts.posting),
    from,
    to,
    asset,
    scale,
    amount: amount.toString(),
    from_line: showLine(salts.from, fromLine, disclose.fromBalance),
    to_line: showLine(salts.to, toLine, disclose.toBalance),
  }
}

function showLine(salt: string, line: Line, disclose = false): ReceiptLine {
  if (!disclose) return { digest: base64Of(lineDigest(salt, line)) }
  return { salt: base64Of(salt), version: line.version.toString(), balance: line.balance.toString() }
}

function readLine(line: ReceiptLine): Line | null {
  return 'digest' in line ? null : { version: BigInt(line.version), balance: BigInt(line.balance) }
}

function digestOf(line: ReceiptLine): string {
  if ('digest' in line) return binaryOf(line.digest)
  return lineDigest(binaryOf(line.salt), { version: BigInt(line.version), balance: BigInt(line.balance) })
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

function digestEquals(digest: string, expected: Buffer): boolean {
  return digest === expected.toString('binary')
}

function bytesOf(value: string): Buffer {
  return Buffer.from(value, 'base64')
}

function binaryOf(value: string): string {
  return bytesOf(value).toString('binary')
}

function base64Of(binary: string): string {
  return Buffer.from(binary, 'binary').toString('base64')
}

export type Receipt = z.infer<typeof receiptSchema>
/** `postings`: the numbers of those to make a receipt for. */
export type ReceiptRequest = { entry: LoggedEntry; postings: readonly number[]; disclose?: Disclosure }
export type ReceiptCheck = { receipt: string; proof: string; trust: Trust }
/** The posting, the entry it belongs to, what else was disclosed, and where the log holds it. */
export type ProvenPosting = ShownFields &
  Omit<EntryLeaf, 'type' | 'uuid' | 'postingsRoot' | 'metadataDigest' | 'actorDigest'> &
  Disclosed & { id: string; log: Logged }
type ShownFields = Pick<LoggedPosting, 'from' | 'to' | 'asset' | 'scale' | 'amount'> & {
  no: number
  /** Null where the balance is not disclosed. */
  fromLine: Line | null
  toLine: Line | null
}
type Shown = { no: number; postingKey: string; disclose: Disclosure }
type ReceiptLine = z.infer<typeof lineShape>
/** What a receipt shows besides the posting itself. */
export type Disclosure = { fromBalance?: boolean; toBalance?: boolean; metadata?: boolean; actor?: boolean }
type Disclosed = { metadata?: unknown; actor?: string | null }
