import type { FastifyReply, FastifyRequest } from 'fastify'

import { AppError, NotFound } from '../core/errors.ts'

/**
 * Answers for what no route matches: an endpoint that is there under another method is 405 `method_not_allowed` with the
 * header Allow, or, asked by OPTIONS, 204 with that header; everything else is 404 `route_not_found`.
 */
export function createNotFound(endpoints: readonly Endpoint[]) {
  const patterns = endpoints.map(({ method, path }) => ({ method, expression: expressionOf(path) }))
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const found = patterns.filter(({ expression }) => expression.test(path)).map(({ method }) => method.toUpperCase())
    const allowed = [...new Set(found.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
    if (allowed.length === 0) {
      throw new NotFound('route_not_found', 'There is nothing at this address. /docs lists all endpoints.')
    }
    reply.header('allow', allowed.join(', '))
    if (request.method === 'OPTIONS') return reply.code(204).send()
    const message = `Use ${allowed.join(' or ')} here, not ${request.method}.`
    throw new AppError(405, 'method_not_allowed', message, { allowed })
  }
}

interface Endpoint {
  method: string
  path: string
}

function expressionOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:[a-z_]+/g, '[^/]+')}$`)
}
