import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { Actor } from '../core/actor.ts'
import { type AppError, Conflict, Forbidden, Unauthorized } from '../core/errors.ts'
import type { Gate, ServedEconomy } from './mount.ts'
import { addressOf } from './rate-limits.ts'
import { check } from './validate.ts'

/**
 * Hangs what people sign in with under `/v1/:economy/auth`. A request passes, in this order: its economy, the limit of its
 * address, where it comes from; then its body is read and it is answered by whoever knows how people sign in.
 * Fails, in this order: economy_not_found, too_many_requests, origin_not_allowed, json_invalid, request_invalid,
 * economy_read_only, then as `SignIn.answer`.
 */
export function mountSignIn<Economy extends ServedEconomy>(
  app: FastifyInstance,
  { lease, limits, signIn }: Pick<Gate<Economy>, 'lease' | 'limits'> & { signIn: SignIn<Economy> },
): void {
  app.route({
    method: ['GET', 'POST'],
    url: SIGN_IN_PATH,
    bodyLimit: BODY_BYTES_MAX,
    onRequest: async (request) => {
      using lent = await lease(zPath.parse(request.params).economy)
      await limits.takeOpen(request)
      refuseOtherOrigins(request, { signIn, cookie: cookieOf(request, signIn.cookieName(lent.economy)) })
    },
    handler: async (request, reply) => {
      const { economy: name, '*': path } = zPath.parse(request.params)
      using lent = await lease(name)
      const { economy } = lent
      const body = bodyOf(request, signIn.bodies[`/${path}`])
      if (economy.state === 'read_only' && request.method !== 'GET') {
        throw new Conflict('economy_read_only', `The economy ${name} is read-only: nobody can sign in or out now.`)
      }
      const cookie = cookieOf(request, signIn.cookieName(economy))
      const session = cookie === undefined ? undefined : await signIn.find(economy, cookie)
      const answered = await signIn.answer(economy, {
        method: request.method,
        path: `/${path}`,
        query: request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '',
        headers: headersOf(request),
        body,
        address: request.ip,
        net: addressOf(request),
        origin: originOf(request, signIn),
        session,
      })
      return send(reply, answered)
    },
  })
}

/** Finds out who is signed in, by the cookie of this economy. Fails: session_ended, origin_not_allowed. */
export async function identifySession<Economy>(
  request: FastifyRequest,
  { economy, signIn, cookie }: { economy: Economy; signIn: SignIn<Economy>; cookie: string },
): Promise<Actor> {
  refuseOtherOrigins(request, { signIn, cookie })
  const session = await signIn.find(economy, cookie)
  if (!session) throw new Unauthorized('session_ended', 'You are not signed in any more. Sign in again.')
  return session.actor
}

/** The value of that cookie, if the request has it. */
export function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  for (const part of headers.cookie?.split(';') ?? []) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return undefined
}

/** How people sign in, as the modules tell the server. */
export interface SignIn<Economy> {
  /** Where people reach this installation, as https://wiki.example; unless said, wherever a request says that it went. */
  url: string | undefined
  /** What may be done, by its address below `/auth`, and the body that it takes. */
  bodies: Readonly<Record<string, z.ZodType>>
  cookieName(economy: Economy): string
  find(economy: Economy, cookie: string): Promise<FoundSession | undefined>
  answer(economy: Economy, request: SignInRequest): Promise<SignInAnswer>
}

interface FoundSession {
  login: string
  actor: Actor
}

interface SignInRequest {
  method: string
  path: string
  query: string
  headers: Readonly<Record<string, string>>
  body: unknown
  address: string
  net: string
  origin: string
  session: FoundSession | undefined
}

interface SignInAnswer {
  status: number
  headers: readonly (readonly [name: string, value: string])[]
  body: string
  refusal: AppError | undefined
}

export const SIGN_IN_PATH = '/v1/:economy/auth/*'

const BODY_BYTES_MAX = 32_768
const zPath = z.object({ economy: z.string(), '*': z.string() })
const PASSED_HEADERS = ['cookie', 'origin', 'user-agent', 'accept-language']

/**
 * A cookie is sent along whoever made the page that asks, so a request that changes something must come from a page of
 * our own: browsers say so in Sec-Fetch-Site and Origin, and no page can make them lie. What says neither is no browser, and may
 * come without a cookie.
 */
function refuseOtherOrigins<Economy>(
  request: FastifyRequest,
  { signIn, cookie }: { signIn: SignIn<Economy>; cookie: string | undefined },
): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin === undefined && site === undefined && cookie === undefined) return
  const ours = origin === undefined ? site === 'same-origin' : origin === originOf(request, signIn)
  if (ours && (site === undefined || site === 'same-origin')) return
  throw new Forbidden(
    'origin_not_allowed',
    'With a session, only pages of this server may change anything. Programs use a key in the header Authorization.',
  )
}

function originOf<Economy>({ protocol, host }: FastifyRequest, { url }: SignIn<Economy>): string {
  return url === undefined ? `${protocol}://${host}` : new URL(url).origin
}

function bodyOf({ method, body }: FastifyRequest, schema: z.ZodType | undefined): unknown {
  return method === 'GET' || !schema ? undefined : check(schema, body ?? {}, 'body')
}

function headersOf({ headers }: FastifyRequest): Record<string, string> {
  const passed = PASSED_HEADERS.map((name) => [name, headers[name]] as const)
  return Object.fromEntries(passed.filter((each): each is [string, string] => typeof each[1] === 'string'))
}

function send(reply: FastifyReply, { status, headers, body, refusal }: SignInAnswer): string {
  for (const [name, value] of headers) reply.header(name, value)
  if (refusal) throw refusal
  reply.code(status).header('content-type', 'application/json; charset=utf-8')
  return body
}
