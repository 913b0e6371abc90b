import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { expect, test } from 'vitest'
import { z } from 'zod'

import { scratchRoutes } from '../../test/shell-routes.ts'
import { keyOf, testShell } from '../../test/shell.ts'
import { router } from '../core/http.ts'
import type { ServedEconomy } from './mount.ts'

/** A server on a port of its own, and bare connections to it, to say what no HTTP client would. */
async function listening(options: Partial<Parameters<typeof testShell>[0]> = {}) {
  const t = await testShell({ routes: scratchRoutes, ...options })
  const { port } = new URL(await t.server.listen({ host: '127.0.0.1', port: 0 }))
  return {
    ...t,
    open: () => connect(Number(port), '127.0.0.1'),
    [Symbol.asyncDispose]: async () => await t[Symbol.asyncDispose](),
  }
}

/** Everything that comes until the server closes the connection. */
async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.on('error', () => undefined)
  await once(socket, 'close')
  return text
}

const post = (headers: string[], body = '') =>
  [
    'POST /v1/test/echo HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${keyOf('owner')}`,
    'Content-Type: application/json',
    ...headers,
    '',
    body,
  ].join('\r\n')

const ONE = '{"amount":"1"}'

test.each([
  ['what is no HTTP', 'hello\r\n\r\n', 400, 'http_invalid'],
  ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 400, 'http_invalid'],
  ['a body of two lengths', post(['Content-Length: 14', 'Transfer-Encoding: chunked'], ONE), 400, 'http_invalid'],
  ['a line break in a header', post(['X-A: b\rX: c']), 400, 'http_invalid'],
  ['headers beyond all bounds', post([`X-Long: ${'a'.repeat(20_000)}`]), 431, 'headers_too_large'],
])('%s is answered with a problem document, and the connection is closed', async (_, text, status, code) => {
  await using t = await listening()
  const socket = t.open()
  socket.write(text)
  const answer = await readAll(socket)

  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer).toContain('application/problem+json')
  expect(answer).toContain(`"code":"${code}"`)
})

test.each([
  ['headers', 'POST /v1/test/echo HTTP/1.1\r\nHost: x\r\nX-Slow'],
  ['a body', post(['Content-Length: 1000'], '{"amount":')],
])('%s that never end are cut off in time', async (_, text) => {
  await using t = await listening({ timeouts: { request_ms: 200, headers_ms: 100, keep_alive_ms: 1_000 } })
  const socket = t.open()
  socket.write(text)

  expect(await readAll(socket)).toMatch(/^HTTP\/1.1 408 .*"code":"request_timeout"/s)
})

test('a body that grows beyond its bounds is refused before it is there', async () => {
  await using t = await listening()
  const socket = t.open()
  socket.on('error', () => undefined)
  const [answer] = await Promise.all([
    once(socket, 'data').then(([chunk]) => String(chunk)),
    new Promise<void>((resolve) => {
      socket.write(post(['Transfer-Encoding: chunked']))
      socket.write(`200000\r\n${'a'.repeat(0x200000)}\r\n`, () => resolve())
    }),
  ])
  socket.destroy()

  expect(answer).toMatch(/^HTTP\/1.1 413 .*"code":"body_too_large"/s)
})

test('a caller who hangs up in the middle harms nobody', async () => {
  await using t = await listening()
  const rude = t.open()
  rude.on('error', () => undefined)
  rude.write(post(['Content-Length: 1000'], '{"amount":'), () => rude.resetAndDestroy())
  await once(rude, 'close')
  const socket = t.open()
  socket.write(post([`Content-Length: ${ONE.length}`, 'Connection: close'], ONE))

  expect(await readAll(socket)).toMatch(/^HTTP\/1.1 201 /)
  expect(t.log.filter(({ level }) => level === 'error')).toEqual([])
})

test('requests sent without waiting are answered in order', async () => {
  await using t = await listening()
  const socket = t.open()
  const first = post([`Content-Length: ${ONE.length}`], ONE)
  const second = post(['Content-Length: 14', 'Connection: close'], '{"amount":"2"}')
  socket.write(first + second)

  expect([...(await readAll(socket)).matchAll(/"amount":"(\d)"/g)].map(([, amount]) => amount)).toEqual(['1', '2'])
})

test('closing waits for the request under way, and takes no new ones', async () => {
  const started = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<string>()
  const slow = router<ServedEconomy>()({
    method: 'get',
    path: '/slow',
    may: 'public',
    summary: 'Slow',
    description: 'Takes its time.',
    response: z.object({ said: z.string() }),
    handler: async () => {
      started.resolve()
      return { said: await finish.promise }
    },
  })
  await using t = await listening({ routes: [slow] })
  const socket = t.open()
  const idle = t.open()
  await once(idle, 'connect')
  socket.write('GET /v1/test/slow HTTP/1.1\r\nHost: x\r\n\r\n')
  await started.promise

  const closed = t.server.close()
  const late = t.open()
  await expect(once(late, 'connect')).rejects.toThrow('ECONNREFUSED')
  finish.resolve('done after all')

  expect(await readAll(socket)).toMatch(/^HTTP\/1.1 200 .*done after all/s)
  await closed
})
