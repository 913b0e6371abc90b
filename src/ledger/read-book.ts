import { type RawBuilder, sql } from 'kysely'

import { must } from '../core/assert.ts'
import { pgArray, pipeline, type Tx } from '../core/db.ts'
import { newUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { accountKey, type AccountState, type Book, type HoldState, type Keyed, type KnownKey } from './book.ts'
import { keepBooksOpen } from './closing.ts'
import { holdOf, isEntry, isHold } from './items.ts'
import { readKeys } from './keys.ts'

/**
 * Locks every account that `items` touch, in the order of their ids, and reads what their evaluation needs.
 * With `skipLocked` nothing waits: `busy` then names the accounts that somebody else holds at this moment.
 */
export async function readBook(
  tx: Tx,
  items: readonly Keyed[],
  { now, skipLocked = false }: ReadOptions,
): Promise<ReadBook> {
  const holds = await readHolds(tx, items)
  const wanted = wantedAccounts(items, holds)
  if (items.some(({ item }) => isEntry(item) && item.effectiveAt)) await keepBooksOpen(tx)
  // Two statements, so that the second sees what the locks have waited for; ids drawn under the locks grow with versions.
  const [locked, [fact]] = await pipeline<[LockedRow, Facts]>(tx, [
    lockQuery(wanted, skipLocked).compile(tx),
    factsQuery(items, now).compile(tx),
  ])
  const { accounts, scales, busy } = await accountStates(tx, { wanted, locked, skipLocked })
  const facts = must(fact, 'The facts are one row')
  const keys = facts.keysUsed ? await readKeys(tx, items) : new Map<string, KnownKey>()
  const book: Book = {
    now: facts.now,
    closedBefore: facts.closedBefore,
    reversed: await readReversed(tx, items),
    accounts,
    holds: holds.length > 0 ? await reread(tx, holds, accounts) : new Map(),
    keys,
    ids: facts.ids.map(BigInt),
    idsUsed: 0,
    scaleOf: (asset) => scales.get(asset),
    format: (amount, asset) => formatAmount(amount, must(scales.get(asset), `Asset ${asset} was not read`)),
    newHoldId: () => newUuid(facts.now),
    written: [],
    closedHolds: new Set(),
    claims: [],
  }
  const holdAccounts = new Map(holds.map(({ id, path, code }) => [id, accountKey(path, code)]))
  return { book, busy, holdAccounts }
}

function wantedAccounts(items: readonly Keyed[], holds: readonly HoldRow[]): Wanted {
  const wanted = new Map<string, [string, string]>()
  const want = (path: string, asset: string) => wanted.set(accountKey(path, asset), [path, asset])
  for (const { item } of items) {
    if (isEntry(item)) {
      for (const { from, to, asset } of item.postings) {
        want(from, asset)
        want(to, asset)
      }
    } else if (isHold(item)) want(item.on, item.asset)
  }
  for (const { path, code } of holds) want(path, code)
  return wanted
}

function lockQuery(wanted: Wanted, skipLocked: boolean): RawBuilder<LockedRow> {
  const pairs = [...wanted.values()]
  const paths = pgArray(pairs.map(([path]) => path))
  const codes = pgArray(pairs.map(([, asset]) => asset))
  return sql`
    select
      wanted.no, account.id, asset.scale, account.balance, account.reserved, account.floor, account.ceiling,
      account.version, account.status
    from unnest(${paths}::text[], ${codes}::text[]) with ordinality as wanted (path, code, no)
    join ledger.asset on asset.code = wanted.code
    join ledger.account on account.path = wanted.path and account.asset = asset.id
    order by account.id
    for no key update of account ${skipLocked ? sql`skip locked` : sql``}
  `
}

async function accountStates(tx: Tx, { wanted, locked, skipLocked }: LockedAccounts) {
  const pairs = [...wanted.values()]
  const accounts = new Map<string, AccountState>()
  const scales = new Map<string, number>()
  for (const { no, scale, ...row } of locked) {
    const [path, asset] = pairs[Number(no) - 1]!
    scales.set(asset, scale)
    accounts.set(accountKey(path, asset), {
      ...row,
      path,
      asset,
      stored: { version: row.version, reserved: row.reserved },
    })
  }
  const busy = new Set<string>()
  if (locked.length < pairs.length) {
    const missing = pairs.filter(([path, asset]) => !accounts.has(accountKey(path, asset)))
    await tellBusyFromMissing(tx, missing, skipLocked, scales, busy)
  }
  return { accounts, scales, busy }
}

async function tellBusyFromMissing(
  tx: Tx,
  missing: [string, string][],
  skipLocked: boolean,
  scales: Map<string, number>,
  busy: Set<string>,
): Promise<void> {
  const { rows } = await sql<{ no: bigint; scale: number; exists: boolean }>`
    select wanted.no, asset.scale, account.id is not null as exists
    from unnest(${pgArray(missing.map(([path]) => path))}::text[], ${pgArray(missing.map(([, code]) => code))}::text[])
      with ordinality as wanted (path, code, no)
    join ledger.asset on asset.code = wanted.code
    left join ledger.account on account.path = wanted.path and account.asset = asset.id
  `.execute(tx)
  for (const { no, scale, exists } of rows) {
    const [path, asset] = missing[Number(no) - 1]!
    scales.set(asset, scale)
    if (exists && skipLocked) busy.add(accountKey(path, asset))
  }
}

/**
 * The time is never before that of the newest entry, though a clock may step back and a module may have read it before
 * it waited for its locks: an account's lines stay in the order of their times, which balances as of a time rely on.
 */
function factsQuery(items: readonly Keyed[], now: Date | undefined): RawBuilder<Facts> {
  const entries = items.filter(({ item }) => isEntry(item)).length
  const keys = pgArray(items.flatMap(({ key }) => (key ? [key.id] : [])))
  return sql`
    select
      array(select nextval('ledger.entry_id') from generate_series(1, ${entries}::int)) as ids,
      greatest(
        coalesce(${now ?? null}::timestamptz, date_trunc('milliseconds', clock_timestamp())),
        (select recorded_at from ledger.entry order by id desc limit 1)
      ) as now,
      (select max(closed_before) from ledger.closing) as "closedBefore",
      exists (select from ledger.key where id = any (${keys}::uuid[])) as "keysUsed"
  `
}

async function readHolds(tx: Tx, items: readonly Keyed[]): Promise<HoldRow[]> {
  const ids = items.flatMap(({ item }) => holdOf(item) ?? [])
  if (ids.length === 0) return []
  const { rows } = await sql<HoldRow>`
    select hold.id, hold.amount, hold.captured, hold.status, hold.expires_at, account.path, asset.code
    from ledger.hold
    join ledger.account on account.id = hold.account
    join ledger.asset on asset.id = account.asset
    where hold.id = any (${pgArray(ids)}::uuid[])
  `.execute(tx)
  return rows
}

/** A hold changes under its account's lock alone: what was read before the lock may be stale. */
async function reread(tx: Tx, rows: HoldRow[], accounts: Map<string, AccountState>): Promise<Map<string, HoldState>> {
  const fresh = await tx
    .selectFrom('ledger.hold')
    .select(['id', 'status', 'captured'])
    .where(sql<boolean>`id = any (${pgArray(rows.map(({ id }) => id))}::uuid[])`)
    .execute()
  const statuses = new Map(fresh.map((row) => [row.id, row]))
  const holds = new Map<string, HoldState>()
  for (const { id, amount, expires_at, path, code } of rows) {
    const account = accounts.get(accountKey(path, code))
    const { status, captured } = must(statuses.get(id), 'A hold never disappears')
    if (!account) continue
    holds.set(id, { id, account, amount, captured, status: status as HoldState['status'], expiresAt: expires_at })
  }
  return holds
}

async function readReversed(tx: Tx, items: readonly Keyed[]): Promise<Set<bigint>> {
  const entries = items.flatMap(({ item }) => (isEntry(item) && item.reverses !== undefined ? [item.reverses] : []))
  if (entries.length === 0) return new Set()
  const { rows } = await sql<{ reverses: bigint }>`
    select reverses from ledger.entry where reverses = any (${pgArray(entries)}::bigint[])
  `.execute(tx)
  return new Set(rows.map(({ reverses }) => reverses))
}

interface ReadOptions {
  now?: Date | undefined
  skipLocked?: boolean
}

export interface ReadBook {
  book: Book
  busy: Set<string>
  /** The key of the account that each named hold is on. */
  holdAccounts: Map<string, string>
}

/** By their keys. */
type Wanted = Map<string, [path: string, asset: string]>

interface LockedAccounts {
  wanted: Wanted
  locked: readonly LockedRow[]
  skipLocked: boolean
}

interface LockedRow {
  no: bigint
  id: bigint
  scale: number
  balance: bigint
  reserved: bigint
  floor: bigint | null
  ceiling: bigint | null
  version: bigint
  status: AccountState['status']
}

interface HoldRow {
  id: string
  amount: bigint
  captured: bigint
  status: string
  expires_at: Date | null
  path: string
  code: string
}

interface Facts {
  ids: string[]
  now: Date
  closedBefore: Date | null
  keysUsed: boolean
}
