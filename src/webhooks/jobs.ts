import { sql } from 'kysely'

import type { Clock } from '../core/clock.ts'
import { type Db, transaction } from '../core/db.ts'
import type { Job } from '../core/jobs.ts'
import { treeSize } from '../events/events.ts'
import { queueNew } from './queue.ts'

/** What happened is queued for the endpoints that want it; what was closed long ago goes. Sending is the Dispatcher's. */
export const WEBHOOK_JOBS: readonly Job<{ db: Db; clock: Clock }>[] = [
  { name: 'webhooks.queue', every_ms: 1_000, run: async ({ db }, { now }) => await queueAll(db, now) },
  { name: 'webhooks.sweep', every_ms: 600_000, run: async ({ db }, { now }) => await sweep(db, now) },
]

export async function queueAll(db: Db, now: Date): Promise<void> {
  const endpoints = await db.selectFrom('webhooks.endpoint').select('id').where('status', '=', 'active').execute()
  if (endpoints.length === 0) return
  const size = await treeSize(db)
  for (const { id } of endpoints) {
    let more = true
    while (more) more = await transaction(db, async (tx) => await queueNew(tx, { endpoint: id, size, now }))
  }
}

async function sweep(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_DAYS * DAY_MS)
  await transaction(db, async (tx) => {
    await sql`
      delete from webhooks.delivery
      where (endpoint, position) in (
        select endpoint, position
        from webhooks.delivery
        where closed_at < ${before}::timestamptz
        order by closed_at
        limit ${SWEEP_MAX}::int
      )
    `.execute(tx)
    await tx
      .updateTable('webhooks.endpoint')
      .set({ previous_secret: null, previous_until: null })
      .where('previous_until', '<', now)
      .execute()
  })
}

const KEPT_DAYS = 30
const DAY_MS = 86_400_000
const SWEEP_MAX = 20_000
