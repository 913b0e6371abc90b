import { type RawBuilder, sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { parseSerialUuid } from '../core/id.ts'
import { type Order, WALK } from '../core/page.ts'
import { listAccounts, type ListedAccount } from '../ledger/account-queries.ts'
import { ENTRY_LEAF } from '../ledger/log/encode.ts'

/** All that belongs to a person, path by path. */
export async function accountsOf(db: Db | Tx, person: string): Promise<ListedAccount[]> {
  return await listAccounts(db, { prefix: accountsPrefix(person), limit: ACCOUNTS_MAX })
}

/** Under which all accounts of a person are. */
export function accountsPrefix(person: string): string {
  return `users:${person}:`
}

/** Lines of one of a person's accounts, a page at a time. */
export async function linesOf(db: Db | Tx, { account, order, after, limit }: LinesOf): Promise<MemberLine[]> {
  const { direction, next } = WALK[order]
  const from = after === undefined ? sql`true` : sql`line.version ${sql.raw(next)} ${after}::bigint`
  const { rows } = await sql<MemberLine>`
    select ${lineColumns}, exists (
      select from ledger.leaf where leaf.ref = entry.id and leaf.kind = ${ENTRY_LEAF}::smallint
    ) as sealed
    from ledger.line
    ${joinedToLines}
    where line.account = ${account}::bigint and ${from}
    order by line.version ${sql.raw(direction)}
    limit ${limit}::int
  `.execute(db)
  return rows
}

/**
 * Lines of `account` that took effect in a period, in that order, as far as the log's first `treeSize` leaves hold them; and
 * what the account held when the period began.
 */
export async function linesInEffect(
  db: Db | Tx,
  { account, from, until, treeSize, limit }: LinesInEffect,
): Promise<{ opening: bigint; lines: MemberLine[] }> {
  const sealed = sql`
    join ledger.leaf on leaf.ref = entry.id and leaf.kind = ${ENTRY_LEAF}::smallint
      and leaf.position < ${treeSize}::bigint
  `
  const before = await sql<{ opening: bigint }>`
    select coalesce(sum(line.amount), 0) as opening
    from ledger.line
    join ledger.entry on entry.id = line.entry
    ${sealed}
    where line.account = ${account}::bigint and entry.effective_at < ${from}::timestamptz
  `.execute(db)
  const { rows: lines } = await sql<MemberLine>`
    select ${lineColumns}, true as sealed
    from ledger.line
    ${joinedToLines}
    ${sealed}
    where line.account = ${account}::bigint
      and entry.effective_at >= ${from}::timestamptz
      and entry.effective_at < ${until}::timestamptz
    order by entry.effective_at, line.version
    limit ${limit}::int
  `.execute(db)
  return { opening: before.rows[0]?.opening ?? 0n, lines }
}

/**
 * Which sides of a posting are the person's own. Fails: posting_not_found, whether there is no such entry, no such posting
 * of it, or it is somebody else's.
 */
export async function ownSides(
  db: Db | Tx,
  { person, entry, posting }: OwnSides,
): Promise<{ from: boolean; to: boolean }> {
  const { serial } = parseSerialUuid(entry, 'posting_not_found')
  const { rows } = await sql<{ from: boolean; to: boolean }>`
    select starts_with(source.path, ${accountsPrefix(person)}) as from, starts_with(target.path, ${accountsPrefix(person)}) as to
    from ledger.posting
    join ledger.account as source on source.id = posting.from_account
    join ledger.account as target on target.id = posting.to_account
    where posting.entry = ${serial}::bigint and posting.no = ${posting}::smallint
  `.execute(db)
  const [sides] = rows
  if (sides?.from || sides?.to) return sides
  throw new NotFound('posting_not_found', 'There is no such posting of yours.', { entry, posting })
}

/** A line of a member's account with what they may know of its entry. Amounts in minor units of the account's asset. */
export interface MemberLine {
  version: bigint
  /** Above zero: came in. */
  amount: bigint
  balance_before: bigint
  balance_after: bigint
  counterparty: string
  /** Whose that is, where it is a person's. */
  username: string | null
  entry: bigint
  /** Of the posting in its entry. */
  no: number
  kind: string
  reference: string | null
  /** What the sender of a transfer wrote, until it is erased. */
  note: string | null
  effective_at: Date
  recorded_at: Date
  /** Whether it is in the log, and can be proven. */
  sealed: boolean
}

/** More than any module opens for one person, in all assets. */
const ACCOUNTS_MAX = 1_000

const lineColumns: RawBuilder<unknown> = sql`
  line.version, line.amount, line.balance_before, line.balance_after, line.no,
  counterparty.path as counterparty, person.username,
  entry.id as entry, entry.kind, entry.reference, entry.effective_at, entry.recorded_at,
  case when entry.kind = 'member_transfer' and line.no = 0 then entry.metadata ->> 'note' end as note
`

const joinedToLines: RawBuilder<unknown> = sql`
  join ledger.account as counterparty on counterparty.id = line.counterparty
  left join identity.person on person.id = counterparty.owner
  join ledger.entry on entry.id = line.entry
`

interface LinesOf {
  account: bigint
  order: Order
  /** The number of the line before this page. */
  after?: bigint | undefined
  limit: number
}

interface LinesInEffect {
  account: bigint
  from: Date
  until: Date
  treeSize: bigint
  limit: number
}

interface OwnSides {
  person: string
  entry: string
  posting: number
}
