import { expect, test } from 'vitest'

import { testMembers, type TestMembers } from '../../test/members.ts'
import { transaction } from '../core/db.ts'
import { closeBooks } from '../ledger/closing.ts'
import { post } from '../ledger/post.ts'
import { transferRoutes } from '../transfers/routes.ts'
import { statementRoutes } from './routes.ts'

const start = async () => await testMembers({ routes: [...statementRoutes, ...transferRoutes] })

/** Rewards for weeks of 2024 and 2025, recorded in 2026, and a transfer of 2026; sealed. */
async function years(): Promise<TestMembers> {
  const t = await start()
  for (const [day, amount] of [
    ['2025-12-31T23:59:59.999Z', 25n],
    ['2024-07-01T00:00:00.000Z', 1_000n],
    ['2025-01-01T00:00:00.000Z', 150n],
  ] as const) {
    const postings = [{ from: 'world:bank', to: t.walletOf('ann'), asset: 'TOK', amount }]
    await transaction(t.db, async (tx) => {
      const item = { kind: 'weekly_reward', reference: '=HYPERLINK("x")', postings, effectiveAt: new Date(day) }
      await post(tx, [item], { actor: 'system', now: t.clock.now() })
    })
  }
  await t.post('ann', '/me/transfers', { to: 'bob', asset: 'TOK', amount: '4.5', note: '@SUM(1)' })
  await t.log.sealer.sealAll()
  return t
}

test('a year has what took effect in it, from what was there to what was left', async () => {
  await using t = await years()

  const { json, status } = await t.get('ann', '/me/statements/2025')

  expect(status).toBe(200)
  expect(json).toMatchObject({
    person: { id: t.idOf('ann'), username: 'ann' },
    year: 2025,
    from: '2025-01-01T00:00:00.000Z',
    until: '2026-01-01T00:00:00.000Z',
    final: false,
    accounts: [
      {
        account: t.walletOf('ann'),
        asset: 'TOK',
        opening: '10',
        received: '1.75',
        sent: '0',
        closing: '11.75',
        totals: [{ kind: 'weekly_reward', lines: 2, received: '1.75', sent: '0' }],
        lines: [
          { effective_at: '2025-01-01T00:00:00.000Z', amount: '1.5', balance: '11.5', reason: 'Weekly reward' },
          { effective_at: '2025-12-31T23:59:59.999Z', amount: '0.25', balance: '11.75' },
        ],
      },
    ],
  })
  const next = await t.get('ann', '/me/statements/2026')
  expect(next.json).toMatchObject({ accounts: [{ opening: '11.75', received: '100', sent: '4.5', closing: '107.25' }] })
})

test('a year is final once the books are closed to its end', async () => {
  await using t = await years()
  const before = new Date('2026-01-01T00:00:00.000Z')
  await transaction(t.db, async (tx) => await closeBooks(tx, { before, actor: 'key:test', now: t.clock.now() }))
  expect((await t.get('ann', '/me/statements/2025')).json).toMatchObject({ final: true })
  expect((await t.get('ann', '/me/statements/2026')).json).toMatchObject({ final: false })
})

test('a year is for its member, and for staff who may read the books', async () => {
  await using t = await years()
  const own = await t.get('ann', '/me/statements/2025')
  expect((await t.get('finance', `/people/${t.idOf('ann')}/statements/2025`)).json).toEqual(own.json)
  expect((await t.get('bob', `/people/${t.idOf('ann')}/statements/2025`)).status).toBe(403)
  const nobody = await t.get('finance', '/people/019b8b3a-7c00-7000-8000-0000000000ff/statements/2025')
  expect(nobody.json).toMatchObject({ code: 'person_not_found' })
})

test('years that have not begun and those that are none are refused', async () => {
  await using t = await years()
  expect((await t.get('ann', '/me/statements/2027')).json).toMatchObject({ code: 'year_not_begun' })
  expect((await t.get('ann', '/me/statements/20x5')).status).toBe(400)
  expect((await t.get('ann', '/me/statements/2025?tree_size=999999')).json).toMatchObject({
    code: 'tree_size_unsealed',
  })
})

test('as CSV it has a row for each line, and nothing in it runs as a formula', async () => {
  await using t = await years()
  const { text, headers } = await t.get('ann', '/me/statements/2026?format=csv')
  expect(headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="statement-test-2026.csv"',
  })
  const rows = text.trimEnd().split('\n')
  expect(rows).toHaveLength(5)
  expect(rows[1]).toContain('Balance brought forward,,,,,,,11.75,,')
  expect(rows[3]).toContain(`To bob,member_transfer,${t.walletOf('bob')},'@SUM(1),,,4.5,107.25,`)
  expect(rows[4]).toContain('Balance carried forward,,,,,,,107.25,,')
  const older = await t.get('ann', '/me/statements/2025?format=csv')
  expect(older.text).toContain(`"'=HYPERLINK(""x"")"`)
})

test('as PDF it is the same file again, whenever it is made at the same checkpoint', async () => {
  await using t = await years()
  const pdf = async (query = '') => await t.get('ann', `/me/statements/2026?format=pdf${query}`)
  const first = await pdf()
  expect(first.headers).toMatchObject({ 'content-type': 'application/pdf' })
  expect(first.text.startsWith('%PDF-1.')).toBe(true)
  const { tree_size } = await t.db.selectFrom('ledger.block').select('tree_size').executeTakeFirstOrThrow()
  await t.post('bob', '/me/transfers', { to: 'ann', asset: 'TOK', amount: '1' })
  t.clock.set(new Date('2026-02-01T00:00:00.000Z'))
  await t.log.sealer.sealAll()
  expect((await pdf(`&tree_size=${tree_size}`)).text === first.text).toBe(true)
  expect((await pdf()).text === first.text).toBe(false)
})

test('a year without anything says so', async () => {
  await using t = await years()
  expect((await t.get('dan', '/me/statements/2025')).json).toMatchObject({ accounts: [] })
  expect((await t.get('dan', '/me/statements/2025?format=pdf')).status).toBe(200)
})
