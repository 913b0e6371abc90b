import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ENTRY, ENTRY_SECRETS, EVENT } from '../../../test/log-example.ts'
import { decodeLeaf } from './decode.ts'
import { encodeAuditLeaf, encodeEntryLeaf, hashPostings, redact } from './encode.ts'
import { rootOf } from './merkle.ts'

const KEPT = redact(ENTRY_SECRETS)

test('the leaf data of an entry says everything but what it commits to', () => {
  expect(decodeLeaf(encodeEntryLeaf(ENTRY))).toEqual({
    type: 'entry',
    uuid: '019fa0df-10d2-7000-8000-000000000007',
    kind: 'distribution',
    reference: '2026-07-20',
    effectiveAt: ENTRY.effectiveAt,
    recordedAt: ENTRY.recordedAt,
    postings: 3,
    postingsRoot: rootOf(hashPostings(ENTRY.postings, KEPT.postingKey)),
    metadataDigest: KEPT.metadataDigest,
    actorDigest: KEPT.actorDigest,
  })
})

test('the leaf data of an audit event says what was done to what, and when', () => {
  expect(decodeLeaf(encodeAuditLeaf(EVENT))).toMatchObject({
    type: 'event',
    uuid: '019f7ec0-ea80-7000-8000-000000000001',
    action: 'parameter.set',
    subject: 'weekly_pool',
    at: EVENT.at,
  })
})

test('what is decoded is what was encoded, whatever text and time it has', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) => value.toWellFormed())
  fc.assert(
    fc.property(text, text, fc.date({ noInvalidDate: true }), (kind, reference, effectiveAt) => {
      const leaf = decodeLeaf(encodeEntryLeaf({ ...ENTRY, kind, reference, effectiveAt }))
      expect(leaf).toMatchObject({ kind, reference: reference || null, effectiveAt })
    }),
    { numRuns: 300, examples: [['\ufeffmark', '\ufeff', new Date(-1)]] },
  )
})

test('text of any length is kept whole, beside what was written before it', () => {
  for (const length of [4_000, 20_000, 100_000]) {
    const [kind, reference] = ['k'.repeat(length), 'é'.repeat(length)]
    expect(decodeLeaf(encodeEntryLeaf({ ...ENTRY, kind, reference }))).toMatchObject({ kind, reference })
  }
})

describe('leaf data is refused', () => {
  const data = encodeEntryLeaf(ENTRY)

  test('wherever it breaks off', () => {
    for (let end = 0; end < data.length; end++) expectRefusal(data.subarray(0, end))
  })

  test('when it runs on', () => {
    expectRefusal(Buffer.concat([data, Buffer.alloc(1)]))
  })

  test.each([
    ['of another version', 0, '02', 'The leaf has version 2; this reader knows 1.'],
    ['of another kind', 1, '03', 'The leaf has the kind 3'],
    ['with a length beyond its end', 18, 'ffffffff', 'ends early'],
    ['with text that is not UTF-8', 22, 'ff', 'not UTF-8'],
    ['with half a character, as UTF-8 may not write it', 22, 'eda080', 'not UTF-8'],
    ['with a time after all calendars', 48, '7fffffffffffffff', 'which no calendar has'],
    ['with a time before all calendars', 48, '8000000000000000', 'which no calendar has'],
    ['without postings', 64, '00000000', 'an entry without postings'],
  ])('%s', (_, at, hex, message) => {
    const changed = Buffer.from(data)
    changed.write(hex, at, 'hex')
    expectRefusal(changed, message)
  })
})

function expectRefusal(data: Buffer, message = ''): void {
  expect(() => decodeLeaf(data)).toThrow(
    expect.objectContaining({ code: 'leaf_malformed', message: expect.stringContaining(message) }),
  )
}
