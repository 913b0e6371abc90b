import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseStrictJson } from './strict-json.ts'

const read = (text: string) => parseStrictJson(Buffer.from(text))

test('what JSON.parse reads without loss is read the same', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6, stringUnit: 'grapheme' }), (text) => {
      fc.pre(!text.includes('__proto__') && !/\\u0000|e\+|\d{16}/.test(text))
      expect(read(text)).toEqual(JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['', /no valid JSON/],
  ['{"amount": NaN}', /no valid JSON/],
  ['{"amount": Infinity}', /no valid JSON/],
  ["{'amount': 1}", /no valid JSON/],
  ['{"amount": 1,}', /no valid JSON/],
  ['{"amount": 01}', /no valid JSON/],
  ['{"a": 1} {"a": 1}', /no valid JSON/],
  ['{"a": "\u0001"}', /no valid JSON/],
  ['{"amount": "1", "amount": "2"}', /same name twice/],
  ['[{"a": {"b": 1, "c": ":", "b": 1}}]', /same name twice/],
  ['{"amount": "1", "\\u0061mount": "2"}', /same name twice/],
  ['{"": 1, "": 2}', /same name twice/],
  ['{"__proto__": {"admin": true}}', /__proto__/],
  ['{"a": {"\\u005f_proto__": 1}}', /__proto__/],
  ['{"amount": 9007199254740993}', /too large/],
  ['{"amount": 1e999}', /too large/],
  ['[-9007199254740992]', /too large/],
  ['{"name": "a\\u0000b"}', /U\+0000/],
  ['{"a\\u0000": 1}', /U\+0000/],
  ['{"name": "\\ud800"}', /surrogate/],
  ['{"name": "\\udc00\\ud800"}', /surrogate/],
  [`${'['.repeat(33)}${']'.repeat(33)}`, /nested more than 32/],
  [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, /nested more than 32/],
])('%.40s is refused', (text, reason) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'json_invalid', status: 400 }))
  expect(() => read(text)).toThrow(reason)
})

test('bytes that are no UTF-8 are refused, not replaced', () => {
  expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(/not UTF-8/)
  expect(() => parseStrictJson(Buffer.from('"é"', 'latin1'))).toThrow(/not UTF-8/)
})

test('quotes, backslashes, colons and brackets inside of strings count for nothing', () => {
  const value = {
    'a":"': '\\',
    b: '\\":{[',
    '\\': '{"a":1,"a":1}',
    c: [':', '[[[', '\\\\"'],
    d: 0.1,
    e: -1.5e-7,
    '😀': '\u2028',
  }

  expect(read(JSON.stringify(value))).toEqual(value)
})

test('a name may come again in another object', () => {
  expect(read('{"a": {"a": [{"a": 1}, {"a": 2}]}}')).toEqual({ a: { a: [{ a: 1 }, { a: 2 }] } })
})

test('the constructor of an object is an ordinary name', () => {
  expect(read('{"constructor": {"prototype": 1}}')).toEqual({ constructor: { prototype: 1 } })
})

test('32 levels are read', () => {
  expect(JSON.stringify(read(`${'['.repeat(32)}${']'.repeat(32)}`))).toHaveLength(64)
})
