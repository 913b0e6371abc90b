import { type RawBuilder, sql } from 'kysely'

import { assert } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { LIMIT_MAX } from '../core/http.ts'
import type { Metadata } from './items.ts'
import {
  entriesOfNewestLines,
  findTouched,
  postingCondition,
  type PostingFilters,
  postingsOfLines,
  type Touched,
} from './posting-search.ts'

/** Times are half-open: from, included, until, excluded. */
export interface EntryFilters extends PostingFilters {
  kind?: string | undefined
  reference?: string | undefined
  actor?: string | undefined
  /** Members that the entry's metadata has, with these values. */
  metadata?: Metadata | undefined
  recorded_from?: Date | undefined
  recorded_until?: Date | undefined
  effective_from?: Date | undefined
  effective_until?: Date | undefined
}

/**
 * The ids of the entries that `filters` hold for, before the entry `before`, newest first: LIMIT_MAX + 1 of them at most.
 *
 * The newest entries nearly always fill the page, so they alone are looked through first: LINES_WINDOW lines of the
 * accounts asked for, ENTRIES_WINDOW entries, or POSTINGS_WINDOW postings. Only if they do not, all that matches is
 * gathered, from the side where there is less. Told of the limit, PostgreSQL would rather walk through every entry
 * backwards in the hope of soon meeting enough.
 */
export async function searchEntries(
  db: Db | Tx,
  { filters, before }: { filters: EntryFilters; before: bigint | undefined },
): Promise<{ ids: bigint[]; touched: Touched | undefined }> {
  const touched = await findTouched(db, filters)
  const search = { filters, before, touched, entry: entryConditions(filters) }
  for (const step of stepsOf(search)) {
    const ids = await idsOf(db, step(search))
    if (ids.length > LIMIT_MAX) return { ids, touched }
  }
  return { ids: await idsOf(db, allMatching(search)), touched }
}

function stepsOf({ touched, entry }: Search): ((search: Search) => RawBuilder<Id>)[] {
  if (touched?.size === 'calm') return []
  if (touched?.size === 'hot') return [amongNewestLines, amongNewestEntries]
  if (touched) return [amongNewestPostings]
  return entry.length > 0 ? [amongNewestEntries] : []
}

function amongNewestLines(search: Search): RawBuilder<Id> {
  const { filters, before, touched, entry } = search
  assert(touched && touched.size !== 'many', 'Only the lines of known accounts are followed')
  const newest = sql<boolean>`entry.id in (${entriesOfNewestLines(touched, { before, lines: LINES_WINDOW })})`
  const conditions = hasAmounts(filters) ? [...entry, ...hasPosting(search)] : entry
  return sql`
    select entry.id
    from ledger.entry
    ${whereAll([newest, ...conditions])}
    order by entry.id desc
    limit ${PAGE}
  `
}

function amongNewestEntries(search: Search): RawBuilder<Id> {
  return sql`
    select entry.id
    from (
      select *
      from ledger.entry
      ${whereAll(idBefore(search.before))}
      order by id desc
      limit ${sql.lit(ENTRIES_WINDOW)}
    ) as entry
    ${whereAll([...search.entry, ...hasPosting(search)])}
    order by entry.id desc
    limit ${PAGE}
  `
}

/** An entry may have thousands of postings, so it is these that are counted; of the oldest some may lie further back. */
function amongNewestPostings(search: Search): RawBuilder<Id> {
  const { filters, before, touched, entry } = search
  return sql`
    with newest as materialized (
      select *
      from ledger.posting
      ${whereAll(before === undefined ? [] : [sql`posting.entry < ${before}::bigint`])}
      order by entry desc, no desc
      limit ${sql.lit(POSTINGS_WINDOW)}
    )
    select found.id
    from (
      select distinct posting.entry as id
      from newest as posting
      where ${postingCondition(filters, touched)} and posting.entry > (select min(entry) from newest)
      order by posting.entry desc
    ) as found
    ${entry.length > 0 ? lookedUp(entry) : sql``}
    order by found.id desc
    limit ${PAGE}
  `
}

/** Entry by entry, by its id: a join might go through all entries for each of those found. */
function lookedUp(conditions: readonly Condition[]): RawBuilder<unknown> {
  return sql`
    cross join lateral (
      select
      from ledger.entry
      ${whereAll([sql`entry.id = found.id`, ...conditions])}
      limit 1
    ) as matching
  `
}

function allMatching(search: Search): RawBuilder<Id> {
  const { before, entry } = search
  const postings = fromPostings(search)
  const found = postings ? [sql<boolean>`entry.id in (select postings.entry from (${postings}) as postings)`] : []
  const gather = postings !== undefined || entry.length > 0
  return sql`
    with matching as ${gather ? sql`materialized` : sql`not materialized`} (
      select entry.id
      from ledger.entry
      ${whereAll([...idBefore(before), ...entry, ...found])}
    )
    select entry.id
    from (select id from matching order by id desc) as entry
    ${postings ? sql`` : oneByOne(search)}
    order by entry.id desc
    limit ${PAGE}
  `
}

/** Looks at one entry after the other until there are enough, which a join on a condition might not. */
function oneByOne({ filters, touched }: Search): RawBuilder<unknown> {
  const condition = postingCondition(filters, touched)
  if (!condition) return sql``
  return sql`
    cross join lateral (
      select
      from ledger.posting
      where posting.entry = entry.id and ${condition}
      limit 1
    ) as posting
  `
}

/** All postings that match, where going from those is the shorter way. */
function fromPostings({ filters, touched, entry }: Search): RawBuilder<unknown> | undefined {
  const asked = entry.length > 0
  if (touched && touched.size !== 'many' && (touched.size === 'calm' || !asked)) {
    return postingsOfLines(filters, touched)
  }
  if (asked || !hasAmounts(filters)) return undefined
  return sql`select posting.entry from ledger.posting where ${postingCondition(filters, touched)}`
}

function entryConditions(filters: EntryFilters): Condition[] {
  const { kind, reference, actor, metadata, recorded_from, recorded_until } = filters
  const conditions: Condition[] = []
  if (kind !== undefined) conditions.push(sql`entry.kind = ${kind}::text`)
  if (reference !== undefined) conditions.push(sql`entry.reference = ${reference}::text`)
  if (actor !== undefined) conditions.push(sql`entry.actor = ${actor}::text`)
  if (metadata !== undefined) conditions.push(sql`entry.metadata @> ${JSON.stringify(metadata)}::jsonb`)
  if (recorded_from) conditions.push(sql`entry.recorded_at >= ${recorded_from}::timestamptz`)
  if (recorded_until) conditions.push(sql`entry.recorded_at < ${recorded_until}::timestamptz`)
  return [...conditions, ...effectiveConditions(filters)]
}

/**
 * Only what was dated back has an index on when it took effect; all else did when it was recorded, and nothing takes
 * effect later than it is recorded.
 */
function effectiveConditions({ effective_from: from, effective_until: until }: EntryFilters): Condition[] {
  const conditions: Condition[] = []
  if (from) {
    conditions.push(sql`entry.effective_at >= ${from}::timestamptz`, sql`entry.recorded_at >= ${from}::timestamptz`)
  }
  if (until) {
    const dated_back = sql`entry.effective_at < entry.recorded_at and entry.effective_at < ${until}::timestamptz`
    conditions.push(sql`(entry.recorded_at < ${until}::timestamptz or (${dated_back}))`)
  }
  return conditions
}

function hasPosting({ filters, touched }: Search): Condition[] {
  const condition = postingCondition(filters, touched)
  return condition ? [sql`exists (select from ledger.posting where posting.entry = entry.id and ${condition})`] : []
}

function hasAmounts({ amount_min, amount_max }: EntryFilters): boolean {
  return amount_min !== undefined || amount_max !== undefined
}

function idBefore(before: bigint | undefined): Condition[] {
  return before === undefined ? [] : [sql`entry.id < ${before}::bigint`]
}

function whereAll(conditions: readonly Condition[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`
}

async function idsOf(db: Db | Tx, query: RawBuilder<Id>): Promise<bigint[]> {
  const { rows } = await query.execute(db)
  return rows.map(({ id }) => id)
}

const ENTRIES_WINDOW = 10_000
const LINES_WINDOW = 2_000
const POSTINGS_WINDOW = 10_000
const PAGE = sql.lit(LIMIT_MAX + 1)

type Condition = RawBuilder<boolean>

interface Id {
  id: bigint
}

interface Search {
  filters: EntryFilters
  before: bigint | undefined
  touched: Touched | undefined
  /** What must hold of the entry itself. */
  entry: Condition[]
}
