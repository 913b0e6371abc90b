import { sql } from 'kysely'

import { must } from '../../core/assert.ts'
import type { Tx } from '../../core/db.ts'
import { fitting } from './logged.ts'

/**
 * Finds what has no leaf yet. A row that commits late with a lower id is found like any other: candidates are all rows
 * above a watermark without a leaf, and the watermark only passes ids that no running transaction can still bring.
 *
 * Whoever draws an id has a transaction id by then (it holds row locks, or asked for one). So once every transaction
 * that ran when the sequence stood at some id is over, all rows up to that id are visible or will never be. Only
 * transactions of this database count: what sits in another one cannot bring rows here.
 */
export class Candidates {
  #horizon: Horizon | undefined

  /** Ids to seal, at most `limit` entries and as many events, and the watermarks to keep if they are sealed. */
  async find(tx: Tx, marks: Watermarks, limit: number): Promise<Found> {
    const now = await horizonNow(tx)
    const past = this.#horizon
    const passed = past?.running.every((xid) => !now.running.includes(xid)) ? past : undefined
    // Read after the horizon: these statements see whatever was committed by then.
    const waiting = await unsealed(tx, { table: 'entry', above: marks.entry, limit })
    const entries = await fitting(tx, waiting)
    const events = await unsealed(tx, { table: 'event', above: marks.event, limit })
    if (!past || passed) this.#horizon = now
    return {
      entries,
      events,
      more: entries.length < waiting.length || waiting.length === limit || events.length === limit,
      marks: {
        entry: nextMark(marks.entry, passed?.entry, {
          found: entries,
          cutOff: entries.length < waiting.length || waiting.length === limit,
        }),
        event: nextMark(marks.event, passed?.event, { found: events, cutOff: events.length === limit }),
      },
    }
  }
}

function nextMark(mark: bigint, passed: bigint | undefined, { found, cutOff }: Cut): bigint {
  if (passed === undefined || passed < mark) return mark
  const last = found.at(-1)
  // With the list cut off, what lies beyond it is not sealed yet.
  return !cutOff || last === undefined || passed < last ? passed : last
}

async function unsealed(tx: Tx, { table, above, limit }: { table: 'entry' | 'event'; above: bigint; limit: number }) {
  const source = table === 'entry' ? sql.table('ledger.entry') : sql.table('audit.event')
  const kind = table === 'entry' ? sql.lit(1) : sql.lit(2)
  const { rows } = await sql<{ id: bigint }>`
    select source.id
    from ${source} as source
    where source.id > ${above}
      and not exists (select from ledger.leaf where leaf.ref = source.id and leaf.kind = ${kind})
    order by source.id
    limit ${limit}
  `.execute(tx)
  return rows.map(({ id }) => id)
}

async function horizonNow(tx: Tx): Promise<Horizon> {
  // First the ids, then who runs: the other way round, one could begin, draw an id and be missed between the two.
  const drawn = await sql<Watermarks>`
    select
      (select case when is_called then last_value else 0 end from ledger.entry_id) as entry,
      (select case when is_called then last_value else 0 end from audit.event_id_seq) as event
  `.execute(tx)
  const { rows } = await sql<{ xid: string }>`
    select pg_locks.transactionid::text as xid
    from pg_locks
    join pg_stat_activity on pg_stat_activity.pid = pg_locks.pid
    where pg_locks.locktype = 'transactionid'
      and pg_locks.mode = 'ExclusiveLock'
      and pg_locks.granted
      and pg_stat_activity.datname = current_database()
      and pg_locks.pid <> pg_backend_pid()
  `.execute(tx)
  return { ...must(drawn.rows[0], 'The sequences are one row'), running: rows.map(({ xid }) => xid) }
}

export interface Watermarks {
  entry: bigint
  event: bigint
}

interface Found {
  entries: readonly bigint[]
  events: bigint[]
  /** Is there more than fits? */
  more: boolean
  marks: Watermarks
}

interface Cut {
  found: readonly bigint[]
  cutOff: boolean
}

/** The last ids drawn, and the transactions that were running. */
interface Horizon extends Watermarks {
  running: string[]
}
