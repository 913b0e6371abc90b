import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Clock } from '../core/clock.ts'
import { connect, type Db } from '../core/db.ts'
import { AppError, NotFound } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'
import { checkUsername } from '../identity/identity.ts'
import type { AuthRequest } from './adapter.ts'
import { ATTEMPT_RULES } from './attempt-rules.ts'
import type { BetterAuth } from './better-auth.ts'
import { BODIES, zSignUp } from './bodies.ts'
import { ADDRESS_HEADER, cookiePrefix, PLACEHOLDER_ORIGIN, READS, SLOW_PATHS } from './endpoints.ts'
import { limited } from './limits.ts'
import type { Mailer } from './mail.ts'
import { checkPassword } from './passwords.ts'
import { refusalOf } from './refusals.ts'
import { type Session, sessionFinder } from './sessions.ts'

export { BODIES } from './bodies.ts'

/**
 * How people of one economy sign in. It has a few connections of its own, so that a flood of passwords to be checked
 * keeps nobody from the books; `close` gives them back.
 */
export function openAuth({ economy, db, serviceUrl, clock, state, ...options }: OpenAuth): Auth {
  const requests = new AsyncLocalStorage<AuthRequest>()
  const own = connect({ url: serviceUrl.reveal(), connections_max: options.connections_max, name: 'florin auth' })
  let better: Promise<BetterAuth> | undefined
  // What only looks at an economy, as a command does, need not wait for it.
  const load = async () => {
    const { createBetterAuth } = await import('./better-auth.ts')
    return createBetterAuth({ economy, db: own, clock, requests, ...options })
  }
  const loaded = async () => await (better ??= load())
  const { secret, url } = options
  const secure = url?.startsWith('https:') ?? false
  const parts = { better: loaded, db, own, clock, requests }
  return {
    cookie: `${secure ? '__Secure-' : ''}${cookiePrefix(economy)}.session_token`,
    mailer: options.mailer,
    find: sessionFinder({ db, secret, clock, noting: state === 'open' }),
    answer: async (request) => await answer(parts, request),
    prepare: () => {
      const warm = async () => await (await loaded()).$context
      warm().catch((error: unknown) => options.onError('It does not load.', error))
    },
    close: async () => {
      options.mailer?.close()
      await own.destroy()
    },
  }
}

export interface Auth {
  /** The name of the cookie that a session is in. */
  cookie: string
  /** Undefined where no mail server is set: mails then stay in the outbox. */
  mailer: Mailer | undefined
  /** Who is signed in with a cookie of that value; undefined when nobody is, or not any more. */
  find(cookie: string): Promise<Session | undefined>
  /** Answers a request below `/auth`. Fails: as docs/errors.md lists for it, with better-auth's own codes in lower case. */
  answer(request: SignInRequest): Promise<SignInAnswer>
  /** Loads what signing in takes, so that whoever is the first to need not wait for that. */
  prepare(): void
  close(): Promise<void>
}

export interface SignInRequest {
  method: string
  /** Below `/auth`, such as `/sign-in/email`. */
  path: string
  /** With its question mark, if there is any. */
  query: string
  headers: Readonly<Record<string, string>>
  /** As `BODIES` has it. */
  body: unknown
  /** Of the caller. */
  address: string
  /** The same as limits count it: of IPv6 the /64. */
  net: string
  /** Where the server was reached, such as https://wiki.example. */
  origin: string
  session: Session | undefined
}

export interface SignInAnswer {
  status: number
  headers: readonly (readonly [name: string, value: string])[]
  body: string
  /** In place of the body, where the request was refused. */
  refusal: AppError | undefined
}

export interface OpenAuth {
  economy: string
  title: string
  /** The economy's, for what is asked with each request. */
  db: Db
  serviceUrl: Secret
  connections_max: number
  clock: Clock
  state: 'open' | 'read_only'
  secret: Secret
  url: string | undefined
  /** Where people reach this installation, by `url` or else by where it listens. */
  site: string
  mailer: Mailer | undefined
  onError: (reason: string, error: unknown) => void
}

interface AuthParts {
  better: () => Promise<BetterAuth>
  db: Db
  own: Db
  clock: Clock
  requests: AsyncLocalStorage<AuthRequest>
}

/** Long enough that it does not tell whether a mail was written, and an account is there. */
const SLOW_ANSWER_MS = 250

async function answer(parts: AuthParts, request: SignInRequest): Promise<SignInAnswer> {
  const { method, path } = request
  const served = method === 'GET' ? READS.some((read) => read.test(path)) : Object.hasOwn(BODIES, path)
  if (!served) {
    throw new NotFound(
      'route_not_found',
      'There is nothing at this address. docs/sign-in.md lists what is below /auth.',
    )
  }
  const started_ms = performance.now()
  try {
    const body = await prepare(parts, request)
    const rule = ATTEMPT_RULES[path]
    const refused: AppError[] = []
    const refuse = (refusal: AppError) => void refused.push(refusal)
    const store = { path, origin: request.origin, refuse }
    const better = await parts.better()
    const ask = async () => {
      const answered = await parts.requests.run(store, async () => await forward(better, { ...request, body }))
      return { ...answered, refusal: refused[0] ?? answered.refusal }
    }
    return rule ? await limited({ db: parts.own, clock: parts.clock }, { ...request, rule }, ask) : await ask()
  } finally {
    const left_ms = SLOW_ANSWER_MS - (performance.now() - started_ms)
    if (SLOW_PATHS.has(path) && left_ms > 0) await sleep(left_ms)
  }
}

/** What better-auth is asked, in the form that it takes; what it does not check is checked here. */
async function prepare({ db }: AuthParts, { path, body, session }: SignInRequest): Promise<unknown> {
  if (path === '/sign-up/email') {
    const { username, ...rest } = zSignUp.parse(body)
    // Before the address of mail is looked at: whether a name is free anybody may know, whose an address is nobody.
    await checkUsername(db, username)
    checkPassword(rest.password, { names: namesOf({ name: username, email: rest.email }) })
    return { ...rest, name: username }
  }
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined
  if (typeof fields?.['newPassword'] === 'string') {
    const login = db.selectFrom('auth.login').select(['name', 'email'])
    const own = session && (await login.where('id', '=', session.login).executeTakeFirst())
    checkPassword(fields['newPassword'], { names: own ? namesOf(own) : [] })
  }
  if (session && typeof fields?.['id'] === 'string' && path.startsWith('/passkey/')) {
    await mustHavePasskey(db, { login: session.login, id: fields['id'] })
  }
  // Whoever knew the old password is to be out.
  if (path === '/change-password') return { ...fields, revokeOtherSessions: true }
  return body
}

/** What is somebody else's is not there. Fails: passkey_not_found. */
async function mustHavePasskey(db: Db, { login, id }: { login: string; id: string }): Promise<void> {
  const passkeys = db.selectFrom('auth.passkey').select('id').where('id', '=', id).where('user_id', '=', login)
  if (await passkeys.executeTakeFirst()) return
  throw new NotFound('passkey_not_found', 'You have no such passkey.')
}

function namesOf({ name, email }: { name: string; email: string }): string[] {
  return [name, email, email.split('@')[0] ?? '']
}

async function forward(
  better: BetterAuth,
  { method, path, query, headers, body, address }: SignInRequest,
): Promise<SignInAnswer> {
  const url = `${PLACEHOLDER_ORIGIN}${better.options.basePath}${path}${method === 'GET' ? query : ''}`
  const response = await better.handler(
    new Request(url, {
      method,
      headers: {
        ...headers,
        [ADDRESS_HEADER]: address,
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
      },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
    }),
  )
  const text = await response.text()
  const cookies = response.headers.getSetCookie().map((value) => ['set-cookie', value] as const)
  const location = response.headers.get('location')
  const kept = [
    ...cookies,
    ...(location === null ? [] : [['location', location.replace(PLACEHOLDER_ORIGIN, '')] as const]),
  ]
  const refusal =
    response.status >= 400 ? refusalOf(path, { status: response.status, answer: parsed(text) }) : undefined
  return { status: response.status, headers: kept, body: withoutTokens(text), refusal }
}

/** A session's token is in the cookie, where no script reads it; so it is nowhere else. */
function withoutTokens(text: string): string {
  const answered = parsed(text)
  if (typeof answered !== 'object' || answered === null || Array.isArray(answered)) return text
  const { token: _, session, ...rest } = answered as Record<string, unknown>
  if (typeof session !== 'object' || session === null)
    return JSON.stringify({ ...rest, ...('session' in answered && { session }) })
  const { token: __, ...shown } = session as Record<string, unknown>
  return JSON.stringify({ ...rest, session: shown })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
