import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { changedParts, fingerprint, type RequestParts } from './fingerprint.ts'

const request = (more: Partial<RequestParts> = {}): RequestParts => ({
  method: 'POST',
  path: '/v1/test/holds',
  body: { on: 'users:1:available', amount: '5', note: { a: 1, b: [2] } },
  field_names: ['on', 'amount', 'note', 'expires_at'],
  ...more,
})

const before = fingerprint(request())

test('the same request is the same, in whatever order its fields are written', () => {
  expect(
    changedParts(before, request({ body: { note: { b: [2], a: 1 }, amount: '5', on: 'users:1:available' } })),
  ).toEqual([])
})

test.each<[string, Partial<RequestParts>, string[]]>([
  ['a field', { body: { on: 'users:1:available', amount: '6', note: { a: 1, b: [2] } } }, ['body.amount']],
  ['a field deep inside', { body: { on: 'users:1:available', amount: '5', note: { a: 1, b: [3] } } }, ['body.note']],
  ['a number for a text', { body: { on: 'users:1:available', amount: 5, note: { a: 1, b: [2] } } }, ['body.amount']],
  ['a field that is missing now', { body: { on: 'users:1:available', amount: '5' } }, ['body.note']],
  [
    'a field that is new',
    { body: { on: 'users:1:available', amount: '5', note: { a: 1, b: [2] }, expires_at: 'x' } },
    ['body.expires_at'],
  ],
  [
    'two fields',
    { body: { on: 'users:2:available', amount: '6', note: { a: 1, b: [2] } } },
    ['body.amount', 'body.on'],
  ],
  ['a body of another kind', { body: ['5'] }, ['body.amount', 'body.note', 'body.on']],
  ['the query', { path: '/v1/test/holds?x=1' }, ['path']],
  ['the method and the path', { method: 'PUT', path: '/v1/test/holds/1' }, ['method', 'path']],
  [
    'everything',
    { method: 'PUT', path: '/', body: undefined },
    ['method', 'path', 'body.amount', 'body.note', 'body.on'],
  ],
])('%s is named when it differs', (_, more, changed) => {
  expect(changedParts(before, request(more))).toEqual(changed)
})

test('a body without fields is named as a whole', () => {
  expect(changedParts(fingerprint(request({ body: ['a'] })), request({ body: ['b'] }))).toEqual(['body'])
  expect(changedParts(fingerprint(request({ body: undefined })), request({ body: {} }))).toEqual(['body'])
})

test('two bodies are the same exactly when their JSON values are', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (a, b) => {
      const parts = (body: unknown) => request({ body: JSON.parse(JSON.stringify(body)), field_names: [] })
      const same = fc.stringify(parts(a).body) === fc.stringify(parts(b).body)
      expect(changedParts(fingerprint(parts(a)), parts(a))).toEqual([])
      if (!same) expect(changedParts(fingerprint(parts(a)), parts(b))).not.toEqual([])
    }),
  )
})
