import { expect, test } from 'vitest'
import { z } from 'zod'

import { postEcho, scratchRoutes } from '../../test/shell-routes.ts'
import { keyOf, type TestRequest, testShell } from '../../test/shell.ts'
import { router } from '../core/http.ts'
import type { ServedEconomy } from './mount.ts'

test.each([
  ['nothing', '', 'authentication_required'],
  ['a key that nobody holds', 'fl_nobody_0123456789abcdef', 'key_invalid'],
  ['something that is no key', 'hunter2', 'key_invalid'],
  ['a key with a space', 'fl_owner 0123456789abcdef', 'key_invalid'],
])('%s in place of a key is refused, before the body is looked at', async (_, key, code) => {
  await using t = await testShell({ routes: scratchRoutes })
  const answer = await t.send({ ...postEcho('{"broken'), key })

  expect(answer.json).toMatchObject({ status: 401, code })
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="florin"')
})

test('another scheme than Bearer is refused; its name may be written in any case', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const get = async (authorization: string) =>
    await t.send({ path: '/v1/test/accounts/a:b/statement', key: '', headers: { authorization } })

  expect((await get(`Basic ${keyOf('owner')}`)).json).toMatchObject({ code: 'authentication_required' })
  expect((await get(`bearer  ${keyOf('owner')}`)).status).toBe(200)
})

test('a role that the table does not name is refused, before the body is looked at', async () => {
  await using t = await testShell({ routes: scratchRoutes })

  for (const role of ['auditor', 'support', 'moderator'] as const) {
    expect((await t.send({ ...postEcho('{"broken'), key: keyOf(role) })).json).toMatchObject({
      status: 403,
      code: 'action_not_allowed',
      params: { action: 'ledger.post', role },
    })
  }
  expect((await t.send({ ...postEcho({ amount: '1' }), key: keyOf('finance') })).status).toBe(201)
})

test('an address without a key, or with wrong ones, is slowed down; so is a key gone wild', async () => {
  await using t = await testShell({ routes: scratchRoutes, limits: { key: 3, open: 2, failed: 2 } })
  const codes = async (request: TestRequest, times: number) => {
    const seen = []
    for (let i = 0; i < times; i++) seen.push((await t.send(request)).status)
    return seen
  }

  expect(await codes({ path: '/v1/test/head', key: '' }, 3)).toEqual([200, 200, 429])
  expect(await codes({ path: '/v1/test/accounts/a:b/statement' }, 4)).toEqual([200, 200, 200, 429])
  const wrong = { path: '/v1/test/accounts/a:b/statement', key: 'fl_nobody_0123456789abcdef' }
  expect(await codes(wrong, 2)).toEqual([401, 401])
  const other = await t.send({ ...wrong, key: 'fl_nobody_1123456789abcdef' })
  expect(other.json).toMatchObject({ status: 429, code: 'too_many_requests', params: { retry_after_s: 60 } })
  expect(other.headers['retry-after']).toBe('60')
})

test('an economy that is read-only answers questions and changes nothing', async () => {
  await using t = await testShell({ routes: scratchRoutes, state: 'read_only' })

  expect((await t.send({ path: '/v1/test/accounts/a:b/statement' })).status).toBe(200)
  expect((await t.send(postEcho({ amount: '1' }))).json).toMatchObject({ status: 409, code: 'economy_read_only' })
})

test('a key that is revoked over HTTP is dead with the answer', async () => {
  const revoked = new Set<string>()
  const revoke = router<ServedEconomy>()({
    method: 'post',
    path: '/keys/:role/revoke',
    may: 'parameters.set',
    idempotency: 'own',
    changes_keys: true,
    summary: 'Revoke a key',
    description: 'At once.',
    params: { role: z.enum(['finance']) },
    response: z.object({}),
    handler: ({ params }) => {
      revoked.add(keyOf(params.role))
      return {}
    },
  })
  await using t = await testShell({
    routes: [...scratchRoutes, revoke],
    authenticateKey: async (_, key) => (revoked.has(key) ? undefined : { id: 'key:1', role: 'owner', principal: key }),
  })
  const asFinance = async () => (await t.send({ ...postEcho({ amount: '1' }), key: keyOf('finance') })).status

  expect(await asFinance()).toBe(201)
  expect((await t.send({ method: 'POST', path: '/v1/test/keys/finance/revoke' })).status).toBe(200)
  expect(await asFinance()).toBe(401)
})

test('an endpoint whose action has no row is a slip that shows at start', async () => {
  const slip = router<ServedEconomy>()({
    method: 'get',
    path: '/slip',
    may: 'ledger.burn',
    summary: 'Slip',
    description: 'Nobody said who may.',
    response: z.null(),
    handler: () => null,
  })

  await expect(testShell({ routes: [slip] })).rejects.toThrow('no row says who may do ledger.burn')
})
