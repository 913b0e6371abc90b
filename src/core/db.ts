import { createHash } from 'node:crypto'

import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'

import { type AppError, Unavailable } from './errors.ts'
import type { DB } from './schema.gen.ts'

/** A database one may read from and open transactions on. */
export type Db = Kysely<DB>

/** An open transaction. Whatever writes takes one, so that it cannot be called outside. */
export type Tx = Transaction<DB>

/**
 * Opens a pool. `numeric` and `int8` arrive as bigint, so a column of either must hold whole numbers; a `date` arrives as
 * its text, `2026-08-24`.
 */
export function connect<Tables = DB>({ url, connections_max, name = 'florin' }: ConnectOptions): Kysely<Tables> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections_max,
    application_name: name,
    idleTimeoutMillis: IDLE_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    pipeline: true,
    types: { getTypeParser },
  })
  // A connection that breaks fails the query that uses it next, and is replaced when it is idle; without listeners for
  // both, whether lent or idle, it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: preparing(pool) }) })
}

/** Runs `work` in one transaction; read committed unless a snapshot is asked for. */
export async function transaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await db.transaction().execute(work)
}

/**
 * Like `transaction`, but what `work` leaves to be done `last` is sent together with the commit, which saves waiting for
 * its answer. Fails as the first of these statements that fails, and then nothing was changed.
 */
export async function transactionWithLast<T>(db: Db, work: (tx: Tx) => Promise<WithLast<T>>): Promise<T> {
  let sent: Sent<unknown[]> | undefined
  try {
    return await transaction(db, async (tx) => {
      const { result, last } = await work(tx)
      sent = await send(tx, last)
      return result
    })
  } finally {
    // The commit's answer came after theirs, but does not say why one of them failed.
    await sent?.answers
  }
}

/** Sends all of `statements` at once and waits for their rows: one round trip. Each sees what those before it did. */
export async function pipeline<Rows extends unknown[]>(tx: Tx, statements: Compiled<Rows>): Promise<Lists<Rows>> {
  const { answers } = await send<Rows>(tx, statements)
  return await answers
}

/** Resolves when `statements` are on their way. */
async function send<Rows extends unknown[]>(tx: Tx, statements: Compiled<Rows>): Promise<Sent<Rows>> {
  return await tx.getExecutor().provideConnection(async (connection) => {
    const answers = Promise.all(
      statements.map(async (statement) => (await connection.executeQuery(statement)).rows),
    ) as Promise<Lists<Rows>>
    // Whoever waits for the answers hears of it.
    answers.catch(() => undefined)
    return await Promise.resolve({ answers })
  })
}

export interface WithLast<T> {
  result: T
  last: readonly CompiledQuery[]
}

type Compiled<Rows extends unknown[]> = { readonly [I in keyof Rows]: CompiledQuery<Rows[I]> }
type Lists<Rows extends unknown[]> = { [I in keyof Rows]: Rows[I][] }

interface Sent<Rows extends unknown[]> {
  answers: Promise<Lists<Rows>>
}

/** One unchanging view of the database, for reports and checks that must add up. */
export async function snapshot<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
}

/** One array parameter, in PostgreSQL's text form: an order of magnitude cheaper than the driver's own conversion. */
export function pgArray(values: readonly (bigint | number | string | null)[]): string {
  let out = '{'
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out += ','
    const value = values[i]
    if (value === null || value === undefined) out += 'NULL'
    else if (typeof value === 'string') out += NEEDS_QUOTES.test(value) ? quoted(value) : value
    else out += value
  }
  return `${out}}`
}

/** An array parameter of timestamps. */
export function pgTimes(values: readonly (Date | null)[]): string {
  return pgArray(values.map((time) => time && time.toISOString()))
}

/** An array parameter of byte strings. */
export function pgBytes(values: readonly (Buffer | null)[]): string {
  return `{${values.map((bytes) => (bytes ? `"\\\\x${bytes.toString('hex')}"` : 'NULL')).join(',')}}`
}

/** Whether `error` is PostgreSQL's error `code` (see PG). */
export function isPgError(error: unknown, code: string, constraint?: string): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code !== code) return false
  return constraint === undefined || error.constraint === constraint
}

export const PG = {
  unique_violation: '23505',
  foreign_key_violation: '23503',
  check_violation: '23514',
  lock_not_available: '55P03',
  insufficient_privilege: '42501',
  deadlock_detected: '40P01',
  serialization_failure: '40001',
  read_only_transaction: '25006',
  undefined_table: '42P01',
  invalid_password: '28P01',
  invalid_catalog_name: '3D000',
  duplicate_database: '42P04',
  object_in_use: '55006',
} as const

/** What a caller is told when the database itself is the trouble; undefined when it is not. */
export function databaseTrouble(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === PG.read_only_transaction) {
    return new Unavailable('database_read_only', 'The database accepts no writes at the moment. Nothing was changed.')
  }
  if (code.startsWith('53')) {
    return new Unavailable('database_exhausted', 'The database is out of connections, memory or disk. Try again later.')
  }
  if (MAY_PASS.has(code)) {
    return new Unavailable(
      'database_contended',
      'Another transaction was in the way for too long, and nothing was changed. Try again with the same key.',
    )
  }
  const lost = code.startsWith('08') || code.startsWith('57P') || CONNECTION_LOST.test(`${code} ${error.message}`)
  if (!lost) return undefined
  return new Unavailable(
    'database_unavailable',
    'The database cannot be reached at the moment. Try again with the same key.',
  )
}

export interface ConnectOptions {
  url: string
  connections_max: number
  name?: string
}

const IDLE_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000
const PREPARED_MAX = 300
const MAY_PASS = new Set<string>([PG.deadlock_detected, PG.serialization_failure, PG.lock_not_available])
const NEEDS_QUOTES = /^$|^null$|[\s"\\{},]/i
const CONNECTION_LOST =
  /ECONNREFUSED|ECONNRESET|connect ENOENT|EPIPE|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

const INT8 = 20
const NUMERIC = 1700
const DATE = 1082
const TEXT_PARSERS: Partial<Record<number, (text: string) => unknown>> = {
  [INT8]: BigInt,
  [NUMERIC]: BigInt,
  // A day is no moment: as a Date it would be midnight of wherever the server stands.
  [DATE]: String,
}

function getTypeParser(oid: number, format: 'text' | 'binary' = 'text'): (text: string) => unknown {
  const parser = format === 'text' ? TEXT_PARSERS[oid] : undefined
  return parser ?? pg.types.getTypeParser(oid, format)
}

/**
 * A prepared statement keeps a plan that was made while its tables were nearly empty, when reading them whole was best,
 * and goes on reading them whole when they have millions of rows, until somebody analyzes them: posting fell to a tenth.
 * What changes data looks rows up by their keys, so such transactions are planned with indexes wherever there are any. A
 * snapshot for reports begins otherwise, and reads tables whole where that is best.
 */
const BEGIN_WITH_INDEXES = 'begin; set local enable_seqscan = off'

/**
 * Kysely sends every statement unnamed, to be parsed and planned each time: half of the cost of a small batch of
 * postings. Statements with parameters are named by their text instead, so that each connection prepares them once;
 * at most PREPARED_MAX of them, since generated texts could be without number. And a transaction begins with its first
 * statement, rather than by waiting for an answer to `begin`.
 */
function preparing(pool: pg.Pool) {
  const names = new Map<string, string>()
  const nameOf = (text: string) => {
    const known = names.get(text)
    if (known !== undefined || names.size >= PREPARED_MAX) return known
    const name = createHash('sha1').update(text).digest('base64url')
    names.set(text, name)
    return name
  }
  const prepared = (text: string, values: readonly unknown[]) => {
    const name = values.length > 0 ? nameOf(text) : undefined
    return { text, values: values as unknown[], ...(name !== undefined && { name }) }
  }
  const wrapped = new WeakMap<pg.PoolClient, PreparingClient>()
  const wrap = (client: pg.PoolClient): PreparingClient => {
    let begins = false
    return {
      // Kysely asks for the process id under this name when it cancels a query.
      processID: (client as unknown as { processID: number }).processID,
      query: async (text, values) => {
        if (text === 'begin') {
          begins = true
          return { command: 'BEGIN', rows: [] }
        }
        if (!begins) return await client.query(prepared(text, values))
        begins = false
        if (text === 'commit' || text === 'rollback') return { command: text.toUpperCase(), rows: [] }
        const [, answer] = await Promise.all([client.query(BEGIN_WITH_INDEXES), client.query(prepared(text, values))])
        return answer
      },
      release: (error) => client.release(error),
    }
  }
  return {
    connect: async () => {
      const client = await pool.connect()
      const known = wrapped.get(client) ?? wrap(client)
      wrapped.set(client, known)
      return known
    },
    end: () => pool.end(),
    options: pool.options,
  } as unknown as pg.Pool
}

interface PreparingClient {
  processID: number
  query(text: string, values: readonly unknown[]): Promise<Pick<pg.QueryResult, 'command' | 'rows'>>
  release(error?: Error | boolean): void
}

/** A statement without parameters, as it stands. */
export async function run(db: Db | Tx, text: string): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(text))
}
