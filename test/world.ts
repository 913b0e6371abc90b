import { randomUUID } from 'node:crypto'

import { KONTRIB } from '../blueprints/kontrib.ts'
import type { RunningEconomy } from '../src/app.ts'
import { openAuth } from '../src/auth/auth.ts'
import { STAFF_ROLES, type StaffRole } from '../src/core/actor.ts'
import { transaction } from '../src/core/db.ts'
import { startJobs } from '../src/core/jobs.ts'
import { secretBox } from '../src/core/secret-box.ts'
import { secret } from '../src/core/secret.ts'
import { withSession } from '../src/core/session.ts'
import { EventFeed } from '../src/events/events.ts'
import { authenticate, createApiKey } from '../src/identity/identity.ts'
import { Batcher } from '../src/ledger/batcher.ts'
import { createChart } from '../src/ledger/chart.ts'
import { REVERSIBLE_KINDS } from '../src/ledger/reversal.ts'
import { ROUTES, signInThrough } from '../src/server.ts'
import { testLog, type TestLog } from './log-fixture.ts'
import { testShell } from './shell.ts'
import { type Browser, openBrowser, PASSWORD, TEST_SITE } from './sign-in.ts'

/**
 * A wiki as it is served, with every route there is: members who are signed in, `ann` and `ben`, with 10,000 KONTRIB each,
 * and staff of every role by keys of their own. Nothing is stubbed but the clock.
 */
export async function testWorld({ books = 'checked' }: { books?: 'checked' | 'unchecked' } = {}): Promise<World> {
  const t = await testLog({ blueprint: KONTRIB, books, asset: 'KONTRIB' })
  const { db, clock } = t
  const log = await t.open()
  const batcher = new Batcher(db, clock)
  const events = new EventFeed(db)
  const errors: string[] = []
  const auth = openAuth({
    economy: t.name,
    title: 'Test',
    db,
    serviceUrl: secret(t.url),
    connections_max: 2,
    clock,
    state: 'open',
    secret: secret('a secret of the tests, long enough to sign with'),
    url: undefined,
    site: TEST_SITE,
    mailer: undefined,
    onError: (reason) => void errors.push(reason),
  })
  const jobs = startJobs(t, [], { onError: (job) => void errors.push(job) })
  const economy = {
    ...t,
    state: 'open',
    site: TEST_SITE,
    log,
    batcher,
    events,
    auth,
    jobs,
    chart: createChart(KONTRIB.chart, KONTRIB.kinds),
    reversibleKinds: new Set(REVERSIBLE_KINDS),
    webhooks: { secrets: secretBox(secret('a secret of the tests, long enough'), 'webhooks'), private_allowed: true },
  } as unknown as RunningEconomy
  const shell = await testShell<RunningEconomy>({
    routes: ROUTES,
    economy,
    authenticateKey: authenticate,
    signIn: signInThrough(undefined),
    limits: { key: 1_000_000, open: 1_000_000, failed: 1_000_000 },
  })

  const staff = new Map<string, string>()
  for (const role of [...STAFF_ROLES, 'owner'] as const) {
    const name = staff.has(role) ? 'approver' : role
    const made = await transaction(db, async (tx) => {
      return await createApiKey(tx, { name, role, actor: 'cli:test', now: clock.now() })
    })
    staff.set(name, made.key.reveal())
  }
  const members = new Map<string, Member>()
  const ask: World['ask'] = async (who, method, path, body) => {
    const member = members.get(who)
    if (member) return await member.browser.ask(method, path, body)
    const json = typeof body === 'string' && { 'content-type': 'application/json' }
    const headers = method === 'GET' ? {} : { 'idempotency-key': randomUUID(), ...json }
    const given = body !== undefined && { body }
    return await shell.send({ method, path: `/v1/test${path}`, key: staff.get(who) ?? who, headers, ...given })
  }
  const world: World = {
    ...t,
    logged: shell.log,
    ask,
    made: async (who, method, path, body) => {
      const { status, json, text } = await ask(who, method, path, body)
      if (status >= 300) throw new Error(`${who} asked for ${method} ${path} and got ${status}: ${text}`)
      return json as Record<string, never>
    },
    seal: async () => void (await log.sealer.sealAll()),
    person: (who) => members.get(who)?.id ?? '',
    join: async (username) => {
      const browser = openBrowser(shell, t.name)
      await browser.post('/auth/sign-up/email', { username, email: `${username}@wiki.example`, password: PASSWORD })
      const mail = await db.selectFrom('auth.mail').select('text').orderBy('id', 'desc').executeTakeFirstOrThrow()
      await browser.open(/https?:\/\/[^/]+(\S+)/.exec(mail.text ?? '')?.[1] ?? '')
      const { id } = (await browser.get('/me')).json as { id: string }
      members.set(username, { id, browser })
      return id
    },
    signInAgain: async (username) => {
      const answer = await openBrowser(shell, t.name).post('/auth/sign-in/email', {
        email: `${username}@wiki.example`,
        password: PASSWORD,
      })
      if (answer.status !== 200) throw new Error(`${username} could not sign in: ${answer.text}`)
    },
    everything: async () => await digestsOf(t.adminUrl),
    listen: async () => await shell.server.listen({ host: '127.0.0.1', port: 0 }),
    cookieOf: (username) =>
      [...(members.get(username)?.browser.cookies ?? [])].map((pair) => pair.join('=')).join('; '),
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await events.close()
      await jobs.close()
      await auth.close()
      await batcher.close()
      await log.sealer.close()
      await t[Symbol.asyncDispose]()
    },
  }
  for (const username of ['ann', 'ben']) {
    const wallet = `users:${await world.join(username)}:available`
    await world.made('owner', 'POST', '/ledger/accounts', {
      path: wallet,
      asset: 'KONTRIB',
      owner: world.person(username),
    })
    await world.made('owner', 'POST', '/ledger/entries', {
      entries: [
        { kind: 'transfer', postings: [{ from: 'treasury:main', to: wallet, asset: 'KONTRIB', amount: '10000' }] },
      ],
    })
  }
  await world.seal()
  return world
}

export interface World extends TestLog {
  /** What the server has logged. */
  logged: Record<string, unknown>[]
  ask(who: Who, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object | string): Promise<Answer>
  /** The same, where it has to work; gives the answer. */
  made(who: Who, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Record<string, never>>
  seal(): Promise<void>
  /** Signs up under this name; gives the id. */
  join(username: string): Promise<string>
  person(username: string): string
  /** In another browser. */
  signInAgain(username: string): Promise<void>
  /** A digest of every table, but for those of requests and sessions themselves: the same again, and nothing was changed. */
  everything(): Promise<Record<string, string>>
  /** Real sockets; gives the address. */
  listen(): Promise<string>
  cookieOf(username: string): string
}

async function digestsOf(url: string): Promise<Record<string, string>> {
  return await withSession({ url }, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(`
      select format('%I.%I', schemaname, tablename) as name
      from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema', 'api', 'auth')
    `)
    const digests = tables.map(({ name }) => {
      return `select '${name}' as name, md5(string_agg(row::text, '' order by row::text)) as digest from ${name} as row`
    })
    const { rows } = await client.query<{ name: string; digest: string }>(digests.join(' union all '))
    return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
  })
}

/** Staff by their role, a second owner, a member by their name, or whoever has this key. */
type Who = StaffRole | 'approver' | (string & {})

interface Answer {
  status: number
  text: string
  json: unknown
}

interface Member {
  id: string
  browser: Browser
}
