import { type RawBuilder, sql } from 'kysely'

import { must } from '../core/assert.ts'
import { type Db, pgArray, type Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { parseSerialUuid, serialUuid } from '../core/id.ts'
import { type EntryFilters, searchEntries } from './entry-search.ts'
import type { Metadata } from './items.ts'
import { firstPostings } from './posting-search.ts'

/** An entry with all of its postings. Fails: entry_not_found. */
export async function findEntry(db: Db | Tx, id: string): Promise<Entry> {
  const { serial } = parseSerialUuid(id, 'entry_not_found')
  const [entry] = await readEntries(db, [serial], postingsOf(serial))
  if (entry && serialUuid(entry.id, entry.recorded_at) === id) return entry
  throw new NotFound('entry_not_found', `There is no entry ${id}.`, { entry: id })
}

/** An entry that was just posted, by its number. */
export async function readEntry(db: Db | Tx, id: bigint): Promise<Entry> {
  const [entry] = await readEntries(db, [id], postingsOf(id))
  return must(entry, `Entry ${id} was posted`)
}

/**
 * Entries newest first, before the entry `before`. Each comes with the first POSTINGS_LISTED of its postings that the
 * filters hold for; an entry may have thousands.
 */
export async function listEntries(db: Db | Tx, { filters, before, limit }: ListEntries): Promise<Entry[]> {
  const { ids, touched } = await searchEntries(db, { filters, before })
  const entries = ids.slice(0, limit)
  return await readEntries(db, entries, firstPostings(filters, { touched, entries, most: POSTINGS_LISTED }))
}

export const POSTINGS_LISTED = 10

function postingsOf(entry: bigint): RawBuilder<unknown> {
  return sql`select * from ledger.posting where posting.entry = ${entry}::bigint`
}

/** Entries newest first, with the `postings` that are to be shown of them. */
async function readEntries(db: Db | Tx, ids: bigint[], postings: RawBuilder<unknown>): Promise<Entry[]> {
  if (ids.length === 0) return []
  const { rows: entries } = await sql<Omit<Entry, 'postings'>>`
    select
      entry.id, entry.kind, entry.reference, entry.effective_at, entry.recorded_at, entry.actor, entry.metadata,
      entry.salt is null as redacted,
      (select max(posting.no) + 1 from ledger.posting where posting.entry = entry.id) as postings_count,
      reversed.id as reverses, reversed.recorded_at as reverses_recorded_at,
      reversal.id as reversed_by, reversal.recorded_at as reversed_by_recorded_at,
      hold.id as hold
    from ledger.entry
    left join ledger.entry as reversed on reversed.id = entry.reverses
    left join ledger.entry as reversal on reversal.reverses = entry.id
    left join ledger.hold on hold.entry = entry.id
    where entry.id = any (${pgArray(ids)}::bigint[])
    order by entry.id desc
  `.execute(db)
  const shown = await readPostings(db, postings)
  return entries.map((entry) => ({ ...entry, postings: shown.get(entry.id) ?? [] }))
}

async function readPostings(db: Db | Tx, postings: RawBuilder<unknown>): Promise<Map<bigint, Posting[]>> {
  const { rows } = await sql<Posting & { entry: bigint }>`
    select
      posting.entry, posting.no, posting.amount, source.path as "from", posting.from_version, posting.from_balance,
      target.path as "to", posting.to_version, posting.to_balance, asset.code as asset, asset.scale
    from (${postings}) as posting
    join ledger.account as source on source.id = posting.from_account
    join ledger.account as target on target.id = posting.to_account
    join ledger.asset on asset.id = source.asset
    order by posting.entry, posting.no
  `.execute(db)
  return Map.groupBy(rows, ({ entry }) => entry)
}

export interface Entry {
  id: bigint
  kind: string
  reference: string | null
  effective_at: Date
  recorded_at: Date
  actor: string | null
  metadata: Metadata | null
  /** Whether its personal data, actor and metadata, was erased. */
  redacted: boolean
  /** The entry that it undoes, and the one that undid it. */
  reverses: bigint | null
  reverses_recorded_at: Date | null
  reversed_by: bigint | null
  reversed_by_recorded_at: Date | null
  /** The hold that it captured. */
  hold: string | null
  postings_count: number
  postings: Posting[]
}

/** Amounts in minor units: `scale` decimals. Balances are those after the posting. */
export interface Posting {
  no: number
  from: string
  to: string
  asset: string
  scale: number
  amount: bigint
  from_version: bigint
  from_balance: bigint
  to_version: bigint
  to_balance: bigint
}

export interface ListEntries {
  filters: EntryFilters
  before: bigint | undefined
  limit: number
}
