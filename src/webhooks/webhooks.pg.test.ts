// Messages to a receiver of our own that checks them as anybody would, with the public library.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'

import { testLog } from '../../test/log-fixture.ts'
import { keyOf, testShell } from '../../test/shell.ts'
import { listEvents, record } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { secretBox } from '../core/secret-box.ts'
import { secret } from '../core/secret.ts'
import { deliverDue, endpointsDue, LEASE_MS, type Sender } from './deliver.ts'
import { queueAll } from './jobs.ts'
import { webhookRoutes } from './routes.ts'
import { Dispatcher } from './webhooks.ts'

const HOUR = 3_600_000

/** An economy whose log is sealed when told, with a receiver that answers as it is told to. */
async function testWebhooks({ private_allowed = true } = {}) {
  const log = await testLog({ books: 'unchecked' })
  log.clock.set(new Date())
  const { sealer } = await log.open()
  const webhooks = { secrets: secretBox(secret('of the installation'), 'webhooks'), private_allowed }
  const economy = { ...log, state: 'open' as const, webhooks }
  const shell = await testShell<typeof economy>({ routes: webhookRoutes, economy })
  const receiver = await startReceiver()
  const sender: Sender = { db: log.db, clock: log.clock, ...webhooks }
  const call = async (method: 'GET' | 'POST', path: string, body?: object, who = 'owner') => {
    const headers = method === 'POST' ? { 'idempotency-key': randomUUID() } : {}
    const answer = await shell.send({
      method,
      path: `/v1/test${path}`,
      key: keyOf(who),
      headers,
      ...(body && { body }),
    })
    return { status: answer.status, json: answer.json as Json }
  }
  const queue = async () => {
    await sealer.sealAll()
    await queueAll(log.db, log.clock.now())
  }
  return {
    ...log,
    sender,
    receiver,
    call,
    queue,
    subscribe: async (types: string[], path = '/') => {
      await sealer.sealAll()
      const { status, json } = await call('POST', '/webhooks', { url: `${receiver.url}${path}`, types })
      expect(status).toBe(201)
      return json
    },
    happen: async (subject: string, action = 'thing.change') => {
      const event = { at: log.clock.now(), actor: 'key:owner', action, subject }
      await transaction(log.db, async (tx) => await record(tx, event))
      await queue()
    },
    /** Everything that is due by now is sent, until nothing is. */
    send: async () => {
      for (;;) {
        const due = await endpointsDue(log.db, log.clock.now())
        if (due.length === 0) return
        for (const endpoint of due) await deliverDue(sender, endpoint)
      }
    },
    later: (ms: number) => log.clock.set(new Date(log.clock.now().getTime() + ms)),
    deliveries: async (id: string) => (await call('GET', `/webhooks/${id}/deliveries`)).json.data,
    [Symbol.asyncDispose]: async () => {
      await receiver.close()
      await shell[Symbol.asyncDispose]()
      await log[Symbol.asyncDispose]()
    },
  }
}

interface Json {
  id: string
  secret: string
  code: string
  status: string
  url: string
  pending: number
  disabled_reason: string | null
  position: string
  subject: string
  attempted: { http_status: number | null; error: string | null; response: string | null }[]
  message: { type: string }
  data: Json[]
}

interface Received {
  id: string
  headers: IncomingHttpHeaders
  body: string
  event: { type: string; subject: string; id: string; data: Record<string, unknown> }
}

async function startReceiver() {
  const got: Received[] = []
  let answer = (_: Received, response: ServerResponse): void => void response.writeHead(204).end()
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray()).toString()
    const { headers } = request
    const received = { id: String(headers['webhook-id']), headers, body, event: JSON.parse(body) }
    got.push(received)
    answer(received, response)
  }
  const server = createServer((request, response) => void receive(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    got,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (how: typeof answer) => {
      answer = how
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (_: Received, response: ServerResponse): void =>
    void response.writeHead(code, headers).end('as told')

test('what happens is told, signed so that the public library verifies it', async () => {
  await using t = await testWebhooks()
  const { secret: key } = await t.subscribe(['entry.posted.*', 'parameter.set'])
  expect(key).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  await t.pay(250n)
  await t.happen('parameter:weekly_pool', 'parameter.set')
  await t.happen('elsewhere', 'thing.change')
  await t.send()

  t.receiver.got.sort((a, b) => (a.event.type < b.event.type ? -1 : 1))
  expect(t.receiver.got.map(({ event }) => event.type)).toEqual(['entry.posted.deposit', 'parameter.set'])
  for (const { body, headers } of t.receiver.got) {
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
    expect(new Webhook(key).verify(body, signed)).toEqual(JSON.parse(body))
    expect(() => new Webhook(key).verify(body, { ...signed, 'webhook-id': 'evt_other' })).toThrow(
      'No matching signature',
    )
    expect(body.length).toBeLessThan(20_000)
  }
  const [paid] = t.receiver.got
  expect(paid!.event).toMatchObject({ subject: 'account:world:bank:TOK', data: { postings: [{ amount: '2.5' }] } })
  expect(paid!.id).toBe(`evt_${paid!.event.id}`)
})

test('the secret is shown once: neither the database nor the audit trail has it', async () => {
  await using t = await testWebhooks()
  const { id, secret: key } = await t.subscribe(['*'])
  const rows = await t.db.selectFrom('webhooks.endpoint').selectAll().execute()
  const plain = Buffer.from(key.slice('whsec_'.length), 'base64')
  expect(rows[0]!.secret.includes(plain)).toBe(false)
  const trail = await listEvents(t.db, { limit: 9, action: 'webhook.create' })
  expect(trail).toMatchObject([{ actor: 'key:owner', subject: `webhook:${id}` }])
  expect(
    JSON.stringify([trail, (await t.call('GET', '/webhooks')).json], (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
  ).not.toContain(key)
})

test('what fails is sent again with the same id, later each time, and then given up', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  t.receiver.answer(status(500))
  await t.happen('a')
  const waits: number[] = []
  for (let i = 0; i < 12; i++) {
    await t.send()
    const { due_at } = (await t.db.selectFrom('webhooks.delivery').select('due_at').executeTakeFirst())!
    if (due_at === null) break
    waits.push(Math.round((due_at.getTime() - t.clock.now().getTime()) / 60_000))
    t.clock.set(due_at)
  }
  expect(waits).toHaveLength(9)
  expect(waits[1]).toBeGreaterThanOrEqual(5)
  expect(waits[8]).toBeGreaterThanOrEqual(24 * 60)
  expect(waits[8]).toBeLessThanOrEqual(24 * 66)
  expect(new Set(t.receiver.got.map((each) => each.id)).size).toBe(1)
  expect(t.receiver.got).toHaveLength(10)
  const [delivery] = await t.deliveries(id)
  expect(delivery).toMatchObject({ status: 'failed', attempts: 10 })
  const detail = await t.call('GET', `/webhooks/${id}/deliveries/${delivery!.position}`)
  expect(detail.json.attempted).toHaveLength(10)
  expect(detail.json.attempted[0]).toMatchObject({ http_status: 500, response: 'as told', error: null })
})

test('events of one subject arrive in order; others do not wait for them', async () => {
  await using t = await testWebhooks()
  await t.subscribe(['thing.*'])
  let broken = true
  t.receiver.answer((received, response) =>
    status(broken && received.event.subject === 'a' ? 500 : 204)(received, response),
  )
  for (const subject of ['a', 'b', 'a', 'a', 'b']) await t.happen(subject)
  await t.send()
  expect(t.receiver.got.map(({ event }) => event.subject).toSorted()).toEqual(['a', 'b', 'b'])
  broken = false
  t.later(HOUR)
  await t.happen('a')
  await t.send()
  const ofA = t.receiver.got.filter(({ event }) => event.subject === 'a').map(({ event }) => event.id)
  expect(ofA).toHaveLength(5)
  expect(ofA.slice(1)).toEqual(ofA.slice(1).toSorted())
})

test('killed between sending and recording, the message comes again under the same id', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  await t.happen('a')
  // Whoever claims and dies: the claim is all that is left.
  const dead = Promise.withResolvers<void>()
  t.receiver.answer((_, response) => {
    response.writeHead(204).end()
    dead.resolve()
  })
  const cut: Sender = { ...t.sender, db: brokenAfterClaim(t.sender.db, dead.promise) }
  await expect(deliverDue(cut, id)).rejects.toThrow('killed')
  await t.send()
  expect(t.receiver.got).toHaveLength(1)

  t.later(LEASE_MS)
  await t.send()
  expect(t.receiver.got).toHaveLength(2)
  expect(t.receiver.got[0]!.id).toBe(t.receiver.got[1]!.id)
  expect(await t.deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 2 }])
})

/** The second transaction, which records, fails as it would in a process that is gone. */
function brokenAfterClaim(db: Sender['db'], sent: Promise<void>): Sender['db'] {
  let transactions = 0
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction' && ++transactions > 1) {
        return () => ({ execute: async () => await sent.then(() => Promise.reject(new Error('killed'))) })
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

test('410 disables the webhook, as an audit event says', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  t.receiver.answer(status(410))
  await t.happen('a')
  await t.happen('b')
  await t.send()
  const { json } = await t.call('GET', `/webhooks/${id}`)
  expect(json).toMatchObject({ status: 'disabled', disabled_reason: 'The receiver answered 410 Gone.' })
  expect(await listEvents(t.db, { limit: 9, action: 'webhook.disable' })).toMatchObject([{ actor: 'system' }])
  await t.happen('c')
  await t.send()
  const before = t.receiver.got.length

  t.receiver.answer(status(204))
  expect((await t.call('POST', `/webhooks/${id}/enable`)).status).toBe(200)
  await t.queue()
  await t.send()
  expect(t.receiver.got.slice(before).map(({ event }) => event.subject)).toContain('c')
})

test('Retry-After is waited for', async () => {
  await using t = await testWebhooks()
  await t.subscribe(['thing.*'])
  t.receiver.answer(status(429, { 'retry-after': '3600' }))
  await t.happen('a')
  await t.send()
  t.receiver.answer(status(204))
  t.later(HOUR - 1_000)
  await t.send()
  expect(t.receiver.got).toHaveLength(1)
  t.later(2_000)
  await t.send()
  expect(t.receiver.got).toHaveLength(2)
})

test('a redirect is not followed', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  t.receiver.answer(status(302, { location: `${t.receiver.url}/elsewhere` }))
  await t.happen('a')
  await t.send()
  expect(t.receiver.got).toHaveLength(1)
  expect(await t.deliveries(id)).toMatchObject([{ status: 'pending', attempts: 1 }])
})

test('nothing is sent to private addresses, neither written as such nor by a name that leads there', async () => {
  await using t = await testWebhooks({ private_allowed: false })
  const body = { url: t.receiver.url.replace('http:', 'https:'), types: ['*'] }
  expect((await t.call('POST', '/webhooks', body)).json.code).toBe('webhook_address_private')
  const named = { ...body, url: body.url.replace('127.0.0.1', 'localhost') }
  const { json } = await t.call('POST', '/webhooks', named)
  await t.happen('a')
  await t.send()
  const [delivery] = await t.deliveries(json.id)
  const detail = await t.call('GET', `/webhooks/${json.id}/deliveries/${delivery!.position}`)
  expect(detail.json.attempted).toMatchObject([{ http_status: null, error: 'webhook_address_private' }])
  expect(t.receiver.got).toEqual([])
})

test('for a day after a change both secrets verify', async () => {
  await using t = await testWebhooks()
  const { id, secret: old } = await t.subscribe(['thing.*'])
  const { json } = await t.call('POST', `/webhooks/${id}/rotate-secret`)
  await t.happen('a')
  await t.send()
  t.later(25 * HOUR)
  await t.happen('a')
  await t.send()
  const signatures = t.receiver.got.map(({ headers }) => String(headers['webhook-signature']).split(' ').length)
  expect(signatures).toEqual([2, 1])
  const [first] = t.receiver.got
  const signed = { ...first!.headers } as Record<string, string>
  for (const each of [old, json.secret]) expect(new Webhook(each).verify(first!.body, signed)).toBeTruthy()
})

test('one event, or all since a time, are sent again with the ids that they had', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  await t.happen('a')
  await t.send()
  t.later(HOUR)
  const since = t.clock.now().toISOString()
  await t.happen('a')
  await t.send()
  await t.happen('b')
  await t.send()
  const ids = t.receiver.got.map((each) => each.id)
  const [, , oldest] = await t.deliveries(id)
  expect((await t.call('POST', `/webhooks/${id}/deliveries/${oldest!.position}/replay`)).status).toBe(200)
  await t.send()
  expect(t.receiver.got.map((each) => each.id)).toEqual([...ids, ids[0]])

  expect((await t.call('POST', `/webhooks/${id}/replay`, { since })).status).toBe(200)
  await t.queue()
  await t.send()
  const again = t.receiver.got.slice(4).map((each) => each.id)
  expect(again.toSorted()).toEqual(ids.slice(1).toSorted())
})

test('a deleted webhook is told nothing more, what waits included', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  await t.happen('a')
  expect((await t.call('POST', `/webhooks/${id}/delete`)).status).toBe(200)
  await t.happen('b')
  await t.send()
  expect(t.receiver.got).toEqual([])
  expect((await t.call('GET', `/webhooks/${id}`)).json.code).toBe('webhook_not_found')
})

test('the dispatcher sends by itself, and a slow receiver holds up only itself', async () => {
  await using t = await testWebhooks()
  await t.subscribe(['thing.*'], '/slow')
  await t.subscribe(['thing.*'], '/quick')
  const slow: ServerResponse[] = []
  const held = Promise.withResolvers<void>()
  const quick = Promise.withResolvers<void>()
  t.receiver.answer(({ event }, response) => {
    const path = response.req.url
    if (path === '/slow') {
      slow.push(response)
      return held.resolve()
    }
    response.writeHead(204).end()
    if (event.subject === 'z') quick.resolve()
  })
  for (const subject of ['a', 'b', 'z']) await t.happen(subject)
  const dispatcher = new Dispatcher(t.sender, { onError: (error) => quick.reject(error) })
  dispatcher.start()
  await Promise.all([quick.promise, held.promise])
  t.receiver.answer(status(204))
  for (const response of slow) response.writeHead(204).end()
  await dispatcher.close()
})

test('two senders at once send each message once', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  for (let i = 0; i < 12; i++) await t.happen(`s${i}`)
  await Promise.all([deliverDue(t.sender, id), deliverDue(t.sender, id), queueAll(t.db, t.clock.now())])
  await t.send()
  expect(new Set(t.receiver.got.map((each) => each.id)).size).toBe(12)
  expect(t.receiver.got).toHaveLength(12)
})
