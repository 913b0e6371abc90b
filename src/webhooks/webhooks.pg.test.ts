// Messages to a receiver of our own that checks them as anybody would, with the public library.
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'

import { status, testWebhooks } from '../../test/webhooks.ts'
import { listEvents } from '../core/audit.ts'

const HOUR = 3_600_000

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
    expect((await t.call('GET', `/webhooks/${id}`)).json).toMatchObject({ pending: 1, retrying: 1, failed: 0 })
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
  expect((await t.call('GET', `/webhooks/${id}`)).json).toMatchObject({ pending: 0, retrying: 0, failed: 1 })
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

test('a message that waits for its next attempt is sent at once when somebody asks', async () => {
  await using t = await testWebhooks()
  const { id } = await t.subscribe(['thing.*'])
  t.receiver.answer(status(500))
  await t.happen('a')
  await t.send()
  t.receiver.answer(status(204))
  await t.send()
  expect(t.receiver.got).toHaveLength(1)
  const [waiting] = await t.deliveries(id)
  expect((await t.call('POST', `/webhooks/${id}/deliveries/${waiting!.position}/replay`)).status).toBe(200)
  await t.send()
  expect(t.receiver.got.map((each) => each.id)).toEqual(Array(2).fill(t.receiver.got[0]?.id))
  expect(await t.deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 2 }])
})

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
