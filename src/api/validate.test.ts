import { expect, test } from 'vitest'
import { z } from 'zod'

import { check } from './validate.ts'

const zItem = z.union([
  z.strictObject({ kind: z.string(), postings: z.array(z.strictObject({ amount: z.string() })).min(1) }),
  z.strictObject({ reserve: z.string(), on: z.string() }),
  z.strictObject({ void: z.uuid() }),
])

function errorsOf(value: unknown, schema: z.ZodType = z.strictObject({ entries: z.array(zItem) })): unknown {
  try {
    return check(schema, value, 'body')
  } catch (error) {
    return error instanceof Error && 'errors' in error ? error.errors : error
  }
}

test('what fits comes back decoded', () => {
  expect(check(z.strictObject({ limit: z.coerce.number() }), { limit: '5' }, 'query')).toEqual({ limit: 5 })
})

test('of several shapes, the errors are those of the one that was nearly met', () => {
  expect(errorsOf({ entries: [{ kind: 'reward', postings: [{ amount: 5 }] }] })).toEqual([
    { path: 'body.entries[0].postings[0].amount', message: 'Invalid input: expected string, received number' },
  ])
  expect(errorsOf({ entries: [{ reserve: '5' }] })).toEqual([
    { path: 'body.entries[0].on', message: 'This field is missing: string.' },
  ])
})

test('each unknown field is named by itself, and never at full length when it is absurd', () => {
  const errors = errorsOf({ a: 1, ['b'.repeat(1_000)]: 2 }, z.strictObject({}))

  expect(errors).toEqual([
    { path: 'body.a', message: 'There is no such field.' },
    { path: `body.${'b'.repeat(64)}`, message: 'There is no such field.' },
  ])
})

test('at most twenty errors are named', () => {
  expect(errorsOf({ entries: Array(1_000).fill(5) })).toHaveLength(20)
})
