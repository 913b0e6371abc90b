import { expect, test } from 'vitest'

import { runwayOf } from './overview-rules.ts'

test.each([
  ['2000', '1000', 'pays 2 whole weeks at the present pool'],
  ['1999.999999', '1000', 'pays 1 whole week at the present pool'],
  ['999.99', '1000', 'less than one week: fund the rewards'],
  ['5', '0', 'the weekly pool is zero'],
  [
    '123456789012345678901234567890',
    '0.000001',
    'pays 123,456,789,012,345,678,901,234,567,890,000,000 whole weeks at the present pool',
  ],
])('a treasury of %s and a pool of %s: %s', (available, weekly_pool, sentence) => {
  expect(runwayOf({ treasury: { available }, weekly_pool })).toBe(sentence)
})
