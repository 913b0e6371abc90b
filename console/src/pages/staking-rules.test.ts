import { expect, test } from 'vitest'

import { asPart, percentOf, roomFor } from './staking-rules.ts'

test('as much can still be staked as the pool can promise the rewards of, rounded down', () => {
  expect(roomFor({ available: '120', apy_rate: '0.12', duration_days: 365 })).toBe('1000')
  expect(roomFor({ available: '1.00', apy_rate: '0.05', duration_days: 30 })).toBe('243.33')
  expect(roomFor({ available: '0', apy_rate: '0.05', duration_days: 30 })).toBe('0')
  expect(roomFor({ available: '0.50', apy_rate: '1', duration_days: 365 })).toBe('0.5')
  expect(roomFor({ available: '7', apy_rate: '0', duration_days: 30 })).toBe('any amount')
})

test('a rate is said in percent, digit for digit', () => {
  expect(percentOf('0.125')).toBe('12.5 %')
  expect(percentOf('0.05')).toBe('5 %')
  expect(percentOf('1')).toBe('100 %')
  expect(percentOf('0.0001')).toBe('0.01 %')
  expect(percentOf('0')).toBe('0 %')
  expect(percentOf(asPart(250))).toBe('2.5 %')
  expect(percentOf(asPart(10_000))).toBe('100 %')
})
