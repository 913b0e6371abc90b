import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { BLUEPRINTS } from '../blueprints/blueprints.ts'
import { ACTIONS } from '../src/api/authorize.ts'
import { PROJECT_ROOT } from '../src/config.ts'
import { STAFF_ROLES } from '../src/core/actor.ts'
import { LEDGER_CHART } from '../src/ledger/chart.ts'
import { REVERSIBLE_KINDS } from '../src/ledger/reversal.ts'

const page = await readFile(join(PROJECT_ROOT, 'docs/ledger.md'), 'utf8')

/** The cells of the table whose first column is headed so, without the marks for code. */
function tableOf(heading: string): string[][] {
  const [, below = ''] = page.split(`\n| ${heading} |`, 2)
  const rows = below.split('\n\n', 1)[0]!.split('\n').slice(2)
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

test('docs/ledger.md has the chart of accounts of the ledger and of every blueprint', () => {
  const rules = [...BLUEPRINTS.flatMap(({ chart }) => chart), ...LEDGER_CHART]
  const rows = rules.map(({ pattern, owner, holds }) => [pattern, owner, holds].join(' | '))

  expect(tableOf('pattern').map((row) => row.join(' | '))).toEqual([...new Set(rows)])
})

test('docs/ledger.md says which kinds are reversible', () => {
  const kinds = [...REVERSIBLE_KINDS, ...BLUEPRINTS.flatMap(({ reversibleKinds }) => reversibleKinds)]
  const reversible = tableOf('kind').flatMap(([kind, , answer]) => (answer === 'yes' ? [kind] : []))

  expect(new Set(reversible)).toEqual(new Set(kinds))
})

test('docs/ledger.md lists the kinds that modules post', () => {
  const kinds = new Set(tableOf('kind').map(([kind]) => kind))

  for (const kind of BLUEPRINTS.flatMap((blueprint) => Object.keys(blueprint.kinds))) expect(kinds).toContain(kind)
})

test('docs/ledger.md says who may do what', () => {
  const actions: Record<string, string[]> = {
    read: ['ledger.read'],
    'post, hold, open accounts': ['ledger.post', 'ledger.hold', 'ledger.open_account'],
    'reverse, set limits, close accounts, close the books': [
      'ledger.reverse',
      'ledger.set_limits',
      'ledger.close_account',
      'ledger.close_period',
    ],
    freeze: ['ledger.freeze'],
    'add assets, issue': ['ledger.add_asset', 'ledger.request_issuance', 'ledger.approve_issuance'],
  }
  const table = tableOf('what')

  expect(table.map(([what]) => what)).toEqual(Object.keys(actions))
  for (const [what = '', ...cells] of table) {
    const roles = STAFF_ROLES.filter((_, i) => cells[i] === 'yes')
    for (const action of actions[what] ?? []) expect(new Set(ACTIONS[action]), action).toEqual(new Set(roles))
  }
})
