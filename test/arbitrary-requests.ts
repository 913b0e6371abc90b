import * as fc from 'fast-check'
import { z } from 'zod'

import type { Route } from '../src/core/http.ts'

/**
 * Requests for a route, made from its own schemas. `broken` ones have one value that no field can take well; `extreme` ones
 * keep to the schemas and go to their edges, with ids of things that are there and of things that are not.
 */
export function requestsFor(route: Route<never>, { kind, ids }: Options): fc.Arbitrary<Wrong> {
  const bodies = route.body instanceof z.ZodUndefined ? undefined : schemaOf(route.body)
  const of = (schema: Schema) => fc.option(valueOf(schema, ids), { nil: undefined, freq: 12 })
  const params = fc.record(mapped(schemaOf(route.params).properties, (schema) => valueOf(schema, ids)))
  const query = fc.record(mapped(schemaOf(route.query).properties, of))
  const sound = fc.record({ params, query, body: bodies ? valueOf(bodies, ids) : fc.constant(undefined) })
  return kind === 'extreme' ? sound : sound.chain((request) => broken(request))
}

/** What the schema lets through, at its edges. */
export function valuesOf(schema: z.ZodType, ids: readonly string[]): fc.Arbitrary<unknown> {
  return valueOf(schemaOf(schema), ids)
}

export interface Wrong {
  params: Record<string, unknown>
  query: Record<string, unknown>
  body: unknown
}

interface Options {
  kind: 'broken' | 'extreme'
  ids: readonly string[]
}

interface Schema {
  type?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
}

function schemaOf(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input', reused: 'inline', unrepresentable: 'any' }) as Schema
}

function mapped(properties: Record<string, Schema> = {}, make: (schema: Schema) => fc.Arbitrary<unknown>) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, make(schema)]))
}

function valueOf(schema: Schema, ids: readonly string[]): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map((choice) => valueOf(choice, ids)))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.type === 'string') return textOf(schema, ids)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'integer' || schema.type === 'number') {
    const { minimum: min = -(2 ** 31), maximum: max = 2 ** 53 - 1 } = schema
    return fc.oneof(
      fc.constantFrom(min, max),
      fc.maxSafeInteger().map((n) => Math.min(max, Math.max(min, n))),
    )
  }
  if (schema.type === 'array') {
    const { items = {}, minItems: minLength = 0, maxItems = 4 } = schema
    return fc.array(valueOf(items, ids), { minLength, maxLength: Math.max(minLength, Math.min(maxItems, 4)) })
  }
  if (schema.properties) {
    return fc.record(
      mapped(schema.properties, (of) => valueOf(of, ids)),
      { requiredKeys: schema.required ?? [] },
    )
  }
  return fc.oneof(fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 2 }))
}

function textOf({ pattern, format, minLength = 0, maxLength = 300 }: Schema, ids: readonly string[]) {
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...ids), fc.uuid())
  if (format === 'date-time') return fc.constantFrom(...TIMES)
  if (format === 'date') return fc.constantFrom('0001-01-01', '9999-12-31', '2026-01-05')
  const known = fc.constantFrom(...ids, ...WORDS)
  const long = Math.min(maxLength, 3_000)
  const made = pattern
    ? matching(pattern, long)
    : fc.string({ unit: 'binary', minLength, maxLength: Math.min(long, 200) })
  const longest = pattern ? made : fc.constantFrom('\u{1f4a9}', 'é', 'x', ' ').map((letter) => letter.repeat(long))
  return fc.oneof({ weight: 4, arbitrary: known }, { weight: 3, arbitrary: made }, longest)
}

function matching(pattern: string, maxLength: number): fc.Arbitrary<string> {
  const expression = new RegExp(pattern, pattern.includes('\\p{') ? 'u' : '')
  try {
    return fc.stringMatching(expression, { maxLength })
  } catch {
    // It knows no lookahead, and not every class of characters.
    return fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => expression.test(text))
  }
}

/** One place of the request, which any value may have been sent in, holds what does not belong there. */
function broken(request: Wrong): fc.Arbitrary<Wrong> {
  const places = [
    ...placesOf(request.params, ['params']),
    ...placesOf(request.query, ['query']),
    ...placesOf(request.body, ['body']),
  ]
  const unknown: Place[] = [
    ['query', 'no_such_field'],
    ['body', 'no_such_field'],
  ]
  return fc
    .record({ place: fc.constantFrom(...places, ...unknown), value: fc.constantFrom(...ODD) })
    .map(({ place, value }) => withValue(request, place, value) as Wrong)
}

type Place = readonly (string | number)[]

function placesOf(value: unknown, at: Place): Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Object.entries(value).flatMap(([name, each]) =>
    placesOf(each, [...at, Array.isArray(value) ? Number(name) : name]),
  )
  return at.length > 1 || at[0] === 'body' ? [at, ...inner] : inner
}

function withValue(into: unknown, [name, ...rest]: Place, value: unknown): unknown {
  if (name === undefined) return value
  if (Array.isArray(into)) return into.map((each, i) => (i === name ? withValue(each, rest, value) : each))
  const fields = typeof into === 'object' && into !== null ? (into as Record<string, unknown>) : {}
  return { ...fields, [name]: withValue(fields[name], rest, value) }
}

/** What programs, people and attackers send. */
export const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '-5',
  '1e5',
  '0x10',
  'NaN',
  '9'.repeat(99),
  `0.${'0'.repeat(97)}1`,
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  '<script>alert(1)</script>',
  "'; drop table ledger.entry; --",
  '../../etc/passwd',
  '%00',
  '{"$gt":""}',
  'x'.repeat(20_000),
  '019b8b3a-7c00-7000-8000-00000000000g',
  '0000-00-00T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  [],
  {},
  [[[[]]]],
  { toString: 1 },
  { __proto__: null, constructor: { prototype: {} } },
]

const TIMES = [
  '0001-01-01T00:00:00Z',
  '1969-12-31T23:59:59.999Z',
  '2026-01-05T00:00:00.001Z',
  '9999-12-31T23:59:59.999Z',
]
const WORDS = [
  'ann',
  'ben',
  'KONTRIB',
  'term',
  'treasury:main',
  'world:bank',
  'common/tar',
  'weekly_pool',
  '1',
  '0.000000001',
  '99999999999',
]
