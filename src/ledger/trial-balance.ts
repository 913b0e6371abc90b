import { type RawBuilder, sql } from 'kysely'

import { must } from '../core/assert.ts'
import type { Db, Tx } from '../core/db.ts'
import { Invalid } from '../core/errors.ts'
import { type Moment, mustBeSealed } from './balances.ts'
import { ENTRY_LEAF } from './log/encode.ts'

/**
 * What all accounts hold, asset by asset and summed by the first `depth` segments of their paths: balances above zero in the
 * debit column, those below in the credit column. The two columns of an asset are equal, or the books are broken.
 *
 * As of a `moment`, each account's balance is today's less what moved on it afterwards, all accounts in one statement.
 * Fails: tree_size_unsealed, too_many_groups.
 */
export async function trialBalance(db: Db | Tx, { depth, asset, moment }: TrialBalance): Promise<AssetBalance[]> {
  if (moment?.by === 'sealed') await mustBeSealed(db, moment.treeSize)
  const { rows } = await sql<GroupRow>`
    with account as (${moment ? accountsAt(moment) : sql`select path, asset, balance from ledger.account`})
    select
      asset.code as asset,
      asset.scale,
      ${groupOf(depth)} as "group",
      count(*) filter (where account.balance <> 0) as accounts,
      coalesce(sum(account.balance) filter (where account.balance > 0), 0) as debit,
      coalesce(-sum(account.balance) filter (where account.balance < 0), 0) as credit
    from account
    join ledger.asset on asset.id = account.asset
    ${asset === undefined ? sql`` : sql`where asset.code = ${asset}::text`}
    group by asset.id, "group"
    order by asset.code, "group"
    limit ${sql.lit(GROUPS_MAX + 1)}
  `.execute(db)
  if (rows.length > GROUPS_MAX) {
    throw new Invalid(
      'too_many_groups',
      `The accounts form more than ${GROUPS_MAX} groups at depth ${depth}. Ask with a smaller depth.`,
      { depth, most: GROUPS_MAX },
    )
  }
  return [...Map.groupBy(rows, (row) => row.asset).values()].map(sumUp)
}

export const DEPTH_MAX = 8
const GROUPS_MAX = 1_000

function accountsAt(moment: Moment): RawBuilder<unknown> {
  return sql`
    select account.path, account.asset, account.balance - coalesce(moved.amount, 0) as balance
    from ledger.account
    left join (
      select line.account, sum(line.amount) as amount
      from (${entriesAfter(moment)}) as later
      join ledger.posting on posting.entry = later.id
      cross join lateral (values (from_account, -amount), (to_account, amount)) as line (account, amount)
      group by line.account
    ) as moved on moved.account = account.id
  `
}

/** What a moment does not count yet. */
function entriesAfter(moment: Moment): RawBuilder<unknown> {
  if (moment.by === 'sealed') {
    return sql`
      select ref as id
      from ledger.leaf
      where position >= ${moment.treeSize}::bigint and kind = ${ENTRY_LEAF}::smallint
      union all
      select entry.id
      from ledger.entry
      where entry.id > (select entry_watermark from ledger.log)
        and not exists (select from ledger.leaf where leaf.ref = entry.id and leaf.kind = ${ENTRY_LEAF}::smallint)
    `
  }
  const recorded = sql`select id from ledger.entry where recorded_at > ${moment.at}::timestamptz`
  // Nothing takes effect after it was recorded, so the index on that time serves this one too.
  return moment.by === 'recorded' ? recorded : sql`${recorded} and effective_at > ${moment.at}::timestamptz`
}

/** The first segments of a path; all of them where there are fewer. */
function groupOf(depth: number): RawBuilder<string> {
  const segments = Array.from({ length: depth }, (_, i) => sql`split_part(account.path, ':', ${sql.lit(i + 1)})`)
  return sql`rtrim(${sql.join(segments, sql` || ':' || `)}, ':')`
}

function sumUp(rows: GroupRow[]): AssetBalance {
  const { asset, scale } = must(rows[0], 'A group of rows has one')
  const debit = rows.reduce((sum, row) => sum + row.debit, 0n)
  const credit = rows.reduce((sum, row) => sum + row.credit, 0n)
  return { asset, scale, debit, credit, groups: rows }
}

export interface TrialBalance {
  depth: number
  asset?: string | undefined
  moment?: Moment | undefined
}

/** Amounts in minor units: `scale` decimals. */
export interface AssetBalance {
  asset: string
  scale: number
  debit: bigint
  credit: bigint
  groups: Group[]
}

export interface Group {
  group: string
  /** How many of its accounts hold anything. */
  accounts: bigint
  debit: bigint
  credit: bigint
}

interface GroupRow extends Group {
  asset: string
  scale: number
}
