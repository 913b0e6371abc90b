import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { decode, readValue, type Shape, type TableShape } from './parameter-rules.ts'

const INTEGER: Shape = { type: 'integer', bounds: { min: '1', max: '50' } }
const DECIMAL: Shape = { type: 'decimal', digits: 2, bounds: { min: '0.5', max: '3' } }
const AMOUNT: Shape = { type: 'amount', asset: 'TOK', scale: 9, bounds: { min: '0', max: '1000000' } }
const TIERS: TableShape = {
  type: 'table',
  key: 'days',
  columns: {
    days: { type: 'integer', bounds: { min: '1', max: '3650' } },
    apy: { type: 'decimal', digits: 4, bounds: { min: '0', max: '1' } },
    open: { type: 'boolean' },
  },
  bounds: { min: '1', max: '3' },
}
const POINTS: TableShape = {
  type: 'table',
  key: 'type',
  columns: { type: { type: 'text', values: ['edit', 'review'] }, points: { type: 'integer' } },
  bounds: { min: '2', max: '2' },
}

test.each<[Shape, unknown, unknown, unknown]>([
  [INTEGER, 50, 50, 50],
  [INTEGER, '7', 7, 7],
  [DECIMAL, '2.50', 250, '2.5'],
  [DECIMAL, 0.5, 50, '0.5'],
  [AMOUNT, '10000.000000001', 10_000_000_000_001n, '10000.000000001'],
  [{ type: 'boolean' }, false, false, false],
  [
    TIERS,
    [{ open: true, apy: '0.05', days: 30 }],
    [{ days: 30, apy: 500, open: true }],
    [{ days: 30, apy: '0.05', open: true }],
  ],
])('%j reads %j', (shape, given, value, json) => {
  expect(readValue('it', shape, given)).toEqual({ value, json })
})

test.each<[Shape, unknown, RegExp]>([
  [INTEGER, 1.5, /^it: Write a number/],
  [INTEGER, -1, /^it: Write a number/],
  [INTEGER, null, /^it is a number/],
  [DECIMAL, '1.005', /^it: Write a number such as 1.5, without a sign and with at most 2 decimals/],
  [AMOUNT, 12, /^it is an amount, written as a text/],
  [AMOUNT, '1e3', /^it: Write the amount/],
  [{ type: 'boolean' }, 'yes', /^it is true or false/],
  [TIERS, {}, /^it is a list of at most 100 rows/],
  [TIERS, [{ days: 30, apy: '0.05' }], /^it row 1 has the members days, apy, open and no others/],
  [TIERS, [{ days: 30, apy: '0.05', open: true, more: 1 }], /^it row 1 has the members/],
  [TIERS, [{ days: 30, apy: 'high', open: true }], /^it row 1 apy: Write a number/],
  [TIERS, [0, 1].map(() => ({ days: 30, apy: '0.05', open: true })), /^it has one row for each days/],
  [POINTS, [{ type: 'vandalism', points: 1 }], /^it row 1 type is one of edit, review/],
])('%j refuses %j', (shape, given, sentence) => {
  expect(() => readValue('it', shape, given)).toThrow(expect.objectContaining({ code: 'parameter_invalid' }))
  expect(() => readValue('it', shape, given)).toThrow(sentence)
})

test.each<[Shape, unknown, RegExp]>([
  [INTEGER, 0, /^it must be from 1 to 50, and 0 is not/],
  [INTEGER, 51, /51 is not/],
  [DECIMAL, '0.49', /^it must be from 0.5 to 3, and 0.49 is not/],
  [AMOUNT, '1000000.000000001', /1000000.000000001 is not/],
  [TIERS, [], /^it must be from 1 to 3 rows, and 0 is not/],
  [TIERS, [{ days: 30, apy: '1.0001', open: true }], /^it row 1 apy must be from 0 to 1, and 1.0001 is not/],
  [POINTS, [{ type: 'edit', points: 1 }], /^it must be from 2 to 2 rows/],
])('%j finds %j out of bounds', (shape, given, sentence) => {
  expect(() => readValue('it', shape, given)).toThrow(expect.objectContaining({ code: 'parameter_out_of_bounds' }))
  expect(() => readValue('it', shape, given)).toThrow(sentence)
})

test('what is kept of a value means the same value, whatever it is', () => {
  const shapes: [Shape, fc.Arbitrary<unknown>][] = [
    [{ type: 'integer' }, fc.nat()],
    [{ type: 'decimal', digits: 4 }, fc.nat({ max: 10 ** 9 }).map((steps) => (steps / 10 ** 4).toFixed(4))],
    [{ type: 'amount', asset: 'TOK', scale: 9 }, fc.bigInt({ min: 0n, max: 10n ** 28n }).map(String)],
  ]
  for (const [shape, values] of shapes) {
    fc.assert(
      fc.property(values, (given) => {
        const { value, json } = readValue('it', shape, given)
        expect(decode('it', shape, JSON.parse(JSON.stringify(json)))).toEqual(value)
      }),
    )
  }
})

test('a value from before the bounds were narrowed can still be read', () => {
  expect(decode('it', INTEGER, 5000)).toBe(5000)
})
