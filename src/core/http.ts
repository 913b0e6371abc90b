import { z } from 'zod'

import type { Actor } from './actor.ts'
import { assert } from './assert.ts'
import type { Tx } from './db.ts'

/**
 * How a module declares its endpoints. One declaration gives the types, the checks, the OpenAPI document and its prose:
 * ```ts
 * const route = router<{ db: Db }>()
 * export const stakingRoutes = [
 *   route({
 *     method: 'post', path: '/pools/:code/stakes', may: 'staking.stake', idempotency: 'required', status: 201,
 *     summary: 'Lock tokens', description: 'Moves the amount into the vault of the pool until the term ends.',
 *     errors: ['pool_not_found', 'insufficient_funds'],
 *     params: { code: zText(64) }, body: z.strictObject({ amount: zAmount, days: z.int() }), response: zStake,
 *     handler: ({ tx, params, body, now }) => stake(tx, { pool: params.code, ...body, now }),
 *   }),
 * ]
 * ```
 * `Scope` is what the handlers need of the economy that the path names. Declare bodies as `z.strictObject`, so that
 * unknown fields are refused (params and query always are), and answers as `z.object`, so that what they do not name
 * stays inside. Handlers return the decoded side of the answer, such as a Date for `zTime`.
 */
export function router<Scope>() {
  return function route<
    const May extends string,
    Answer extends z.ZodType,
    Params extends Fields = NoFields,
    Query extends Fields = NoFields,
    Body extends z.ZodType = z.ZodUndefined,
    const Rule extends IdempotencyRule = 'none',
  >(spec: RouteSpec<Scope, May, Answer, Params, Query, Body, Rule>): Route<Scope> {
    const idempotency = spec.idempotency ?? 'none'
    assert(spec.method !== 'get' || idempotency === 'none', `${spec.path}: a GET changes nothing and takes no key.`)
    assert(spec.method === 'get' || spec.idempotency, `${spec.path}: say whether the request needs an Idempotency-Key.`)
    return {
      ...spec,
      params: z.strictObject(spec.params ?? {}),
      query: z.strictObject(spec.query ?? {}),
      body: spec.body ?? z.undefined(),
      status: spec.status ?? 200,
      idempotency,
      errors: spec.errors ?? [],
      handler: spec.handler,
    }
  }
}

/**
 * A file that a handler answers with instead of what `response` describes; its type is one of the route's `downloads`.
 * Its content is there at once, or written while it is read.
 */
export class Download {
  readonly content_type: string
  /** What it is called where it is kept. */
  readonly name: string
  readonly content: Buffer | OpenStream

  constructor({ content_type, name, content }: { content_type: string; name: string; content: Buffer | OpenStream }) {
    assert(/^[\w.-]+$/.test(name), 'A name of a file has letters, digits, dots, dashes and underscores.')
    this.content_type = content_type
    this.name = name
    this.content = content
  }
}

/** The same pieces, once the first is there: what fails before it can still be answered with what went wrong. */
export async function begun(pieces: AsyncIterable<string>): Promise<AsyncIterable<string>> {
  const rest = pieces[Symbol.asyncIterator]()
  const first = await rest.next()
  return (async function* () {
    if (first.done) return
    yield first.value
    yield* { [Symbol.asyncIterator]: () => rest }
  })()
}

/** A decimal string without sign or exponent. What it is worth depends on the asset's scale: see parseAmount. */
export const zAmount = z
  .string()
  .max(100)
  .regex(/^(0|[1-9]\d*)(\.\d+)?$/, 'Write the amount as a decimal string such as "12.5", without a sign.')
  .meta({ description: "A decimal string, with at most the asset's decimals.", examples: ['12.5'] })

/** RFC 3339 in UTC, to the millisecond; a Date in the handlers. */
export const zTime = z.codec(
  z.iso
    .datetime({ error: 'Write the time in UTC as 2026-08-24T00:00:00Z.', abort: true })
    .refine((text) => TIME_KEPT.test(text), 'Write the time in UTC, to the millisecond at most.')
    .meta({ examples: ['2026-08-24T00:00:00.000Z'] }),
  z.date(),
  { decode: (text) => new Date(text), encode: (time) => time.toISOString() },
)

/** Where an account lies, as `users:42:available`. The ledger says which paths there can be. */
export const zAccountPath = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'Segments separated by colons.', examples: ['users:42:available'] })

export const zAssetCode = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9:._-]{0,63}$/, 'An asset code is a letter, then letters, digits and : . _ -')
  .meta({ examples: ['KONTRIB'] })

export const zUuid = z.uuid().toLowerCase()

/** Text that people read, such as a name or a reason: at least one character, and none that controls a terminal. */
export function zText(length_max: number) {
  return z
    .string()
    .min(1)
    .max(length_max)
    .regex(/^[^\p{Cc}]+$/u, 'The text may not hold control characters.')
}

/** Prose of several lines. */
export function zProse(length_max: number) {
  return z.string().min(1).max(length_max).regex(PROSE, 'The text may not hold control characters.')
}

/** A whole number in a query, where everything arrives as text. */
export function zWhole({ min, max }: { min: number; max: number }) {
  return z.preprocess(numberFromText, z.int().min(min).max(max))
}

/** In a body: the work is done, answered with, and taken back. */
export const zDryRun = z
  .boolean()
  .optional()
  .meta({ description: 'Answer as if, and do nothing. Needs no key and uses none up.' })

/** A yes or no in a query. */
export const zFlag = z.enum(['true', 'false']).transform((text) => text === 'true')

export const LIMIT_MAX = 200
const LIMIT_DEFAULT = 50

/** How many items of a list to answer with. */
export const zLimit = zWhole({ min: 1, max: LIMIT_MAX }).default(LIMIT_DEFAULT)

/** What `next_cursor` of the list's previous answer said. */
export const zCursor = z.string().min(1).max(1_000)

/**
 * The answer of an endpoint that goes on answering: text in pieces, with `content_type` saying of what. The handler returns
 * what opens the stream, and refuses before; the stream ends when `signal` does, which is when the caller hangs up, may
 * not read on, or the server stops.
 */
export const zStream = z.custom<OpenStream>((value) => typeof value === 'function')

export type OpenStream = (connection: {
  signal: AbortSignal
  last_event_id: string | undefined
}) => AsyncIterable<string>
/** Lone surrogates have no UTF-8: PostgreSQL would be given something else than was sent. */
const PROSE = /^(?:[^\p{Cc}\p{Cs}]|[\n\t])+$/u

/** PostgreSQL has no year 0, and the ledger nothing shorter than a millisecond. */
const TIME_KEPT = /^(?!0000)[^.]+(\.\d{1,3})?Z$/

function numberFromText(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
}

export interface RouteSpec<
  Scope,
  May extends string,
  Answer extends z.ZodType,
  Params extends Fields,
  Query extends Fields,
  Body extends z.ZodType,
  Rule extends IdempotencyRule,
> {
  method: Method
  /** Below `/v1/:economy`, with `:name` for each parameter. The first segment is the tag in the documentation. */
  path: string
  /** An action of the table in src/api/authorize.ts, or `public`: anybody, and `actor` is null. */
  may: May
  summary: string
  description: string
  params?: Params
  query?: Query
  body?: Body
  response: Answer
  /** Of success; 200 unless said. */
  status?: number
  idempotency?: Rule
  /** The module's own codes, in the order in which they are checked. */
  errors?: readonly string[]
  /** The answer is this text rather than JSON; `response` is then a string. */
  content_type?: string
  /** The content types of the files that it may answer with instead (see `Download`). */
  downloads?: readonly string[]
  /** The answer holds a secret: it is never kept, so a repeated request cannot have it again. */
  answers_secret?: true
  /** Keys are revoked, or what somebody may do changes: whom this process remembers is forgotten once it is done. */
  changes_keys?: true
  /** Where the usual limit is too small. */
  body_bytes_max?: number
  handler: (
    context: RequestContext<Scope, May, Params, Query, Body> & Writing<Rule>,
  ) => z.output<Answer> | Download | Promise<z.output<Answer> | Download>
}

/** A declared endpoint, as the server and the documentation see it. */
export interface Route<Scope> {
  method: Method
  path: string
  may: string
  summary: string
  description: string
  params: z.ZodObject
  query: z.ZodObject
  body: z.ZodType
  response: z.ZodType
  status: number
  idempotency: IdempotencyRule
  errors: readonly string[]
  content_type?: string
  downloads?: readonly string[]
  answers_secret?: true
  changes_keys?: true
  body_bytes_max?: number
  handler(context: AnyContext<Scope>): unknown
}

/**
 * What becomes of the request's Idempotency-Key:
 * `required` and `optional`: the handler runs inside one transaction that first claims the key and last stores the
 * answer, so a repeated request gets the same answer and does nothing. It works on `tx` alone.
 * `own`: the handler deals with the key and opens its own transactions.
 * `inherent`: repeating the request is safe by itself, so it takes no key.
 * `none`: it is a question, and changes nothing.
 */
export type IdempotencyRule = 'none' | 'inherent' | 'own' | 'optional' | 'required'

export type Method = 'get' | 'post' | 'put' | 'delete'

interface RequestContext<
  Scope,
  May extends string,
  Params extends Fields,
  Query extends Fields,
  Body extends z.ZodType,
> {
  scope: Scope
  actor: May extends 'public' ? null : Actor
  params: z.output<z.ZodObject<Params, z.core.$strict>>
  query: z.output<z.ZodObject<Query, z.core.$strict>>
  body: z.output<Body>
  now: Date
  /** A header of the answer. */
  setHeader: (name: string, value: string) => void
}

/** What the server hands over: the schemas have let it through, so it is what the handler's own types say. */
export interface AnyContext<Scope> extends Partial<Transacting & OwnKey> {
  scope: Scope
  actor: Actor | null
  params: unknown
  query: unknown
  body: unknown
  now: Date
  setHeader: (name: string, value: string) => void
}

interface Transacting {
  tx: Tx
  /** Runs once the transaction is committed; not when it is rolled back, and not when the answer is a repeated one. */
  afterCommit: (work: () => void) => void
}

interface OwnKey {
  key: string | undefined
}

type Writing<Rule extends IdempotencyRule> = Rule extends 'required' | 'optional'
  ? Transacting
  : Rule extends 'own'
    ? OwnKey
    : unknown

type Fields = Record<string, z.ZodType>
type NoFields = Record<string, never>
