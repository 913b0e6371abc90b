import { expect, test } from 'vitest'

import { ANN, BANK, BOB, testLedger, tok } from '../../test/ledger.ts'
import { newUuid } from '../core/id.ts'

test('an account is opened with its limits, and shown with what it has and may give', async () => {
  await using t = await testLedger()
  const owner = newUuid(t.clock.now())
  const body = { path: 'users:cy:credit', asset: 'TOK', owner, floor: '-100', ceiling: '250.50' }

  const { status, json } = await t.post('/accounts', body)
  await t.pay(tok('30', 'users:cy:credit', ANN))
  await t.post('/holds', { account: 'users:cy:credit', asset: 'TOK', amount: '20' })

  const opened = {
    path: 'users:cy:credit',
    asset: 'TOK',
    owner,
    balance: '0',
    reserved: '0',
    available: '100',
    floor: '-100',
    ceiling: '250.5',
    status: 'open',
    version: 0,
    opened_at: '2026-01-05T00:00:00.000Z',
  }
  expect(status).toBe(201)
  expect(json).toEqual(opened)
  expect((await t.get('/accounts/users:cy:credit')).json.accounts).toEqual([
    { ...opened, balance: '-30', reserved: '20', available: '50', version: 1, as_of: null },
  ])
})

test('an account may go below zero where its name says so, and not otherwise', async () => {
  await using t = await testLedger()
  for (const [path, floor] of [
    ['world:shop', null],
    ['users:cy:receivable', null],
    ['platform:loss', null],
    ['treasury:main', '0'],
  ]) {
    expect((await t.post('/accounts', { path, asset: 'GEM' })).json, String(path)).toMatchObject({ floor })
  }
})

test('a path may hold several assets, and shows all of them or the one asked for', async () => {
  await using t = await testLedger()
  await t.pay([tok('5', BANK, ANN), { from: BANK, to: ANN, asset: 'GEM', amount: '3' }])

  const { json: both } = await t.get(`/accounts/${ANN}`)
  const { json: one } = await t.get(`/accounts/${encodeURIComponent(ANN)}?asset=GEM`)

  expect(both).toMatchObject({
    path: ANN,
    module: null,
    accounts: [
      { asset: 'GEM', balance: '3' },
      { asset: 'TOK', balance: '5' },
    ],
  })
  expect(one).toMatchObject({ path: ANN, accounts: [{ asset: 'GEM', balance: '3' }] })
  expect(await t.get('/accounts/users:nobody:available')).toMatchObject({
    status: 404,
    json: { code: 'account_not_found' },
  })
  expect(await t.get(`/accounts/${ANN}?asset=ORE`)).toMatchObject({ status: 404 })
})

test('what is wrong with a new account is refused by its name', async () => {
  await using t = await testLedger()
  const body = { path: 'users:cy:available', asset: 'TOK' }
  const wrong: [body: object, status: number, code: string, named: string][] = [
    [{ ...body, path: 'users' }, 422, 'path_invalid', 'users'],
    [{ ...body, path: 7 }, 400, 'request_invalid', 'body.path'],
    [{ ...body, asset: 'ORE' }, 404, 'asset_not_found', 'ORE'],
    [{ ...body, owner: 'cy' }, 400, 'request_invalid', 'body.owner'],
    [{ ...body, floor: '1e3' }, 400, 'request_invalid', 'body.floor'],
    [{ ...body, floor: '-0.001' }, 422, 'amount_invalid', 'floor'],
    [{ ...body, ceiling: '0.001' }, 422, 'amount_invalid', 'ceiling'],
    [{ ...body, floor: '5' }, 422, 'limits_invalid', 'floor'],
    [{ ...body, floor: '-1', ceiling: '-2' }, 422, 'limits_invalid', 'floor'],
    [{ ...body, path: 'staking:gold:vault' }, 403, 'account_owned_by_module', 'staking'],
    [{ ...body, path: ANN }, 409, 'account_exists', ANN],
    [{ ...body, currency: 'TOK' }, 400, 'request_invalid', 'body.currency'],
  ]
  for (const [asked, status, code, named] of wrong) {
    const { status: answered, json } = await t.post('/accounts', asked)
    expect([answered, json.code], named).toEqual([status, code])
    expect(JSON.stringify([json.errors, json.detail, json.params])).toContain(named)
  }
  expect((await t.get('/accounts?prefix=users:cy')).json.data).toEqual([])
})

test('limits hold for what is posted after them, and cannot be set where the account already is beyond them', async () => {
  await using t = await testLedger()
  await t.pay(tok('10', BANK, ANN))

  const { json } = await t.post(`/accounts/${ANN}/limits`, { asset: 'TOK', ceiling: '12' })
  expect(json).toMatchObject({ floor: '0', ceiling: '12' })
  expect(await t.pay(tok('3', BANK, ANN))).toMatchObject({ code: 'ceiling_exceeded', room: '2', amount: '3' })
  expect(await t.post(`/accounts/${ANN}/limits`, { asset: 'TOK', floor: '11' })).toMatchObject({
    status: 409,
    json: { code: 'limits_passed' },
  })
  expect((await t.post(`/accounts/${ANN}/limits`, { asset: 'TOK', ceiling: null })).json).toMatchObject({
    floor: '0',
    ceiling: null,
  })
  expect(await t.post('/accounts/issuance:tok/limits', { asset: 'TOK', floor: null })).toMatchObject({ status: 403 })
})

test('nothing goes out of a frozen account, and neither in nor out of a closed one', async () => {
  await using t = await testLedger()
  await t.pay(tok('5', BANK, ANN))
  const body = { asset: 'TOK' }

  expect((await t.post(`/accounts/${ANN}/freeze`, body, { who: 'moderator' })).json).toMatchObject({ status: 'frozen' })
  expect(await t.pay(tok('1', ANN, BOB))).toMatchObject({ code: 'account_frozen' })
  expect(await t.pay(tok('1', BANK, ANN))).toMatchObject({ status: 'posted' })
  expect((await t.get('/accounts?status=frozen')).json.data).toMatchObject([{ path: ANN, asset: 'TOK' }])
  expect((await t.post(`/accounts/${ANN}/unfreeze`, body)).json).toMatchObject({ status: 'open' })
  expect(await t.post(`/accounts/${ANN}/close`, body)).toMatchObject({ json: { code: 'account_not_empty' } })
  await t.pay(tok('6', ANN, BOB))
  expect((await t.post(`/accounts/${ANN}/close`, body)).json).toMatchObject({ status: 'closed' })
  expect(await t.pay(tok('1', BANK, ANN))).toMatchObject({ code: 'account_closed' })
  expect(await t.post(`/accounts/${ANN}/unfreeze`, body)).toMatchObject({ json: { code: 'account_closed' } })
})

test('accounts are listed in the order of their paths, filtered, and paged without a gap', async () => {
  await using t = await testLedger()
  const owner = newUuid(t.clock.now())
  for (let i = 0; i < 7; i++) await t.post('/accounts', { path: `pools:p${i}`, asset: 'TOK', owner })
  await t.post('/accounts', { path: 'pool:x', asset: 'GEM' })

  const paths: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { json } = await t.get(`/accounts?limit=3${cursor && `&cursor=${cursor}`}`)
    paths.push(...json.data.map(({ path, asset }) => `${path} ${asset}`))
    cursor = json.next_cursor
  }
  const everything = ['issuance:gem GEM', 'issuance:tok TOK', 'pool:x GEM']
  const pools = Array.from({ length: 7 }, (_, i) => `pools:p${i} TOK`)
  const pairs = [ANN, BOB, BANK].flatMap((path) => [`${path} TOK`, `${path} GEM`])
  expect(paths).toEqual([...everything, ...pools, ...pairs])

  const count = async (query: string) => (await t.get(`/accounts?${query}`)).json.data.length
  expect(await count('prefix=pools:')).toBe(7)
  expect(await count('prefix=pool')).toBe(8)
  expect(await count(`owner=${owner}`)).toBe(7)
  expect(await count('asset=GEM&prefix=users:')).toBe(2)
  expect(await count('status=closed')).toBe(0)
})

test('who may do what: an auditor only reads, an operator opens, finance also limits and closes', async () => {
  await using t = await testLedger()
  const body = { asset: 'TOK' }
  const may: [who: 'auditor' | 'operator' | 'finance', verb: string, status: number][] = [
    ['auditor', 'limits', 403],
    ['auditor', 'freeze', 403],
    ['auditor', 'close', 403],
    ['operator', 'limits', 403],
    ['operator', 'close', 403],
    ['finance', 'limits', 200],
    ['finance', 'freeze', 200],
    ['finance', 'unfreeze', 200],
    ['finance', 'close', 200],
  ]
  for (const [who, verb, status] of may) {
    expect((await t.post(`/accounts/${ANN}/${verb}`, body, { who })).status, `${who} ${verb}`).toBe(status)
  }
  const opening = { path: 'users:cy:available', asset: 'TOK' }
  expect((await t.post('/accounts', opening, { who: 'auditor' })).status).toBe(403)
  expect((await t.post('/accounts', opening, { who: 'operator' })).status).toBe(201)
  expect((await t.get(`/accounts/${ANN}/statement?asset=TOK`, { who: 'auditor' })).status).toBe(200)
})

test('the accounts are a tree, that is opened branch by branch and page by page', async () => {
  await using t = await testLedger()
  for (const path of ['users:ann', 'users:ann-2:available', 'users:ann:credit:a', 'shop:till']) {
    await t.post('/accounts', { path, asset: 'TOK' })
  }
  await t.pay([tok('5', BANK, ANN), tok('2', BANK, 'users:ann'), tok('1', BANK, 'users:ann-2:available')])
  await t.pay({ from: BANK, to: BOB, asset: 'GEM', amount: '3' })
  const below = async (path?: string, limit = 200) => {
    const found = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = new URLSearchParams({ ...(path && { below: path }), limit: `${limit}`, ...(cursor && { cursor }) })
      const { json } = await t.get(`/branches?${query.toString()}`)
      found.push(...json.data)
      cursor = json.next_cursor
    }
    return found
  }

  expect((await below()).map(({ path, kind }) => [path, kind])).toEqual([
    ['issuance', 'branch'],
    ['shop', 'branch'],
    ['users', 'branch'],
    ['world', 'branch'],
  ])
  const users = [
    { path: 'users:ann', kind: 'account', held: [{ asset: 'TOK', accounts: 1, balance: '2' }] },
    { path: 'users:ann-2', kind: 'branch', held: [{ asset: 'TOK', accounts: 1, balance: '1' }] },
    {
      path: 'users:ann',
      kind: 'branch',
      held: [
        { asset: 'GEM', accounts: 1, balance: '0' },
        { asset: 'TOK', accounts: 2, balance: '5' },
      ],
    },
    {
      path: 'users:bob',
      kind: 'branch',
      held: [
        { asset: 'GEM', accounts: 1, balance: '3' },
        { asset: 'TOK', accounts: 1, balance: '0' },
      ],
    },
  ]
  expect(await below('users')).toEqual(users)
  expect(await below('users', 1)).toEqual(users)
  expect(await below('users:ann')).toMatchObject([
    { path: 'users:ann:available', kind: 'account' },
    { path: 'users:ann:credit', kind: 'branch' },
  ])
  expect(await below('users:nobody')).toEqual([])
  expect((await t.get('/branches?below=users&cursor=x')).json).toMatchObject({ code: 'cursor_invalid' })
})
