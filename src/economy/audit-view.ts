import { z } from 'zod'

import { must } from '../core/assert.ts'
import type { Event } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { AUDIT_LEAF } from '../ledger/log/encode.ts'
import { leavesOf } from '../ledger/log/head.ts'

export const zEvent = z.object({
  id: z.string(),
  at: zTime,
  actor: z.string().nullable(),
  action: z.string(),
  subject: z.string(),
  diff: z.unknown(),
  leaf: z.string().nullable().meta({ description: 'Its position in the log.' }),
})

export type EventView = z.output<typeof zEvent>

/** The events as they are shown, by their numbers. */
export async function eventViews(db: Db | Tx, events: readonly Event[]): Promise<(id: bigint) => EventView> {
  const leaves = await leavesOf(db, { kind: AUDIT_LEAF, refs: events.map(({ id }) => id) })
  const views = new Map(
    events.map(({ id, ...event }) => {
      return [id, { ...event, id: serialUuid(id, event.at), leaf: leaves.get(id)?.toString() ?? null }]
    }),
  )
  return (id) => must(views.get(id), 'The event is among those to be shown')
}
