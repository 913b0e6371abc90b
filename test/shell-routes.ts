import { z } from 'zod'

import type { ServedEconomy } from '../src/api/mount.ts'
import { Conflict, TooMany, Unavailable } from '../src/core/errors.ts'
import { router, zAccountPath, zAmount, zFlag, zLimit, zTime, zUuid } from '../src/core/http.ts'
import type { TestRequest } from './shell.ts'

const route = router<ServedEconomy>()

/** Endpoints that show what the HTTP server makes of a request, without a database. */
export const scratchRoutes = [
  route({
    method: 'get',
    path: '/accounts/:path/statement',
    may: 'ledger.read',
    summary: 'A statement',
    description: 'The lines of an account.',
    params: { path: zAccountPath },
    query: { limit: zLimit, at: zTime.optional(), open: zFlag.optional() },
    response: z.object({ path: z.string(), limit: z.int(), at: zTime.optional(), open: z.boolean().optional() }),
    handler: ({ params, query }) => ({ path: params.path, ...query }),
  }),
  route({
    method: 'post',
    path: '/echo',
    may: 'ledger.post',
    idempotency: 'own',
    status: 201,
    summary: 'Say it again',
    description: 'Answers with what it was sent.',
    body: z.strictObject({
      id: zUuid.optional(),
      amount: zAmount,
      at: zTime.optional(),
      tags: z.array(z.strictObject({ name: z.string().max(5) })).optional(),
    }),
    response: z.object({ amount: z.string(), at: zTime.optional(), key: z.string().optional() }),
    handler: ({ body, key, actor }) => ({ ...body, key, secret_of: actor.principal }),
  }),
  route({
    method: 'get',
    path: '/head',
    may: 'public',
    summary: 'The newest head',
    description: 'As text.',
    content_type: 'text/plain; charset=utf-8',
    response: z.string(),
    handler: ({ setHeader, actor }) => {
      setHeader('cache-control', 'public, max-age=1')
      return `head for ${actor === null ? 'anybody' : 'somebody'}\n`
    },
  }),
  route({
    method: 'get',
    path: '/fail/:how',
    may: 'parameters.read',
    summary: 'Fails',
    description: 'As it is told to.',
    params: { how: z.enum(['bug', 'conflict', 'busy', 'many', 'database', 'wrong_answer']) },
    response: z.object({ ok: z.literal(true) }),
    handler: async ({ params, scope }) => {
      if (params.how === 'bug') throw new TypeError('secret detail of the inside')
      if (params.how === 'conflict')
        throw new Conflict('insufficient_funds', 'It has 3.', { available: '3', needed: '5' })
      if (params.how === 'busy') throw new Unavailable('account_busy', 'Try again.', { retry_after_s: 7 })
      if (params.how === 'many') throw new TooMany('too_many_requests', 'Slower.', { retry_after_s: 3 })
      if (params.how === 'database') await scope.db.selectFrom('api.answer').select('id').execute()
      return JSON.parse('{"ok": false}')
    },
  }),
]

/** A request to the endpoint that answers with what it was sent. */
export function postEcho(body: TestRequest['body'], headers: Record<string, string> = {}): TestRequest {
  return {
    method: 'POST',
    path: '/v1/test/echo',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  }
}
