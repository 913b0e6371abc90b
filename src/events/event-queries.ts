import { sql } from 'kysely'

import { type Db, pgArray, type Tx } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { AUDIT_LEAF, ENTRY_LEAF } from '../ledger/log/encode.ts'
import { entrySubject, entryType } from './event-rules.ts'

/** What happened at the positions from `from` up to, but not including, `to`, in the order of the log. */
export async function readEvents(db: Db | Tx, { from, to }: Range): Promise<DomainEvent[]> {
  const { rows: leaves } = await sql<{ position: bigint; kind: number; ref: bigint }>`
    select position, kind, ref
    from ledger.leaf
    where position >= ${from}::bigint and position < ${to}::bigint
    order by position
  `.execute(db)
  const refs = (kind: number) => leaves.filter((leaf) => leaf.kind === kind).map(({ ref }) => ref)
  const entries = await readEntries(db, refs(ENTRY_LEAF))
  const audits = await readAudits(db, refs(AUDIT_LEAF))
  return leaves.flatMap(({ position, kind, ref }) => {
    const found = (kind === ENTRY_LEAF ? entries : audits).get(ref)
    return found ? [{ position, ...found }] : []
  })
}

/** Entries with the first POSTINGS_SHOWN of their postings. */
async function readEntries(db: Db | Tx, ids: readonly bigint[]): Promise<Map<bigint, Told>> {
  if (ids.length === 0) return new Map()
  const { rows: entries } = await sql<EntryRow>`
    select
      entry.id, entry.kind, entry.reference, entry.effective_at, entry.recorded_at,
      (select max(posting.no) + 1 from ledger.posting where posting.entry = entry.id) as postings_count
    from ledger.entry
    where entry.id = any (${pgArray(ids)}::bigint[])
  `.execute(db)
  const { rows: postings } = await sql<PostingRow>`
    select
      posting.entry, posting.no, posting.amount, source.path as "from", posting.from_version,
      target.path as "to", posting.to_version, asset.code as asset, asset.scale
    from ledger.posting
    join ledger.account as source on source.id = posting.from_account
    join ledger.account as target on target.id = posting.to_account
    join ledger.asset on asset.id = source.asset
    where posting.entry = any (${pgArray(ids)}::bigint[]) and posting.no < ${POSTINGS_SHOWN}::int
    order by posting.entry, posting.no
  `.execute(db)
  const shown = Map.groupBy(postings, ({ entry }) => entry)
  return new Map(entries.map((row) => [row.id, entryTold(row, shown.get(row.id) ?? [])]))
}

function entryTold(row: EntryRow, postings: readonly PostingRow[]): Told {
  const [first] = postings
  return {
    ...headOf(row),
    subject: first ? entrySubject(first.from, first.asset) : `entry:${serialUuid(row.id, row.recorded_at)}`,
    data: {
      ...entryData(row),
      postings_count: row.postings_count,
      postings: postings.map(({ no, from, to, asset, scale, amount, from_version, to_version }) => ({
        no,
        from,
        to,
        asset,
        amount: formatAmount(amount, scale),
        from_version: `${from_version}`,
        to_version: `${to_version}`,
      })),
    },
  }
}

async function readAudits(db: Db | Tx, ids: readonly bigint[]): Promise<Map<bigint, Told>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('audit.event')
    .select(['id', 'at', 'actor', 'action', 'subject'])
    .where('id', 'in', ids)
    .execute()
  return new Map(
    rows.map(({ id, at, actor, action, subject }) => [
      id,
      { id: serialUuid(id, at), type: action, at, subject, data: { actor } },
    ]),
  )
}

/** Whom of `people` the entries at these positions concern. */
export async function peopleTouched(db: Db | Tx, { from, to, people }: Range & { people: readonly string[] }) {
  if (people.length === 0) return new Set<string>()
  const { rows } = await sql<{ owner: string }>`
    select distinct account.owner
    from ledger.leaf
    join ledger.line on line.entry = leaf.ref
    join ledger.account on account.id = line.account
    where leaf.kind = ${ENTRY_LEAF}::int and leaf.position >= ${from}::bigint and leaf.position < ${to}::bigint
      and account.owner = any (${pgArray(people)}::uuid[])
  `.execute(db)
  return new Set(rows.map(({ owner }) => owner))
}

/**
 * What `person` may see at these positions, at most `limit` of each kind: entries with the lines on their own accounts
 * and nobody else's, their own acts, and what is `open` to all. Audit events say who acted only where it was themselves.
 */
export async function readOwnEvents(db: Db | Tx, options: OwnRange): Promise<{ events: DomainEvent[]; until: bigint }> {
  const entries = await ownEntries(db, options)
  const audits = await ownAudits(db, options)
  const all = [...entries, ...audits].toSorted((a, b) => (a.position < b.position ? -1 : 1))
  const full = [entries, audits].filter((list) => list.length >= options.limit)
  const ends = full.map((list) => list.at(-1)!.position + 1n)
  const until = ends.reduce((least, end) => (end < least ? end : least), options.to)
  return { events: all.filter(({ position }) => position < until), until }
}

async function ownEntries(db: Db | Tx, { person, from, to, limit }: OwnRange): Promise<DomainEvent[]> {
  const { rows: entries } = await sql<Omit<EntryRow, 'postings_count'> & { position: bigint }>`
    select distinct
      leaf.position, entry.id, entry.kind, entry.reference, entry.effective_at, entry.recorded_at
    from ledger.account
    join ledger.line on line.account = account.id
    join ledger.leaf on leaf.ref = line.entry and leaf.kind = ${ENTRY_LEAF}::int
    join ledger.entry on entry.id = line.entry
    where account.owner = ${person}::uuid and leaf.position >= ${from}::bigint and leaf.position < ${to}::bigint
    order by leaf.position
    limit ${limit}::int
  `.execute(db)
  const { rows: lines } = await sql<LineRow>`
    select *
    from (
      select
        line.entry, line.no, account.path as account, line.version, line.amount, line.balance_after,
        counterparty.path as counterparty, asset.code as asset, asset.scale,
        row_number() over (partition by line.entry order by line.no, line.amount) as place
      from ledger.line
      join ledger.account on account.id = line.account
      join ledger.account as counterparty on counterparty.id = line.counterparty
      join ledger.asset on asset.id = account.asset
      where line.entry = any (${pgArray(entries.map(({ id }) => id))}::bigint[]) and account.owner = ${person}::uuid
    ) as own
    where place <= ${POSTINGS_SHOWN}::int
    order by entry, place
  `.execute(db)
  const shown = Map.groupBy(lines, ({ entry }) => entry)
  return entries.map(({ position, ...row }) => ({ position, ...ownEntryTold(row, shown.get(row.id) ?? []) }))
}

function ownEntryTold(row: Omit<EntryRow, 'postings_count'>, lines: readonly LineRow[]): Told {
  const [first] = lines
  return {
    ...headOf(row),
    subject: first ? entrySubject(first.account, first.asset) : `entry:${serialUuid(row.id, row.recorded_at)}`,
    data: {
      ...entryData(row),
      lines: lines.map(({ no, account, version, amount, balance_after, counterparty, asset, scale }) => ({
        no,
        account,
        version: `${version}`,
        asset,
        amount: formatAmount(amount, scale),
        balance_after: formatAmount(balance_after, scale),
        counterparty,
      })),
    },
  }
}

async function ownAudits(db: Db | Tx, { person, from, to, limit, open }: OwnRange): Promise<DomainEvent[]> {
  const me = `person:${person}`
  const likes = open.map((pattern) => pattern.replaceAll('_', '\\_').replaceAll('*', '%'))
  const { rows } = await sql<AuditRow & { position: bigint }>`
    select leaf.position, event.id, event.at, event.actor, event.action, event.subject
    from ledger.leaf
    join audit.event on event.id = leaf.ref
    where leaf.kind = ${AUDIT_LEAF}::int and leaf.position >= ${from}::bigint and leaf.position < ${to}::bigint
      and (event.actor = ${me} or event.subject = ${me} or event.action like any (${pgArray(likes)}::text[]))
    order by leaf.position
    limit ${limit}::int
  `.execute(db)
  return rows.map(({ position, id, at, actor, action, subject }) => ({
    position,
    id: serialUuid(id, at),
    type: action,
    at,
    subject,
    data: { actor: actor === me ? actor : null },
  }))
}

function headOf({ id, kind, recorded_at }: Pick<EntryRow, 'id' | 'kind' | 'recorded_at'>) {
  return { id: serialUuid(id, recorded_at), type: entryType(kind), at: recorded_at }
}

function entryData({ kind, reference, effective_at }: Pick<EntryRow, 'kind' | 'reference' | 'effective_at'>) {
  return { kind, reference, effective_at }
}

/** What an event says of an entry's postings at most, so that it stays below PAYLOAD_BYTES_MAX of webhooks. */
export const POSTINGS_SHOWN = 20

/** Something that happened and is sealed: `position` is its leaf's, `id` that of the entry or audit event. */
export interface DomainEvent extends Told {
  position: bigint
}

interface Told {
  id: string
  type: string
  at: Date
  /** Events of one subject are told in order. */
  subject: string
  data: object
}

interface Range {
  from: bigint
  to: bigint
}

interface OwnRange extends Range {
  person: string
  limit: number
  /** Patterns of the actions that everybody may know of. */
  open: readonly string[]
}

interface EntryRow {
  id: bigint
  kind: string
  reference: string | null
  effective_at: Date
  recorded_at: Date
  postings_count: number
}

interface PostingRow {
  entry: bigint
  no: number
  amount: bigint
  from: string
  from_version: bigint
  to: string
  to_version: bigint
  asset: string
  scale: number
}

interface LineRow {
  entry: bigint
  no: number
  account: string
  version: bigint
  amount: bigint
  balance_after: bigint
  counterparty: string
  asset: string
  scale: number
}

interface AuditRow {
  id: bigint
  at: Date
  actor: string | null
  action: string
  subject: string
}
