import { z } from 'zod'

import { Invalid } from '../../core/errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { type AuditLeaf, decodeLeaf } from './decode.ts'
import { auditSalts, jsonDigest, SALT_BYTES, textDigest } from './digest.ts'
import { encodeAuditLeaf, type LoggedEvent } from './encode.ts'
import { leafHash } from './merkle.ts'
import { plainText } from './posting-json.ts'
import { checkTlogProof, type Logged, type Trust } from './tlog-proof.ts'

/**
 * What an audit event is proven with, beside the proof file of its leaf: the leaf, which shows what was done to what and
 * when, and of who did it and what changed as much as is asked for. Fails: metadata_invalid.
 */
export function makeEventReceipt({ event, disclose = {} }: EventReceiptRequest): EventReceipt {
  const { salt, actor, diff } = event.secrets
  const salts = auditSalts(salt)
  return {
    format: FORMAT,
    leaf: encodeBase64(encodeAuditLeaf(event)),
    ...(disclose.actor && { actor: { salt: base64Of(salts.actor), value: actor } }),
    ...(disclose.diff && { diff: { salt: base64Of(salts.diff), value: diff } }),
  }
}

/**
 * Verifies the receipt of an audit event as `verifyReceipt` does that of a posting.
 * Fails, in this order: receipt_malformed, leaf_malformed, leaf_not_an_event, actor_differs, metadata_invalid,
 * diff_differs, then as `checkTlogProof` does.
 */
export function verifyEventReceipt({ receipt: file, proof, trust }: EventReceiptCheck): ProvenEvent {
  const receipt = parseEventReceipt(file)
  const data = Buffer.from(receipt.leaf, 'base64')
  const leaf = decodeLeaf(data)
  if (leaf.type !== 'event') throw new Invalid('leaf_not_an_event', 'The receipt is for an entry, not an audit event.')
  const disclosed = checkDisclosed(receipt, leaf)
  const log = checkTlogProof({ file: proof, leaf: leafHash(data), trust })
  const { uuid: id, action, subject, at } = leaf
  return { id, action, subject, at, ...disclosed, log }
}

/** Whether a file is meant to be the receipt of an audit event rather than of a posting; what is in it is not read. */
export function isEventReceipt(text: string): boolean {
  return z.object({ format: z.literal(FORMAT) }).safeParse(jsonOf(text)).success
}

function parseEventReceipt(text: string): EventReceipt {
  const parsed = eventReceiptSchema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Invalid('receipt_malformed', `This is no receipt: ${issue?.path.join('.') || 'the file'} cannot be read.`)
}

function checkDisclosed({ actor, diff }: EventReceipt, leaf: AuditLeaf): Disclosed {
  if (actor && textDigest(binaryOf(actor.salt), actor.value) !== leaf.actorDigest.toString('binary')) {
    throw new Invalid('actor_differs', 'The actor is not the one the event was recorded with.')
  }
  if (diff && jsonDigest(binaryOf(diff.salt), diff.value) !== leaf.diffDigest.toString('binary')) {
    throw new Invalid('diff_differs', 'The change is not the one the event was recorded with.')
  }
  return { ...(actor && { actor: actor.value }), ...(diff && { diff: diff.value }) }
}

function jsonOf(text: string): unknown {
  try {
    return text.length > LENGTH_MAX ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function binaryOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('binary')
}

function base64Of(binary: string): string {
  return Buffer.from(binary, 'binary').toString('base64')
}

const FORMAT = 'florin-event-receipt@v1'
const LENGTH_MAX = 1_000_000

const base64 = z.string().refine((value) => decodeBase64(value) !== null)
const saltText = z.string().refine((value) => decodeBase64(value)?.length === SALT_BYTES)

/** The receipt as a file: JSON. */
export const eventReceiptSchema = z.strictObject({
  format: z.literal(FORMAT),
  leaf: base64,
  actor: z.strictObject({ salt: saltText, value: plainText.nullable() }).optional(),
  diff: z.strictObject({ salt: saltText, value: z.unknown() }).optional(),
})

export type EventReceipt = z.infer<typeof eventReceiptSchema>
/** What a receipt shows besides the leaf. */
export type EventDisclosure = { actor?: boolean; diff?: boolean }
export type EventReceiptRequest = { event: LoggedEvent; disclose?: EventDisclosure }
export type EventReceiptCheck = { receipt: string; proof: string; trust: Trust }
/** What was done to what and when, what else was disclosed, and where the log holds it. */
export type ProvenEvent = Pick<AuditLeaf, 'action' | 'subject' | 'at'> & Disclosed & { id: string; log: Logged }
type Disclosed = { actor?: string | null; diff?: unknown }
