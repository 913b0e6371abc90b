import { expect, test } from 'vitest'

import { ANN, BANK, BOB, testLedger, tok, type TestLedger } from '../../test/ledger.ts'

/** Ann has 10.00. */
async function withFunds(): Promise<TestLedger> {
  const t = await testLedger()
  await t.pay(tok('10', BANK, ANN))
  return t
}

const HOLD = { account: ANN, asset: 'TOK', amount: '4' }

test('a hold sets an amount aside, and says what became of it', async () => {
  await using t = await withFunds()

  const { status, json } = await t.post('/holds', { ...HOLD, reference: 'order 7', expires_at: '2026-02-01T00:00:00Z' })

  const hold = {
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    account: ANN,
    asset: 'TOK',
    amount: '4',
    captured: '0',
    status: 'pending',
    reference: 'order 7',
    actor: 'key:owner',
    expires_at: '2026-02-01T00:00:00.000Z',
    created_at: '2026-01-05T00:00:00.000Z',
    closed_at: null,
    entry: null,
  }
  expect(status).toBe(201)
  expect(json).toEqual(hold)
  expect((await t.get(`/accounts/${ANN}?asset=TOK`)).json.accounts).toMatchObject([{ reserved: '4', available: '6' }])
  expect(await t.pay(tok('7', ANN, BOB))).toMatchObject({ code: 'insufficient_funds', available: '6' })
  expect((await t.get(`/holds/${json.id}`)).json).toEqual(hold)
})

test('a hold and its end by hand are audit events; a rehearsal, a repetition and a refusal are none', async () => {
  await using t = await withFunds()
  const of = async () =>
    await t.db
      .selectFrom('audit.event')
      .select(['action', 'subject', 'diff'])
      .where('action', 'like', 'hold.%')
      .orderBy('id')
      .execute()
  await t.post('/holds', { ...HOLD, dry_run: true })
  await t.post('/holds', { ...HOLD, amount: '11' })
  expect(await of()).toEqual([])

  const { id } = (await t.post('/holds', HOLD, { key: 'once' })).json
  expect((await t.post('/holds', HOLD, { key: 'once' })).json.id).toBe(id)
  const held = { action: 'hold.create', subject: `hold:${id}`, diff: { after: HOLD } }
  expect(await of()).toEqual([held])

  await t.post(`/holds/${id}/void`, {})
  await t.post(`/holds/${id}/void`, {})
  expect(await of()).toEqual([held, { action: 'hold.void', subject: `hold:${id}`, diff: { before: HOLD } }])
})

test('a hold is captured whole, to one account', async () => {
  await using t = await withFunds()
  const { id } = (await t.post('/holds', HOLD)).json

  const { status, json } = await t.post(`/holds/${id}/capture`, { postings: [{ to: BOB }], reference: 'order 7' })

  expect(status).toBe(200)
  expect(json).toMatchObject({
    status: 'posted',
    postings: [{ asset: 'TOK', amount: '4', from_balance: '6', to_balance: '4' }],
  })
  expect((await t.get(`/entries/${json.id}`)).json).toMatchObject({ kind: 'capture', reference: 'order 7', hold: id })
  expect((await t.get(`/holds/${id}`)).json).toMatchObject({ status: 'captured', captured: '4', entry: json.id })
})

test('a part of a hold is captured to several accounts, and the rest goes back', async () => {
  await using t = await withFunds()
  const { id } = (await t.post('/holds', HOLD)).json
  const postings = [
    { to: BOB, amount: '2' },
    { to: BANK, amount: '0.5' },
  ]

  const { json } = await t.post(`/holds/${id}/capture`, { kind: 'sale', postings, metadata: { fee: 'half' } })

  expect(json).toMatchObject({ status: 'posted', postings: [{ amount: '2' }, { amount: '0.5' }] })
  expect((await t.get(`/holds/${id}`)).json).toMatchObject({ status: 'captured', captured: '2.5' })
  expect((await t.get(`/accounts/${ANN}?asset=TOK`)).json.accounts).toMatchObject([
    { balance: '7.5', reserved: '0', available: '7.5' },
  ])
})

test('a void gives everything back; then there is nothing to capture or void any more', async () => {
  await using t = await withFunds()
  const { id } = (await t.post('/holds', HOLD)).json

  const { status, json } = await t.post(`/holds/${id}/void`, {})

  expect([status, json.status]).toEqual([200, 'voided'])
  expect((await t.get(`/accounts/${ANN}?asset=TOK`)).json.accounts).toMatchObject([{ reserved: '0', available: '10' }])
  for (const [action, body] of [
    ['void', {}],
    ['capture', { postings: [{ to: BOB }] }],
  ] as const) {
    expect(await t.post(`/holds/${id}/${action}`, body)).toMatchObject({
      status: 409,
      json: { code: 'hold_not_pending', params: { status: 'voided' } },
    })
  }
})

test('an entry can draw on a hold beside other postings', async () => {
  await using t = await withFunds()
  const { id } = (await t.post('/holds', { ...HOLD, amount: '10' })).json

  const posted = await t.pay([tok('9', ANN, BOB), tok('1', BANK, BOB)], { captures: id })

  expect(posted).toMatchObject({ status: 'posted' })
  expect((await t.get(`/entries/${posted.id}`)).json).toMatchObject({ hold: id })
  expect((await t.get(`/holds/${id}`)).json).toMatchObject({ status: 'captured', captured: '9', entry: posted.id })
})

test('a repeated hold, capture or void is answered as the first was', async () => {
  await using t = await withFunds()
  const held = await t.post('/holds', HOLD, { key: 'hold' })
  const capture = [`/holds/${held.json.id}/capture`, { postings: [{ to: BOB }] }, { key: 'capture' }] as const
  const captured = await t.post(...capture)
  const other = (await t.post('/holds', HOLD)).json
  const voided = await t.post(`/holds/${other.id}/void`, {}, { key: 'void' })

  const again = [
    [await t.post('/holds', HOLD, { key: 'hold' }), held],
    [await t.post(...capture), { json: { ...captured.json, replayed: true } }],
    [await t.post(`/holds/${other.id}/void`, {}, { key: 'void' }), voided],
  ] as const
  for (const [repeated, first] of again) {
    expect(repeated.headers).toHaveProperty('idempotency-replayed', 'true')
    expect(repeated.json).toEqual(first.json)
  }
  expect(await t.post('/holds', { ...HOLD, amount: '5' }, { key: 'hold' })).toMatchObject({
    status: 422,
    json: { code: 'idempotency_key_reused', params: { fields: 'reserve' } },
  })
  expect(await t.balance(BOB)).toBe('4')
})

test('a dry run of a hold, a capture or a void does nothing', async () => {
  await using t = await withFunds()
  const { id } = (await t.post('/holds', HOLD)).json
  const dry_run = true

  const held = await t.post('/holds', { ...HOLD, dry_run }, { key: null })
  const captured = await t.post(`/holds/${id}/capture`, { postings: [{ to: BOB }], dry_run }, { key: null })
  const voided = await t.post(`/holds/${id}/void`, { dry_run }, { key: null })

  expect(held).toMatchObject({ status: 201, json: { status: 'pending', amount: '4' } })
  expect(held.json.id).toBeUndefined()
  expect(captured).toMatchObject({ status: 200, json: { status: 'posted', postings: [{ to_balance: '4' }] } })
  expect(voided).toMatchObject({ status: 200, json: { status: 'voided' } })
  expect(await t.post('/holds', { ...HOLD, amount: '7', dry_run })).toMatchObject({
    json: { code: 'insufficient_funds' },
  })
  expect((await t.get('/holds')).json.data).toMatchObject([{ id, status: 'pending' }])
  expect((await t.get(`/accounts/${ANN}?asset=TOK`)).json.accounts).toMatchObject([{ balance: '10', reserved: '4' }])
})

test('what is wrong with a hold or a capture is refused by its name, and nothing is set aside or moved', async () => {
  await using t = await withFunds()
  const { id } = (await t.post('/holds', { ...HOLD, amount: '1' })).json
  const capture = `/holds/${id}/capture`
  const two = [{ to: BOB, amount: '0.5' }, { to: BANK }]
  const nobody = '019b8b5f-5000-7abc-8000-000000000001'
  const wrong: [path: string, body: object, status: number, code: string, named: string][] = [
    ['/holds', { ...HOLD, account: 'staking:gold:vault' }, 403, 'account_owned_by_module', 'staking'],
    ['/holds', { ...HOLD, account: 'users:cy:available' }, 404, 'account_not_found', 'users:cy:available'],
    ['/holds', { ...HOLD, asset: 'ORE' }, 404, 'asset_not_found', 'ORE'],
    ['/holds', { ...HOLD, amount: '0' }, 422, 'amount_zero', 'zero'],
    ['/holds', { ...HOLD, amount: '0.001' }, 422, 'amount_invalid', 'amount'],
    ['/holds', { ...HOLD, amount: 4 }, 400, 'request_invalid', 'body.amount'],
    ['/holds', { ...HOLD, amount: '11' }, 409, 'insufficient_funds', '11'],
    ['/holds', { ...HOLD, account: BANK }, 409, 'account_without_floor', BANK],
    ['/holds', { ...HOLD, expires_at: '2026-01-01T00:00:00Z' }, 422, 'expires_in_past', '2026-01-01'],
    ['/holds', { ...HOLD, expires_at: 'soon' }, 400, 'request_invalid', 'body.expires_at'],
    ['/holds', { ...HOLD, note: 'x' }, 400, 'request_invalid', 'body.note'],
    [capture, {}, 400, 'request_invalid', 'body.postings'],
    [capture, { postings: [] }, 400, 'request_invalid', 'body.postings'],
    [capture, { postings: two }, 422, 'amount_required', 'postings[1].amount'],
    [capture, { postings: [{ to: BOB, amount: '2' }] }, 422, 'capture_exceeds_hold', '1'],
    [capture, { postings: [{ to: BOB, amount: '0.001' }] }, 422, 'amount_invalid', 'postings[0].amount'],
    [capture, { kind: 'reversal', postings: [{ to: BOB }] }, 403, 'kind_owned_by_module', 'reversal'],
    [capture, { postings: [{ to: 'staking:gold:vault' }] }, 403, 'account_owned_by_module', 'staking'],
    [`/holds/${nobody}/capture`, { postings: [{ to: BOB }] }, 404, 'hold_not_found', nobody],
    [`/holds/${nobody}/void`, {}, 404, 'hold_not_found', nobody],
    ['/holds/h1/void', {}, 400, 'request_invalid', 'path.id'],
  ]
  for (const [path, body, status, code, named] of wrong) {
    const { status: answered, json } = await t.post(path, body)
    expect([answered, json.code], JSON.stringify(body)).toEqual([status, code])
    expect(JSON.stringify([json.errors, json.detail, json.params])).toContain(named)
  }
  expect(await t.post('/holds', HOLD, { key: null })).toMatchObject({
    status: 400,
    json: { code: 'idempotency_key_required' },
  })
  expect((await t.get(`/accounts/${ANN}?asset=TOK`)).json.accounts).toMatchObject([{ balance: '10', reserved: '1' }])
})

test('holds are listed newest first, by account, asset, status and reference', async () => {
  await using t = await withFunds()
  const ids: string[] = []
  for (let i = 0; i < 5; i++) {
    t.clock.set(new Date(t.clock.now().getTime() + 1))
    const { json } = await t.post('/holds', { ...HOLD, amount: '1', reference: i % 2 ? 'odd' : 'even' })
    ids.unshift(json.id)
  }
  await t.post(`/holds/${ids[0]}/void`, {})

  const listed: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { json } = await t.get(`/holds?limit=2${cursor && `&cursor=${cursor}`}`)
    listed.push(...json.data.map(({ id }) => id))
    cursor = json.next_cursor
  }
  const idsOf = async (query: string) => (await t.get(`/holds?${query}`)).json.data.map(({ id }) => id)
  expect(listed).toEqual(ids)
  expect(await idsOf('status=voided')).toEqual([ids[0]])
  expect(await idsOf(`account=${ANN}&reference=odd`)).toEqual([ids[1], ids[3]])
  expect(await idsOf('asset=GEM')).toEqual([])
  expect(await idsOf(`account=${BOB}`)).toEqual([])
  expect((await t.get('/holds', { who: 'auditor' })).status).toBe(200)
  expect((await t.post('/holds', HOLD, { who: 'auditor' })).status).toBe(403)
})
