import { format, inspect } from 'node:util'

import { expect, test } from 'vitest'

import { secret } from './secret.ts'

test('a secret says itself only when it is asked to reveal', () => {
  expect(secret('hunter2').reveal()).toBe('hunter2')
})

test.each([
  ['a template', String(secret('hunter2'))],
  ['JSON', JSON.stringify({ password: secret('hunter2') })],
  ['inspect', inspect({ password: secret('hunter2') }, { depth: 9, showHidden: true })],
  ['console formats', format('%s %o %j %O', ...Array.from({ length: 4 }, () => secret('hunter2')))],
])('a secret does not print through %s', (_, printed) => {
  expect(printed).toContain('[secret]')
  expect(printed).not.toContain('hunter2')
})

test('a copy of a secret holds its value in no property', () => {
  expect(JSON.stringify(Object.entries({ ...secret('hunter2') }))).not.toContain('hunter2')
})
