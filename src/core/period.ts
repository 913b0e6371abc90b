import { assert } from './assert.ts'

/*
 * Days and weeks of UTC, which every payout goes by. A period is half-open: it holds its start and not its end. Weeks
 * start on Monday 00:00 (ISO 8601). UTC has no summer time and JavaScript's time no leap seconds, so each day has the
 * same length.
 */

export const DAY_MS = 86_400_000
export const WEEK_MS = 7 * DAY_MS

/** Monday 1970-01-05 00:00 UTC: the first Monday after the epoch, which was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS

/** 00:00 UTC of the day that holds `time`. */
export function dayStart(time: Date): Date {
  return dateOf(floorTo(millisOf(time), DAY_MS))
}

/** Monday 00:00 UTC of the week that holds `time`; a Monday at 00:00 belongs to the week that it starts. */
export function weekStart(time: Date): Date {
  return dateOf(FIRST_MONDAY_MS + floorTo(millisOf(time) - FIRST_MONDAY_MS, WEEK_MS))
}

/** The same time of the week `weeks` later; earlier, where that is negative. A week ends at `addWeeks(start, 1)`. */
export function addWeeks(time: Date, weeks: number): Date {
  assert(Number.isInteger(weeks), `A number of weeks is whole, not ${weeks}.`)
  return dateOf(millisOf(time) + weeks * WEEK_MS)
}

/** How many weeks the week that holds `to` is after the one that holds `from`; negative where it is before. */
export function weeksBetween(from: Date, to: Date): number {
  return (millisOf(weekStart(to)) - millisOf(weekStart(from))) / WEEK_MS
}

/** The largest multiple of `step` that is not above `millis`, before 1970 as after. */
function floorTo(millis: number, step: number): number {
  return Math.floor(millis / step) * step
}

function millisOf(time: Date): number {
  const millis = time.getTime()
  assert(Number.isInteger(millis), 'This is no time.')
  return millis
}

function dateOf(millis: number): Date {
  const time = new Date(millis)
  assert(Number.isInteger(time.getTime()), 'This is beyond the times that there are.')
  return time
}
