import canonicalize from 'canonicalize'

import { assert } from '../core/assert.ts'
import { Invalid } from '../core/errors.ts'
import { UUID } from '../core/id.ts'
import { BALANCE_MAX } from './book.ts'
import { ASSET_CODE, checkPath } from './chart.ts'
import { type EntryItem, type HoldItem, isEntry, isHold, type Item, type Metadata } from './items.ts'

/**
 * Refuses, whole and before anything is evaluated, a request that no state of the books would make right. Every
 * entrance calls it: what PostgreSQL cannot hold (U+0000, half a surrogate pair, a 39th digit) would otherwise fail the
 * batch of somebody else.
 * Fails: too_many_postings; then for the first item that is wrong, which `params.item` counts from 0: reference_invalid,
 * key_invalid, kind_invalid, no_postings, path_invalid, asset_invalid, amount_invalid, hold_id_invalid, time_invalid,
 * metadata_invalid.
 */
export function checkItems(items: readonly Item[]): void {
  const postings = items.reduce((sum, item) => sum + weightOf(item), 0)
  if (postings > POSTINGS_MAX) {
    throw new Invalid(
      'too_many_postings',
      `Post at most ${POSTINGS_MAX} postings at once; a hold and a void count as one. These are ${postings}.`,
      { postings, most: POSTINGS_MAX },
    )
  }
  for (const [i, item] of items.entries()) checkItem(item, i)
}

/** What an item weighs in a batch: its postings; a hold or a void as much as one. */
export function weightOf(item: Item): number {
  return isEntry(item) ? Math.max(1, item.postings.length) : 1
}

/** Whether `text` is one line of 1 to `most` characters, as references, keys and names are. */
export function isPlainText(text: string, most: number): boolean {
  return text.length > 0 && text.length <= most && !CONTROL_OR_HALF.test(text)
}

export const POSTINGS_MAX = 10_000
export const KIND = /^[a-z][a-z0-9_.:-]{0,63}$/
export const REFERENCE_LENGTH_MAX = 200
/** An Idempotency-Key of 255 characters, and the number of an entry in the request. */
export const KEY_LENGTH_MAX = 262
/** As canonical JSON, in UTF-8. */
export const METADATA_BYTES_MAX = 16_384
export const METADATA_DEPTH_MAX = 16
/** The years that ISO 8601 writes with four digits. */
export const TIME_MIN = new Date('0001-01-01T00:00:00.000Z')
export const TIME_MAX = new Date('9999-12-31T23:59:59.999Z')

/** With the flag `u` a whole surrogate pair is one character, and only half of one is a surrogate. */
const CONTROL_OR_HALF = /[\p{Cc}\p{Cs}]/u

function checkItem(item: Item, i: number): void {
  checkText(item.reference, REFERENCE_LENGTH_MAX, 'reference', i)
  checkText(item.key, KEY_LENGTH_MAX, 'key', i)
  if (isEntry(item)) checkEntry(item, i)
  else if (isHold(item)) checkHold(item, i)
  else checkHoldId(item.void, i)
}

function checkEntry({ kind, postings, captures, effectiveAt, metadata }: EntryItem, i: number): void {
  if (!KIND.test(kind)) {
    const message = 'A kind is a lower-case letter, then up to 63 of a-z, 0-9, underscore, dot, colon and dash.'
    throw new Invalid('kind_invalid', message, { item: i })
  }
  if (postings.length === 0) throw new Invalid('no_postings', 'An entry has at least one posting.', { item: i })
  for (const posting of postings) {
    checkPath(posting.from)
    checkPath(posting.to)
    checkAsset(posting.asset, i)
    checkAmount(posting.amount ?? posting.upTo, i)
  }
  if (captures !== undefined) checkHoldId(captures, i)
  checkTime(effectiveAt, i)
  if (metadata) checkMetadata(metadata, i)
}

function checkHold({ on, asset, reserve, expiresAt, id }: HoldItem, i: number): void {
  checkPath(on)
  checkAsset(asset, i)
  checkAmount(reserve, i)
  checkTime(expiresAt, i)
  assert(id === undefined || UUID.test(id), 'The id for a new hold is a UUID in lower case')
}

function checkText(text: string | undefined, most: number, what: 'reference' | 'key', i: number): void {
  if (text === undefined || isPlainText(text, most)) return
  const message = `A ${what} has 1 to ${most} characters, none of them a control character.`
  throw new Invalid(`${what}_invalid`, message, { item: i })
}

function checkAsset(asset: string, i: number): void {
  if (ASSET_CODE.test(asset)) return
  throw new Invalid('asset_invalid', 'This is not the code of an asset.', { item: i })
}

function checkAmount(amount: bigint, i: number): void {
  if (amount >= 0n && amount <= BALANCE_MAX) return
  throw new Invalid('amount_invalid', 'An amount has no sign and at most 38 digits.', { item: i })
}

function checkHoldId(id: string, i: number): void {
  if (!UUID.test(id)) throw new Invalid('hold_id_invalid', 'A hold is named by its UUID.', { item: i })
}

function checkTime(time: Date | undefined, i: number): void {
  if (time === undefined || (time >= TIME_MIN && time <= TIME_MAX)) return
  throw new Invalid('time_invalid', 'A time is in the years 1 to 9999.', { item: i })
}

function checkMetadata(metadata: Metadata, i: number): void {
  const trouble = Array.isArray(metadata) ? 'is an object' : jsonTrouble(metadata, METADATA_DEPTH_MAX)
  const size = trouble ? 0 : Buffer.byteLength(canonicalize(metadata) ?? '')
  if (!trouble && size <= METADATA_BYTES_MAX) return
  const message = `Metadata ${trouble ?? `is at most ${METADATA_BYTES_MAX} bytes of JSON, and this is ${size}`}.`
  throw new Invalid('metadata_invalid', message, { item: i })
}

/** What JSON, or PostgreSQL's jsonb, cannot say of this value. */
function jsonTrouble(value: unknown, depth: number): string | undefined {
  if (value === null || value === undefined || typeof value === 'boolean') return undefined
  if (typeof value === 'string') {
    return value.isWellFormed() && !value.includes('\0') ? undefined : 'is Unicode text without the character U+0000'
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'has finite numbers'
  if (typeof value !== 'object' || !isPlain(value)) return 'is made of texts, numbers, booleans, lists and objects'
  if (depth === 0) return `is at most ${METADATA_DEPTH_MAX} levels deep`
  for (const [name, member] of Object.entries(value)) {
    const trouble = jsonTrouble(name, depth) ?? jsonTrouble(member, depth - 1)
    if (trouble) return trouble
  }
  return undefined
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
