import { hash } from 'node:crypto'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { auditSalts, canonicalJson, entrySalts, jsonDigest, lineDigest, postingSalts, textDigest } from './digest.ts'

const SALT = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')

describe('salts', () => {
  const derived = hash('sha512', SALT)

  test('are cut from the SHA-512 of the one that is stored', () => {
    const salts = entrySalts(SALT)
    expect(hexOf(salts.metadata + salts.actor + salts.postingKey)).toBe(derived.slice(0, 96))
    const event = auditSalts(SALT)
    expect(hexOf(event.diff + event.actor)).toBe(derived.slice(0, 64))
  })

  test('of a posting are cut from the SHA-512 of the posting key and the number', () => {
    const key = Buffer.from(derived.slice(64, 96), 'hex')
    const expected = hash('sha512', Buffer.concat([key, Buffer.of(0, 1, 0, 2)]))
    const salts = postingSalts(entrySalts(SALT).postingKey, 65_538)
    expect(hexOf(salts.posting + salts.from + salts.to)).toBe(expected.slice(0, 96))
  })

  test('must have 16 bytes', () => {
    expect(() => entrySalts(SALT.subarray(1))).toThrow('A salt has 16 bytes')
  })
})

describe('digests', () => {
  const salt = '\0'.repeat(16)

  test('are of the salt and the UTF-8 of the value', () => {
    expect(hexOf(textDigest(salt, 'zoë \u{1f600}'))).toBe(hash('sha256', `${salt}zoë \u{1f600}`))
    expect(hexOf(jsonDigest(salt, { b: 1, a: 'é' }))).toBe(hash('sha256', `${salt}{"a":"é","b":1}`))
    const long = 'x'.repeat(10_000)
    expect(hexOf(textDigest(salt, long))).toBe(hash('sha256', salt + long))
  })

  test('of a line are of the salt, the version and the balance', () => {
    const version = Buffer.of(0, 0, 0, 0, 0, 0, 1, 2)
    const expected = hash('sha256', Buffer.concat([Buffer.from(salt), version, Buffer.from('-70')]))
    expect(hexOf(lineDigest(salt, { version: 258n, balance: -70n }))).toBe(expected)
  })

  test('of nothing are of the salt alone, and differ from those of an empty object', () => {
    expect(hexOf(textDigest(salt, null))).toBe(hash('sha256', salt))
    expect(jsonDigest(salt, null)).toBe(textDigest(salt, null))
    expect(jsonDigest(salt, {})).not.toBe(jsonDigest(salt, null))
  })
})

describe('canonical JSON', () => {
  // The example of RFC 8785, sections 3.2.2 and 3.2.3, but for its number beyond 2^53.
  test('has its keys in UTF-16 order, the shortest numbers and few escapes', () => {
    const value = JSON.parse(
      '{"numbers":[4.50,2e-3,0.000000000000000000000000001,-0],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    )
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[4.5,0.002,1e-27,0],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 }
    expect(canonicalJson(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}')
  })

  test('keeps a key named __proto__, and never takes a prototype for data', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"a":1},"constructor":2}'))).toBe(
      '{"__proto__":{"a":1},"constructor":2}',
    )
    const bare: unknown = Object.assign(Object.create(null), { a: 1 })
    expect(canonicalJson(bare)).toBe('{"a":1}')
  })

  test('does not make one of what Unicode calls equivalent', () => {
    expect(canonicalJson('\u00e9')).not.toBe(canonicalJson('e\u0301'))
  })

  test('is the same after a round through JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = attempt(() => canonicalJson(value))
        if (text === null) return
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  const circular: Record<string, unknown> = {}
  circular.self = circular
  test.each([
    ['a lone surrogate', { a: 'x\ud800' }],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['U+0000', ['\0']],
    ['U+0000 in a key', { 'a\0': 1 }],
    ['NaN', { a: Number.NaN }],
    ['an infinity, as 1e999 becomes', JSON.parse('[1e999]')],
    ['an integer that a double cannot hold', JSON.parse('[9007199254740993]')],
    ['a bigint', { a: 1n }],
    ['undefined', { a: undefined }],
    ['a hole', Array.from({ length: 1 })],
    ['a function', { toJSON: () => 1 }],
    ['a symbol', [Symbol('a')]],
    ['a date', { at: new Date(0) }],
    ['a map', new Map()],
    ['bytes', { a: Buffer.alloc(1) }],
    ['itself', circular],
    ['33 levels', JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`)],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'metadata_invalid' }))
  })

  test('takes 32 levels and the largest safe integers', () => {
    expect(canonicalJson(JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`))).toHaveLength(64)
    expect(canonicalJson([9007199254740991, -9007199254740991])).toBe('[9007199254740991,-9007199254740991]')
  })
})

function hexOf(binary: string): string {
  return Buffer.from(binary, 'binary').toString('hex')
}

function attempt<T>(run: () => T): T | null {
  try {
    return run()
  } catch {
    return null
  }
}
