import { type RawBuilder, sql } from 'kysely'

import { type Db, pgArray, type Tx } from '../core/db.ts'

/** What a posting must be like: all of it holds for one and the same posting. Amounts are minor units of `asset`. */
export interface PostingFilters {
  account?: string | undefined
  /** The first characters of a path, such as `users:`. */
  account_prefix?: string | undefined
  asset?: string | undefined
  amount_min?: bigint | undefined
  amount_max?: bigint | undefined
}

/**
 * The accounts that a search is about, by how their entries are best found: `calm` ones have so few lines that all are
 * gathered; a few `hot` ones are followed line by line; of `some`, and of `many`, it is the entries that are looked
 * through. All of them but `many` are known.
 */
export type Touched = KnownAccounts | { size: 'many' }

export interface KnownAccounts {
  size: 'calm' | 'hot' | 'some'
  ids: bigint[]
  /** The number of lines of each. */
  versions: bigint[]
}

/** Undefined when the filters name neither account nor prefix nor asset. */
export async function findTouched(db: Db | Tx, filters: PostingFilters): Promise<Touched | undefined> {
  const conditions = accountConditions(filters, 'account')
  if (conditions.length === 0) return undefined
  const { rows } = await sql<{ id: bigint; version: bigint }>`
    select account.id, account.version
    from ledger.account
    where ${sql.join(conditions, AND)}
    limit ${sql.lit(SOME_ACCOUNTS + 1)}
  `.execute(db)
  if (rows.length > SOME_ACCOUNTS) return { size: 'many' }
  const lines = rows.reduce((sum, { version }) => sum + version, 0n)
  return {
    size: lines <= FEW_LINES ? 'calm' : rows.length <= FEW_ACCOUNTS ? 'hot' : 'some',
    ids: rows.map(({ id }) => id),
    versions: rows.map(({ version }) => version),
  }
}

/** What must hold of `posting`; undefined when nothing is asked of it. */
export function postingCondition(filters: PostingFilters, touched: Touched | undefined): Condition | undefined {
  const conditions = amountConditions(filters)
  if (touched?.size === 'hot') {
    const ids = pgArray(touched.ids)
    conditions.push(sql`(posting.from_account = any (${ids}::bigint[]) or posting.to_account = any (${ids}::bigint[]))`)
  } else if (touched) {
    conditions.push(touchesAccounts(filters))
  }
  return conditions.length === 0 ? undefined : sql.join(conditions, AND)
}

function touchesAccounts(filters: PostingFilters): Condition {
  // As a value and not as a condition: what is asked of the account must not become the way in which it is looked up.
  const side = (column: 'from_account' | 'to_account') => sql<boolean>`(
    select ${sql.join(accountConditions(filters, 'account'), AND)}
    from ledger.account
    where account.id = ${sql.ref(`posting.${column}`)}
  )`
  // Both sides have the asset in common.
  if (filters.account === undefined && filters.account_prefix === undefined) return side('from_account')
  return sql`(${side('from_account')} or ${side('to_account')})`
}

/** Every posting from or to one of these accounts that matches; those between two of them come twice. */
export function postingsOfLines(filters: PostingFilters, { ids }: KnownAccounts): RawBuilder<unknown> {
  const side = (column: 'from_account' | 'to_account') => {
    const conditions = [sql`${sql.ref(column)} = any (${pgArray(ids)}::bigint[])`, ...amountConditions(filters)]
    return sql`select * from ledger.posting where ${sql.join(conditions, AND)}`
  }
  return sql`${side('from_account')} union all ${side('to_account')}`
}

/** Of each of `entries` the first `most` postings that match. */
export function firstPostings(
  filters: PostingFilters,
  { touched, entries, most }: { touched: Touched | undefined; entries: bigint[]; most: number },
): RawBuilder<unknown> {
  const shown = sql`unnest(${pgArray(entries)}::bigint[]) as shown (entry)`
  if (touched?.size === 'calm') {
    // Gathered first, or PostgreSQL would rather read all postings of the entries, of which each may have thousands.
    return sql`
      with matching as materialized (${postingsOfLines(filters, touched)})
      select *
      from (
        select distinct matching.*, dense_rank() over (partition by matching.entry order by matching.no) as place
        from matching
        join ${shown} on shown.entry = matching.entry
      ) as ranked
      where place <= ${most}::int
    `
  }
  const condition = postingCondition(filters, touched)
  return sql`
    select first.*
    from ${shown}
    cross join lateral (
      select *
      from ledger.posting
      where posting.entry = shown.entry ${condition ? sql`and ${condition}` : sql``}
      order by posting.no
      limit ${most}::int
    ) as first
  `
}

/**
 * The entries of the newest lines of a few accounts, before the entry `before`; about `lines` lines of all together. An
 * account of which not all lines were looked at says nothing about older entries, so only those are given that all of
 * the accounts answer for.
 */
export function entriesOfNewestLines(
  { ids, versions }: KnownAccounts,
  { before, lines }: { before: bigint | undefined; lines: number },
): RawBuilder<unknown> {
  const lines_each = Math.ceil(lines / ids.length)
  return sql`
    with newest as materialized (
      select account.id as account, line.entry
      from unnest(${pgArray(ids)}::bigint[], ${pgArray(versions)}::bigint[]) as account (id, version)
      cross join lateral (${before === undefined ? sql`select account.version` : versionBefore(before)}) as last
      cross join lateral (
        select line.entry
        from ledger.line
        where line.account = account.id and line.version <= last.version
        order by line.version desc
        limit ${lines_each}::int
      ) as line
    )
    select entry
    from newest
    where entry >= (
      select coalesce(max(oldest), 0)
      from (
        select min(entry) as oldest
        from newest
        group by account
        having count(*) = ${lines_each}::int
      ) as unfinished
    )
  `
}

/** Binary search: of one account the entries grow with the versions. */
function versionBefore(entry: bigint): RawBuilder<unknown> {
  return sql`
    with recursive search (low, high) as (
      select 0::bigint, account.version + 1
      union all
      select
        case when line.entry < ${entry}::bigint then middle else low end,
        case when line.entry < ${entry}::bigint then high else middle end
      from search
      cross join lateral (select (low + high) / 2 as middle) as half
      join ledger.line on line.account = account.id and line.version = middle
      where high - low > 1
    )
    select max(low) as version
    from search
  `
}

function accountConditions({ account, account_prefix: prefix, asset }: PostingFilters, alias: string): Condition[] {
  const conditions: Condition[] = []
  if (account !== undefined) conditions.push(sql`${sql.ref(`${alias}.path`)} = ${account}::text`)
  if (prefix !== undefined) conditions.push(pathStartsWith(prefix, alias))
  if (asset !== undefined) {
    conditions.push(
      sql`${sql.ref(`${alias}.asset`)} = (select asset.id from ledger.asset where asset.code = ${asset}::text)`,
    )
  }
  return conditions
}

function amountConditions({ amount_min, amount_max }: PostingFilters): Condition[] {
  const conditions: Condition[] = []
  if (amount_min !== undefined) conditions.push(sql`posting.amount >= ${amount_min}::numeric`)
  if (amount_max !== undefined) conditions.push(sql`posting.amount <= ${amount_max}::numeric`)
  return conditions
}

/** As a range, which the index on paths serves whatever the plan: `~` comes after all that a path is made of. */
export function pathStartsWith(prefix: string, alias = 'account'): Condition {
  const path = sql.ref(`${alias}.path`)
  return sql`${path} >= ${prefix}::text and ${path} < ${`${prefix}~`}::text`
}

type Condition = RawBuilder<boolean>

const AND = sql` and `

const FEW_ACCOUNTS = 100
const SOME_ACCOUNTS = 5_000
const FEW_LINES = 20_000n
