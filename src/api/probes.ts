import { timingSafeEqual, createHash } from 'node:crypto'
import { isIP } from 'node:net'

import type { FastifyInstance, FastifyRequest } from 'fastify'

import { Forbidden, Unavailable } from '../core/errors.ts'
import type { Secret } from '../core/secret.ts'
import type { Metrics } from './metrics.ts'

/**
 * What machines ask about this process:
 * `/healthz` whether it is alive, which is all it says;
 * `/readyz` whether it can do its work: the database answers and is migrated; else 503 `not_ready`, naming what is missing;
 * `/metrics` its figures for Prometheus. They tell how much business is done, so they are for whoever has `metrics_token`
 * (`Authorization: Bearer …`), and without such a token only for programs on this machine that come straight, not
 * through a proxy: others get 403 `metrics_forbidden`.
 */
export function mountProbes(app: FastifyInstance, { ready, metrics, metrics_token }: ProbeOptions): void {
  app.get('/healthz', () => ({ status: 'ok' }))

  app.get('/readyz', async () => {
    const missing = await within(READY_TIMEOUT_MS, ready())
    if (missing.length === 0) return { status: 'ready' }
    throw new Unavailable('not_ready', `Not ready yet: ${missing.join(', ')}.`, { missing })
  })

  app.get('/metrics', async (request, reply) => {
    if (!maySeeMetrics(request, metrics_token)) {
      throw new Forbidden('metrics_forbidden', 'Ask from this machine, or with the token set as FLORIN_METRICS_TOKEN.')
    }
    reply.header('content-type', metrics.registry.contentType)
    return await metrics.registry.metrics()
  })
}

export interface ProbeOptions {
  /** What is missing yet, in words; nothing: ready. */
  ready: () => Promise<string[]>
  metrics: Metrics
  metrics_token?: Secret | undefined
}

export const PROBE_PATHS = ['/healthz', '/readyz', '/metrics']

function maySeeMetrics({ headers, socket }: FastifyRequest, token: Secret | undefined): boolean {
  if (token !== undefined) return sameText(headers.authorization ?? '', `Bearer ${token.reveal()}`)
  const forwarded = headers.forwarded ?? headers['x-forwarded-for'] ?? headers['x-real-ip']
  return forwarded === undefined && isLoopback(socket.remoteAddress ?? '')
}

function isLoopback(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

async function within(timeout_ms: number, work: Promise<string[]>): Promise<string[]> {
  const { promise: late, resolve } = Promise.withResolvers<string[]>()
  const timer = setTimeout(() => resolve(['an answer from the database']), timeout_ms)
  return await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

const READY_TIMEOUT_MS = 2_000
