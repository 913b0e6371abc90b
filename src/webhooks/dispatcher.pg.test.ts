import type { ServerResponse } from 'node:http'

import { expect, test } from 'vitest'

import { status, testWebhooks } from '../../test/webhooks.ts'
import { deliverDue, LEASE_MS, type Sender } from './deliver.ts'
import { queueAll } from './jobs.ts'
import { Dispatcher } from './webhooks.ts'

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

test('one message that cannot be recorded does not end the wait for the others that are on their way', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  for (const subject of ['a', 'b']) await t.happen(subject)
  const both = Promise.withResolvers<void>()
  const held: ServerResponse[] = []
  t.receiver.answer((_, response) => {
    held.push(response)
    if (held.length === 2) both.resolve()
  })
  const failed = Promise.withResolvers<void>()
  const ended = { yet: false }
  const db = failing(t.sender.db, { only: 2, fail: async () => failed.resolve() })
  const sending = deliverDue({ ...t.sender, db }, id).finally(() => (ended.yet = true))
  sending.catch(() => undefined)
  await both.promise
  held[0]!.writeHead(204).end()
  await failed.promise
  await t.deliveries(id)
  expect(ended.yet).toBe(false)
  held[1]!.writeHead(204).end()
  await expect(sending).rejects.toThrow('gone')
  expect((await t.deliveries(id)).map((each) => each.status).toSorted()).toEqual(['delivered', 'pending'])
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
  const cut: Sender = { ...t.sender, db: failing(t.sender.db, { fail: async () => await dead.promise }) }
  await expect(deliverDue(cut, id)).rejects.toThrow('gone')
  await t.send()
  expect(t.receiver.got).toHaveLength(1)

  t.later(LEASE_MS)
  await t.send()
  expect(t.receiver.got).toHaveLength(2)
  expect(t.receiver.got[0]!.id).toBe(t.receiver.got[1]!.id)
  expect(await t.deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 2 }])
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

/** After the claim, transactions fail as in a process that is gone, \`only\` the one of that number if it is said. */
function failing(db: Sender['db'], { only, fail }: { only?: number; fail: () => Promise<void> }): Sender['db'] {
  let transactions = 0
  const execute = async () => {
    await fail()
    throw new Error('gone')
  }
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction') {
        transactions++
        if (only === undefined ? transactions > 1 : transactions === only) return () => ({ execute })
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
