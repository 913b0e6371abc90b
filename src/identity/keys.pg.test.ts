import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'

import { expect, test } from 'vitest'

import { TEST_START } from '../../test/helpers.ts'
import { testPeople } from '../../test/people.ts'
import { listEvents } from '../core/audit.ts'
import { identityRoutes } from './routes.ts'

const HOUR_MS = 3_600_000
const later = (ms: number) => new Date(TEST_START.getTime() + ms)

test('a person’s key acts for that person, within its scopes', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const made = await t.post('/me/keys', { name: 'script', scopes: ['read'] }, { as: ann })
  expect(made).toMatchObject({ status: 201, json: { name: 'script', scopes: ['read'], expires_at: null } })
  expect(await t.get('/me', made.json)).toMatchObject({ status: 200, json: { id: ann, username: 'ann' } })
  const useless = await t.post('/me/keys', { name: 'stakes', scopes: ['stake'] }, { as: ann })
  expect(await t.get('/me', useless.json)).toMatchObject({
    status: 403,
    json: { code: 'scope_missing', params: { scope: 'read', scopes: ['stake'] } },
  })
})

test('a person’s key makes no keys, whatever its scopes', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const all = { name: 'all', scopes: ['read', 'transfer', 'stake', 'vote'] }
  const { json } = await t.post('/me/keys', all, { as: ann })
  for (const path of ['/me/keys', `/me/keys/${json.id}/revoke`]) {
    const answer = await t.post(path, path === '/me/keys' ? all : undefined, { key: json.key })
    expect(answer, path).toMatchObject({ status: 403, json: { code: 'sign_in_required' } })
  }
})

test('an owner’s personal key is a member’s', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  await t.post(`/people/${ann}/roles`, { role: 'owner' })
  const { json } = await t.post('/me/keys', { name: 'x', scopes: ['read'] }, { as: ann })
  expect(await t.get('/keys', { as: ann })).toMatchObject({ status: 200 })
  expect(await t.get('/keys', json)).toMatchObject({ status: 403, json: { code: 'action_not_allowed' } })
})

test('a key ends when it was to, or when it is revoked, at once', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const short = await t.post(
    '/me/keys',
    { name: 'short', scopes: ['read'], expires_at: later(HOUR_MS).toISOString() },
    { as: ann },
  )
  const long = await t.post('/me/keys', { name: 'long', scopes: ['read'] }, { as: ann })
  t.clock.set(later(HOUR_MS - 1))
  expect((await t.get('/me', long.json)).status).toBe(200)
  t.clock.set(later(HOUR_MS))
  expect((await t.get('/me', short.json)).json.code).toBe('key_invalid')
  const revoked = await t.post(`/me/keys/${long.json.id}/revoke`, undefined, { as: ann })
  expect(revoked).toMatchObject({ status: 200, json: { revoked_at: later(HOUR_MS).toISOString() } })
  expect((await t.get('/me', long.json)).json.code).toBe('key_invalid')
  expect((await t.post(`/me/keys/${long.json.id}/revoke`, undefined, { as: ann })).json).toEqual(revoked.json)
  const past = { name: 'x', scopes: ['read'], expires_at: TEST_START.toISOString() }
  expect((await t.post('/me/keys', past, { as: ann })).json.code).toBe('key_expired')
})

test('nobody sees or ends another’s keys', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const [ann, bob] = [await t.join('ann'), await t.join('bob')]
  const { json } = await t.post('/me/keys', { name: 'ann’s', scopes: ['read'] }, { as: ann })
  expect((await t.get('/me/keys', { as: bob })).json.data).toEqual([])
  expect((await t.get('/keys')).json.data).toEqual([])
  for (const [path, as] of [
    [`/me/keys/${json.id}/revoke`, bob],
    [`/keys/${json.id}/revoke`, 'owner'],
    [`/me/keys/${randomUUID()}/revoke`, ann],
  ] as const) {
    expect(await t.post(path, undefined, { as }), path).toMatchObject({ status: 404, json: { code: 'key_not_found' } })
  }
  expect((await t.get('/me', json)).status).toBe(200)
})

test('a key is shown once, and kept nowhere', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const body = { name: 'x', scopes: ['read', 'read'] }
  const { json } = await t.post('/me/keys', body, { as: ann, once: 'the-same' })
  expect((await t.post('/me/keys', body, { as: ann, once: 'the-same' })).json.code).toBe('idempotency_answer_secret')
  const kept = [
    await t.db.selectFrom('identity.api_key').selectAll().execute(),
    await t.db.selectFrom('api.answer').selectAll().execute(),
    await listEvents(t.db, { limit: 9 }),
    await t.get('/me/keys', { as: ann }),
  ]
  expect(inspect(kept, { depth: 9 })).not.toContain(json.key.slice(8))
  expect((await t.get('/me/keys', { as: ann })).json.data).toMatchObject([{ id: json.id, scopes: ['read'] }])
})

test('nobody has more than fifty keys, however fast they press', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const ask = async () => (await t.post('/me/keys', { name: 'x', scopes: ['read'] }, { as: ann })).status
  for (let i = 0; i < 49; i++) await ask()
  expect((await Promise.all([ask(), ask()])).toSorted()).toEqual([201, 409])
})

test.each([
  ['no scope', { name: 'x', scopes: [] }],
  ['a scope that there is not', { name: 'x', scopes: ['everything'] }],
  ['no name', { name: '', scopes: ['read'] }],
])('a key with %s is refused', async (_, body) => {
  await using t = await testPeople({ routes: identityRoutes })
  expect(await t.post('/me/keys', body, { as: await t.join('ann') })).toMatchObject({
    status: 400,
    json: { code: 'request_invalid' },
  })
})

test('an owner makes, lists and ends keys of staff over HTTP, and nobody else', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const made = await t.post('/keys', { name: 'ci', role: 'auditor' })
  expect(made).toMatchObject({ status: 201, json: { role: 'auditor', created_by: 'key:owner' } })
  expect((await t.get('/keys', made.json)).json.data).toMatchObject([{ id: made.json.id, name: 'ci' }])
  for (const as of ['operator', 'auditor', await t.join('ann')]) {
    expect((await t.post('/keys', { name: 'x', role: 'owner' }, { as })).status).toBe(403)
  }
  expect((await t.post(`/keys/${made.json.id}/revoke`)).json).toMatchObject({ revoked_by: 'key:owner' })
  expect((await t.get('/keys', made.json)).status).toBe(401)
})
