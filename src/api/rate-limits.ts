import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'

import type { Actor } from '../core/actor.ts'
import { must } from '../core/assert.ts'
import { TooMany } from '../core/errors.ts'
import { ACTOR } from './authorize.ts'

/**
 * How much one caller may ask of this process: by key where there is one, which is generous and stops a loop gone wild; by
 * address (of IPv6 the /64) where there is none, and for keys that turn out to be wrong.
 * Fails: too_many_requests.
 */
export async function createRateLimits(
  app: FastifyInstance,
  limits: LimitsPerMinute = LIMITS_PER_MINUTE,
): Promise<RateLimits> {
  await app.register(rateLimit, { global: false })
  const keyed = app.createRateLimit({ max: limits.key, timeWindow: MINUTE_MS, keyGenerator: keyOf })
  const open = app.createRateLimit({ max: limits.open, timeWindow: MINUTE_MS, keyGenerator: addressOf })
  const failed = app.createRateLimit({ max: limits.failed, timeWindow: MINUTE_MS, keyGenerator: addressOf })
  return {
    takeKeyed: async (request) => refuseAbove(await keyed(request)),
    takeOpen: async (request) => refuseAbove(await open(request)),
    takeFailed: async (request) => void (await failed(request)),
    async refuseGuessing(request) {
      const state = await failed(request, { increment: false })
      if (!state.isAllowed && state.remaining === 0 && state.ttl > 0) throw tooMany(state.ttlInSeconds)
    },
  }
}

export interface RateLimits {
  takeKeyed(request: FastifyRequest): Promise<void>
  takeOpen(request: FastifyRequest): Promise<void>
  takeFailed(request: FastifyRequest): Promise<void>
  /** Refuses an address that has sent too many wrong keys, before another is looked up for it. */
  refuseGuessing(request: FastifyRequest): Promise<void>
}

export interface LimitsPerMinute {
  /** Of one key. */
  key: number
  /** Of one address, on endpoints that need no key. */
  open: number
  /** Wrong keys from one address. */
  failed: number
}

/** A key may use all that one process can do; an address without one may read a page a tenth of a second. */
export const LIMITS_PER_MINUTE: LimitsPerMinute = { key: 3_000_000, open: 600, failed: 1_200 }

const MINUTE_MS = 60_000

/** Where a request comes from, as it is counted: of IPv6 the /64, which one customer has; nothing once it is gone. */
export function addressOf(request: FastifyRequest): string {
  const ip: string | undefined = request.ip
  return ip === undefined ? '' : normalizeIP(ip)
}

function keyOf(request: FastifyRequest): string {
  return must(request.getDecorator<Actor | null>(ACTOR), 'Only a request with an actor is counted by key.').id
}

function refuseAbove(state: RateLimitState): void {
  if (!state.isAllowed && state.isExceeded) throw tooMany(state.ttlInSeconds)
}

function tooMany(retry_after_s: number): Error {
  return new TooMany('too_many_requests', `Too many requests. Try again in ${retry_after_s} s.`, { retry_after_s })
}

type RateLimitState = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>
