import { sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { addWeeks, weekStart } from '../core/period.ts'

/*
 * A week is written as the day it starts on, always a Monday: `2026-08-24`. Such texts sort as the weeks do.
 * The open weeks are those after the last that was distributed: only they take in contributions and change.
 */

/** The week that holds `time`. */
export function weekOf(time: Date): string {
  return weekStart(time).toISOString().slice(0, DAY_LENGTH)
}

export function startOfWeek(week: string): Date {
  return new Date(`${week}T00:00:00.000Z`)
}

/** When the week is over: the start of the next. */
export function endOfWeek(week: string): Date {
  return addWeeks(startOfWeek(week), 1)
}

export function nextWeek(week: string): string {
  return weekOf(endOfWeek(week))
}

/**
 * Keeps the open weeks open until the transaction ends, and says which is the first; null before any was distributed.
 * Whoever adds or changes contributions calls this first. Writers share the lock, and a distribution waits for them:
 * otherwise it could freeze a week while somebody is about to add to it, and that work would never be paid.
 */
export async function holdWeeksOpen(tx: Tx): Promise<string | null> {
  await sql`select pg_advisory_xact_lock_shared(${WEEKS_LOCK}::bigint)`.execute(tx)
  const last = await lastDistributedWeek(tx)
  return last === null ? null : nextWeek(last)
}

/** Waits until nobody adds or changes contributions, and keeps them waiting until the transaction ends. */
export async function lockWeeks(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${WEEKS_LOCK}::bigint)`.execute(tx)
}

/** The week that a contribution of `createdAt` belongs to. */
export function payingWeek(createdAt: Date, firstOpen: string | null): string {
  const week = weekOf(createdAt)
  return firstOpen !== null && week < firstOpen ? firstOpen : week
}

/** The week to distribute next, whether it is over or not; null where nothing was ever contributed. */
export async function weekToDistribute(db: Db | Tx): Promise<string | null> {
  const last = await lastDistributedWeek(db)
  if (last !== null) return nextWeek(last)
  const first = await db
    .selectFrom('contributions.contribution')
    .select('week_start')
    .orderBy('week_start')
    .limit(1)
    .executeTakeFirst()
  return first?.week_start ?? null
}

/** Null before any was. */
export async function lastDistributedWeek(db: Db | Tx): Promise<string | null> {
  const last = await db
    .selectFrom('contributions.weekly_distribution')
    .select('week_start')
    .orderBy('week_start', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last?.week_start ?? null
}

const DAY_LENGTH = 10
/** An arbitrary number of ours among the database's advisory locks. */
const WEEKS_LOCK = 7411_003n
