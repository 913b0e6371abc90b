import { expect, test } from 'vitest'

import { monthStart, reportLines, weeksBetween } from './closing-rules.ts'

test('a period is mostly looked at up to the first of the month, in UTC', () => {
  expect(monthStart(new Date('2026-11-30T23:59:59.999Z'))).toBe('2026-11-01')
})

test('weeks that ended are counted whole, and none before the last that was distributed', () => {
  expect(weeksBetween('2026-01-05T00:00:00Z', '2026-01-19T00:00:00Z')).toBe(2)
  expect(weeksBetween('2026-01-05T00:00:00Z', '2026-01-18T23:59:59Z')).toBe(1)
  expect(weeksBetween('2026-01-05T00:00:00Z', '2025-01-01T00:00:00Z')).toBe(0)
})

test('a report becomes lines with both sides of each branch, and what each kind moved', () => {
  const group = { group: 'users', accounts: 2, debit: '5', credit: '0' }
  const report = {
    since: null,
    before: '2026-01-19T00:00:00Z',
    closed: false,
    balances: [{ asset: 'TOK', debit: '5', credit: '5', balanced: true, groups: [group] }],
    kinds: [{ asset: 'TOK', kind: 'transfer', entries: 3, amount: '7' }],
  }
  expect(reportLines(report)).toEqual([
    ['part', 'asset', 'what', 'count', 'debit', 'credit', 'moved'],
    ['balance', 'TOK', 'users', '2', '5', '0', ''],
    ['moved', 'TOK', 'transfer', '3', '', '', '7'],
  ])
})
