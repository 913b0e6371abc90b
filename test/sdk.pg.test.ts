// The SDK against the real server, over real sockets.
import { expect, test } from 'vitest'

import { createClient, FlorinError, items, unwrap, verifyConsistency, verifyReceipt } from '../sdk/src/sdk.ts'
import { Batcher } from '../src/ledger/batcher.ts'
import { createChart } from '../src/ledger/chart.ts'
import { logRoutes } from '../src/ledger/log/routes.ts'
import { ledgerRoutes } from '../src/ledger/routes.ts'
import { testLog } from './log-fixture.ts'
import { keyOf, testShell } from './shell.ts'

async function testServer() {
  const t = await testLog()
  const log = await t.open()
  const batcher = new Batcher(t.db, t.clock)
  const economy = {
    ...t,
    state: 'open' as const,
    batcher,
    chart: createChart([], {}),
    reversibleKinds: new Set<string>(),
    log,
  }
  const shell = await testShell<typeof economy>({ routes: [...ledgerRoutes, ...logRoutes], economy })
  const url = await shell.server.listen({ host: '127.0.0.1', port: 0 })
  const client = (fetch?: (request: Request) => Promise<Response>) =>
    createClient({ url, economy: 'test', key: keyOf('owner'), ...(fetch && { fetch }) })
  return {
    ...t,
    client,
    seal: async () => await log.sealer.sealAll(),
    vkeys: log.vkeys,
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await batcher.close()
      await t[Symbol.asyncDispose]()
    },
  }
}

const payment = (amount: string) => ({
  entries: [
    {
      kind: 'transfer',
      postings: [{ from: 'world:bank', to: 'users:ann:available', asset: 'TOK', amount }],
    },
  ],
})

test('what was answered but lost on the way is asked again under the same key, and happens once', async () => {
  await using t = await testServer()
  const keys: (string | null)[] = []
  const losing = t.client(async (request) => {
    keys.push(request.headers.get('idempotency-key'))
    const response = await fetch(request)
    if (keys.length === 1) throw new TypeError('fetch failed')
    return response
  })
  const { results } = unwrap(await losing.POST('/ledger/entries', { body: payment('12.5') }))
  expect(results).toMatchObject([{ status: 'posted', replayed: true }])
  expect(keys).toHaveLength(2)
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(keys[1]).toBe(keys[0])
  const account = { path: { path: 'users:ann:available' } }
  const { accounts } = unwrap(await t.client().GET('/ledger/accounts/{path}', { params: account }))
  expect(accounts).toMatchObject([{ balance: '12.5' }])
})

test('a server that asks for patience is asked again; a refusal is not', async () => {
  await using t = await testServer()
  let asked = 0
  const busy = t.client(async (request) => {
    asked++
    if (asked < 3) return Response.json({ code: 'account_busy' }, { status: 503, headers: { 'retry-after': '0' } })
    return await fetch(request)
  })
  expect((await busy.GET('/ledger/trial-balance')).response.status).toBe(200)
  expect(asked).toBe(3)

  asked = 3
  const refused = await busy.GET('/ledger/entries/{id}', { params: { path: { id: crypto.randomUUID() } } })
  expect(asked).toBe(4)
  expect(() => unwrap(refused)).toThrow(expect.objectContaining({ code: 'entry_not_found', status: 404 }))
  expect(() => unwrap(refused)).toThrow(FlorinError)
})

test('a list is walked to its end, page by page', async () => {
  await using t = await testServer()
  const api = t.client()
  for (let i = 1; i <= 5; i++) await t.pay(BigInt(i))
  const ids = new Set<string>()
  const pages = items((cursor) => api.GET('/ledger/entries', { params: { query: { limit: 2, ...cursor } } }))
  for await (const { id } of pages) ids.add(id)
  expect(ids.size).toBe(5)
})

test('a posting is proven, under a checkpoint that continues the one before', async () => {
  await using t = await testServer()
  const api = t.client()
  await t.pay(1n)
  await t.seal()
  const older = unwrap(await api.GET('/ledger/checkpoint', { parseAs: 'text' }))
  await t.pay(250n)
  await t.seal()
  const newer = unwrap(await api.GET('/ledger/checkpoint', { parseAs: 'text' }))
  const [entry] = unwrap(await api.GET('/ledger/entries', { params: { query: { limit: 1 } } })).data

  const { tlog_proof, receipts } = unwrap(
    await api.GET('/ledger/entries/{id}/proof', {
      params: { path: { id: entry!.id }, query: { posting: 0, disclose: 'to_balance,metadata,actor' } },
    }),
  )
  const proven = verifyReceipt({
    receipt: JSON.stringify(receipts[0]),
    proof: tlog_proof,
    vkeys: t.vkeys,
    expected: newer,
  })
  expect(proven).toMatchObject({
    entry: { id: entry!.id, kind: 'deposit' },
    posting: { to: 'users:ann:available', amount: 250n, to_line: { version: 2n, balance: 251n } },
    metadata: { no: 2 },
    actor: 'key:test',
  })

  const sizes = { from: older.split('\n')[1]!, to: newer.split('\n')[1]! }
  const { proof } = unwrap(await api.GET('/ledger/consistency', { params: { query: sizes } }))
  expect(verifyConsistency({ older, newer, proof, vkeys: t.vkeys }).to.size).toBe(BigInt(sizes.to))
})
