import { sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'

/**
 * What must always hold in the books, checked from outside over every row: an empty list says that it does. Run it on a
 * `snapshot`, or the books move while they are read.
 */
export async function checkBooks(db: Db | Tx): Promise<Violation[]> {
  return await checkInvariants(db, LEDGER_INVARIANTS)
}

/** The same for what a module states of itself and the books. */
export async function checkInvariants(db: Db | Tx, invariants: readonly Invariant[]): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const { invariant, query } of invariants) {
    const { rows } = await query.execute(db)
    for (const { detail } of rows) violations.push({ invariant, detail })
  }
  return violations
}

/** A list of what is wrong is as long as this at most, for each invariant. */
const VIOLATIONS_SHOWN = sql.lit(10)

const LEDGER_INVARIANTS: readonly Invariant[] = [
  {
    invariant: 'Every asset’s balances sum to zero',
    query: sql<{ detail: string }>`
      select asset.code || ': ' || sum(account.balance) as detail
      from ledger.account
      join ledger.asset on asset.id = account.asset
      group by asset.code
      having sum(account.balance) <> 0
    `,
  },
  {
    invariant: 'A balance is what came in less what went out, and its version counts the lines',
    query: sql<{ detail: string }>`
      select account.path || ' (' || account.id || ')' as detail
      from ledger.account
      left join (
        select account, sum(amount) as balance, count(*) as lines
        from ledger.line
        group by account
      ) as line on line.account = account.id
      where account.balance <> coalesce(line.balance, 0) or account.version <> coalesce(line.lines, 0)
      limit ${VIOLATIONS_SHOWN}
    `,
  },
  {
    invariant: 'Each line of an account continues the one before, without a gap',
    query: sql<{ detail: string }>`
      select 'account ' || account || ' at version ' || version as detail
      from (
        select
          account, version, balance_before, entry,
          lag(version, 1, 0::bigint) over lines as version_before,
          lag(balance_after, 1, 0::numeric) over lines as balance_was,
          lag(entry, 1, 0::bigint) over lines as entry_before
        from ledger.line
        window lines as (partition by account order by version)
      ) as line
      where version <> version_before + 1 or balance_before <> balance_was or entry < entry_before
      limit ${VIOLATIONS_SHOWN}
    `,
  },
  {
    invariant: 'What is reserved on an account is the sum of its pending holds',
    query: sql<{ detail: string }>`
      select account.path || ': ' || account.reserved || ' reserved, ' || coalesce(held.amount, 0) || ' held' as detail
      from ledger.account
      left join (
        select account, sum(amount) as amount
        from ledger.hold
        where status = 'pending'
        group by account
      ) as held on held.account = account.id
      where account.reserved <> coalesce(held.amount, 0)
      limit ${VIOLATIONS_SHOWN}
    `,
  },
  {
    invariant: 'A posting moves one asset, between accounts that exist, and belongs to an entry',
    query: sql<{ detail: string }>`
      select 'entry ' || posting.entry || ' posting ' || posting.no as detail
      from ledger.posting
      left join ledger.entry on entry.id = posting.entry
      left join ledger.account as source on source.id = posting.from_account
      left join ledger.account as target on target.id = posting.to_account
      where entry.id is null or source.id is null or target.id is null or source.asset <> target.asset
      limit ${VIOLATIONS_SHOWN}
    `,
  },
  {
    invariant: 'An entry has postings, numbered from 0 without a gap',
    query: sql<{ detail: string }>`
      select 'entry ' || entry.id as detail
      from ledger.entry
      left join (
        select entry, count(*) as postings, max(no) as last
        from ledger.posting
        group by entry
      ) as posting on posting.entry = entry.id
      where posting.postings is null or posting.postings <> posting.last + 1
      limit ${VIOLATIONS_SHOWN}
    `,
  },
  {
    invariant: 'A captured hold names the entry that took no more than it held',
    query: sql<{ detail: string }>`
      select 'hold ' || hold.id as detail
      from ledger.hold
      left join lateral (
        select sum(posting.amount) as taken
        from ledger.posting
        where posting.entry = hold.entry and posting.from_account = hold.account
      ) as posting on true
      where hold.status = 'captured' and hold.captured is distinct from posting.taken
      limit ${VIOLATIONS_SHOWN}
    `,
  },
  {
    invariant: 'A key stands for an entry or a hold that exists',
    query: sql<{ detail: string }>`
      select 'key ' || key.id as detail
      from ledger.key
      left join ledger.entry on entry.id = key.entry
      left join ledger.hold on hold.id = key.hold
      where key.refusal is null and entry.id is null and hold.id is null
      limit ${VIOLATIONS_SHOWN}
    `,
  },
]

export interface Violation {
  invariant: string
  detail: string
}

/** A sentence that must be true, and a query for what contradicts it: one row, with a `detail`, each. */
export interface Invariant {
  invariant: string
  query: ReturnType<typeof sql<{ detail: string }>>
}
