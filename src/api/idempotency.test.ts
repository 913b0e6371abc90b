import { expect, test } from 'vitest'

import { KEY_LENGTH_MAX, readIdempotencyKey } from './idempotency.ts'

test.each([
  ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['  padded  ', 'padded'],
  ['"half', '"half'],
  ['x'.repeat(KEY_LENGTH_MAX), 'x'.repeat(KEY_LENGTH_MAX)],
])('the header %s is the key %s', (header, key) => {
  expect(readIdempotencyKey(header)).toBe(key)
})

test.each(['', ' ', '""', 'a b', '"a b"', 'a\tb', 'ä', 'a\u007f', 'x'.repeat(KEY_LENGTH_MAX + 1)])(
  'the header %j is no key',
  (header) => {
    expect(() => readIdempotencyKey(header)).toThrow(
      expect.objectContaining({ status: 400, code: 'idempotency_key_invalid' }),
    )
  },
)

test('two headers are no key, and none is none', () => {
  expect(() => readIdempotencyKey(['a', 'b'])).toThrow(expect.objectContaining({ code: 'idempotency_key_invalid' }))
  expect(() => readIdempotencyKey('a, b')).toThrow(expect.objectContaining({ code: 'idempotency_key_invalid' }))
  expect(readIdempotencyKey(undefined)).toBeUndefined()
})
