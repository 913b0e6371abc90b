import { createMetrics } from '../src/api/metrics.ts'
import type { ServedEconomy } from '../src/api/mount.ts'
import { createServer, type ServerOptions } from '../src/api/server.ts'
import type { SignIn } from '../src/api/sign-in.ts'
import { type Actor, STAFF_ROLES } from '../src/core/actor.ts'
import { manualClock } from '../src/core/clock.ts'
import { connect } from '../src/core/db.ts'
import { NotFound } from '../src/core/errors.ts'
import { createLog } from '../src/core/log.ts'

/**
 * The HTTP server with the routes of a test and one economy, `test`. Without a database its economy has one that nobody
 * can reach. Keys are `keyOf(role)`; `log` collects what is logged.
 */
export async function testShell<Economy extends ServedEconomy = ServedEconomy>({
  routes,
  economy: given,
  state = 'open',
  ...options
}: TestShellOptions<Economy>): Promise<TestShell> {
  // Whose routes need more of an economy gives one.
  const economy = given ?? (unreachable(state) as Economy)
  const log: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void log.push(JSON.parse(line)) }
  const server = await createServer<Economy>({
    routes,
    lease: async (name) => {
      if (name !== economy.name) throw new NotFound('economy_not_found', `There is no economy ${name}.`)
      return { economy, [Symbol.dispose]: () => undefined }
    },
    authenticateKey: async (_, key) => ACTORS.get(key),
    signIn: SIGN_IN,
    ready: async () => [],
    log: createLog({ level: 'debug', destination }),
    metrics: createMetrics(),
    version: '0.0.0',
    ...options,
  })
  return {
    server,
    log,
    async send({ method = 'GET', path, key = keyOf('owner'), headers = {}, body }) {
      const response = await server.app.inject({
        method,
        url: path,
        headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
        ...(body !== undefined && { payload: body }),
      })
      const text = response.body
      return {
        status: response.statusCode,
        headers: response.headers,
        text,
        json: text && /[/+]json\b/.test(`${response.headers['content-type']}`) ? JSON.parse(text) : undefined,
      }
    },
    [Symbol.asyncDispose]: async () => {
      await server.close()
      if (!given) await economy.db.destroy()
    },
  }
}

const MEMBER = '019b8b3a-7c00-7000-8000-0000000000aa'

const ACTORS = new Map<string, Actor>([
  ...STAFF_ROLES.map((role): [string, Actor] => [keyOf(role), { id: `key:${role}`, role, principal: `key:${role}` }]),
  [keyOf('member'), { id: `person:${MEMBER}`, role: 'member', principal: `person:${MEMBER}`, person: MEMBER }],
])

/** The headers of a browser on our own pages, with a session as the server of `testShell` knows it: of a member, or one that has ended. */
export function sessionOf(who: 'member' | 'nobody'): Record<string, string> {
  return { cookie: `${SESSION_COOKIE}=${who}`, 'sec-fetch-site': 'same-origin' }
}

const SESSION_COOKIE = 'test_session'
const SIGN_IN: SignIn<unknown> = {
  url: undefined,
  bodies: {},
  cookieName: () => SESSION_COOKIE,
  find: async (_, cookie) => withLogin(cookie === 'member' ? ACTORS.get(keyOf('member')) : undefined),
  answer: async () => ({ status: 200, headers: [], body: '{}', refusal: undefined }),
}

function withLogin(actor: Actor | undefined) {
  return actor && { login: 'login of the member', actor }
}

function unreachable(state: ServedEconomy['state']): ServedEconomy {
  const db = connect({ url: 'postgres://nobody@127.0.0.1:1/none', connections_max: 1 })
  return { name: 'test', state, db, clock: manualClock(new Date('2026-01-05T00:00:00.000Z')) }
}

/** A key that the server of `testShell` knows. */
export function keyOf(who: string): string {
  return `fl_${who}_0123456789abcdef`
}

export interface TestShell extends AsyncDisposable {
  server: Awaited<ReturnType<typeof createServer>>
  log: Record<string, unknown>[]
  send(request: TestRequest): Promise<TestAnswer>
}

export interface TestShellOptions<Economy extends ServedEconomy = ServedEconomy> extends Partial<
  Omit<ServerOptions<Economy>, 'lease'>
> {
  routes: ServerOptions<Economy>['routes']
  economy?: Economy
  state?: ServedEconomy['state']
}

export interface TestRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'PATCH'
  path: string
  /** An owner's unless said; empty: none. */
  key?: string
  headers?: Record<string, string>
  body?: string | Buffer | object
}

export interface TestAnswer {
  status: number
  headers: Record<string, number | string | string[] | undefined>
  text: string
  json: unknown
}
