import { expect, test } from 'vitest'

import { scratchRoutes } from '../../test/shell-routes.ts'
import { testShell } from '../../test/shell.ts'
import { secret } from '../core/secret.ts'

test('the process says that it is alive, and whether it is ready', async () => {
  const missing: string[] = ['migrations']
  await using t = await testShell({ routes: scratchRoutes, ready: async () => missing })

  expect((await t.send({ path: '/healthz', key: '' })).json).toEqual({ status: 'ok' })
  expect((await t.send({ path: '/readyz', key: '' })).json).toMatchObject({
    status: 503,
    code: 'not_ready',
    params: { missing: ['migrations'] },
  })
  missing.pop()
  expect((await t.send({ path: '/readyz', key: '' })).json).toEqual({ status: 'ready' })
})

test('the figures are for programs on this machine, and show patterns rather than paths', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  await t.send({ path: '/v1/test/accounts/users:42:available/statement' })
  const answer = await t.send({ path: '/metrics', key: '' })

  expect(answer.status).toBe(200)
  expect(answer.text).toContain(
    'florin_http_request_duration_seconds_count{method="GET",route="/v1/:economy/accounts/:path/statement",status="200"} 1',
  )
  expect(answer.text).not.toContain('users:42')
  expect((await t.send({ path: '/metrics', key: '', headers: { 'x-forwarded-for': '127.0.0.1' } })).json).toMatchObject(
    { status: 403, code: 'metrics_forbidden' },
  )
})

test('with a token, the figures are for who has it, from wherever', async () => {
  await using t = await testShell({ routes: scratchRoutes, metrics_token: secret('scrape-me') })
  const get = async (headers: Record<string, string>) => (await t.send({ path: '/metrics', key: '', headers })).status

  expect(await get({ authorization: 'Bearer scrape-me', 'x-forwarded-for': '203.0.113.9' })).toBe(200)
  expect(await get({})).toBe(403)
  expect(await get({ authorization: 'Bearer scrape-mi' })).toBe(403)
})
