import { sql } from 'kysely'

import { must } from '../../core/assert.ts'
import { type Db, pgArray, type Tx } from '../../core/db.ts'
import { serialUuidBytes } from '../../core/id.ts'
import { ENTRY_LEAF, type LoggedEntry, type LoggedEvent, type LoggedPosting, type Redaction } from './encode.ts'

/**
 * Reads entries as the log sees them, thousands at a time. Rows come as columns, each one text with commas: a million
 * entries then cost the driver a few hundred messages, and sealing and verifying half the time that rows would take.
 * Keeps the accounts it met, since most come again and again.
 */
export class LoggedReader {
  readonly #accounts = new Map<string, Place>()

  /** The entries with these ids, in the order of the ids. Ids that are not there are left out. */
  async entries(db: Db | Tx, ids: readonly bigint[]): Promise<Numbered<LoggedEntry>[]> {
    if (ids.length === 0) return []
    const wanted = pgArray(ids)
    // Both are on their way before the first is read.
    const [entries, postings] = await Promise.all([entryColumns(db, wanted), postingColumns(db, wanted)])
    const redactions = await redactionsOf(db, wanted, entries.redacted)
    await this.#meet(db, postings)
    let next = 0
    return entries.ids.map((id, i) => {
      const of: LoggedPosting[] = []
      while (postings.entry[next] === id) of.push(this.#posting(postings, next++))
      const recordedAt = new Date(Number(entries.recorded_ms[i]))
      const serial = BigInt(id)
      const [kind, reference, actor, metadata, salt] = entries.texts[i]!
      const secrets = salt === null ? redactions.get(serial) : { salt: Buffer.from(salt, 'hex'), metadata, actor }
      const logged = {
        uuid: serialUuidBytes(serial, recordedAt),
        kind,
        reference,
        effectiveAt: new Date(Number(entries.effective_ms[i])),
        recordedAt,
        postings: of,
        secrets: must(secrets, `Entry ${id} has neither a salt nor a redaction`),
      }
      return { id: serial, logged }
    })
  }

  /** Looks up the accounts that `postings` name and that are not kept yet. */
  async #meet(db: Db | Tx, { from_account, to_account }: PostingColumns): Promise<void> {
    if (this.#accounts.size > ACCOUNTS_KEPT) this.#accounts.clear()
    const unknown = new Set<string>()
    for (const id of from_account) if (!this.#accounts.has(id)) unknown.add(id)
    for (const id of to_account) if (!this.#accounts.has(id)) unknown.add(id)
    if (unknown.size === 0) return
    const { rows } = await sql<{ id: bigint } & Place>`
      select account.id, account.path, asset.code as asset, asset.scale
      from ledger.account
      join ledger.asset on asset.id = account.asset
      where account.id = any (${pgArray([...unknown])}::bigint[])
    `.execute(db)
    for (const { id, path, asset, scale } of rows) this.#accounts.set(`${id}`, { path, asset, scale })
  }

  #posting(columns: PostingColumns, i: number): LoggedPosting {
    const from = this.#accounts.get(columns.from_account[i]!)
    const to = this.#accounts.get(columns.to_account[i]!)
    const { path, asset, scale } = must(from, `Account ${columns.from_account[i]} was looked up`)
    return {
      from: path,
      to: must(to, `Account ${columns.to_account[i]} was looked up`).path,
      asset,
      scale,
      amount: BigInt(columns.amount[i]!),
      fromVersion: BigInt(columns.from_version[i]!),
      fromBalance: BigInt(columns.from_balance[i]!),
      toVersion: BigInt(columns.to_version[i]!),
      toBalance: BigInt(columns.to_balance[i]!),
    }
  }
}

/**
 * As many of the first `ids` as have at most POSTINGS_AT_ONCE postings together, but at least one: an entry may have ten
 * thousand, and what reads thousands of entries at once must not hold them all.
 */
export async function fitting(db: Db | Tx, ids: readonly bigint[]): Promise<readonly bigint[]> {
  const [least, most] = [ids.reduce(smaller, ids[0] ?? 0n), ids.reduce(larger, 0n)]
  const { rows } = await sql<{ postings: bigint }>`
    select count(*) as postings
    from (
      select from ledger.posting where entry between ${least} and ${most} limit ${POSTINGS_AT_ONCE + 1}
    ) as posting
  `.execute(db)
  if (must(rows[0], 'A count is one row').postings <= BigInt(POSTINGS_AT_ONCE)) return ids
  const counts = await sql<{ postings: bigint }>`
    select (select count(*) from ledger.posting where posting.entry = wanted.entry) as postings
    from unnest(${pgArray([...ids])}::bigint[]) with ordinality as wanted (entry, no)
    order by wanted.no
  `.execute(db)
  let total = 0n
  const first = counts.rows.findIndex(({ postings }) => (total += postings) > BigInt(POSTINGS_AT_ONCE))
  return first < 0 ? ids : ids.slice(0, Math.max(1, first))
}

/** Shortens a run of leaves so that it ends with its `entries`th entry and what follows that directly. */
export function cutOff(leaves: { kind: number }[], entries: number): void {
  let seen = 0
  const end = leaves.findIndex(({ kind }) => kind === ENTRY_LEAF && ++seen > entries)
  if (end >= 0) leaves.length = end
}

/** The audit events with these ids, in the order of the ids. */
export async function loggedEvents(db: Db | Tx, ids: readonly bigint[]): Promise<Numbered<LoggedEvent>[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('audit.event')
    .selectAll()
    .where(sql<boolean>`id = any (${pgArray(ids)}::bigint[])`)
    .orderBy('id')
    .execute()
  return rows.map(({ id, at, action, subject, actor, diff, salt }) => ({
    id,
    logged: { uuid: serialUuidBytes(id, at), action, subject, at, secrets: { salt, actor, diff } },
  }))
}

async function entryColumns(db: Db | Tx, wanted: string): Promise<EntryColumns> {
  const { rows } = await sql<Texts<'ids' | 'effective_ms' | 'recorded_ms'> & { texts: TextRow[] | null }>`
    select
      string_agg(id::text, ',') as ids,
      string_agg((extract(epoch from effective_at) * 1000)::bigint::text, ',') as effective_ms,
      string_agg((extract(epoch from recorded_at) * 1000)::bigint::text, ',') as recorded_ms,
      json_agg(json_build_array(kind, reference, actor, metadata, encode(salt, 'hex'))) as texts
    from (
      select *
      from ledger.entry
      where id = any (${wanted}::bigint[])
      order by id
    ) as entry
  `.execute(db)
  const { ids, effective_ms, recorded_ms, texts } = must(rows[0], 'An aggregate is one row')
  return {
    ids: split(ids),
    effective_ms: split(effective_ms),
    recorded_ms: split(recorded_ms),
    texts: texts ?? [],
    redacted: texts?.some(([, , , , salt]) => salt === null) ?? false,
  }
}

async function postingColumns(db: Db | Tx, wanted: string): Promise<PostingColumns> {
  const { rows } = await sql<Texts<keyof PostingColumns>>`
    select
      string_agg(entry::text, ',') as entry,
      string_agg(amount::text, ',') as amount,
      string_agg(from_account::text, ',') as from_account,
      string_agg(from_version::text, ',') as from_version,
      string_agg(from_balance::text, ',') as from_balance,
      string_agg(to_account::text, ',') as to_account,
      string_agg(to_version::text, ',') as to_version,
      string_agg(to_balance::text, ',') as to_balance
    from (
      select *
      from ledger.posting
      where entry = any (${wanted}::bigint[])
      order by entry, no
    ) as posting
  `.execute(db)
  const row = must(rows[0], 'An aggregate is one row')
  return {
    entry: split(row.entry),
    amount: split(row.amount),
    from_account: split(row.from_account),
    from_version: split(row.from_version),
    from_balance: split(row.from_balance),
    to_account: split(row.to_account),
    to_version: split(row.to_version),
    to_balance: split(row.to_balance),
  }
}

async function redactionsOf(db: Db | Tx, wanted: string, any: boolean): Promise<Map<bigint, Redaction>> {
  if (!any) return new Map()
  const rows = await db
    .selectFrom('ledger.redaction')
    .selectAll()
    .where(sql<boolean>`entry = any (${wanted}::bigint[])`)
    .execute()
  return new Map(
    rows.map(({ entry, posting_key, metadata_digest, actor_digest }) => [
      entry,
      { postingKey: posting_key, metadataDigest: metadata_digest, actorDigest: actor_digest },
    ]),
  )
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function split(column: string | null): string[] {
  return column === null ? [] : column.split(',')
}

/** About 50 MB of them. */
const POSTINGS_AT_ONCE = 60_000
/** About 25 MB of paths at the most; then they are looked up anew. */
const ACCOUNTS_KEPT = 100_000

export interface Numbered<Logged> {
  id: bigint
  logged: Logged
}

interface Place {
  path: string
  asset: string
  scale: number
}

interface EntryColumns {
  ids: string[]
  effective_ms: string[]
  recorded_ms: string[]
  texts: TextRow[]
  redacted: boolean
}

type TextRow = [kind: string, reference: string | null, actor: string | null, metadata: unknown, salt: string | null]

interface PostingColumns {
  entry: string[]
  amount: string[]
  from_account: string[]
  from_version: string[]
  from_balance: string[]
  to_account: string[]
  to_version: string[]
  to_balance: string[]
}

type Texts<Name extends string> = Record<Name, string | null>
