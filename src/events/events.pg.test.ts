// What happens is told to those who may know it, over real connections: in the order of the log, without a gap.
import { get, type IncomingMessage } from 'node:http'

import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { testLog } from '../../test/log-fixture.ts'
import { keyOf, testShell } from '../../test/shell.ts'
import type { Actor } from '../core/actor.ts'
import { record } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { post } from '../ledger/post.ts'
import { EventFeed } from './events.ts'
import { eventRoutes } from './routes.ts'

const ANN = '018f3b1c-7c00-7000-8000-00000000000a'
const BOB = '018f3b1c-7c00-7000-8000-00000000000b'

async function testEvents({ idle_ms = 15_000 } = {}) {
  const log = await testLog({ books: 'unchecked' })
  for (const [path, owner] of [
    ['users:ann:available', ANN],
    ['users:bob:available', BOB],
  ]) {
    await sql`update ledger.account set owner = ${owner}::uuid where path = ${path}`.execute(log.db)
  }
  const { sealer } = await log.open()
  await sealer.sealAll()
  const events = new EventFeed(log.db, { idle_ms })
  const keys = new Map<string, Actor>([
    [keyOf('owner'), { id: 'key:owner', role: 'owner', principal: 'key:owner' }],
    [keyOf('support'), { id: 'key:support', role: 'support', principal: 'key:support' }],
    ...[ANN, BOB].map((id): [string, Actor] => [
      keyOf(id),
      { id: `person:${id}`, role: 'member', principal: `person:${id}`, person: id },
    ]),
  ])
  const economy = { ...log, state: 'open' as const, events }
  const shell = await testShell<typeof economy>({
    routes: eventRoutes,
    economy,
    authenticateKey: async (_, key) => keys.get(key),
  })
  const address = await shell.server.listen({ host: '127.0.0.1', port: 0 })
  return {
    ...log,
    keys,
    events,
    shell,
    address,
    pay: async (amount: bigint, to?: string) => {
      const paid = await log.pay(amount, to)
      await sealer.sealAll()
      return paid
    },
    audit: async (action: string, { actor = 'key:owner', subject = 'thing:1' } = {}) => {
      await transaction(log.db, async (tx) => await record(tx, { at: log.clock.now(), actor, action, subject }))
      await sealer.sealAll()
    },
    seal: async () => await sealer.sealAll(),
    follow: async (who: string, options: FollowOptions = {}) => await follow(address, who, options),
    [Symbol.asyncDispose]: async () => {
      await events.close()
      await shell[Symbol.asyncDispose]()
      await log[Symbol.asyncDispose]()
    },
  }
}

interface FollowOptions {
  lastEventId?: string
  query?: string
}

/** A connection as a browser's EventSource would hold it. */
async function follow(address: string, who: string, { lastEventId, query = '' }: FollowOptions) {
  const headers = {
    authorization: `Bearer ${keyOf(who)}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  }
  const request = get(`${address}/v1/test/events${query}`, { headers, agent: false })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  response.setEncoding('utf8')
  const blocks = readBlocks(response)
  const next = async (): Promise<string> => {
    const { value, done } = await blocks.next()
    return done === true ? 'closed' : value
  }
  const stream = {
    response,
    next,
    /** The next event with data; the comments between are passed over. */
    event: async (): Promise<Told> => {
      for (;;) {
        const block = await next()
        if (block === 'closed') throw new Error('The stream was closed')
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined) return { ...JSON.parse(data), lastEventId: /^id: (\d+)$/m.exec(block)?.[1] }
      }
    },
    close: () => void request.destroy(),
    [Symbol.dispose]: () => void request.destroy(),
  }
  // The first block says that the stream is open.
  if (response.statusCode === 200) expect(await next()).toMatch(/^: alive/)
  return stream
}

async function* readBlocks(response: IncomingMessage): AsyncGenerator<string> {
  let text = ''
  try {
    for await (const chunk of response) {
      text += String(chunk)
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        yield text.slice(0, end)
        text = text.slice(end + 2)
      }
    }
  } catch {
    // Cut off.
  }
}

interface Told {
  type: string
  id: string
  position: string
  subject: string
  lastEventId: string
  data: { lines?: { account: string; amount: string; balance_after: string }[]; postings?: unknown[]; actor?: string }
}

const refused = async (t: { address: string }, who: string, options: FollowOptions = {}) => {
  using stream = await follow(t.address, who, options)
  return { status: stream.response.statusCode, body: await stream.response.toArray().then((all) => all.join('')) }
}

test('staff are told everything, in the order of the log, with what it takes to resume', async () => {
  await using t = await testEvents()
  using stream = await t.follow('owner')
  expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  await t.pay(150n)
  await t.audit('parameter.set', { subject: 'parameter:weekly_pool' })

  const paid = await stream.event()
  expect(paid).toMatchObject({
    type: 'entry.posted.deposit',
    subject: 'account:world:bank:TOK',
    data: { kind: 'deposit', postings_count: 1, postings: [{ to: 'users:ann:available', amount: '1.5' }] },
  })
  expect(paid.lastEventId).toBe(paid.position)
  const set = await stream.event()
  expect(set).toMatchObject({ type: 'parameter.set', subject: 'parameter:weekly_pool', data: { actor: 'key:owner' } })
  expect(BigInt(set.position)).toBe(BigInt(paid.position) + 1n)
})

test('who comes back with the last id misses nothing, and hears nothing twice', async () => {
  await using t = await testEvents()
  const first = await t.follow('owner')
  await t.pay(1n)
  const { lastEventId } = await first.event()
  first.close()
  for (const amount of [2n, 3n, 4n]) await t.pay(amount)

  for (const resumed of [{ lastEventId }, { query: `?after=${lastEventId}` }]) {
    using stream = await t.follow('owner', resumed)
    const amounts = [await stream.event(), await stream.event(), await stream.event()].map(({ data }) => data.postings)
    expect(amounts).toMatchObject([[{ amount: '0.02' }], [{ amount: '0.03' }], [{ amount: '0.04' }]])
  }
})

test('a writer that commits late is told when it is sealed', async () => {
  await using t = await testEvents()
  using stream = await t.follow('owner')
  const committed = Promise.withResolvers<void>()
  const drawn = Promise.withResolvers<void>()
  const late = transaction(t.db, async (tx) => {
    await record(tx, { at: t.clock.now(), actor: 'key:late', action: 'thing.late', subject: 'late' })
    drawn.resolve()
    await committed.promise
  })
  await drawn.promise
  await t.audit('thing.early')
  expect(await stream.event()).toMatchObject({ type: 'thing.early' })
  committed.resolve()
  await late
  await t.seal()
  expect(await stream.event()).toMatchObject({ type: 'thing.late' })
})

test('a member is told of their own lines, and of nobody else’s', async () => {
  await using t = await testEvents()
  using ann = await t.follow(ANN)
  using bob = await t.follow(BOB)
  await t.pay(500n)
  await transaction(t.db, async (tx) => {
    const postings = [
      { from: 'users:ann:available', to: 'users:bob:available', asset: 'TOK', amount: 100n },
      { from: 'world:bank', to: 'users:ann:available', asset: 'TOK', amount: 7n },
    ]
    await post(tx, [{ kind: 'gift', postings }], { actor: `person:${ANN}`, now: t.clock.now() })
  })
  await t.seal()

  expect((await ann.event()).data.lines).toMatchObject([{ account: 'users:ann:available', amount: '5' }])
  expect((await ann.event()).data.lines).toMatchObject([
    { amount: '-1', balance_after: '4', counterparty: 'users:bob:available' },
    { amount: '0.07', balance_after: '4.07' },
  ])
  const told = await bob.event()
  expect(told.type).toBe('entry.posted.gift')
  expect(told.data.lines).toHaveLength(1)
  expect(told.data.lines).toMatchObject([{ account: 'users:bob:available', amount: '1' }])
  expect(JSON.stringify(told)).not.toContain('4.07')
})

test('a member who was long away reads their own from where they stopped', async () => {
  await using t = await testEvents()
  for (let i = 1n; i <= 3n; i++) await t.pay(i)
  await t.pay(4n, 'users:bob:available')
  await t.pay(5n)
  using ann = await t.follow(ANN, { query: '?after=0' })
  const amounts = []
  for (let i = 0; i < 4; i++) amounts.push((await ann.event()).data.lines?.[0]?.amount)
  expect(amounts).toEqual(['0.01', '0.02', '0.03', '0.05'])
})

test('members see what is public and what they did; not what staff does to others', async () => {
  await using t = await testEvents()
  using ann = await t.follow(ANN)
  await t.audit('key.create', { subject: 'key:1' })
  await t.audit('person.lock', { subject: `person:${BOB}` })
  await t.audit('proposal.open', { actor: `person:${BOB}`, subject: 'proposal:1' })
  await t.audit('stake.open', { actor: `person:${ANN}`, subject: 'stake:1' })

  const proposal = await ann.event()
  expect(proposal).toMatchObject({ type: 'proposal.open', subject: 'proposal:1', data: { actor: null } })
  expect(await ann.event()).toMatchObject({ type: 'stake.open', data: { actor: `person:${ANN}` } })
})

test('only the types asked for are told', async () => {
  await using t = await testEvents()
  using stream = await t.follow('owner', { query: '?types=proposal.*,entry.posted.gift' })
  await t.pay(1n)
  await t.audit('proposal.open')
  expect(await stream.event()).toMatchObject({ type: 'proposal.open' })
  expect(await refused(t, 'owner', { query: '?types=DROP' })).toMatchObject({ status: 400 })
})

test('a stream without events says that it is alive, and moves the place to resume from', async () => {
  await using t = await testEvents({ idle_ms: 30 })
  await t.pay(1n)
  using stream = await t.follow(BOB)
  expect(await stream.next()).toMatch(/^: alive\nid: \d+$/)
})

test('who may not, cannot follow', async () => {
  await using t = await testEvents()
  expect(await refused(t, 'nobody')).toMatchObject({ status: 401, body: expect.stringContaining('key_invalid') })
  expect(await refused(t, 'support')).toMatchObject({
    status: 403,
    body: expect.stringContaining('action_not_allowed'),
  })
  expect(await refused(t, 'owner', { query: '?mine=true' })).toMatchObject({
    status: 403,
    body: expect.stringContaining('member_required'),
  })
  expect(await refused(t, 'owner', { lastEventId: '../1' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('position_invalid'),
  })
})

test('one caller has ten streams and no more, and a place is free again when one is closed', async () => {
  await using t = await testEvents()
  const streams = await Promise.all(Array.from({ length: 10 }, async () => await t.follow(ANN)))
  expect(await refused(t, ANN)).toMatchObject({ status: 429, body: expect.stringContaining('too_many_streams') })
  using other = await t.follow(BOB)
  expect(other.response.statusCode).toBe(200)
  for (const stream of streams) stream.close()
  await expect.poll(() => t.events.followers).toBe(1)
})

test('a stream ends when its key is revoked', async () => {
  await using t = await testEvents()
  using ann = await t.follow(ANN)
  using bob = await t.follow(BOB)
  t.keys.delete(keyOf(ANN))
  expect(await ann.next()).toBe('closed')
  await t.pay(1n, 'users:bob:available')
  expect(await bob.event()).toMatchObject({ type: 'entry.posted.deposit' })
})

test('stopping the server ends the streams at once', async () => {
  await using t = await testEvents()
  using stream = await t.follow('owner')
  const closed = t.shell.server.close()
  expect(await stream.next()).toBe('closed')
  await closed
  expect(t.events.followers).toBe(0)
})

test('a reader who takes nothing holds up nobody else', async () => {
  await using t = await testEvents()
  using slow = await t.follow('owner')
  slow.response.pause()
  using quick = await t.follow(ANN)
  for (let i = 1n; i <= 20n; i++) await t.pay(i)
  for (let i = 0; i < 20; i++) await quick.event()
  // It has missed nothing either.
  for (let i = 0; i < 20; i++) await slow.event()
})
