import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect } from 'vitest'

import { record } from '../src/core/audit.ts'
import { transaction } from '../src/core/db.ts'
import { secretBox } from '../src/core/secret-box.ts'
import { secret } from '../src/core/secret.ts'
import { deliverDue, endpointsDue, type Sender } from '../src/webhooks/deliver.ts'
import { queueAll } from '../src/webhooks/jobs.ts'
import { webhookRoutes } from '../src/webhooks/routes.ts'
import { testLog } from './log-fixture.ts'
import { keyOf, testShell } from './shell.ts'

/** An economy whose log is sealed when told, with a receiver that answers as it is told to. */
export async function testWebhooks({ private_allowed = true } = {}) {
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

export interface Received {
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

export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (_: Received, response: ServerResponse): void =>
    void response.writeHead(code, headers).end('as told')
