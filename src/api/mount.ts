import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import type { Actor } from '../core/actor.ts'
import { assert, must } from '../core/assert.ts'
import type { Clock } from '../core/clock.ts'
import type { Db, Tx } from '../core/db.ts'
import { BadRequest, Conflict, Unauthorized } from '../core/errors.ts'
import { type AnyContext, Download, type OpenStream, type Route, zStream } from '../core/http.ts'
import type { Authenticator } from './authenticate.ts'
import { ACTOR, authorize, isAction } from './authorize.ts'
import { type Answer, answerOnce, readIdempotencyKey } from './idempotency.ts'
import type { RateLimits } from './rate-limits.ts'
import { cookieOf, identifySession, type SignIn } from './sign-in.ts'
import type { Streams } from './streams.ts'
import { check } from './validate.ts'

/**
 * Hangs the declared routes under `/v1/:economy`. A request passes, in this order: its economy, its key, the role, the rate
 * limit; then its body is read; then the schemas and the Idempotency-Key; then the handler, inside of a transaction where
 * the route says so. What the handler returns is encoded by the schema of the answer, which drops what it does not name.
 * Fails, in this order: economy_not_found, authentication_required, key_invalid, or for a session origin_not_allowed,
 * session_ended, then action_not_allowed, too_many_requests,
 * json_invalid, request_invalid, economy_read_only, idempotency_key_invalid, idempotency_key_required, then as `answerOnce` and the handler.
 */
export function mountRoutes<Economy extends ServedEconomy>(
  app: FastifyInstance,
  routes: readonly Route<Economy>[],
  gate: Gate<Economy>,
): void {
  app.decorateRequest(ACTOR, null)
  for (const route of routes) {
    assert(route.may === 'public' || isAction(route.may), `${route.path}: no row says who may do ${route.may}.`)
    const endpoint = compile(route)
    app.route({
      method: route.method.toUpperCase(),
      url: ROUTES_PREFIX + route.path,
      ...(route.body_bytes_max !== undefined && { bodyLimit: route.body_bytes_max }),
      onRequest: async (request) => await admit(endpoint, request, gate),
      handler: async (request, reply) => await respond(endpoint, { request, reply, gate }),
    })
  }
}

/** What the server needs of an economy; the routes may need more. */
export interface ServedEconomy {
  name: string
  db: Db
  clock: Clock
  state: 'open' | 'read_only'
}

export interface Gate<Economy> {
  lease: LeaseEconomy<Economy>
  authenticator: Authenticator<Economy>
  limits: RateLimits
  streams: Streams
  /** Where people may sign in. */
  signIn?: SignIn<Economy> | undefined
}

/** Lends the economy of that name until it is given back, so that it is not closed under a request. Fails: economy_not_found. */
export type LeaseEconomy<Economy> = (name: string) => Promise<Disposable & { economy: Economy }>

export const ROUTES_PREFIX = '/v1/:economy'

interface Endpoint<Economy> extends Route<Economy> {
  /** The parameters of the path together with the economy's name. */
  params: z.ZodObject
  /** What a body can have, to name what is missing in a repeated request. */
  field_names: readonly string[]
  content_type: string
}

function compile<Economy>(route: Route<Economy>): Endpoint<Economy> {
  return {
    ...route,
    params: route.params.extend({ economy: z.string() }),
    field_names: route.body instanceof z.ZodObject ? Object.keys(route.body.shape) : [],
    content_type: route.content_type ?? JSON_TYPE,
  }
}

async function admit<Economy extends ServedEconomy>(
  { may }: Endpoint<Economy>,
  request: FastifyRequest,
  { lease, ...gate }: Gate<Economy>,
): Promise<void> {
  // Given back before the body is read: who sends it slowly holds nothing.
  using lent = await lease(economyName(request))
  if (may === 'public') {
    await gate.limits.takeOpen(request)
    return
  }
  const actor = await identify(request, { economy: lent.economy, ...gate })
  authorize(actor, may)
  request.setDecorator<Actor>(ACTOR, actor)
  await gate.limits.takeKeyed(request)
}

function economyName(request: FastifyRequest): string {
  return zEconomyParam.parse(request.params).economy
}

async function identify<Economy>(
  request: FastifyRequest,
  { economy, authenticator, limits, signIn }: { economy: Economy } & Omit<Gate<Economy>, 'lease' | 'streams'>,
): Promise<Actor> {
  try {
    const { authorization } = request.headers
    const cookie = authorization === undefined && signIn ? cookieOf(request, signIn.cookieName(economy)) : undefined
    if (signIn && cookie !== undefined) {
      await limits.refuseGuessing(request)
      return await identifySession(request, { economy, signIn, cookie })
    }
    return await authenticator.authenticate(economy, authorization, async () => await limits.refuseGuessing(request))
  } catch (error) {
    if (error instanceof Unauthorized) await limits.takeFailed(request)
    throw error
  }
}

async function respond<Economy extends ServedEconomy>(
  route: Endpoint<Economy>,
  { request, reply, gate }: Exchange<Economy>,
): Promise<string | Buffer | FastifyReply> {
  using leases = new DisposableStack()
  const { economy } = leases.use(await gate.lease(economyName(request)))
  const context: AnyContext<Economy> = {
    scope: economy,
    actor: request.getDecorator<Actor | null>(ACTOR),
    params: check(route.params, request.params, 'path'),
    query: check(route.query, request.query, 'query'),
    body: check(route.body, request.body, 'body'),
    now: economy.clock.now(),
    setHeader: (name, value) => void reply.header(name, value),
  }
  const answer = await run(route, { context, request }).finally(() => {
    // Also when it failed: a commit may be lost on its way back.
    if (route.changes_keys) gate.authenticator.forget(economy)
  })
  if (answer.replayed) reply.header('idempotency-replayed', 'true')
  if ('refusal' in answer) throw answer.refusal
  const { content, type } = contentOf(reply, { route, body: answer.body })
  reply.code(answer.status).header('content-type', type)
  if (typeof content !== 'function') return content
  const mayGoOn = async () => {
    if (route.may !== 'public') authorize(await identify(request, { economy, ...gate }), route.may)
  }
  return gate.streams.open(content, { request, reply, mayGoOn, held: leases.move() })
}

/** What is sent, all at once or in pieces, and as what; a file with the name that it is to be kept under. */
function contentOf<Economy>(
  reply: FastifyReply,
  { route, body }: { route: Endpoint<Economy>; body: unknown },
): Content {
  if (body instanceof Download) {
    reply.header('content-disposition', `attachment; filename="${body.name}"`)
    return { type: body.content_type, content: body.content }
  }
  const type = route.content_type
  if (route.response === zStream) return { type, content: body as OpenStream }
  return { type, content: type === JSON_TYPE ? JSON.stringify(body) : String(body) }
}

async function run<Economy extends ServedEconomy>(
  route: Endpoint<Economy>,
  { context, request }: RunOptions<Economy>,
): Promise<Answer> {
  const { status, response, idempotency } = route
  const unkept = async (given: AnyContext<Economy>) => {
    const made = await route.handler(given)
    if (!(made instanceof Download)) return { status, body: z.encode(response, made), replayed: false }
    assert(
      route.downloads?.includes(made.content_type),
      `${route.path}: say that it answers with ${made.content_type}.`,
    )
    return { status, body: made, replayed: false }
  }
  if (idempotency === 'none') return await unkept(context)
  const dry_run = isDryRun(context.body)
  if (context.scope.state === 'read_only' && !dry_run) throw readOnly()
  if (idempotency === 'inherent') return await unkept(context)
  const key = readIdempotencyKey(request.headers['idempotency-key'])
  if (idempotency === 'own') return await unkept({ ...context, key })
  if (idempotency === 'required' && key === undefined && !dry_run) throw keyRequired()
  const afterwards: (() => void)[] = []
  const once = {
    principal: must(context.actor, 'Whoever changes something is somebody.').principal,
    key,
    parts: { method: request.method, path: request.url, body: request.body, field_names: route.field_names },
    status,
    answers_secret: route.answers_secret === true,
    dry_run,
    now: context.now,
  }
  const afterCommit = (work: () => void) => void afterwards.push(work)
  const work = async (tx: Tx) => z.encode(response, await route.handler({ ...context, tx, afterCommit }))
  const answer = await answerOnce(context.scope.db, once, work)
  if (!answer.replayed && !dry_run && !('refusal' in answer)) for (const each of afterwards) each()
  return answer
}

function isDryRun(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'dry_run' in body && body.dry_run === true
}

function readOnly(): Error {
  return new Conflict(
    'economy_read_only',
    'This economy only answers questions at the moment, as after the restore of an older backup. Nothing was changed.',
  )
}

function keyRequired(): Error {
  return new BadRequest(
    'idempotency_key_required',
    'Send a header Idempotency-Key with a value of your own, such as a UUID, so that repeating this request is safe.',
  )
}

interface Exchange<Economy> {
  request: FastifyRequest
  reply: FastifyReply
  gate: Gate<Economy>
}

interface Content {
  type: string
  content: string | Buffer | OpenStream
}

interface RunOptions<Economy> {
  context: AnyContext<Economy>
  request: FastifyRequest
}

const zEconomyParam = z.object({ economy: z.string() })
const JSON_TYPE = 'application/json; charset=utf-8'
