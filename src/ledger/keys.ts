import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { type Db, pgArray, type Tx } from '../core/db.ts'
import type { Keyed, KnownKey } from './book.ts'
import { holdQuery } from './holds.ts'
import { type EntryItem, type Metadata, requestOf, type Result } from './items.ts'
import { rejected } from './refusals.ts'

/**
 * What the keys of `items` were answered before. A posted entry is answered from what was posted, a refused one from
 * the refusal that was kept. Where an item is not the request that its key belongs to, what is known of that request
 * is read too, to name the fields that differ.
 */
export async function readKeys(tx: Tx, items: readonly Keyed[]): Promise<Map<string, KnownKey>> {
  const ids = items.flatMap(({ key }) => (key ? [key.id] : []))
  const rows: KeyRow[] = await tx
    .selectFrom('ledger.key')
    .select(['id', 'entry', 'hold', 'fingerprint', sql<KeyRow['refusal']>`refusal`.as('refusal')])
    .where(sql<boolean>`id = any (${pgArray(ids)}::uuid[])`)
    .execute()
  const posted = await readPosted(
    tx,
    rows.flatMap(({ entry }) => entry ?? []),
  )
  const others = othersThan(rows, items)
  const entryRequests = await readEntryRequests(
    tx,
    others.flatMap(({ entry }) => entry ?? []),
  )
  const holdRequests = await readHoldRequests(
    tx,
    others.flatMap(({ hold }) => hold ?? []),
  )
  return new Map(
    rows.map((row) => {
      const recorded = row.entry === null ? holdRequests.get(row.hold ?? '') : entryRequests.get(row.entry)
      const request = () => row.refusal?.request ?? recorded ?? {}
      return [row.id, { fingerprint: row.fingerprint, result: resultOf(row, posted), request }]
    }),
  )
}

/** The answers of entries that were posted before, derived from the books. */
export async function readPosted(db: Db | Tx, entries: bigint[]): Promise<Map<bigint, Result>> {
  if (entries.length === 0) return new Map()
  const { rows } = await sql<PostedRow>`
    select
      entry.id, entry.recorded_at, entry.effective_at, posting.amount, posting.from_balance, posting.to_balance
    from ledger.entry
    join ledger.posting on posting.entry = entry.id
    where entry.id = any (${pgArray(entries)}::bigint[])
    order by entry.id, posting.no
  `.execute(db)
  const results = new Map<bigint, Result>()
  for (const row of rows) {
    const known = results.get(row.id)
    const posting = { amount: row.amount, fromBalance: row.from_balance, toBalance: row.to_balance }
    if (known?.status === 'posted') known.postings.push(posting)
    else {
      results.set(row.id, {
        status: 'posted',
        entry: row.id,
        recordedAt: row.recorded_at,
        effectiveAt: row.effective_at,
        postings: [posting],
      })
    }
  }
  return results
}

function resultOf({ entry, hold, refusal }: KeyRow, posted: Map<bigint, Result>): Result {
  if (entry !== null) return must(posted.get(entry), `Entry ${entry} of a key is in the books`)
  if (hold !== null) return { status: 'held', hold }
  const answer = must(refusal, 'A key without entry and hold was refused, or voided a hold')
  if ('voided' in answer) return { status: 'voided', hold: answer.voided }
  return rejected(answer.code, answer.message, answer.params)
}

/** The keys that one of `items` uses for another request. */
function othersThan(rows: KeyRow[], items: readonly Keyed[]): KeyRow[] {
  const fingerprints = new Map(rows.map(({ id, fingerprint }) => [id, fingerprint]))
  const others = new Set<string>()
  for (const { key } of items) {
    if (key && fingerprints.has(key.id) && fingerprints.get(key.id) !== key.fingerprint) others.add(key.id)
  }
  return rows.filter(({ id }) => others.has(id))
}

/** What posted entries tell of their requests: nothing of `linked` and `captures`, nor of metadata since erased. */
async function readEntryRequests(tx: Tx, entries: bigint[]): Promise<Map<bigint, Requested>> {
  if (entries.length === 0) return new Map()
  const { rows } = await sql<EntryRow>`
    select
      entry.id, entry.kind, entry.reference, entry.metadata, entry.reverses, entry.salt is null as redacted,
      case when entry.effective_at < entry.recorded_at then entry.effective_at end as effective_at,
      array_agg(source.path order by posting.no) as sources,
      array_agg(target.path order by posting.no) as targets,
      array_agg(asset.code order by posting.no) as assets,
      array_agg(posting.amount::text order by posting.no) as amounts
    from ledger.entry
    join ledger.posting on posting.entry = entry.id
    join ledger.account as source on source.id = posting.from_account
    join ledger.account as target on target.id = posting.to_account
    join ledger.asset on asset.id = source.asset
    where entry.id = any (${pgArray(entries)}::bigint[])
    group by entry.id
  `.execute(tx)
  return new Map(rows.map((row) => [row.id, entryRequestOf(row)]))
}

function entryRequestOf(row: EntryRow): Requested {
  const { kind, reference, metadata, reverses, redacted, effective_at, sources, targets, assets, amounts } = row
  const postings = sources.map((from, i) => {
    return { from, to: targets[i]!, asset: assets[i]!, amount: BigInt(amounts[i]!) }
  })
  const item: EntryItem = {
    kind,
    postings,
    ...(reference !== null && { reference }),
    ...(metadata && { metadata }),
    ...(reverses !== null && { reverses }),
    ...(effective_at && { effectiveAt: effective_at }),
  }
  const { linked: _, captures: __, metadata: text, ...told } = requestOf(item)
  return redacted ? told : { ...told, metadata: text }
}

/** What holds tell of their requests: all but `linked`. */
async function readHoldRequests(tx: Tx, holds: string[]): Promise<Map<string, Requested>> {
  if (holds.length === 0) return new Map()
  const rows = await holdQuery(tx)
    .where(sql<boolean>`hold.id = any (${pgArray(holds)}::uuid[])`)
    .execute()
  return new Map(
    rows.map(({ id, path: on, asset, amount: reserve, reference, expires_at }) => {
      const item = {
        reserve,
        on,
        asset,
        ...(reference !== null && { reference }),
        ...(expires_at && { expiresAt: expires_at }),
      }
      const { linked: _, ...told } = requestOf(item)
      return [id, told]
    }),
  )
}

type Requested = Partial<Record<string, string>>

interface KeyRow {
  id: string
  entry: bigint | null
  hold: string | null
  fingerprint: string
  refusal: (({ code: string; message: string; params: Record<string, string> } | { voided: string }) & Request) | null
}

interface Request {
  request: Record<string, string>
}

interface EntryRow {
  id: bigint
  kind: string
  reference: string | null
  metadata: Metadata | null
  reverses: bigint | null
  redacted: boolean
  effective_at: Date | null
  sources: string[]
  targets: string[]
  assets: string[]
  amounts: string[]
}

interface PostedRow {
  id: bigint
  recorded_at: Date
  effective_at: Date
  amount: bigint
  from_balance: bigint
  to_balance: bigint
}
