import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { z } from 'zod'

import { testEconomy, type TestEconomy } from '../../test/helpers.ts'
import { keyOf, testShell, type TestAnswer } from '../../test/shell.ts'
import { transaction, type Tx } from '../core/db.ts'
import { Conflict, Forbidden, Unavailable } from '../core/errors.ts'
import { router, zText } from '../core/http.ts'
import { newUuid } from '../core/id.ts'
import { withSession } from '../core/session.ts'
import { KEPT_DAYS, sweepAnswers } from './idempotency.ts'
import type { ServedEconomy } from './mount.ts'

/**
 * One endpoint that writes a row, and can be told how to go wrong after it has; `gate` holds requests back inside of
 * their transaction until it is opened.
 */
function scene() {
  const t = { runs: 0, committed: 0, gate: Promise.resolve(), entered: Promise.withResolvers<void>() }
  const route = router<ServedEconomy>()
  const zBody = z.strictObject({
    username: zText(100),
    fail: z.enum(['bug', 'business', 'forbidden', 'busy', 'in_flight', 'duplicate', 'wrong_answer']).optional(),
    dry_run: z.boolean().optional(),
  })
  const common = {
    method: 'post',
    may: 'ledger.post',
    summary: 'Add',
    description: 'Adds a person.',
    status: 201,
  } as const
  const add = async (context: { tx: Tx; body: z.infer<typeof zBody>; now: Date }) => {
    t.runs++
    const id = await insert(context.tx, context.body.username, context.now)
    t.entered.resolve()
    await t.gate
    const { fail } = context.body
    if (fail === 'bug') throw new TypeError('a slip')
    if (fail === 'business') throw new Conflict('insufficient_funds', 'It has 3.', { available: '3' })
    if (fail === 'forbidden') throw new Forbidden('account_owned_by_module', 'Not yours.')
    if (fail === 'busy') throw new Unavailable('account_busy', 'Try again.')
    if (fail === 'in_flight') throw new Conflict('idempotency_key_in_flight', 'A key of its own is in use.')
    if (fail === 'duplicate') await insert(context.tx, context.body.username, context.now).catch(() => refuseTaken())
    return { id, username: fail === 'wrong_answer' ? 'x'.repeat(101) : context.body.username, n: t.runs }
  }
  const response = z.object({ id: z.uuid(), username: z.string().max(100), n: z.int() })
  const routes = [
    route({
      ...common,
      path: '/people',
      idempotency: 'required',
      body: zBody,
      response,
      handler: async (context) => {
        context.afterCommit(() => void t.committed++)
        return await add(context)
      },
    }),
    route({ ...common, path: '/visitors', idempotency: 'optional', body: zBody, response, handler: add }),
    route({
      ...common,
      path: '/keys',
      idempotency: 'required',
      answers_secret: true,
      body: zBody,
      response,
      handler: add,
    }),
  ]
  return { t, routes }
}

async function insert(tx: Tx, username: string, now: Date): Promise<string> {
  const id = newUuid(now)
  await tx.insertInto('identity.person').values({ id, username, joined_at: now, created_at: now }).execute()
  return id
}

function refuseTaken(): never {
  throw new Conflict('username_taken', 'Somebody is named so.')
}

async function opened() {
  const economy = await testEconomy()
  const { t, routes } = scene()
  const shell = await testShell({ routes, economy: served(economy) })
  return {
    economy,
    t,
    people: async () => (await economy.db.selectFrom('identity.person').select('username').execute()).length,
    answers: async () => await economy.db.selectFrom('api.answer').selectAll().execute(),
    async send(
      body: object,
      { key = 'k1', path = '/people', as = 'owner' as const }: Sending = {},
    ): Promise<TestAnswer> {
      const headers = { 'content-type': 'application/json', ...(key !== '' && { 'idempotency-key': key }) }
      return await shell.send({ method: 'POST', path: `/v1/test${path}`, key: keyOf(as), headers, body })
    },
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await economy[Symbol.asyncDispose]()
    },
  }
}

interface Sending {
  key?: string
  path?: string
  as?: 'owner' | 'finance'
}

function served({ name, db, clock }: TestEconomy): ServedEconomy {
  return { name, db, clock, state: 'open' }
}

const outcome = ({ status, json, headers }: TestAnswer) => ({ status, json, replayed: headers['idempotency-replayed'] })

test('a repeated request gets the same answer and does nothing more', async () => {
  await using s = await opened()
  const first = await s.send({ username: 'alice' })
  const again = await s.send({ username: 'alice' })

  expect(first).toMatchObject({ status: 201, json: { username: 'alice', n: 1 } })
  expect(first.headers['idempotency-replayed']).toBeUndefined()
  expect(outcome(again)).toEqual({ status: 201, json: first.json, replayed: 'true' })
  expect([await s.people(), s.t.runs, s.t.committed]).toEqual([1, 1, 1])
})

test('the key may be quoted, as the draft has it; it is then the same key', async () => {
  await using s = await opened()
  const first = await s.send({ username: 'alice' }, { key: 'a-b"c' })

  expect(outcome(await s.send({ username: 'alice' }, { key: '"a-b\\"c"' }))).toEqual({
    status: 201,
    json: first.json,
    replayed: 'true',
  })
})

test('what is no key is refused before anything happens', async () => {
  await using s = await opened()

  expect((await s.send({ username: 'alice' }, { key: 'a b' })).json).toMatchObject({
    status: 400,
    code: 'idempotency_key_invalid',
  })
  expect(s.t.runs).toBe(0)
})

test('where a key is required, nothing happens without one; where it is optional, every request counts', async () => {
  await using s = await opened()

  expect((await s.send({ username: 'alice' }, { key: '' })).json).toMatchObject({
    status: 400,
    code: 'idempotency_key_required',
  })
  expect(s.t.runs).toBe(0)
  expect((await s.send({ username: 'bob' }, { key: '', path: '/visitors' })).status).toBe(201)
  expect((await s.send({ username: 'carol' }, { key: '', path: '/visitors' })).status).toBe(201)
  expect([await s.people(), (await s.answers()).length]).toEqual([2, 0])
})

test('another body or another endpoint under the same key is refused, and what differs is named', async () => {
  await using s = await opened()
  await s.send({ username: 'alice' })

  expect((await s.send({ username: 'bob' })).json).toMatchObject({
    status: 422,
    code: 'idempotency_key_reused',
    params: { changed: ['body.username'] },
  })
  expect((await s.send({ username: 'alice', fail: 'bug' })).json).toMatchObject({ params: { changed: ['body.fail'] } })
  expect((await s.send({ username: 'alice' }, { path: '/visitors' })).json).toMatchObject({
    params: { changed: ['path'] },
  })
  expect(await s.people()).toBe(1)
})

test('the same key of somebody else is another key', async () => {
  await using s = await opened()
  await s.send({ username: 'alice' })

  expect((await s.send({ username: 'bob' }, { as: 'finance' })).status).toBe(201)
})

test('while the first is under way, the same request is told to wait, and does not', async () => {
  await using s = await opened()
  const gate = Promise.withResolvers<void>()
  s.t.gate = gate.promise
  const first = s.send({ username: 'alice' })
  await s.t.entered.promise
  const second = await s.send({ username: 'alice' })

  expect(second.json).toMatchObject({ status: 409, code: 'idempotency_key_in_flight' })
  expect(second.headers['retry-after']).toBe('1')
  gate.resolve()
  const done = await first
  expect(outcome(await s.send({ username: 'alice' }))).toEqual({ status: 201, json: done.json, replayed: 'true' })
})

test('of many at once, exactly one does the work', async () => {
  await using s = await opened()
  const answers = await Promise.all(Array.from({ length: 30 }, async () => await s.send({ username: 'alice' })))

  expect(s.t.runs).toBe(1)
  expect(answers.filter(({ status, headers }) => status === 201 && !headers['idempotency-replayed'])).toHaveLength(1)
  expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
})

test.each([
  ['business', 409, 'insufficient_funds'],
  ['duplicate', 409, 'username_taken'],
])('a refusal for a reason of the business (%s) is undone and remembered', async (fail, status, code) => {
  await using s = await opened()
  const first = await s.send({ username: 'alice', fail })
  const again = await s.send({ username: 'alice', fail })

  expect(first.json).toMatchObject({ status, code })
  expect(again.json).toMatchObject({ status, code, ...(fail === 'business' && { params: { available: '3' } }) })
  expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true'])
  expect([await s.people(), s.t.runs, s.t.committed]).toEqual([0, 1, 0])
})

test.each([
  ['bug', 500],
  ['wrong_answer', 500],
  ['forbidden', 403],
  ['busy', 503],
  ['in_flight', 409],
])('%s is undone and leaves the key free', async (fail, status) => {
  await using s = await opened()
  const first = await s.send({ username: 'alice', fail })
  const again = await s.send({ username: 'alice', fail })

  expect([first.status, again.status]).toEqual([status, status])
  expect([await s.people(), await s.answers(), s.t.runs, s.t.committed]).toEqual([0, [], 2, 0])
  expect((await s.send({ username: 'alice' })).status).toBe(201)
})

test('a process that dies takes its claim with it', async () => {
  await using s = await opened()
  const gate = Promise.withResolvers<void>()
  s.t.gate = gate.promise
  const first = s.send({ username: 'alice' })
  await s.t.entered.promise
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`.execute(
    s.economy.db,
  )
  gate.resolve()

  expect((await first).json).toMatchObject({ status: 503, code: 'database_unavailable' })
  s.t.gate = Promise.resolve()
  expect((await s.send({ username: 'alice' })).status).toBe(201)
  expect(await s.people()).toBe(1)
})

test('a dry run shows the answer, changes nothing, and uses no key up', async () => {
  await using s = await opened()
  const rehearsal = await s.send({ username: 'alice', dry_run: true })

  expect(rehearsal).toMatchObject({ status: 201, json: { username: 'alice' } })
  expect((await s.send({ username: 'alice', dry_run: true }, { key: '' })).status).toBe(201)
  expect((await s.send({ username: 'alice', dry_run: true, fail: 'business' })).json).toMatchObject({
    code: 'insufficient_funds',
  })
  expect([await s.people(), await s.answers(), s.t.committed]).toEqual([0, [], 0])
  expect((await s.send({ username: 'alice' })).status).toBe(201)
})

test('an answer that holds a secret is kept nowhere, so it cannot be had again', async () => {
  await using s = await opened()
  const first = await s.send({ username: 'a-secret-name' }, { path: '/keys' })
  const again = await s.send({ username: 'a-secret-name' }, { path: '/keys' })

  expect(first).toMatchObject({ status: 201, json: { username: 'a-secret-name' } })
  expect(again.json).toMatchObject({ status: 409, code: 'idempotency_answer_secret' })
  expect(JSON.stringify(await s.answers())).not.toContain('a-secret-name')
  expect(await s.people()).toBe(1)
})

test('answers are kept for thirty days', async () => {
  await using s = await opened()
  const { db, clock } = s.economy
  await s.send({ username: 'alice' })
  const day_ms = 86_400_000
  const sweep = async (days: number, more_ms = 0) =>
    await transaction(
      db,
      async (tx) => await sweepAnswers(tx, { now: new Date(clock.now().getTime() + days * day_ms + more_ms) }),
    )

  expect(await sweep(KEPT_DAYS)).toBe(0)
  expect((await s.send({ username: 'alice' })).headers['idempotency-replayed']).toBe('true')
  expect(await sweep(KEPT_DAYS, 1)).toBe(1)
  expect((await s.send({ username: 'bob' })).status).toBe(201)
})

test('a database that takes no writes is answered clearly, and nothing is half done', async () => {
  await using s = await opened()
  await withSession({ url: s.economy.adminUrl }, async (client) => {
    const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name')
    await client.query(`alter database ${rows[0]?.name} set default_transaction_read_only = on`)
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
  })
  await s.people().catch(() => undefined)

  expect((await s.send({ username: 'alice' })).json).toMatchObject({ status: 503, code: 'database_read_only' })
  expect([await s.people(), s.t.runs]).toEqual([0, 0])
})
