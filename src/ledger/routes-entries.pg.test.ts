import { expect, test } from 'vitest'

import { ANN, BANK, BOB, type PostingBody, testLedger, tok } from '../../test/ledger.ts'

test('an entry is answered with its id, its times and the balances after each posting', async () => {
  await using t = await testLedger()

  const { status, json } = await t.post('/entries', {
    entries: [{ kind: 'deposit', postings: [tok('10.50', BANK, ANN), tok('3', ANN, BOB)] }],
  })

  expect(status).toBe(200)
  expect(json).toEqual({
    results: [
      {
        status: 'posted',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        effective_at: '2026-01-05T00:00:00.000Z',
        recorded_at: '2026-01-05T00:00:00.000Z',
        postings: [
          { asset: 'TOK', amount: '10.5', from_balance: '-10.5', to_balance: '10.5' },
          { asset: 'TOK', amount: '3', from_balance: '7.5', to_balance: '3' },
        ],
      },
    ],
  })
})

test('the entry that was posted is there, with the balances before and after, and each side’s line', async () => {
  await using t = await testLedger()
  await t.pay(tok('10', BANK, ANN))
  const { id } = await t.pay(tok('2.25', ANN, BOB), {
    kind: 'payment',
    effective_at: '2026-01-01T12:00:00Z',
    reference: 'invoice 7',
    metadata: { note: 'thanks', items: [1, { deep: true }] },
  })

  const { json } = await t.get(`/entries/${id}`)

  expect(json).toEqual({
    id,
    kind: 'payment',
    reference: 'invoice 7',
    effective_at: '2026-01-01T12:00:00.000Z',
    recorded_at: '2026-01-05T00:00:00.000Z',
    actor: 'key:owner',
    metadata: { note: 'thanks', items: [1, { deep: true }] },
    redacted: false,
    reverses: null,
    reversed_by: null,
    hold: null,
    postings_count: 1,
    postings: [
      {
        no: 0,
        ...tok('2.25', ANN, BOB),
        from_balance_before: '10',
        from_balance: '7.75',
        from_version: 2,
        to_balance_before: '0',
        to_balance: '2.25',
        to_version: 1,
      },
    ],
  })
})

test('each entry of a request stands for itself, and a linked chain stands or falls together', async () => {
  await using t = await testLedger()
  await t.pay(tok('10', BANK, ANN))

  const { status, json } = await t.post('/entries', {
    entries: [
      { kind: 'transfer', postings: [tok('4', ANN, BOB)] },
      { kind: 'transfer', postings: [tok('1', ANN, BOB)], linked: true },
      { kind: 'transfer', postings: [tok('100', ANN, BOB)] },
      { kind: 'transfer', postings: [{ from: ANN, to: BOB, asset: 'TOK', up_to: '100' }] },
    ],
  })

  expect(status).toBe(200)
  expect(json.results).toMatchObject([
    { status: 'posted' },
    { status: 'rejected', code: 'linked_failed' },
    { status: 'rejected', code: 'insufficient_funds', account: ANN, asset: 'TOK', available: '5', needed: '100' },
    { status: 'posted', postings: [{ amount: '6', from_balance: '0', to_balance: '10' }] },
  ])
})

test('accounts that a module owns cannot be posted to by hand, alone or in a linked chain', async () => {
  await using t = await testLedger()

  const { json } = await t.post('/entries', {
    entries: [
      { kind: 'transfer', postings: [tok('1', BANK, ANN)], linked: true },
      { kind: 'transfer', postings: [tok('1', BANK, 'staking:gold:vault')] },
      { kind: 'transfer', postings: [tok('1', 'issuance:tok', ANN)] },
      { kind: 'transfer', postings: [tok('1', BANK, ANN)] },
    ],
  })

  expect(json.results).toMatchObject([
    { status: 'rejected', code: 'linked_failed' },
    { status: 'rejected', code: 'account_owned_by_module', path: 'staking:gold:vault', module: 'staking' },
    { status: 'rejected', code: 'account_owned_by_module', path: 'issuance:tok', module: 'ledger' },
    { status: 'posted' },
  ])
  expect(await t.balance(ANN)).toBe('1')
})

test.each([
  ['stake', 'staking'],
  ['genesis', 'ledger'],
  ['issuance', 'ledger'],
  ['reversal', 'ledger'],
])('an entry of the kind %s cannot be posted by hand: it would say what %s never did', async (kind, module) => {
  await using t = await testLedger()

  expect(await t.pay(tok('1', BANK, ANN), { kind })).toMatchObject({
    status: 'rejected',
    code: 'kind_owned_by_module',
    kind,
    module,
  })
  expect(await t.balance(ANN)).toBe('0')
})

test('an entry in an asset that does not exist is refused, until there is one', async () => {
  await using t = await testLedger()
  const entry = { kind: 'deposit', key: 'first', postings: [{ from: BANK, to: ANN, asset: 'ORE', amount: '1.5' }] }

  expect((await t.post('/entries', { entries: [entry] })).json.results).toMatchObject([
    { status: 'rejected', code: 'asset_not_found', asset: 'ORE' },
  ])
  await t.post('/assets', { code: 'ORE', name: 'Ore', scale: 1, max_supply: '1000' })
  for (const path of [BANK, ANN]) await t.post('/accounts', { path, asset: 'ORE' })
  expect((await t.post('/entries', { entries: [entry] })).json.results).toMatchObject([{ status: 'posted' }])
})

test('a repeated request is answered as the first was, says so, and moves nothing', async () => {
  await using t = await testLedger()
  const entries = [
    { kind: 'deposit', postings: [tok('5', BANK, ANN)] },
    { kind: 'transfer', postings: [tok('100', ANN, BOB)] },
  ]

  const first = await t.post('/entries', { entries }, { key: 'monday' })
  t.clock.set(new Date('2026-01-06T00:00:00Z'))
  await t.pay(tok('7', BANK, ANN))
  const again = await t.post('/entries', { entries }, { key: 'monday' })

  expect(first.headers).not.toHaveProperty('idempotency-replayed')
  expect(again.headers).toHaveProperty('idempotency-replayed', 'true')
  expect(again.json.results).toEqual(first.json.results.map((result) => ({ ...result, replayed: true })))
  expect(await t.balance(ANN)).toBe('12')
})

test('an entry’s own key counts before the request’s, and a key says what differs when it is used again', async () => {
  await using t = await testLedger()
  const entry = { kind: 'deposit', postings: [tok('5', BANK, ANN)], key: 'order-7' }
  await t.post('/entries', { entries: [entry] }, { key: null })

  const same = await t.post('/entries', { entries: [entry] }, { key: 'another' })
  const other = await t.post('/entries', { entries: [{ ...entry, kind: 'gift' }] }, { key: null })
  const somebodyElse = await t.post('/entries', { entries: [entry] }, { key: null, who: 'finance' })

  expect(same.json.results).toMatchObject([{ status: 'posted', replayed: true }])
  expect(other.json.results).toMatchObject([{ status: 'rejected', code: 'idempotency_key_reused', fields: 'kind' }])
  expect(somebodyElse.json.results[0]).not.toHaveProperty('replayed')
  expect(await t.balance(ANN)).toBe('10')
})

test('the longest key there may be serves a request with many entries', async () => {
  await using t = await testLedger()
  const entries = Array.from({ length: 101 }, () => ({ kind: 'deposit', postings: [tok('1', BANK, ANN)] }))

  const { json } = await t.post('/entries', { entries }, { key: 'k'.repeat(255) })

  expect(json.results.every(({ status }) => status === 'posted')).toBe(true)
  expect(await t.balance(ANN)).toBe('101')
})

test('a dry run says what would be, needs no key, uses none up and moves nothing', async () => {
  await using t = await testLedger()
  const entries = [{ kind: 'deposit', postings: [tok('5', BANK, ANN), tok('2', ANN, BOB)] }]

  const dry = await t.post('/entries', { entries, dry_run: true }, { key: null })
  const keyed = await t.post('/entries', { entries, dry_run: true }, { key: 'once' })
  expect(await t.balance(ANN)).toBe('0')
  const real = await t.post('/entries', { entries }, { key: 'once' })

  const { id, ...posted } = real.json.results[0]!
  expect(id).toBeDefined()
  expect(real.headers).not.toHaveProperty('idempotency-replayed')
  expect(dry.json.results).toEqual([posted])
  expect(keyed.json.results).toEqual([posted])
})

test('an entry is undone once, by a reversal that both know of', async () => {
  await using t = await testLedger()
  const { id } = await t.pay([tok('5', BANK, ANN), tok('2', ANN, BOB)])

  const { status, json } = await t.post(`/entries/${id}/reverse`, { metadata: { why: 'twice' } }, { who: 'finance' })

  expect(status).toBe(201)
  expect(json).toMatchObject({ kind: 'reversal', reverses: id, reference: id, metadata: { why: 'twice' } })
  expect(json.postings).toMatchObject([tok('2', BOB, ANN), tok('5', ANN, BANK)])
  expect((await t.get(`/entries/${id}`)).json).toMatchObject({ reversed_by: json.id, reverses: null })
  expect([await t.balance(ANN), await t.balance(BOB)]).toEqual(['0', '0'])
  expect((await t.post(`/entries/${id}/reverse`, {})).json).toMatchObject({ code: 'entry_already_reversed' })
  expect((await t.post(`/entries/${json.id}/reverse`, {})).json).toMatchObject({ code: 'entry_not_reversible' })
})

test('what a module does is not undone by hand, nor what there is not', async () => {
  await using t = await testLedger()
  const { id } = await t.pay(tok('5', BANK, ANN), { kind: 'reward' })
  const nobody = id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))

  expect(await t.post(`/entries/${id}/reverse`, {})).toMatchObject({
    status: 409,
    json: { code: 'entry_not_reversible' },
  })
  for (const missing of [nobody, '019b8b5f-5000-7abc-8000-000000000001']) {
    expect(await t.post(`/entries/${missing}/reverse`, {})).toMatchObject({ status: 404 })
    expect(await t.get(`/entries/${missing}`)).toMatchObject({ status: 404, json: { code: 'entry_not_found' } })
  }
})

test('an auditor reads and does not post; a moderator does neither', async () => {
  await using t = await testLedger()
  const { id } = await t.pay(tok('5', BANK, ANN))
  const entries = [{ kind: 'deposit', postings: [tok('5', BANK, ANN)] }]

  expect((await t.get(`/entries/${id}`, { who: 'auditor' })).status).toBe(200)
  expect((await t.get('/entries', { who: 'moderator' })).status).toBe(403)
  for (const who of ['auditor', 'support', 'moderator'] as const) {
    expect(await t.post('/entries', { entries }, { who })).toMatchObject({ json: { code: 'action_not_allowed' } })
  }
  expect(await t.balance(ANN)).toBe('5')
})

const ENTRY = { kind: 'deposit', postings: [tok('1', BANK, ANN)] }
const withPosting = (posting: Partial<PostingBody> | object) => ({
  ...ENTRY,
  postings: [ENTRY.postings[0], { ...ENTRY.postings[0], ...posting }],
})

const WRONG: [what: string, entry: object, code: string, where: string][] = [
  ['no kind', { postings: ENTRY.postings }, 'request_invalid', 'body.entries[1].kind'],
  ['a kind that is a number', { ...ENTRY, kind: 7 }, 'request_invalid', 'body.entries[1].kind'],
  ['a kind in capitals', { ...ENTRY, kind: 'Gift' }, 'kind_invalid', '"item":1'],
  ['no postings', { ...ENTRY, postings: [] }, 'request_invalid', 'body.entries[1].postings'],
  ['a posting from nowhere', withPosting({ from: '' }), 'request_invalid', 'body.entries[1].postings[1].from'],
  ['a path that is none', withPosting({ from: 'Users:1' }), 'path_invalid', 'Users:1'],
  ['a path to nowhere', withPosting({ to: 5 }), 'request_invalid', 'body.entries[1].postings[1].to'],
  ['an asset that is none', withPosting({ asset: 'a b' }), 'request_invalid', 'body.entries[1].postings[1].asset'],
  ['a number as amount', withPosting({ amount: 5 }), 'request_invalid', 'body.entries[1].postings[1].amount'],
  ['a signed amount', withPosting({ amount: '-5' }), 'request_invalid', 'body.entries[1].postings[1].amount'],
  ['an exponent', withPosting({ amount: '1e3' }), 'request_invalid', 'body.entries[1].postings[1].amount'],
  ['too many decimals', withPosting({ amount: '0.001' }), 'amount_invalid', 'entries[1].postings[1].amount'],
  ['too many digits', withPosting({ amount: '9'.repeat(37) }), 'amount_invalid', 'entries[1].postings[1].amount'],
  ['amount and up_to', withPosting({ up_to: '5' }), 'request_invalid', 'body.entries[1].postings[1]'],
  ['neither of them', withPosting({ amount: undefined }), 'request_invalid', 'body.entries[1].postings[1]'],
  ['an unknown field', withPosting({ memo: 'x' }), 'request_invalid', 'body.entries[1].postings[1].memo'],
  ['a time without a zone', { ...ENTRY, effective_at: '2026-01-01T00:00:00' }, 'request_invalid', 'effective_at'],
  ['an empty reference', { ...ENTRY, reference: '' }, 'request_invalid', 'body.entries[1].reference'],
  ['metadata that is a list', { ...ENTRY, metadata: [] }, 'request_invalid', 'body.entries[1].metadata'],
  ['metadata too large', { ...ENTRY, metadata: { x: 'x'.repeat(17_000) } }, 'metadata_invalid', '"item":1'],
  ['a key with a space', { ...ENTRY, key: 'a b' }, 'request_invalid', 'body.entries[1].key'],
  ['a hold that is no id', { ...ENTRY, captures: 'h1' }, 'request_invalid', 'body.entries[1].captures'],
  ['linked as text', { ...ENTRY, linked: 'yes' }, 'request_invalid', 'body.entries[1].linked'],
]

test('a field that is wrong refuses the whole request, by its name, and nothing moves', async () => {
  await using t = await testLedger()
  for (const [what, entry, code, where] of WRONG) {
    const { status, json } = await t.post('/entries', { entries: [ENTRY, entry] })

    expect([400, 422], what).toContain(status)
    expect(json.code, what).toBe(code)
    expect(JSON.stringify([json.errors, json.detail, json.params]), what).toContain(where)
  }
  expect(await t.balance(ANN)).toBe('0')
})

test('what is wrong is named by the entry’s place also beside entries that a module’s account refuses', async () => {
  await using t = await testLedger()
  const entries = [
    { ...ENTRY, postings: [tok('1', BANK, 'staking:gold:vault')] },
    { ...ENTRY, kind: 'Gift' },
  ]

  expect((await t.post('/entries', { entries })).json).toMatchObject({ code: 'kind_invalid', params: { item: 1 } })
})

test('more postings than a request may have, no entries, and no key refuse the whole request', async () => {
  await using t = await testLedger()
  const many = Array.from({ length: 5_001 }, () => tok('1', BANK, ANN))
  const entries = [ENTRY, { ...ENTRY, postings: many }, { ...ENTRY, postings: many }]

  expect((await t.post('/entries', { entries })).json).toMatchObject({ code: 'too_many_postings' })
  expect((await t.post('/entries', { entries: [] })).json).toMatchObject({ code: 'request_invalid' })
  expect(await t.post('/entries', { entries: [{ ...ENTRY, key: 'k' }, ENTRY] }, { key: null })).toMatchObject({
    status: 400,
    json: { code: 'idempotency_key_required', params: { field: 'entries[1].key' } },
  })
  expect(await t.balance(ANN)).toBe('0')
})

test('as many postings as a request may have are posted in one entry, and the list shows the first of them', async () => {
  await using t = await testLedger()
  const postings = Array.from({ length: 10_000 }, (_, i) => tok('0.01', BANK, i === 9_999 ? BOB : ANN))

  const { id } = await t.pay(postings)

  const { json: one } = await t.get(`/entries/${id}`)
  const { json: list } = await t.get('/entries')
  const { json: bobs } = await t.get(`/entries?account=${BOB}`)
  expect(one.postings).toHaveLength(10_000)
  expect(list.data).toMatchObject([{ id, postings_count: 10_000 }])
  expect(list.data[0]!.postings.map(({ to }) => to)).toEqual(Array.from({ length: 10 }, () => ANN))
  expect(bobs.data).toMatchObject([{ id, postings_count: 10_000, postings: [{ no: 9_999, to: BOB }] }])
})
