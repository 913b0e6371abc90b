import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { ACTIONS } from '../src/api/authorize.ts'
import { openApiDocument } from '../src/api/openapi.ts'
import { STAFF_ROLES } from '../src/core/actor.ts'
import { ROUTES } from '../src/server.ts'
import { keyOf, sessionOf, testShell, type TestRequest } from './shell.ts'

// What holds for each endpoint that there is, without a database: handlers that are reached may fail, but nothing that
// is to be refused may reach them.

const endpoints = ROUTES.map((route) => ({ ...route, name: `${route.method} ${route.path}` }))
const guarded = endpoints.filter(({ may }) => may !== 'public')

const METHODS = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const
const PARAMETERS: Record<string, string> = {
  id: '018f3b1c-7c00-7000-8000-000000000001',
  height: '1',
  chain: 'solana',
  year: '2026',
  position: '1',
  path: 'users:1:available',
}

function requestTo({ method, path, may }: (typeof endpoints)[number], more: Partial<TestRequest> = {}): TestRequest {
  const url = `/v1/test${path.replaceAll(/:([a-z_]+)/g, (_, name) => PARAMETERS[name] ?? 'abc')}`
  // Somebody who may ask: what people do for themselves is for no owner.
  const key = keyOf(may.startsWith('me.') ? 'member' : 'owner')
  return { method: METHODS[method], path: url, key, ...more }
}

describe('every endpoint', () => {
  test('that is not public asks for a key, before it reads anything', async () => {
    await using t = await testShell({ routes: ROUTES })
    for (const endpoint of guarded) {
      const { json } = await t.send(requestTo(endpoint, { key: '' }))
      expect(json, endpoint.name).toMatchObject({ status: 401, code: 'authentication_required' })
    }
  })

  test.each([...STAFF_ROLES, 'member'] as const)('is there for %s or not, as the table says', async (role) => {
    await using t = await testShell({ routes: ROUTES })
    for (const endpoint of guarded) {
      const { status } = await t.send(requestTo(endpoint, { key: keyOf(role) }))
      expect(status === 403, endpoint.name).toBe(!ACTIONS[endpoint.may]?.includes(role))
    }
  })

  test('is there for a member who is signed in or not, as the table says', async () => {
    await using t = await testShell({ routes: ROUTES })
    for (const endpoint of guarded) {
      const { status } = await t.send(requestTo(endpoint, { key: '', headers: sessionOf('member') }))
      expect(status === 403, endpoint.name).toBe(!ACTIONS[endpoint.may]?.includes('member'))
    }
  })

  test('is closed to a session that has ended', async () => {
    await using t = await testShell({ routes: ROUTES })
    for (const endpoint of guarded) {
      const { json } = await t.send(requestTo(endpoint, { key: '', headers: sessionOf('nobody') }))
      expect(json, endpoint.name).toMatchObject({ status: 401, code: 'session_ended' })
    }
  })

  test('that changes something is closed to the pages of others, whoever is signed in', async () => {
    await using t = await testShell({ routes: ROUTES })
    for (const endpoint of guarded.filter(({ method }) => method !== 'get')) {
      const headers = { ...sessionOf('member'), 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      const { json } = await t.send(requestTo(endpoint, { key: '', headers }))
      expect(json, endpoint.name).toMatchObject({ status: 403, code: 'origin_not_allowed' })
    }
  })

  test('refuses a query and a body with a field that it does not know', async () => {
    await using t = await testShell({ routes: ROUTES })
    for (const endpoint of endpoints) {
      const request = requestTo(endpoint)
      const query = await t.send({ ...request, path: `${request.path}?no_such_field=1` })
      expect(query.text, endpoint.name).toContain('"path":"query.no_such_field"')
      if (endpoint.method === 'get') continue
      const body = await t.send({
        ...request,
        headers: { 'content-type': 'application/json' },
        body: { no_such_field: 1 },
      })
      expect(body.json, endpoint.name).toMatchObject({ status: 400, code: 'request_invalid' })
    }
  })

  test('that does its work in one transaction needs a key to be repeated with', async () => {
    await using t = await testShell({ routes: ROUTES })
    for (const endpoint of endpoints.filter(
      ({ idempotency, body }) => idempotency === 'required' && body instanceof z.ZodUndefined,
    )) {
      expect((await t.send(requestTo(endpoint))).json, endpoint.name).toMatchObject({
        code: 'idempotency_key_required',
      })
    }
  })

  test('that is no question changes nothing of an economy that is read-only', async () => {
    const posts = endpoints.filter(({ method }) => method !== 'get')
    const questions = posts.filter(({ idempotency }) => idempotency === 'none').map(({ name }) => name)
    expect(questions).toEqual(['post /distributions/preview', 'post /me/stakes/preview', 'post /me/transfers/preview'])

    await using t = await testShell({ routes: ROUTES, state: 'read_only' })
    const bodies = [{ headers: { 'content-type': 'application/json' }, body: {} }, {}]
    const asked = posts.flatMap((endpoint) =>
      bodies.filter(({ body }) => endpoint.body.safeParse(body).success).map((given) => ({ endpoint, given })),
    )
    for (const { endpoint, given } of asked.filter(({ endpoint: { name } }) => !questions.includes(name))) {
      const { json } = await t.send(requestTo(endpoint, given))
      expect(json, endpoint.name).toMatchObject({ status: 409, code: 'economy_read_only' })
    }
    expect(asked.map(({ endpoint: { name } }) => name)).toContain('post /distributions/run')
  })

  test('is documented, with a sentence about what it does', () => {
    const document = JSON.stringify(openApiDocument(ROUTES, { version: '0.0.0' }))
    for (const { name, summary, description } of endpoints) {
      expect(summary, name).toMatch(/^[A-Z].*[^.]$/)
      expect(description, name).toMatch(/[.)`]$/s)
      expect(document, name).toContain(JSON.stringify(summary))
    }
  })
})

test('every row of the table of who may do what is for some endpoint', () => {
  const used = new Set(endpoints.map(({ may }) => may))
  expect(Object.keys(ACTIONS).filter((action) => !used.has(action))).toEqual([])
})
