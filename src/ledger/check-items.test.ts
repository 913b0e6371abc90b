import { expect, test } from 'vitest'

import { transfer } from '../../test/books.ts'
import { BALANCE_MAX } from './book.ts'
import { checkItems, KEY_LENGTH_MAX, METADATA_BYTES_MAX, METADATA_DEPTH_MAX, POSTINGS_MAX } from './check-items.ts'
import type { EntryItem, HoldItem, Item, Metadata } from './items.ts'

const A = 'users:a:available'
const B = 'users:b:available'
const PAY = transfer(A, B, 1n)
const HOLD: HoldItem = { reserve: 1n, on: A, asset: 'TOK' }
const HOLD_ID = '01890a5d-ac96-774b-bcce-b302099a8057'

test.each<[string, Item]>([
  ['a plain entry', PAY],
  ['an amount of 38 digits', transfer(A, B, BALANCE_MAX)],
  ['zero, which the evaluation refuses', transfer(A, B, 0n)],
  ['up to 38 digits', { ...PAY, postings: [{ from: A, to: B, asset: 'TOK', upTo: BALANCE_MAX }] }],
  ['the longest kind', { ...PAY, kind: 'k'.repeat(64) }],
  ['a kind of several words', { ...PAY, kind: 'weekly_reward.v2:a-b' }],
  ['a reference in any script', { ...PAY, reference: 'Überweisung № 7 → 日本 👩‍🚀' }],
  ['the longest key', { ...PAY, key: 'k'.repeat(KEY_LENGTH_MAX) }],
  ['the first and the last year', { ...PAY, effectiveAt: new Date('0001-01-01T00:00:00.000Z') }],
  ['a capture', { ...PAY, captures: HOLD_ID }],
  ['a hold with its id', { ...HOLD, id: HOLD_ID, expiresAt: new Date('9999-12-31T23:59:59.999Z') }],
  ['a void', { void: HOLD_ID }],
  [
    'metadata with line breaks, emoji and an own member __proto__',
    withMetadata(JSON.parse('{"__proto__":{"a":"\\n👍"}}')),
  ],
  ['metadata without a prototype', withMetadata(Object.assign(Object.create(null), { a: [1, -0.5, null, true] }))],
  ['metadata with a member that is undefined', withMetadata({ a: undefined })],
  ['metadata as deep as it may be', withMetadata(nested(METADATA_DEPTH_MAX))],
  ['metadata as large as it may be', withMetadata({ a: 'x'.repeat(METADATA_BYTES_MAX - '{"a":""}'.length) })],
])('%s is well formed', (_, item) => {
  expect(() => checkItems([item])).not.toThrow()
})

test.each<[string, string, Item]>([
  ['an empty reference', 'reference_invalid', { ...PAY, reference: '' }],
  ['a reference of 201 characters', 'reference_invalid', { ...PAY, reference: 'r'.repeat(201) }],
  ['a reference with U+0000', 'reference_invalid', { ...PAY, reference: 'a\0b' }],
  ['a reference with a line break', 'reference_invalid', { ...PAY, reference: 'a\nb' }],
  ['a reference with half a surrogate pair', 'reference_invalid', { ...HOLD, reference: 'a\udc00' }],
  ['an empty key', 'key_invalid', { ...PAY, key: '' }],
  ['a key of a character too many', 'key_invalid', { ...PAY, key: 'k'.repeat(KEY_LENGTH_MAX + 1) }],
  ['a key with half a surrogate pair', 'key_invalid', { void: HOLD_ID, key: '\ud83d' }],
  ['an empty kind', 'kind_invalid', { ...PAY, kind: '' }],
  ['a kind of 65 characters', 'kind_invalid', { ...PAY, kind: 'k'.repeat(65) }],
  ['a kind in capitals', 'kind_invalid', { ...PAY, kind: 'Transfer' }],
  ['a kind with a line break at its end', 'kind_invalid', { ...PAY, kind: 'transfer\n' }],
  ['no postings', 'no_postings', { ...PAY, postings: [] }],
  ['a path of one segment', 'path_invalid', transfer('a', B, 1n)],
  ['a path with capitals', 'path_invalid', transfer(A, 'users:B:available', 1n)],
  ['a path with U+0000', 'path_invalid', transfer(A, 'users:\0:available', 1n)],
  ['a path with a line break at its end', 'path_invalid', transfer(A, `${B}\n`, 1n)],
  [
    'a path of 201 characters',
    'path_invalid',
    { ...HOLD, on: Array.from({ length: 4 }, () => 'x'.repeat(50)).join(':') },
  ],
  ['an asset with a blank', 'asset_invalid', transfer(A, B, 1n, { asset: 'T K' })],
  ['an asset of 65 characters', 'asset_invalid', { ...HOLD, asset: 'T'.repeat(65) }],
  ['an amount below zero', 'amount_invalid', transfer(A, B, -1n)],
  ['an amount of 39 digits', 'amount_invalid', transfer(A, B, BALANCE_MAX + 1n)],
  [
    'a limit of 39 digits',
    'amount_invalid',
    { ...PAY, postings: [{ from: A, to: B, asset: 'TOK', upTo: 10n ** 38n }] },
  ],
  ['a hold of less than zero', 'amount_invalid', { ...HOLD, reserve: -1n }],
  ['the capture of what is no id', 'hold_id_invalid', { ...PAY, captures: 'hold 1' }],
  ['the void of an id in capitals', 'hold_id_invalid', { void: HOLD_ID.toUpperCase() }],
  ['a time that is none', 'time_invalid', { ...PAY, effectiveAt: new Date('yesterday') }],
  ['a time before the year 1', 'time_invalid', { ...PAY, effectiveAt: new Date('-000001-01-01T00:00:00.000Z') }],
  ['a time after the year 9999', 'time_invalid', { ...HOLD, expiresAt: new Date('+010000-01-01T00:00:00.000Z') }],
  ['metadata that is a list', 'metadata_invalid', withMetadata([1] as unknown as Metadata)],
  ['metadata with U+0000 in a text', 'metadata_invalid', withMetadata({ a: ['x\0y'] })],
  ['metadata with U+0000 in a name', 'metadata_invalid', withMetadata({ 'x\0y': 1 })],
  ['metadata with half a surrogate pair', 'metadata_invalid', withMetadata({ a: { b: '\ud800' } })],
  ['metadata with half a surrogate pair in a name', 'metadata_invalid', withMetadata({ '\udfff': 1 })],
  ['metadata with a number that is none', 'metadata_invalid', withMetadata({ a: NaN })],
  ['metadata with an infinite number', 'metadata_invalid', withMetadata({ a: -Infinity })],
  ['metadata with a bigint', 'metadata_invalid', withMetadata({ a: 1n })],
  ['metadata with a date', 'metadata_invalid', withMetadata({ a: new Date(0) })],
  ['metadata that is too deep', 'metadata_invalid', withMetadata(nested(METADATA_DEPTH_MAX + 1))],
  ['metadata deeper than any stack', 'metadata_invalid', withMetadata(nested(100_000))],
  ['metadata that contains itself', 'metadata_invalid', withMetadata(endless())],
  ['metadata of a byte too many', 'metadata_invalid', withMetadata({ a: 'x'.repeat(METADATA_BYTES_MAX - 7) })],
  ['metadata of too many bytes in UTF-8', 'metadata_invalid', withMetadata({ a: '日'.repeat(METADATA_BYTES_MAX / 2) })],
])('%s is refused with %s', (_, code, item) => {
  expect(() => checkItems([PAY, item])).toThrow(expect.objectContaining({ status: 422, code }))
})

test('a refusal names the item, counted from 0', () => {
  expect(() => checkItems([PAY, PAY, { ...PAY, kind: '' }])).toThrow(expect.objectContaining({ params: { item: 2 } }))
})

test('10,000 postings may be posted at once, in one entry or in many, and not one more', () => {
  const [posting] = PAY.postings
  const entry = (postings: number): EntryItem => ({
    ...PAY,
    postings: Array.from({ length: postings }, () => posting!),
  })
  expect(() => checkItems([entry(POSTINGS_MAX)])).not.toThrow()
  expect(() => checkItems([entry(POSTINGS_MAX - 2), HOLD, { void: HOLD_ID }])).not.toThrow()
  for (const items of [[entry(POSTINGS_MAX + 1)], [entry(POSTINGS_MAX), PAY], [entry(POSTINGS_MAX), HOLD]]) {
    expect(() => checkItems(items)).toThrow(
      expect.objectContaining({ code: 'too_many_postings', params: { postings: 10_001, most: 10_000 } }),
    )
  }
})

test('a module that gives a hold an id which is none made a mistake of its own', () => {
  expect(() => checkItems([{ ...HOLD, id: 'hold 1' }])).toThrow('UUID')
})

function withMetadata(metadata: Metadata): EntryItem {
  return { ...PAY, metadata }
}

function nested(levels: number): Metadata {
  let value: Metadata = {}
  for (let level = 1; level < levels; level++) value = { value }
  return value
}

function endless(): Metadata {
  const value: Metadata = {}
  value['self'] = value
  return value
}
