import type { Item } from '../api/client.ts'

export type Job = Item<'/jobs'>

/** How a job stands; late: what was due is missing longer than a whole round of it. */
export function standingOf({ running, due_at, every_ms, last_failed_at, last_run_at }: Job, now: Date): Standing {
  if (last_failed_at !== null && last_failed_at === last_run_at) return 'failed'
  if (running) return 'running'
  if (due_at === null) return 'waiting'
  const late_ms = now.getTime() - new Date(due_at).getTime()
  return late_ms > Math.max(every_ms, LATE_MS_MIN) ? 'late' : 'well'
}

export type Standing = 'failed' | 'running' | 'waiting' | 'late' | 'well'

/** A timer may be that late on a busy machine, and the page is as old as its last question. */
const LATE_MS_MIN = 30_000

/** `90_000` as people say it: 1 minute 30 seconds. */
export function spanOf(span_ms: number): string {
  const parts = UNITS.flatMap(([unit, unit_ms, above_ms]) => {
    const count = Math.floor((span_ms % above_ms) / unit_ms)
    return count > 0 ? [`${count} ${unit}${count === 1 ? '' : 's'}`] : []
  })
  return parts.slice(0, 2).join(' ') || 'less than a second'
}

const UNITS = [
  ['day', 86_400_000, Infinity],
  ['hour', 3_600_000, 86_400_000],
  ['minute', 60_000, 3_600_000],
  ['second', 1_000, 60_000],
] as const
