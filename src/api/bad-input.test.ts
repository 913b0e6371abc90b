import { expect, test } from 'vitest'

import { postEcho, scratchRoutes } from '../../test/shell-routes.ts'
import { testShell } from '../../test/shell.ts'

test.each([
  ['{"amount":', 400, 'json_invalid', undefined],
  ['', 400, 'request_invalid', 'body'],
  ['null', 400, 'request_invalid', 'body'],
  ['[]', 400, 'request_invalid', 'body'],
  ['{}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": 5}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "-5"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "+5"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "1e5"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "0x10"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "1,000"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "NaN"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "01"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "1."}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": " 1"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "1\\n"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": "١"}', 400, 'request_invalid', 'body.amount'],
  ['{"amount": NaN}', 400, 'json_invalid', undefined],
  ['{"amount": "1", "amount": "2"}', 400, 'json_invalid', undefined],
  ['{"amount": "1", "__proto__": {"role": "owner"}}', 400, 'json_invalid', undefined],
  ['{"amount": "1", "constructor": {"prototype": {}}}', 400, 'request_invalid', 'body.constructor'],
  ['{"amount": "1", "fee": "2"}', 400, 'request_invalid', 'body.fee'],
  ['{"amount": "1", "tags": [{"name": "a"}, {"name": "b", "x": 1}]}', 400, 'request_invalid', 'body.tags[1].x'],
  ['{"amount": "1", "at": "2026-02-30T00:00:00Z"}', 400, 'request_invalid', 'body.at'],
  ['{"amount": "1", "at": "2026-02-03T00:00:00+01:00"}', 400, 'request_invalid', 'body.at'],
  ['{"amount": "1", "at": "2026-02-03"}', 400, 'request_invalid', 'body.at'],
  ['{"amount": "1", "at": "2026-02-03T00:00:00.1234Z"}', 400, 'request_invalid', 'body.at'],
  ['{"amount": "1", "at": "0000-02-03T00:00:00Z"}', 400, 'request_invalid', 'body.at'],
  ['{"amount": "1", "id": "42"}', 400, 'request_invalid', 'body.id'],
])('the body %s is refused', async (body, status, code, path) => {
  await using t = await testShell({ routes: scratchRoutes })
  const answer = await t.send(postEcho(body))

  expect(answer.json).toMatchObject({ status, code, ...(path !== undefined && { errors: [{ path }] }) })
  expect(answer.status).toBe(status)
})

test('bodies and addresses beyond all bounds are refused', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const deep = `{"amount": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`
  const get = async (path: string) => await t.send({ path: `/v1/test/accounts/${path}/statement` })

  expect((await t.send(postEcho(`{"amount": "${'9'.repeat(200)}"}`))).json).toMatchObject({ code: 'request_invalid' })
  expect((await t.send(postEcho(deep))).json).toMatchObject({ status: 400, code: 'json_invalid' })
  expect((await t.send(postEcho('"'.repeat(2_000_000)))).json).toMatchObject({ status: 413, code: 'body_too_large' })
  expect((await get('a'.repeat(300))).json).toMatchObject({ status: 400, code: 'request_invalid' })
  expect((await get('a'.repeat(5_000))).json).toMatchObject({ status: 414, code: 'url_too_long' })
})

test('every field that is wrong is named, with what it may be', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const { json } = await t.send(postEcho({ amount: 1, at: 'today', other: true }))

  expect(json).toMatchObject({
    type: 'urn:florin:error:request_invalid',
    title: 'Request invalid',
    instance: '/v1/test/echo',
    errors: [
      { path: 'body.amount', message: expect.stringContaining('expected string') },
      { path: 'body.at', message: expect.stringContaining('2026-08-24T00:00:00Z') },
      { path: 'body.other', message: 'There is no such field.' },
    ],
  })
})

test.each([
  ['text/plain', 415, 'content_type_unsupported'],
  ['application/x-www-form-urlencoded', 415, 'content_type_unsupported'],
  ['multipart/form-data; boundary=x', 415, 'content_type_unsupported'],
  ['application/json; charset=utf-8', 201, undefined],
  ['not a type', 415, 'content_type_unsupported'],
])('a body of the type %s is answered with %i', async (type, status, code) => {
  await using t = await testShell({ routes: scratchRoutes })
  const answer = await t.send(postEcho('{"amount": "1"}', { 'content-type': type }))

  expect([answer.status, problemCode(answer.json)]).toEqual([status, code])
})

test('a compressed body and one that is no UTF-8 are refused', async () => {
  await using t = await testShell({ routes: scratchRoutes })

  expect((await t.send(postEcho('{"amount": "1"}', { 'content-encoding': 'gzip' }))).json).toMatchObject({
    status: 415,
    code: 'content_encoding_unsupported',
  })
  expect((await t.send(postEcho(Buffer.from('{"amount": "\xff"}', 'latin1')))).json).toMatchObject({
    code: 'json_invalid',
  })
})

test.each([
  ['?limit=0', 'query.limit'],
  ['?limit=201', 'query.limit'],
  ['?limit=1e2', 'query.limit'],
  ['?limit=0x10', 'query.limit'],
  ['?limit=', 'query.limit'],
  ['?limit=5&limit=6', 'query.limit'],
  ['?open=1', 'query.open'],
  ['?at=yesterday', 'query.at'],
  ['?sort=asc', 'query.sort'],
  ['?__proto__=1', 'query.__proto__'],
  ['?limit[$gt]=1', 'query.limit[$gt]'],
])('the query %s is refused', async (query, path) => {
  await using t = await testShell({ routes: scratchRoutes })
  const { json } = await t.send({ path: `/v1/test/accounts/a:b/statement${query}` })

  expect(json).toMatchObject({ status: 400, code: 'request_invalid', errors: [{ path }] })
})

test.each([
  ['/v1/test/accounts/%00/statement', 400, 'url_invalid'],
  ['/v1/test/accounts/a/statement?at=%00', 400, 'url_invalid'],
  ['/v1/test/accounts/%E0%A4%A/statement', 400, 'url_invalid'],
  ['/v1/test/accounts//statement', 400, 'request_invalid'],
  ['/v1/test/fail/unknown', 400, 'request_invalid'],
  ['/v1/nowhere/head', 404, 'economy_not_found'],
  ['/v1/test/nothing', 404, 'route_not_found'],
  ['/v1/test', 404, 'route_not_found'],
  ['/v1/test/head/', 404, 'route_not_found'],
  ['/V1/test/head', 404, 'route_not_found'],
  ['/../../etc/passwd', 404, 'route_not_found'],
  ['/', 404, 'route_not_found'],
])('GET %s is refused', async (path, status, code) => {
  await using t = await testShell({ routes: scratchRoutes })
  const answer = await t.send({ path })

  expect(answer.json).toMatchObject({ status, code })
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
})

test('an address that is there under another method says which', async () => {
  await using t = await testShell({ routes: scratchRoutes })

  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'] as const) {
    const answer = await t.send({ method, path: '/v1/test/echo' })
    expect(answer.json).toMatchObject({ status: 405, code: 'method_not_allowed', params: { allowed: ['POST'] } })
    expect(answer.headers['allow']).toBe('POST')
  }
  const options = await t.send({ method: 'OPTIONS', path: '/v1/test/head' })
  expect([options.status, options.headers['allow'], options.text]).toEqual([204, 'GET, HEAD', ''])
})

test('HEAD answers with the headers of GET and no body', async () => {
  await using t = await testShell({ routes: scratchRoutes })
  const head = await t.send({ method: 'HEAD', path: '/v1/test/head' })

  expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '17'])
})

function problemCode(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'code' in json ? json.code : undefined
}
