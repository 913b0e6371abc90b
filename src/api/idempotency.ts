import { createHash } from 'node:crypto'

import { sql } from 'kysely'
import { z } from 'zod'

import { must } from '../core/assert.ts'
import { type Db, run, transaction, type Tx } from '../core/db.ts'
import { toSafeInteger } from '../core/decimal.ts'
import { AppError, BadRequest, Conflict, Invalid } from '../core/errors.ts'
import { changedParts, fingerprint, type RequestParts } from './fingerprint.ts'

/**
 * Does `work` once for each (principal, key), however often the request is sent. One transaction claims the key, does the
 * work and stores its answer, so a process that dies leaves neither. A repeated request is answered from what was stored;
 * so is a refusal for the business's reasons, since what was refused once must not happen when the caller has given up.
 * Not kept: 401, 403, 429 and 503, and whatever we broke ourselves; the key is then free again.
 * Without a key there is just the transaction; a dry run is rolled back and uses no key up.
 * Fails, in this order: idempotency_key_in_flight, idempotency_key_reused, idempotency_answer_secret, then as `work` does.
 */
export async function answerOnce(db: Db, request: OnceOptions, work: (tx: Tx) => Promise<unknown>): Promise<Answer> {
  const { key, status, dry_run } = request
  if (dry_run) return { status, body: await rehearse(db, work), replayed: false }
  if (key === undefined) return { status, body: await transaction(db, work), replayed: false }
  const id = answerId(request.principal, key)
  return await transaction(db, async (tx) => {
    if (!(await claim(tx, { id, request }))) return await readAnswer(tx, { id, request })
    const answer = await attempt(tx, request, work)
    await store(tx, { id, answer, answers_secret: request.answers_secret })
    return answer
  })
}

/**
 * The key in the header, bare or as a structured-field string (draft-ietf-httpapi-idempotency-key-header-07, section 2.1).
 * Fails: idempotency_key_invalid.
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  const text = Array.isArray(header) ? '' : header.trim()
  const key = QUOTED.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
  if (BARE.test(key) && key.length <= KEY_LENGTH_MAX) return key
  throw new BadRequest(
    'idempotency_key_invalid',
    `An Idempotency-Key is one value of 1 to ${KEY_LENGTH_MAX} visible ASCII characters, such as a UUID.`,
  )
}

const zRefusal = z.object({
  code: z.string(),
  message: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
})

/** Forgets answers older than KEPT_DAYS, at most SWEEP_MAX in one go; says how many. */
export async function sweepAnswers(tx: Tx, { now }: { now: Date }): Promise<number> {
  const before = new Date(now.getTime() - KEPT_DAYS * DAY_MS)
  const { numAffectedRows } = await sql`
    delete from api.answer
    where id in (select id from api.answer where claimed_at < ${before}::timestamptz order by claimed_at limit ${SWEEP_MAX}::int)
  `.execute(tx)
  return toSafeInteger(must(numAffectedRows, 'A delete says how many rows it took.'))
}

/** What the request came to: an answer as JSON holds it, or a refusal to be thrown. */
export type Answer = { replayed: boolean } & ({ status: number; body: unknown } | { refusal: AppError })

export interface OnceOptions {
  principal: string
  key: string | undefined
  parts: RequestParts
  /** Of the answer when all goes well. */
  status: number
  answers_secret: boolean
  dry_run: boolean
  now: Date
}

export const KEPT_DAYS = 30
export const KEY_LENGTH_MAX = 255
const SWEEP_MAX = 10_000
const DAY_MS = 86_400_000
const IN_FLIGHT_RETRY_S = 1

const BARE = /^[\x21-\x7e]+$/
const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/

async function rehearse(db: Db, work: (tx: Tx) => Promise<unknown>): Promise<unknown> {
  const tx = await db.startTransaction().execute()
  try {
    const body = await work(tx)
    // What is only checked at commit is checked now, since there will be none.
    await run(tx, 'set constraints all immediate')
    return body
  } finally {
    await tx.rollback().execute()
  }
}

/**
 * Whether the key was free and is ours now. The lock is what tells a request in flight from an answered one: inserting
 * alone would wait for the other transaction to end.
 */
async function claim(tx: Tx, { id, request }: { id: Buffer; request: OnceOptions }): Promise<boolean> {
  const { rows } = await sql`
    with lock as materialized (
      select pg_try_advisory_xact_lock(${id.readBigInt64BE(0)}::bigint) as free
    )
    insert into api.answer (id, fingerprint, claimed_at)
    select ${id.toString('hex')}::uuid, ${fingerprint(request.parts)}::bytea, ${request.now}::timestamptz
    from lock
    where free
    on conflict do nothing
    returning id
  `.execute(tx)
  return rows.length === 1
}

/** What to say to who comes again. A transaction of its own reads what the first one committed meanwhile. */
async function readAnswer(tx: Tx, { id, request }: { id: Buffer; request: OnceOptions }): Promise<Answer> {
  const stored = await tx
    .selectFrom('api.answer')
    .select(['fingerprint', 'status', 'body'])
    .where('id', '=', sql<string>`${id.toString('hex')}::uuid`)
    .executeTakeFirst()
  if (!stored) throw inFlight()
  const changed = changedParts(stored.fingerprint, request.parts)
  if (changed.length > 0) throw reused(changed)
  const status = must(stored.status, 'An answer that is committed has a status.')
  if (status >= 400) return { refusal: refusalOf(status, stored.body), replayed: true }
  if (request.answers_secret) throw secretAnswer()
  return { status, body: stored.body, replayed: true }
}

/** Does the work; what it did is undone when it is refused, and the claim stays. */
async function attempt(tx: Tx, { status }: OnceOptions, work: (tx: Tx) => Promise<unknown>): Promise<Answer> {
  await run(tx, 'savepoint work')
  try {
    return { status, body: await work(tx), replayed: false }
  } catch (error) {
    if (!(error instanceof AppError) || !isRemembered(error)) throw error
    await run(tx, 'rollback to savepoint work')
    return { refusal: error, replayed: false }
  }
}

async function store(tx: Tx, { id, answer, answers_secret }: StoreOptions): Promise<void> {
  const status = 'refusal' in answer ? answer.refusal.status : answer.status
  const body = 'refusal' in answer ? refusalBody(answer.refusal) : answers_secret ? null : answer.body
  await sql`
    update api.answer
    set status = ${status}::int, body = ${JSON.stringify(body)}::jsonb
    where id = ${id.toString('hex')}::uuid
  `.execute(tx)
}

/** Whether saying so again, whenever, is right: not where the caller was told to wait, or to get another key. */
function isRemembered({ status, code }: AppError): boolean {
  if (code === 'idempotency_key_in_flight') return false
  return status >= 400 && status < 500 && ![401, 403, 429].includes(status)
}

function refusalBody({ code, message, params }: AppError): z.input<typeof zRefusal> {
  return { code, message, params }
}

function refusalOf(status: number, body: unknown): AppError {
  const { code, message, params } = zRefusal.parse(body)
  return new AppError(status, code, message, params)
}

function answerId(principal: string, key: string): Buffer {
  return createHash('sha256').update(principal).update('\0').update(key).digest().subarray(0, 16)
}

function inFlight(): Error {
  return new Conflict(
    'idempotency_key_in_flight',
    'The first request with this key is still being worked on. Send the same request again in a moment.',
    { retry_after_s: IN_FLIGHT_RETRY_S },
  )
}

function reused(changed: string[]): Error {
  return new Invalid(
    'idempotency_key_reused',
    `This key was used for another request. What differs: ${changed.join(', ')}. Use a new key for a new request.`,
    { changed },
  )
}

function secretAnswer(): Error {
  return new Conflict(
    'idempotency_answer_secret',
    'This request was done before, and its answer held a secret that is not kept. Undo what it made, and ask again with a new key.',
  )
}

interface StoreOptions {
  id: Buffer
  answer: Answer
  answers_secret: boolean
}
