import { STATUS_CODES } from 'node:http'

import { z } from 'zod'

import { assert } from '../core/assert.ts'
import { type Route, zStream } from '../core/http.ts'
import { rolesFor, scopeFor } from './authorize.ts'
import { type Problem, zProblem } from './errors.ts'
import { KEPT_DAYS, KEY_LENGTH_MAX } from './idempotency.ts'
import { toJsonSchema, type JsonSchema } from './json-schema.ts'
import { ROUTES_PREFIX } from './mount.ts'
import { BEARER_DESCRIPTION, DESCRIPTION } from './openapi-prose.ts'

/**
 * The OpenAPI 3.1 document of the declared routes: made from the same schemas that check the requests and encode the
 * answers. Schemas with an id become components; each operation is named after its method and path.
 */
export function openApiDocument(routes: readonly DocumentedRoute[], { version }: { version: string }): object {
  const schemas: Record<string, JsonSchema> = {}
  const problem = {
    description: 'Refused: see `code`.',
    content: { 'application/problem+json': { schema: toJsonSchema(zProblem, schemas), example: PROBLEM_EXAMPLE } },
  }
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = (ROUTES_PREFIX + route.path).replace(/:([a-z_]+)/g, '{$1}')
    const operations = (paths[path] ??= {})
    assert(!operations[route.method], `${route.method} ${path} is declared twice.`)
    operations[route.method] = operation(route, schemas)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Florin',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      parameters: { economy: ECONOMY_PARAMETER },
      responses: { Problem: problem },
      schemas: sorted(schemas),
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: BEARER_DESCRIPTION } },
    },
  }
}

export type DocumentedRoute = Omit<Route<never>, 'handler'>

function operation(route: DocumentedRoute, schemas: Record<string, JsonSchema>): object {
  const body = route.body instanceof z.ZodUndefined ? undefined : toJsonSchema(route.body, schemas)
  if (body) assertClosed(body, { schemas, where: `${route.method} ${route.path}` })
  return {
    operationId: operationId(route),
    tags: [tagOf(route)],
    summary: route.summary,
    description: descriptionOf(route),
    ...(route.may === 'public' && { security: [] }),
    parameters: [
      { $ref: '#/components/parameters/economy' },
      ...parametersOf(route.params, 'path', schemas),
      ...parametersOf(route.query, 'query', schemas),
      ...keyParameters(route),
    ],
    ...(body && {
      requestBody: {
        required: !route.body.safeParse(undefined).success,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: {
      [route.status]: {
        description: STATUS_CODES[route.status] ?? 'Done',
        ...(takesKey(route) && { headers: { 'Idempotency-Replayed': REPLAYED_HEADER } }),
        content: {
          [route.content_type ?? 'application/json']: { schema: answerSchema(route, schemas) },
          ...Object.fromEntries((route.downloads ?? []).map((type) => [mediaType(type), FILE])),
        },
      },
      '4XX': { $ref: '#/components/responses/Problem' },
      '5XX': { $ref: '#/components/responses/Problem' },
    },
  }
}

/** Without parameters such as the charset. */
function mediaType(contentType: string): string {
  return contentType.split(';')[0] ?? contentType
}

const FILE = { schema: { type: 'string', format: 'binary' } }

function answerSchema({ response }: DocumentedRoute, schemas: Record<string, JsonSchema>): JsonSchema | object {
  return response === zStream ? { type: 'string' } : toJsonSchema(response, schemas)
}

/** `post_ledger_entries_by_id_reverse`: a name in snake_case that no other method and path can have. */
function operationId({ method, path }: DocumentedRoute): string {
  return `${method}${path.replaceAll('/:', '_by_').replace(/[/-]/g, '_')}`
}

function tagOf({ path }: DocumentedRoute): string {
  return path.split('/')[1] ?? ''
}

function descriptionOf({ description, errors, may }: DocumentedRoute): string {
  const roles =
    may === 'public' ? 'For anybody, without a key.' : `Roles: ${rolesFor(may).join(', ')}.${scopeNote(may)}`
  const refusals =
    errors.length === 0 ? [] : [`Fails, in this order: ${errors.map((code) => `\`${code}\``).join(', ')}.`]
  return [description, ...refusals, roles].join('\n\n')
}

function scopeNote(may: string): string {
  if (!rolesFor(may).includes('member')) return ''
  const scope = scopeFor(may)
  return scope === undefined ? ' No personal key can do this.' : ` Scope of a personal key: \`${scope}\`.`
}

function parametersOf(object: z.ZodObject, place: 'path' | 'query', schemas: Record<string, JsonSchema>): object[] {
  return Object.entries(object.shape).map(([name, field]) => {
    const { description, ...schema } = toJsonSchema(z.object({ field }), schemas).properties?.['field'] ?? {}
    const required = place === 'path' || !z.safeParse(field, undefined).success
    return { name, in: place, required, ...(description !== undefined && { description }), schema }
  })
}

function takesKey({ idempotency }: DocumentedRoute): boolean {
  return idempotency !== 'none' && idempotency !== 'inherent'
}

function keyParameters(route: DocumentedRoute): object[] {
  if (!takesKey(route)) return []
  const description = `Your own name for this request, such as a UUID; repeating the request with it does nothing more. Kept for ${KEPT_DAYS} days.`
  const schema = { type: 'string', minLength: 1, maxLength: KEY_LENGTH_MAX }
  return [{ name: 'Idempotency-Key', in: 'header', required: route.idempotency === 'required', description, schema }]
}

/** Unknown fields are refused everywhere: an object in a body that takes any is a slip in its declaration. */
function assertClosed(
  schema: JsonSchema,
  { schemas, where }: { schemas: Record<string, JsonSchema>; where: string },
): void {
  assert(
    schema.properties === undefined || schema.additionalProperties === false,
    `${where}: declare its body with z.strictObject.`,
  )
  const named = schema.$ref === undefined ? undefined : schemas[schema.$ref.replace('#/components/schemas/', '')]
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ]
  for (const each of [...inner, ...(schema.items ? [schema.items] : []), ...(named ? [named] : [])])
    assertClosed(each, { schemas, where })
}

function sorted(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const ECONOMY_PARAMETER = {
  name: 'economy',
  in: 'path',
  required: true,
  description: 'The name of the economy.',
  schema: { type: 'string', examples: ['kontrib'] },
}

const REPLAYED_HEADER = {
  description: '`true` when this request was done before and this is its stored answer.',
  schema: { type: 'string', const: 'true' },
}

const PROBLEM_EXAMPLE: Problem = {
  type: 'urn:florin:error:insufficient_funds',
  title: 'Insufficient funds',
  status: 409,
  detail: 'users:42:available has 3 KONTRIB available and needs 5.',
  instance: '/v1/kontrib/ledger/holds',
  code: 'insufficient_funds',
  request_id: 'k1HTV1Hl-2f',
  params: { account: 'users:42:available', asset: 'KONTRIB', available: '3', needed: '5' },
}
