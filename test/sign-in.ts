import { randomUUID } from 'node:crypto'

import { openAuth, type Auth } from '../src/auth/auth.ts'
import { authRoutes } from '../src/auth/routes.ts'
import type { Clock } from '../src/core/clock.ts'
import type { Db } from '../src/core/db.ts'
import type { Route } from '../src/core/http.ts'
import { secret } from '../src/core/secret.ts'
import { identityRoutes } from '../src/identity/routes.ts'
import { signInThrough } from '../src/server.ts'
import { testEconomy, type TestEconomy } from './helpers.ts'
import { testShell, type TestAnswer, type TestRequest, type TestShell } from './shell.ts'

/**
 * An economy that people sign in to over HTTP. `browser()` is one that keeps its cookies and comes from our own pages; mails
 * are read in the outbox.
 */
export async function testPeople({
  name = 'test',
  url,
  state = 'open',
  routes = [],
}: TestPeopleOptions = {}): Promise<TestPeople> {
  const economy = await testEconomy()
  const { db, clock } = economy
  const errors: string[] = []
  const auth = openAuth({
    economy: name,
    title: 'Test',
    db,
    serviceUrl: secret(economy.url),
    connections_max: 2,
    clock,
    state,
    secret: secret(TEST_SECRET),
    url,
    site: TEST_SITE,
    mailer: undefined,
    onError: (reason, error) => void errors.push(error instanceof Error ? `${reason}: ${error.message}` : reason),
  })
  const served = { name, db, clock, state, auth, site: TEST_SITE }
  const shell = await testShell<Served>({
    routes: [...identityRoutes, ...authRoutes, ...routes],
    economy: served,
    signIn: signInThrough(url),
  })
  const browser = () => openBrowser(shell, name)
  const mail = async () => {
    const row = await db.selectFrom('auth.mail').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
    const link = /https?:\/\/\S+/.exec(row.text ?? '')?.[0]
    return { to: row.recipient, subject: row.subject, path: link?.replace(/^https?:\/\/[^/]+/, '') ?? '' }
  }
  return {
    ...economy,
    auth,
    shell,
    errors,
    browser,
    mail,
    member: async (username = 'ada') => {
      const own = browser()
      const email = `${username}@wiki.example`
      await own.post('/auth/sign-up/email', { username, email, password: PASSWORD })
      await own.open((await mail()).path)
      return own
    },
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await auth.close()
      await economy[Symbol.asyncDispose]()
    },
  }
}

/** What cookies and links are signed with. */
export const TEST_SECRET = 'a secret of the tests, long enough to sign with'

/** What wallets are asked to sign in to. */
export const TEST_SITE = 'https://wiki.example'

/** Long enough, and in no list. */
export const PASSWORD = 'three blue bicycles'

/** One that keeps its cookies and comes from our own pages. */
export function openBrowser(shell: TestShell, name: string): Browser {
  const cookies = new Map<string, string>()
  const send = async (request: TestRequest): Promise<TestAnswer> => {
    const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ')
    const headers = { host: 'localhost', ...(cookie && { cookie }), ...request.headers }
    const answer = await shell.send({ key: '', ...request, headers })
    const set = [answer.headers['set-cookie'] ?? []].flat()
    for (const line of set.map(String)) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(key)
      else cookies.set(key, value)
    }
    return answer
  }
  const own = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }
  return {
    cookies,
    get: async (path, headers = {}) => await send({ path: `/v1/${name}${path}`, headers }),
    open: async (path) => await send({ path }),
    ask: async (method, path, body) => {
      const json = typeof body === 'string' && { 'content-type': 'application/json' }
      const headers = method === 'GET' ? {} : { ...own, 'idempotency-key': randomUUID(), ...json }
      return await send({ method, path: `/v1/${name}${path}`, headers, ...(body !== undefined && { body }) })
    },
    post: async (path, body = {}, headers = { ...own, 'idempotency-key': randomUUID() }) =>
      await send({ method: 'POST', path: `/v1/${name}${path}`, body, headers: { ...headers } }),
    delete: async (path, headers = own) =>
      await send({ method: 'DELETE', path: `/v1/${name}${path}`, headers: { ...headers } }),
  }
}

export interface Browser {
  cookies: Map<string, string>
  get(path: string, headers?: Record<string, string>): Promise<TestAnswer>
  /** A link of a mail. */
  open(path: string): Promise<TestAnswer>
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object | string): Promise<TestAnswer>
  post(path: string, body?: object, headers?: Record<string, string>): Promise<TestAnswer>
  delete(path: string, headers?: Record<string, string>): Promise<TestAnswer>
}

export interface TestPeople extends TestEconomy {
  auth: Auth
  shell: TestShell
  /** What better-auth found wrong with itself. */
  errors: string[]
  browser(): Browser
  /** The newest mail, with the path that its link leads to. */
  mail(): Promise<{ to: string; subject: string; path: string }>
  /** Somebody who has signed up, proven their address, and is signed in. */
  member(username?: string): Promise<Browser>
}

interface Served {
  name: string
  db: Db
  clock: Clock
  state: 'open' | 'read_only'
  auth: Auth
  site: string
}

interface TestPeopleOptions {
  name?: string
  url?: string
  state?: 'open' | 'read_only'
  routes?: readonly Route<Served>[]
}
