import { expect, test } from 'vitest'
import { z } from 'zod'

import { scratchRoutes } from '../../test/shell-routes.ts'
import { testShell } from '../../test/shell.ts'
import { router } from '../core/http.ts'
import { zPage } from '../core/page.ts'
import { zProblem } from './errors.ts'
import { openApiDocument } from './openapi.ts'

const route = router<object>()
const zThing = z.object({ name: z.string() }).meta({ id: 'Thing' })

const things = route({
  method: 'post',
  path: '/things/:id/rename',
  may: 'parameters.set',
  idempotency: 'required',
  status: 201,
  summary: 'Rename a thing',
  description: 'It keeps its id.',
  errors: ['thing_not_found', 'name_taken'],
  params: { id: z.uuid() },
  query: { limit: z.int().optional().meta({ description: 'How many.' }) },
  body: z
    .strictObject({ name: z.string(), like: z.strictObject({ other: zThing.clone() }).optional() })
    .omit({ like: true }),
  response: zPage(zThing),
  handler: () => ({ data: [], next_cursor: null }),
})

const document = (routes: Parameters<typeof openApiDocument>[0]) =>
  JSON.parse(JSON.stringify(openApiDocument(routes, { version: '1.2.3' })))

test('an endpoint is documented by its declaration', () => {
  expect(document([things]).paths['/v1/{economy}/things/{id}/rename'].post).toEqual({
    operationId: 'post_things_by_id_rename',
    tags: ['things'],
    summary: 'Rename a thing',
    description:
      'It keeps its id.\n\nFails, in this order: `thing_not_found`, `name_taken`.\n\nRoles: owner, operator.',
    parameters: [
      { $ref: '#/components/parameters/economy' },
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'limit', in: 'query', required: false, description: 'How many.', schema: { type: 'integer' } },
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: true }),
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { name: { type: 'string' } },
            required: ['name'],
            additionalProperties: false,
          },
        },
      },
    },
    responses: {
      201: {
        description: 'Created',
        headers: { 'Idempotency-Replayed': expect.anything() },
        content: {
          'application/json': {
            schema: expect.objectContaining({
              properties: expect.objectContaining({
                data: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
              }),
            }),
          },
        },
      },
      '4XX': { $ref: '#/components/responses/Problem' },
      '5XX': { $ref: '#/components/responses/Problem' },
    },
  })
})

test('every reference in the document leads somewhere', () => {
  const whole = document([things, ...scratchRoutes])
  const references = [...JSON.stringify(whole).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)

  expect(references.length).toBeGreaterThan(5)
  for (const path of references) {
    expect(
      path.split('/').reduce((node, name) => node?.[name], whole),
      path,
    ).toBeDefined()
  }
})

test('a refusal is documented once, with an example that is one', () => {
  const { schema, example } = document([things]).components.responses.Problem.content['application/problem+json']

  expect(schema).toEqual({ $ref: '#/components/schemas/Problem' })
  expect(zProblem.parse(example)).toEqual(example)
})

test('times, defaults and texts are described as they are sent', () => {
  const { paths } = document(scratchRoutes)
  const query = paths['/v1/{economy}/accounts/{path}/statement'].get.parameters.slice(2)

  expect(query).toEqual([
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
    {
      name: 'at',
      in: 'query',
      required: false,
      schema: { type: 'string', format: 'date-time', examples: ['2026-08-24T00:00:00.000Z'] },
    },
    { name: 'open', in: 'query', required: false, schema: { type: 'string', enum: ['true', 'false'] } },
  ])
  expect(paths['/v1/{economy}/head'].get).toMatchObject({
    security: [],
    responses: { 200: { content: { 'text/plain; charset=utf-8': { schema: { type: 'string' } } } } },
  })
})

test('a body that would take unknown fields is not documented but refused, however deep it lies', () => {
  const open = (body: z.ZodType) =>
    route({
      method: 'post',
      path: '/open',
      may: 'ledger.post',
      idempotency: 'own',
      summary: '',
      description: '',
      body,
      response: z.null(),
      handler: () => null,
    })

  for (const body of [
    z.object({}),
    z.strictObject({ a: z.array(z.object({})) }),
    z.strictObject({ a: z.union([z.string(), zThing]) }),
  ]) {
    expect(() => document([open(body)])).toThrow('declare its body with z.strictObject')
  }
  expect(() => document([open(z.strictObject({ metadata: z.record(z.string(), z.unknown()) }))])).not.toThrow()
})

test('the same method and path twice is a slip', () => {
  expect(() => document([things, things])).toThrow('declared twice')
})

test('a writing endpoint must say what it does with keys, and a reading one has none', () => {
  const spec = { path: '/x', may: 'ledger.post', summary: '', description: '', response: z.null(), handler: () => null }

  expect(() => route({ ...spec, method: 'post' })).toThrow('say whether the request needs an Idempotency-Key')
  expect(() => route({ ...spec, method: 'get', idempotency: 'required' })).toThrow('takes no key')
})

test('the server has the document, and a reference page that asks nobody else for anything', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const served = await t.send({ path: '/openapi.json', key: '' })
  const page = await t.send({ path: '/docs', key: '' })
  const script = await t.send({ path: '/docs/js/scalar.js', key: '', headers: { 'accept-encoding': 'gzip, br' } })

  expect(served.json).toEqual(JSON.parse(JSON.stringify(openApiDocument(scratchRoutes, { version: '0.0.0' }))))
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect([...page.text.matchAll(/(?:src|href|url"?:)\s*=?\s*"([^"]+)"/g)].map(([, url]) => url)).toEqual([
    '/docs/js/scalar.js',
    '/openapi.json',
  ])
  expect(page.text).not.toMatch(/https?:/)
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'self' 'sha256-[^']+';.*connect-src 'self'/,
  )
  expect(script.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'text/javascript; charset=utf-8' })
})
