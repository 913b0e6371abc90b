import { expect, test } from 'vitest'

import { ANN, BANK, testLedger, tok } from '../../test/ledger.ts'
import { LEDGER_CHART } from './chart.ts'

test('an asset is added by an owner, with the account that it is issued from', async () => {
  await using t = await testLedger()
  const asset = { code: 'Ore', name: 'Iron ore', scale: 3, max_supply: '1000.5' }

  const { status, json } = await t.post('/assets', asset)

  expect(status).toBe(201)
  expect(json).toEqual({ ...asset, created_at: '2026-01-05T00:00:00.000Z' })
  expect((await t.get('/assets/Ore')).json).toEqual(json)
  expect((await t.get('/accounts/issuance:ore')).json.accounts).toMatchObject([{ floor: '-1000.5', ceiling: null }])
  expect((await t.get('/assets?limit=2')).json.data.map(({ code }) => code)).toEqual(['GEM', 'Ore'])
  expect(await t.post('/assets', asset)).toMatchObject({ status: 409, json: { code: 'asset_exists' } })
  expect((await t.post('/assets', { ...asset, code: 'Tin' }, { who: 'operator' })).status).toBe(403)
})

test('what is wrong with an asset is refused by its name', async () => {
  await using t = await testLedger()
  const asset = { code: 'ORE', name: 'Ore', scale: 3, max_supply: '1000' }
  const wrong: [body: object, status: number, named: string][] = [
    [{ ...asset, code: '7' }, 400, 'body.code'],
    [{ ...asset, code: 'A::B' }, 422, 'asset_invalid'],
    [{ ...asset, name: '' }, 400, 'body.name'],
    [{ ...asset, scale: 31 }, 400, 'body.scale'],
    [{ ...asset, scale: 0.5 }, 400, 'body.scale'],
    [{ ...asset, max_supply: '0' }, 422, 'asset_invalid'],
    [{ ...asset, max_supply: '0.0001' }, 422, 'max_supply'],
    [{ ...asset, max_supply: 1000 }, 400, 'body.max_supply'],
  ]
  for (const [body, status, named] of wrong) {
    const answer = await t.post('/assets', body)
    expect(answer.status, named).toBe(status)
    expect(JSON.stringify(answer.json)).toContain(named)
  }
  expect((await t.get('/assets')).json.data).toHaveLength(2)
})

test('an issuance needs one owner who asks and another who approves', async () => {
  await using t = await testLedger()
  const body = { asset: 'TOK', to: ANN, amount: '500', reason: 'the second year' }

  const { status, json: asked } = await t.post('/issuances', body)
  expect(status).toBe(201)
  expect(asked).toMatchObject({ ...body, requested_by: 'key:owner', approved_by: null, entry: null })
  expect(await t.post(`/issuances/${asked.id}/approve`, {})).toMatchObject({
    status: 403,
    json: { code: 'second_approver_required' },
  })
  expect((await t.post(`/issuances/${asked.id}/approve`, {}, { who: 'finance' })).status).toBe(403)
  expect(await t.balance(ANN)).toBe('0')

  const dry = await t.post(`/issuances/${asked.id}/approve`, { dry_run: true }, { who: 'partner', key: null })
  expect(dry.json).toMatchObject({ approved_by: 'key:partner' })
  expect(await t.balance(ANN)).toBe('0')
  const { json: approved } = await t.post(`/issuances/${asked.id}/approve`, {}, { who: 'partner' })
  expect(approved).toMatchObject({ id: asked.id, ...body, requested_by: 'key:owner', approved_by: 'key:partner' })
  expect((await t.get(`/entries/${approved.entry}`)).json).toMatchObject({ kind: 'issuance', reference: asked.id })
  expect(await t.balance(ANN)).toBe('500')
  expect(await t.post(`/issuances/${asked.id}/approve`, {}, { who: 'partner' })).toMatchObject({
    json: { code: 'issuance_already_approved' },
  })
})

test('no more is issued than may ever be, and nothing to a module by hand', async () => {
  await using t = await testLedger()
  const { id } = (await t.post('/issuances', { asset: 'GEM', to: ANN, amount: '1000001', reason: 'too many' })).json

  expect(await t.post(`/issuances/${id}/approve`, {}, { who: 'partner' })).toMatchObject({
    status: 409,
    json: { code: 'insufficient_funds', params: { available: '1000000' } },
  })
  expect((await t.get('/issuances?status=requested')).json.data).toMatchObject([{ id }])
  expect((await t.get('/issuances?status=approved')).json.data).toEqual([])
  const wrong: [body: object, named: string][] = [
    [{ to: 'issuance:gem' }, 'account_owned_by_module'],
    [{ to: 'users:cy:available' }, 'account_not_found'],
    [{ asset: 'ORE' }, 'asset_not_found'],
    [{ amount: '0' }, 'amount_invalid'],
    [{ amount: '0.5' }, 'amount: '],
    [{ reason: '' }, 'body.reason'],
  ]
  for (const [field, named] of wrong) {
    const { json } = await t.post('/issuances', { asset: 'GEM', to: ANN, amount: '1', reason: 'more', ...field })
    expect(JSON.stringify(json)).toContain(named)
  }
  expect((await t.get('/issuances')).json.data).toHaveLength(1)
})

test('closed books take nothing that took effect before, and close forward only', async () => {
  await using t = await testLedger()
  const before = '2026-01-03T00:00:00.000Z'
  const early = { effective_at: '2026-01-02T23:59:59.999Z' }
  await t.pay(tok('1', BANK, ANN), early)

  const { status, json } = await t.post('/closing', { before }, { who: 'finance' })

  expect(status).toBe(201)
  expect(json).toEqual({ closed_before: before, closed_at: '2026-01-05T00:00:00.000Z', actor: 'key:finance' })
  expect(await t.pay(tok('1', BANK, ANN), early)).toMatchObject({ code: 'period_closed', closed_before: before })
  expect(await t.pay(tok('1', BANK, ANN), { effective_at: before })).toMatchObject({ status: 'posted' })
  expect(await t.post('/closing', { before })).toMatchObject({ status: 409, json: { code: 'period_closed' } })
  expect(await t.post('/closing', { before: '2026-01-06T00:00:00Z' })).toMatchObject({
    status: 422,
    json: { code: 'closing_in_future' },
  })
  expect((await t.post('/closing', { before: '2026-01-04T00:00:00Z' }, { who: 'operator' })).status).toBe(403)
  await t.post('/closing', { before: '2026-01-04T00:00:00Z' })
  expect((await t.get('/closing?limit=1')).json).toMatchObject({
    data: [{ closed_before: '2026-01-04T00:00:00.000Z' }],
    next_cursor: expect.any(String),
  })
})

test('the trial balance has what each group of accounts holds, above and below zero, and its columns are equal', async () => {
  await using t = await testLedger()
  await t.pay([tok('10.5', BANK, ANN), { from: BANK, to: ANN, asset: 'GEM', amount: '3' }])

  const { json } = await t.get('/trial-balance?asset=TOK', { who: 'auditor' })

  expect(json.data).toEqual([
    {
      asset: 'TOK',
      debit: '10.5',
      credit: '10.5',
      balanced: true,
      groups: [
        { group: 'issuance', accounts: 0, debit: '0', credit: '0' },
        { group: 'users', accounts: 1, debit: '10.5', credit: '0' },
        { group: 'world', accounts: 1, debit: '0', credit: '10.5' },
      ],
    },
  ])
  expect((await t.get('/trial-balance')).json.data.map(({ asset }) => asset)).toEqual(['GEM', 'TOK'])
})

test('the chart says which module owns what', async () => {
  await using t = await testLedger()

  expect((await t.get('/chart')).json.data).toEqual([
    { pattern: 'staking:*', owner: 'staking', holds: 'what is staked' },
    ...LEDGER_CHART,
  ])
})
