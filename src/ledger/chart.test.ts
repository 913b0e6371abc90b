import { expect, test } from 'vitest'

import { checkPath, createChart, defaultFloor, issuanceAccount, LEDGER_CHART } from './chart.ts'

const CHART = createChart([
  { pattern: 'staking:*', owner: 'staking', holds: 'what is staked' },
  { pattern: 'users:*:staked', owner: 'staking', holds: 'what a member staked' },
  { pattern: 'lending:*', owner: 'lending', holds: 'pools of loans' },
])

test.each([
  ['users:42:available', 'operator'],
  ['users:42:staked', 'staking'],
  ['users:42:staked:more', 'operator'],
  ['staking:silver:vault', 'staking'],
  ['staking', 'operator'],
  ['mystaking:silver', 'operator'],
  ['issuance:tok', 'ledger'],
  ['world:bank', 'operator'],
  ['platform:loss', 'operator'],
  ['anything:else', 'operator'],
  ['suppliers:7:receivable', 'operator'],
  // Who owns a prefix owns all of it, also what goes without a floor there.
  ['lending:pool-1:receivable', 'lending'],
])('%s belongs to %s', (path, owner) => {
  expect(CHART.ownerOf(path)).toBe(owner)
})

test('what a module owns is refused to hands, with the name of the module', () => {
  expect(() => CHART.refuseModuleAccount('users:42:available')).not.toThrow()
  expect(() => CHART.refuseModuleAccount('staking:silver:vault')).toThrow(
    expect.objectContaining({
      status: 403,
      code: 'account_owned_by_module',
      params: { path: 'staking:silver:vault', module: 'staking' },
    }),
  )
})

test('kinds that a module or the ledger posts by itself are refused to hands', () => {
  const chart = createChart([], { stake: 'staking', genesis: 'staking' })

  expect(() => chart.refuseModuleKind('transfer')).not.toThrow()
  expect(() => chart.refuseModuleKind('stake')).toThrow(
    expect.objectContaining({
      status: 403,
      code: 'kind_owned_by_module',
      params: { kind: 'stake', module: 'staking' },
    }),
  )
  // No module takes a kind from the ledger.
  expect(chart.kindRefusal('genesis')?.params).toEqual({ kind: 'genesis', module: 'ledger' })
})

test('the chart says what every rule is for', () => {
  expect(CHART.rules).toHaveLength(LEDGER_CHART.length + 3)
  for (const { holds } of CHART.rules) expect(holds).not.toBe('')
})

test.each([
  ['world:bank', null],
  ['world:bank:usd', null],
  ['suppliers:7:receivable', null],
  ['platform:loss', null],
  ['platform:loss:more', 0n],
  ['users:world:available', 0n],
  ['treasury:receivable:paid', 0n],
])('a new account %s has the floor %s', (path, floor) => {
  expect(defaultFloor(path)).toBe(floor)
})

test.each([
  'a:b',
  'users:018f-4a.b_c:available',
  '0:0',
  Array.from({ length: 8 }, () => 'x').join(':'),
  `a:${'x'.repeat(64)}`,
])('%s is a path', (path) => {
  expect(() => checkPath(path)).not.toThrow()
})

test.each([
  '',
  'a',
  ':',
  'a:',
  ':a',
  'a::b',
  'A:b',
  'a:é',
  'a:b c',
  'a:b\n',
  '-a:b',
  'a:*',
  Array.from({ length: 9 }, () => 'x').join(':'),
  `a:${'x'.repeat(65)}`,
  Array.from({ length: 4 }, () => 'x'.repeat(50)).join(':'),
])('%j is no path', (path) => {
  expect(() => checkPath(path)).toThrow(expect.objectContaining({ status: 422, code: 'path_invalid' }))
})

test('an asset is issued from an account of its name', () => {
  expect(issuanceAccount('KONTRIB')).toBe('issuance:kontrib')
})
