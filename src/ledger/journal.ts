import { type RawBuilder, sql } from 'kysely'

import { must } from '../core/assert.ts'
import type { Tx } from '../core/db.ts'
import { beancountDialect } from './journal-beancount.ts'
import type { AccountBalance, JournalAsset, JournalDialect } from './journal-dialect.ts'
import { CSV_HEADER, csvRows, hledgerDialect, jsonLine } from './journal-text.ts'
import type { LoggedEntry } from './log/encode.ts'
import { LoggedReader, type Numbered } from './log/logged.ts'

/**
 * The books as a file, piece by piece, for tools that are not ours: every entry that took effect in the half-open period
 * from `from` to `to` (all, unless said), in the order in which they did. Call it on a `snapshot`. However many entries
 * there are, it holds one chunk of them in memory; PostgreSQL sorts the rest.
 * - `hledger`: a journal that `hledger check -s ordereddates` passes: declared commodities and accounts, each posting as
 *   its two sides, and at the end an assertion of every account's balance as this ledger has it. With `from` it begins
 *   with the balances brought forward.
 * - `beancount`: the same for `bean-check`, with names that beancount can have (see journal-beancount.ts).
 * - `csv`: a row for each posting.
 * - `jsonl`: a line for each entry, with its metadata.
 */
export async function* exportJournal(tx: Tx, { format, ...period }: ExportJournal): AsyncGenerator<string> {
  if (format === 'hledger') yield* textJournal(tx, { ...period, dialectOf: hledgerDialect })
  else if (format === 'beancount') yield* textJournal(tx, { ...period, dialectOf: beancountDialect })
  else if (format === 'csv') {
    yield CSV_HEADER
    for await (const entries of entriesInEffect(tx, period)) yield csvRows(entries)
  } else {
    for await (const entries of entriesInEffect(tx, period)) yield entries.map(jsonLine).join('')
  }
}

export const JOURNAL_FORMATS = ['hledger', 'beancount', 'csv', 'jsonl'] as const
export type JournalFormat = (typeof JOURNAL_FORMATS)[number]

export interface ExportJournal extends Period {
  format: JournalFormat
}

export interface Period {
  from?: Date | undefined
  to?: Date | undefined
}

const CHUNK_ROWS = 5_000
/** An entry has up to 10,000 postings, so a chunk of entries is cut by these. */
const CHUNK_POSTINGS = 20_000
const ASSERTIONS_PER_ENTRY = 1_000

async function* textJournal(tx: Tx, { from, to, dialectOf }: TextJournal): AsyncGenerator<string> {
  const assets = await tx.selectFrom('ledger.asset').select(['code', 'scale']).orderBy('id').execute()
  const dialect = dialectOf(assets)
  const first = from ?? (await firstEffective(tx))
  yield dialect.head(first)
  for await (const rows of readInChunks(tx, 'journal_accounts', accountPaths)) yield dialect.accounts(rows, first)

  let date = from
  if (from) yield* balanceEntries(tx, { before: from, as: (balances) => dialect.opening(balances, from) })
  for await (const entries of entriesInEffect(tx, { from, to })) {
    yield entries.map((entry) => dialect.entry(entry)).join('')
    date = entries.at(-1)?.logged.effectiveAt
  }
  // An assertion holds from its place in the file on, so it bears the last date that there is.
  const last = date
  if (last) yield* balanceEntries(tx, { before: to, as: (balances) => dialect.assertion(balances, last) })
}

/** The time of the first entry to take effect; of an empty journal, that of its first asset. */
async function firstEffective(tx: Tx): Promise<Date> {
  const { rows } = await sql<{ first: Date }>`
    select coalesce((select min(effective_at) from ledger.entry), (select min(created_at) from ledger.asset)) as first
  `.execute(tx)
  return must(rows[0], 'An aggregate is one row').first
}

async function* balanceEntries(tx: Tx, { before, as }: BalanceEntries): AsyncGenerator<string> {
  const rows = readInChunks(tx, 'journal_balances', balancesBefore(before), ASSERTIONS_PER_ENTRY)
  for await (const balances of rows) yield as(balances)
}

async function* entriesInEffect(tx: Tx, { from, to }: Period): AsyncGenerator<Numbered<LoggedEntry>[]> {
  const reader = new LoggedReader()
  const query = sql<{ id: bigint; postings: number }>`
    select
      entry.id,
      (select no + 1 from ledger.posting where posting.entry = entry.id order by no desc limit 1) as postings
    from ledger.entry
    where entry.effective_at >= coalesce(${from ?? null}::timestamptz, '-infinity')
      and entry.effective_at < coalesce(${to ?? null}::timestamptz, 'infinity')
    order by entry.effective_at, entry.id
  `
  for await (const rows of readInChunks(tx, 'journal_entries', query)) {
    for (const ids of cutByPostings(rows)) {
      const entries = new Map((await reader.entries(tx, ids)).map((entry) => [entry.id, entry]))
      yield ids.flatMap((id) => entries.get(id) ?? [])
    }
  }
}

function* cutByPostings(rows: readonly { id: bigint; postings: number }[]): Generator<bigint[]> {
  let ids: bigint[] = []
  let sum = 0
  for (const { id, postings } of rows) {
    if (sum > 0 && sum + postings > CHUNK_POSTINGS) {
      yield ids
      ids = []
      sum = 0
    }
    ids.push(id)
    sum += postings
  }
  if (ids.length > 0) yield ids
}

const accountPaths = sql<{ path: string }>`
  select distinct path
  from ledger.account
  where version > 0
  order by path
`

/**
 * Each account's balance now, less what took effect later: from the stored balance, not from the entries that the file
 * shows, so that an assertion of it says something.
 */
function balancesBefore(before: Date | undefined): RawBuilder<AccountBalance> {
  const later = before
    ? sql`
      select line.account, sum(line.amount) as amount
      from ledger.entry
      join ledger.line on line.entry = entry.id
      where entry.effective_at >= ${before}::timestamptz
      group by line.account
    `
    : sql`select null::bigint as account, null::numeric as amount where false`
  return sql`
    select account.path, asset.code as asset, asset.scale, account.balance - coalesce(later.amount, 0) as balance
    from ledger.account
    join ledger.asset on asset.id = account.asset
    left join (${later}) as later on later.account = account.id
    where account.version > 0
    order by account.path, asset.code
  `
}

/** The rows of a query through a cursor of the database. */
async function* readInChunks<Row>(
  tx: Tx,
  cursor: string,
  query: RawBuilder<Row>,
  rows_max = CHUNK_ROWS,
): AsyncGenerator<Row[]> {
  await sql`declare ${sql.id(cursor)} no scroll cursor for ${query}`.execute(tx)
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(rows_max)} from ${sql.id(cursor)}`.execute(tx)
    if (rows.length > 0) yield rows
    if (rows.length < rows_max) break
  }
  await sql`close ${sql.id(cursor)}`.execute(tx)
}

interface BalanceEntries {
  before: Date | undefined
  as: (balances: AccountBalance[]) => string
}

interface TextJournal extends Period {
  dialectOf: (assets: readonly JournalAsset[]) => JournalDialect
}
