import { randomBytes } from 'node:crypto'

import cors from '@fastify/cors'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

import type { Actor } from '../core/actor.ts'
import type { Db } from '../core/db.ts'
import { AppError, BadRequest } from '../core/errors.ts'
import type { Route } from '../core/http.ts'
import type { Log } from '../core/log.ts'
import type { Secret } from '../core/secret.ts'
import { parseStrictJson } from '../core/strict-json.ts'
import { createAuthenticator } from './authenticate.ts'
import { answerBrokenRequest } from './broken-request.ts'
import { gracefulClose } from './close.ts'
import { CONSOLE_PATHS, mountConsole } from './console.ts'
import { type Problem, problemHeaders, toProblem } from './errors.ts'
import type { Metrics } from './metrics.ts'
import { type LeaseEconomy, mountRoutes, ROUTES_PREFIX, type ServedEconomy } from './mount.ts'
import { createNotFound } from './not-found.ts'
import { mountProbes, PROBE_PATHS } from './probes.ts'
import { createRateLimits, type LimitsPerMinute } from './rate-limits.ts'
import { mountReference, REFERENCE_PATHS } from './reference.ts'
import { mountSignIn, type SignIn } from './sign-in.ts'
import { createStreams } from './streams.ts'

/**
 * The HTTP server: the declared routes under `/v1/:economy`, the reference at `/docs` and `/openapi.json`, the
 * console at `/console`, and the probes.
 * Everything that is refused is answered with a problem document (errors.ts). `close` stops listening, lets the requests
 * under way finish, and cuts off what is still open after CLOSE_TIMEOUT_MS (close.ts).
 */
export async function createServer<Economy extends ServedEconomy>(options: ServerOptions<Economy>): Promise<Server> {
  const app = createApp(options)
  dressAnswers(app)
  readJsonOnly(app)
  refuseProperly(app, options)
  measureRequests(app, options.metrics)
  if (options.cors_origins?.length) await app.register(cors, corsOptions(options.cors_origins))
  const limits = await createRateLimits(app, options.limits)
  const authenticator = createAuthenticator<Economy>({
    lookup: async ({ db, clock }, key) => await options.authenticateKey(db, key, { now: clock.now() }),
  })
  const streams = createStreams()
  const { lease, signIn } = options
  mountRoutes(app, options.routes, { lease, authenticator, limits, streams, signIn })
  if (signIn) mountSignIn(app, { lease, limits, signIn })
  mountProbes(app, options)
  mountReference(app, options)
  if (options.console_folder !== undefined) await mountConsole(app, options.console_folder)
  const close = gracefulClose(app, () => streams.end())
  await app.ready()
  return {
    app,
    listen: async (address) => await app.listen(address),
    close,
  }
}

export interface Server {
  app: FastifyInstance
  /** The address that it listens on, such as http://127.0.0.1:7411. */
  listen(address: { host: string; port: number }): Promise<string>
  close(): Promise<void>
}

export interface ServerOptions<Economy> {
  routes: readonly Route<Economy>[]
  lease: LeaseEconomy<Economy>
  /** Who holds that key in an economy's database; undefined when nobody does, or not any more `now`. */
  authenticateKey: (db: Db, key: string, at: { now: Date }) => Promise<Actor | undefined>
  /** How people sign in; unless said nobody can, and keys alone are known. */
  signIn?: SignIn<Economy> | undefined
  /** What is missing yet for this process to do its work. */
  ready: () => Promise<string[]>
  log: Log
  metrics: Metrics
  version: string
  /** Where the built console lies; none is served unless said. */
  console_folder?: string | undefined
  metrics_token?: Secret | undefined
  /** Web pages of these origins may call; none unless said. */
  cors_origins?: readonly string[] | undefined
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  trusted_proxies?: string[] | undefined
  limits?: LimitsPerMinute | undefined
  timeouts?: Timeouts | undefined
}

export interface Timeouts {
  /** For the request with its body to arrive. */
  request_ms: number
  headers_ms: number
  /** How long a connection may wait for its next request. */
  keep_alive_ms: number
}

export const BODY_BYTES_MAX = 1_048_576
export const URL_LENGTH_MAX = 4_096
const HEADER_BYTES_MAX = 16_384
const TIMEOUTS: Timeouts = { request_ms: 30_000, headers_ms: 10_000, keep_alive_ms: 65_000 }
const TIMEOUT_CHECK_MS = 2_000
const CORS_MAX_AGE_S = 600
const OPEN_PATHS = [...PROBE_PATHS, ...REFERENCE_PATHS]

/**
 * For answers that no page should show, embed or keep: what OWASP's REST Security Cheat Sheet asks of an API. The
 * reference sets its own policy.
 */
const ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
}

/**
 * No logger of Fastify's: it would make a child for each request. HEAD is answered wherever GET is. While closing, requests
 * on open connections are still served, with `Connection: close`, since those behind them are already on their way.
 */
function createApp<Economy>({ timeouts = TIMEOUTS, trusted_proxies }: ServerOptions<Economy>): FastifyInstance {
  return fastify({
    logger: false,
    genReqId: requestIds(),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: timeouts.request_ms,
    keepAliveTimeout: timeouts.keep_alive_ms,
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: timeouts.headers_ms,
      connectionsCheckingInterval: Math.min(timeouts.headers_ms, TIMEOUT_CHECK_MS),
    },
    routerOptions: { maxParamLength: URL_LENGTH_MAX },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    ...(trusted_proxies && { trustProxy: trusted_proxies }),
  })
}

/** Unique over processes and restarts, and short enough to be read out. */
function requestIds(): () => string {
  const process_part = randomBytes(6).toString('base64url')
  let count = 0
  return () => `${process_part}-${(count++).toString(36)}`
}

function dressAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(ANSWER_HEADERS).header('x-request-id', request.id)
    done(urlRefusal(request.url))
  })
}

/** PostgreSQL's text holds no U+0000, so a path or filter with one is refused before anybody asks the database. */
function urlRefusal(url: string): AppError | undefined {
  if (url.length > URL_LENGTH_MAX) {
    return new AppError(414, 'url_too_long', `The address is longer than ${URL_LENGTH_MAX} characters.`)
  }
  if (url.includes('%00')) return new BadRequest('url_invalid', 'The address holds %00.')
  return undefined
}

function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const encoding = request.headers['content-encoding'] ?? 'identity'
      if (encoding !== 'identity') throw encodingUnsupported()
      done(null, body.length === 0 ? undefined : parseStrictJson(body))
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

function encodingUnsupported(): AppError {
  return new AppError(415, 'content_encoding_unsupported', 'Send the body as it is, without Content-Encoding.')
}

function refuseProperly<Economy>(app: FastifyInstance, options: ServerOptions<Economy>): void {
  const { routes, log, console_folder } = options
  app.setErrorHandler((error, request, reply) => {
    const { status, code, instance: path } = sendProblem(error, request, reply)
    const fields = { request_id: request.id, method: request.method, path, status, code }
    if (status >= 500) log.error('request_failed', { ...fields, error })
    else log.debug('request_refused', fields)
  })
  const declared = routes.map(({ method, path }) => ({ method, path: ROUTES_PREFIX + path }))
  const open = [...OPEN_PATHS, ...(console_folder === undefined ? [] : CONSOLE_PATHS)]
  app.setNotFoundHandler(createNotFound([...declared, ...open.map((path) => ({ method: 'get', path }))]))
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Problem {
  const path = request.url.split('?', 1)[0] ?? ''
  const problem = toProblem(hungUp(request) ?? error, { path, request_id: request.id })
  reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem))
  return problem
}

/** Who hung up in the middle hears no answer; but it was not our fault, nor the database's. */
function hungUp({ raw }: FastifyRequest): AppError | undefined {
  if (raw.complete || !raw.destroyed) return undefined
  return new BadRequest('body_incomplete', 'The connection ended before the body was complete.')
}

function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.countRequest({ method: request.method, route, status: reply.statusCode, duration_ms: reply.elapsedTime })
    done()
  })
}

function corsOptions(origins: readonly string[]) {
  return {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
    exposedHeaders: ['Idempotency-Replayed', 'Retry-After', 'X-Request-Id'],
    maxAge: CORS_MAX_AGE_S,
  }
}
