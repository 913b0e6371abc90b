import { hash } from 'node:crypto'

import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import type { Tx } from '../core/db.ts'
import { type AppError, TooMany } from '../core/errors.ts'
import type { AttemptRule, Counted } from './attempt-rules.ts'

/**
 * Counts an attempt before it is made, so that a thousand at once are a thousand. Whoever is beyond the limit is locked out
 * until the window ends; `refusal` says so (too_many_attempts), and `locked` names what has just reached its limit.
 */
export async function takeAttempt(
  tx: Tx,
  { counted, rule, now }: { counted: readonly Counted[]; rule: AttemptRule; now: Date },
): Promise<{ refusal: AppError | undefined; locked: Counted[] }> {
  const locked: Counted[] = []
  let refusal: AppError | undefined
  // By key, so that two requests at once take them in one order.
  for (const each of counted.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const { count, ends_at } = await countOne(tx, { key: each.key, window_s: rule.window_s, now })
    if (count === each.max + 1) locked.push(each)
    if (count > each.max) refusal ??= tooManyAttempts(ends_at, now)
  }
  return { refusal, locked }
}

/** An attempt that was none: what the account failed before is forgotten, and the address has its attempt back. */
export async function giveBackAttempt(tx: Tx, counted: readonly Counted[]): Promise<void> {
  for (const { by, key } of counted.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (by === 'account') await tx.deleteFrom('auth.attempt').where('key', '=', keyOf(key)).execute()
    else {
      await tx
        .updateTable('auth.attempt')
        .set((row) => ({ count: row('count', '-', 1) }))
        .where('key', '=', keyOf(key))
        .where('count', '>', 0)
        .execute()
    }
  }
}

async function countOne(
  tx: Tx,
  { key, window_s, now }: { key: string; window_s: number; now: Date },
): Promise<{ count: number; ends_at: Date }> {
  const ends_at = new Date(now.getTime() + window_s * 1_000)
  const { rows } = await sql<{ count: number; ends_at: Date }>`
    insert into auth.attempt as attempt (key, count, ends_at)
    values (${keyOf(key)}::bytea, 1, ${ends_at}::timestamptz)
    on conflict (key) do update set
      count = case when attempt.ends_at <= ${now}::timestamptz then 1 else least(attempt.count + 1, 1000000) end,
      ends_at = case when attempt.ends_at <= ${now}::timestamptz then excluded.ends_at else attempt.ends_at end
    returning count, ends_at
  `.execute(tx)
  return must(rows[0], 'An upsert gives its row.')
}

function keyOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

function tooManyAttempts(ends_at: Date, now: Date): AppError {
  const retry_after_s = Math.max(1, Math.ceil((ends_at.getTime() - now.getTime()) / 1_000))
  return new TooMany(
    'too_many_attempts',
    `This was tried too often. Wait ${retry_after_s} s, or choose a new password by mail.`,
    { retry_after_s },
  )
}
