import { type RawBuilder, sql } from 'kysely'

import type { Db } from '../core/db.ts'

/**
 * What lies directly below a branch of the accounts' tree, in the order of the paths: accounts themselves, and branches
 * with all that is below them summed asset by asset. `below` undefined: from the root. Each step jumps over a whole branch
 * on the index of paths, so a branch of a million accounts is one step to find, and is read once to be summed.
 */
export async function listBranches(db: Db, { below, after, limit }: ListBranches): Promise<Branch[]> {
  const prefix = below === undefined ? '' : `${below}:`
  const end = below === undefined ? PAST_ALL : pastBranch(prefix)
  const start = after === undefined ? prefix : after.endsWith(':') ? pastBranch(after) : after
  const next = (from: RawBuilder<string>) => sql`
    select ${nodeOf(prefix)} as key
    from ledger.account
    where account.path > ${from} and account.path < ${end}
    order by account.path
    limit 1
  `
  const { rows } = await sql<Summed>`
    with recursive node as (
      (${next(sql`${start}`)})
      union all
      select following.key
      from node
      cross join lateral (${next(sql`case when node.key like '%:' then left(node.key, -1) || ';' else node.key end`)}) as following
    ),
    page as materialized (select key from node limit ${limit})
    select page.key, asset.code as asset, asset.scale, count(*)::int as accounts, sum(account.balance) as balance
    from page
    join ledger.account on account.path >= page.key
      and account.path < case when page.key like '%:' then left(page.key, -1) || ';' else page.key || '!' end
    join ledger.asset on asset.id = account.asset
    group by page.key, asset.id
    order by page.key collate "C", asset.code
  `.execute(db)
  return [...Map.groupBy(rows, ({ key }) => key)].map(([key, held]) => ({ key, held }))
}

/** An account (`treasury:main`), or with a colon at its end a branch (`treasury:`). */
export interface Branch {
  key: string
  held: { asset: string; scale: number; accounts: number; balance: bigint }[]
}

interface ListBranches {
  below: string | undefined
  /** The key of the branch before. */
  after: string | undefined
  limit: number
}

interface Summed {
  key: string
  asset: string
  scale: number
  accounts: number
  balance: bigint
}

/** The semicolon comes right after the colon, and no path has one. */
function pastBranch(prefix: string): string {
  return `${prefix.slice(0, -1)};`
}

/** Behind every character that a path has. */
const PAST_ALL = '~'

/** A path up to its first segment after the prefix, with the colon that follows where one does. */
function nodeOf(prefix: string): RawBuilder<string> {
  const rest = sql`substr(account.path, ${prefix.length + 1}::int)`
  return sql`${prefix}::text || split_part(${rest}, ':', 1) || case when strpos(${rest}, ':') > 0 then ':' else '' end`
}
