import { expect, test } from 'vitest'

import { postEcho, scratchRoutes } from '../../test/shell-routes.ts'
import { testShell } from '../../test/shell.ts'

test('a request is checked, handled, and answered by the schema of the answer alone', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const answer = await t.send(
    postEcho({ amount: '12.50', at: '2026-08-24T01:02:03Z', tags: [{ name: 'a' }] }, { 'idempotency-key': 'k1' }),
  )

  expect(answer.status).toBe(201)
  expect(answer.json).toEqual({ amount: '12.50', at: '2026-08-24T01:02:03.000Z', key: 'k1' })
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/^[\w-]{8}-\w+$/),
  })
})

test('a path may hold colons, and a query is turned into what the schema says', async () => {
  await using t = await testShell({ routes: scratchRoutes })

  expect((await t.send({ path: '/v1/test/accounts/users:42:available/statement' })).json).toEqual({
    path: 'users:42:available',
    limit: 50,
  })
  const path = '/v1/test/accounts/users%3A42%3Aavailable/statement?limit=200&at=2026-01-01T00:00:00.5Z&open=true'
  expect((await t.send({ path })).json).toEqual({
    path: 'users:42:available',
    limit: 200,
    at: '2026-01-01T00:00:00.500Z',
    open: true,
  })
})

test('text is answered as text, with the headers that the handler sets', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const answer = await t.send({ path: '/v1/test/head', key: '' })

  expect(answer).toMatchObject({ status: 200, text: 'head for anybody\n' })
  expect(answer.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'public, max-age=1',
  })
})

test('a refusal carries its code, its figures and when to come again', async () => {
  await using t = await testShell({ routes: scratchRoutes })

  expect((await t.send({ path: '/v1/test/fail/conflict' })).json).toMatchObject({
    type: 'urn:florin:error:insufficient_funds',
    title: 'Insufficient funds',
    status: 409,
    detail: 'It has 3.',
    params: { available: '3', needed: '5' },
  })
  expect((await t.send({ path: '/v1/test/fail/busy' })).headers['retry-after']).toBe('7')
  expect((await t.send({ path: '/v1/test/fail/many' })).headers['retry-after']).toBe('3')
})

test('a database that cannot be reached is 503, to be tried again', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const answer = await t.send({ path: '/v1/test/fail/database' })

  expect(answer.json).toMatchObject({ status: 503, code: 'database_unavailable' })
  expect(answer.headers['retry-after']).toBe('1')
})

test.each(['bug', 'wrong_answer'])(
  'our own fault (%s) is a 500 that says nothing of its cause, which is in the log',
  async (how) => {
    await using t = await testShell({ routes: scratchRoutes })
    const answer = await t.send({ path: `/v1/test/fail/${how}` })

    expect(answer.json).toMatchObject({ status: 500, code: 'internal_error' })
    expect(answer.text).not.toMatch(/secret detail|TypeError|ZodError|at .*:\d/)
    expect(t.log).toContainEqual(
      expect.objectContaining({
        event: 'request_failed',
        level: 'error',
        status: 500,
        request_id: answer.headers['x-request-id'],
        error: expect.objectContaining({ stack: expect.any(String) }),
      }),
    )
  },
)

test('no key and no body is ever logged', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  await t.send(postEcho({ amount: 'a-private-amount' }))
  await t.send({ path: '/v1/test/fail/bug?note=a-private-note' })

  expect(t.log.length).toBeGreaterThan(1)
  expect(JSON.stringify(t.log)).not.toMatch(/fl_|a-private/)
})

test('pages of other origins may call only where they are named', async () => {
  await using closed = await testShell({ routes: scratchRoutes })
  await using open = await testShell({ routes: scratchRoutes, cors_origins: ['https://console.example'] })
  const preflight = {
    method: 'OPTIONS',
    path: '/v1/test/echo',
    key: '',
    headers: { origin: 'https://console.example', 'access-control-request-method': 'POST' },
  } as const

  expect((await closed.send(preflight)).headers['access-control-allow-origin']).toBeUndefined()
  expect((await open.send(preflight)).headers['access-control-allow-origin']).toBe('https://console.example')
  expect(
    (await open.send({ ...preflight, headers: { ...preflight.headers, origin: 'https://evil.example' } })).headers[
      'access-control-allow-origin'
    ],
  ).toBeUndefined()
})
