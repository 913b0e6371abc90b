import { expect, test } from 'vitest'

import { accountName, commoditiesOf } from './journal-beancount.ts'

test.each([
  ['users:42:available', 'Assets:Users:42:Available'],
  ['users:a_b.c-d:available', 'Assets:Users:AUbDc-d:Available'],
  ['treasury:main', 'Assets:Treasury:Main'],
  ['issuance:tok', 'Equity:Issuance:Tok'],
  ['world:bank', 'Equity:World:Bank'],
  ['shops:7:receivable', 'Equity:Shops:7:Receivable'],
])('the account %s is %s', (path, name) => {
  expect(accountName(path)).toBe(name)
})

test('every asset has a commodity of its own that beancount can have', () => {
  const codes = [
    'KONTRIB',
    'kontrib',
    'USDC.E',
    'X',
    'true',
    'a:b',
    'a-b',
    'T.',
    `L${'o'.repeat(63)}`,
    `L${'O'.repeat(63)}`,
  ]
  const names = [...commoditiesOf(codes).values()]
  expect(names.slice(0, 8)).toEqual(['KONTRIB', 'KONTRIB-2', 'USDC.E', 'XX', 'TRUE-2', 'A-B', 'A-B-2', 'TX'])
  expect(new Set(names).size).toBe(codes.length)
  for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]$/)
})
