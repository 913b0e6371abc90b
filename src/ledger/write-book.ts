import { randomBytes } from 'node:crypto'

import { type CompiledQuery, type RawBuilder, sql } from 'kysely'

import { must } from '../core/assert.ts'
import { isPgError, PG, pgArray, pgBytes, pgTimes, pipeline, type Tx } from '../core/db.ts'
import type { Book } from './book.ts'
import { requestOf } from './items.ts'

/** Writes what an evaluation left in `book`. Fails: what `isKeyClaimed` tells, when somebody else claimed a key meanwhile. */
export async function writeBook(tx: Tx, book: Book): Promise<void> {
  await pipeline(tx, await startWriting(tx, book))
}

/**
 * Writes the holds of `book`, and gives what must follow to write balances, entries, postings and keys. A key that
 * somebody else claimed meanwhile fails it (see `isKeyClaimed`).
 */
export async function startWriting(tx: Tx, book: Book): Promise<CompiledQuery[]> {
  const holds = [...book.holds.values()].filter(({ created }) => created)
  if (holds.length > 0) await insertHolds(tx, book, holds)
  if (book.closedHolds.size > 0) await closeHolds(tx, book)
  const changed = [...book.accounts.values()].filter(
    ({ version, reserved, stored }) => version !== stored.version || reserved !== stored.reserved,
  )
  if (changed.length === 0 && book.claims.length === 0) return []
  return [writeQuery(book, changed).compile(tx)]
}

/** Then the transaction is lost; in the next one the key can be read. */
export function isKeyClaimed(error: unknown): boolean {
  return isPgError(error, PG.unique_violation, 'key_pkey')
}

function writeQuery({ written, claims, now }: Book, changed: Changed): RawBuilder<unknown> {
  const salts = randomBytes(16 * written.length)
  const postings = written.flatMap(({ entry, postings: of }) => of.map((posting, no) => ({ ...posting, entry, no })))
  // In the order of their ids: a claim waits for whoever is claiming the same key, and two must not wait for each other.
  const claimed = claims.map(claimOf).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return sql`
    with
      moved as (
        update ledger.account
        set balance = new.balance, reserved = new.reserved, version = new.version
        from unnest(
          ${pgArray(changed.map(({ id }) => id))}::bigint[],
          ${pgArray(changed.map(({ balance }) => balance))}::numeric[],
          ${pgArray(changed.map(({ reserved }) => reserved))}::numeric[],
          ${pgArray(changed.map(({ version }) => version))}::bigint[]
        ) as new (id, balance, reserved, version)
        where account.id = new.id
      ),
      recorded as (
        insert into ledger.entry (id, effective_at, recorded_at, kind, reference, actor, metadata, reverses, salt)
        select id, effective_at, ${now}::timestamptz, kind, reference, actor, metadata::jsonb, reverses, salt
        from unnest(
          ${pgArray(written.map(({ entry }) => entry))}::bigint[],
          ${pgTimes(written.map(({ effectiveAt }) => effectiveAt))}::timestamptz[],
          ${pgArray(written.map(({ item }) => item.kind))}::text[],
          ${pgArray(written.map(({ item }) => item.reference ?? null))}::text[],
          ${pgArray(written.map(({ keyed }) => keyed.actor))}::text[],
          ${pgArray(written.map(({ item }) => (item.metadata ? JSON.stringify(item.metadata) : null)))}::text[],
          ${pgArray(written.map(({ item }) => item.reverses ?? null))}::bigint[],
          ${pgBytes(written.map((_, i) => salts.subarray(16 * i, 16 * i + 16)))}::bytea[]
        ) as new (id, effective_at, kind, reference, actor, metadata, reverses, salt)
      ),
      posted as (
        insert into ledger.posting
          (entry, no, from_account, from_version, from_balance, to_account, to_version, to_balance, amount)
        select *
        from unnest(
          ${pgArray(postings.map(({ entry }) => entry))}::bigint[],
          ${pgArray(postings.map(({ no }) => no))}::smallint[],
          ${pgArray(postings.map(({ from }) => from.id))}::bigint[],
          ${pgArray(postings.map(({ fromVersion }) => fromVersion))}::bigint[],
          ${pgArray(postings.map(({ fromBalance }) => fromBalance))}::numeric[],
          ${pgArray(postings.map(({ to }) => to.id))}::bigint[],
          ${pgArray(postings.map(({ toVersion }) => toVersion))}::bigint[],
          ${pgArray(postings.map(({ toBalance }) => toBalance))}::numeric[],
          ${pgArray(postings.map(({ amount }) => amount))}::numeric[]
        )
      )
    insert into ledger.key (id, entry, hold, fingerprint, refusal)
    select id, entry, hold, fingerprint, refusal::jsonb
    from unnest(
      ${pgArray(claimed.map(({ id }) => id))}::uuid[],
      ${pgArray(claimed.map(({ entry }) => entry))}::bigint[],
      ${pgArray(claimed.map(({ hold }) => hold))}::uuid[],
      ${pgArray(claimed.map(({ fingerprint }) => fingerprint))}::uuid[],
      ${pgArray(claimed.map(({ refusal }) => refusal))}::text[]
    ) as new (id, entry, hold, fingerprint, refusal)
  `
}

async function insertHolds(tx: Tx, { now }: Book, holds: Holds): Promise<void> {
  const rows = holds.map(({ id, account, amount, captured, status, expiresAt, entry, created }) => {
    const { item, keyed } = must(created, 'Only new holds are inserted')
    return {
      id,
      account: account.id,
      amount,
      captured,
      status,
      reference: item.reference ?? null,
      actor: keyed.actor,
      expires_at: expiresAt,
      created_at: now,
      closed_at: status === 'pending' ? null : now,
      entry: entry ?? null,
    }
  })
  for (let i = 0; i < rows.length; i += HOLDS_PER_INSERT) {
    await tx
      .insertInto('ledger.hold')
      .values(rows.slice(i, i + HOLDS_PER_INSERT))
      .execute()
  }
}

async function closeHolds(tx: Tx, { now, closedHolds }: Book): Promise<void> {
  const closed = [...closedHolds].filter(({ created }) => !created)
  await sql`
    update ledger.hold
    set status = new.status, captured = new.captured, entry = new.entry, closed_at = ${now}::timestamptz
    from unnest(
      ${pgArray(closed.map(({ id }) => id))}::uuid[],
      ${pgArray(closed.map(({ status }) => status))}::text[],
      ${pgArray(closed.map(({ captured }) => captured))}::numeric[],
      ${pgArray(closed.map(({ entry }) => entry ?? null))}::bigint[]
    ) as new (id, status, captured, entry)
    where hold.id = new.id
  `.execute(tx)
}

function claimOf({ id, fingerprint, item, result }: Book['claims'][number]) {
  if (result.status === 'posted') return { id, fingerprint, entry: result.entry, hold: null, refusal: null }
  if (result.status === 'held') return { id, fingerprint, entry: null, hold: result.hold, refusal: null }
  const answer = result.status === 'rejected' ? result : { voided: result.hold }
  // Keys are for ever: they keep nothing that may have to be erased.
  const { metadata: _, ...request } = requestOf(item)
  return { id, fingerprint, entry: null, hold: null, refusal: JSON.stringify({ ...answer, request }) }
}

/** A hold has eleven columns and a statement at most 65,535 parameters. */
const HOLDS_PER_INSERT = 1_000

type Changed = Book['accounts'] extends Map<string, infer State> ? State[] : never
type Holds = Book['holds'] extends Map<string, infer State> ? State[] : never
