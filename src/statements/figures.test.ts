import { expect, test } from 'vitest'

import { dayOf, figure, signedFigure } from './figures.ts'

test.each<[bigint, number, string]>([
  [0n, 2, '0.00'],
  [5n, 2, '0.05'],
  [123_456n, 2, '1,234.56'],
  [-1_234_500n, 3, '−1,234.500'],
  [1_234_567n, 0, '1,234,567'],
  [999n, 0, '999'],
  [100_000_000_000_000_000n, 9, '100,000,000.000000000'],
])('%d with %d decimals is written %s', (amount, scale, text) => {
  expect(figure(amount, scale)).toBe(text)
})

test('what came in has a plus, what went out a minus', () => {
  expect([signedFigure(150n, 2), signedFigure(-150n, 2), signedFigure(0n, 2)]).toEqual(['+1.50', '−1.50', '0.00'])
})

test('days are those of UTC', () => {
  expect(dayOf(new Date('2026-12-31T23:59:59.999Z'))).toBe('2026-12-31')
})
