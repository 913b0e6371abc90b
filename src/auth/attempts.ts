import { hash } from 'node:crypto'

import { type CompiledQuery, sql } from 'kysely'

import { pgArray, type Db, type Tx } from '../core/db.ts'
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
  const counts = await countAll(tx, { keys: counted.map(({ key }) => keyOf(key)), window_s: rule.window_s, now })
  for (const each of counted) {
    const { count, ends_at } = counts.get(keyOf(each.key)) ?? { count: 0, ends_at: now }
    if (count === each.max + 1) locked.push(each)
    if (count > each.max) refusal ??= tooManyAttempts(ends_at, now)
  }
  return { refusal, locked }
}

/** For an attempt that was none: what the account failed before is forgotten, and the address has its attempt back. */
export function givingBack(db: Db, counted: readonly Counted[]): CompiledQuery[] {
  const hashed = counted.map(({ key, by }) => ({ key: keyOf(key), by }))
  // In the order in which they were taken.
  return hashed
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, by }) =>
      by === 'account'
        ? sql`delete from auth.attempt where key = decode(${key}, 'hex')`.compile(db)
        : sql`update auth.attempt set count = count - 1 where key = decode(${key}, 'hex') and count > 0`.compile(db),
    )
}

async function countAll(
  tx: Tx,
  { keys, window_s, now }: { keys: readonly string[]; window_s: number; now: Date },
): Promise<Map<string, { count: number; ends_at: Date }>> {
  const ends_at = new Date(now.getTime() + window_s * 1_000)
  // By key, so that two requests at once take them in one order.
  const { rows } = await sql<{ key: string; count: number; ends_at: Date }>`
    insert into auth.attempt as attempt (key, count, ends_at)
    select decode(key, 'hex'), 1, ${ends_at}::timestamptz
    from unnest(${pgArray(keys)}::text[]) as given (key)
    order by key collate "C"
    on conflict (key) do update set
      count = case when attempt.ends_at <= ${now}::timestamptz then 1 else least(attempt.count + 1, 1000000) end,
      ends_at = case when attempt.ends_at <= ${now}::timestamptz then excluded.ends_at else attempt.ends_at end
    returning encode(key, 'hex') as key, count, ends_at
  `.execute(tx)
  return new Map(rows.map(({ key, ...counted }) => [key, counted]))
}

/** What is counted, as the table knows it: by its hash, in hex. */
function keyOf(text: string): string {
  return hash('sha256', text)
}

function tooManyAttempts(ends_at: Date, now: Date): AppError {
  const retry_after_s = Math.max(1, Math.ceil((ends_at.getTime() - now.getTime()) / 1_000))
  return new TooMany(
    'too_many_attempts',
    `This was tried too often. Wait ${retry_after_s} s, or choose a new password by mail.`,
    { retry_after_s },
  )
}
