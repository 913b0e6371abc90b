import { snapshot } from '../src/core/db.ts'
import { withSession } from '../src/core/session.ts'
import { checkBooks } from '../src/ledger/invariants.ts'
import { stopwatch } from './measure.ts'
import type { BenchEconomy, Place } from './place.ts'

/** Checks every invariant over every row, and says how large it all has become. */
export async function closeBooks({ db, asOwner }: BenchEconomy): Promise<Books> {
  const { seconds, result } = await stopwatch(async () => await snapshot(db, async (tx) => await checkBooks(tx)))
  const { rows } = await asOwner(async (client) => {
    return await client.query<{ entries: string; size: string }>(
      'select (select count(*) from ledger.entry) as entries, pg_database_size(current_database()) as size',
    )
  })
  return {
    entries: Number(rows[0]?.entries),
    database_bytes: Number(rows[0]?.size),
    violations: result.map(({ invariant, detail }) => `${invariant}: ${detail}`),
    check_seconds: seconds,
  }
}

export interface Books {
  entries: number
  database_bytes: number
  violations: string[]
  check_seconds: number
}

/** How much PostgreSQL has written to its log, ever. */
export async function walPosition({ baselineUrl }: Place): Promise<number> {
  const position = `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes`
  const { rows } = await withSession({ url: baselineUrl }, async (client) => {
    return await client.query<{ bytes: string }>(position)
  })
  return Number(rows[0]?.bytes)
}

/** The most memory that this process has from now on. */
export function watchMemory(): { stop(): number } {
  let peak_bytes = 0
  const look = () => void (peak_bytes = Math.max(peak_bytes, process.memoryUsage.rss()))
  const timer = setInterval(look, MEMORY_EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peak_bytes
    },
  }
}

const MEMORY_EVERY_MS = 100
