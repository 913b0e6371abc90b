import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import { randomOf } from '../../test/random.ts'
import { historyLines } from '../../test/wiki-lines.ts'
import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { withSession } from '../core/session.ts'
import { importContributions } from './contributions.ts'

const CHILD = join(import.meta.dirname, '../../test/wiki-child.ts')
/** A few people are left out of each of these weeks, and somebody's reputation moves. */
const PARAMETERS = { min_tokens_per_user: '300' }

async function fill(t: TestWiki, { weeks = 4 } = {}): Promise<void> {
  t.clock.set(week(weeks))
  const lines = historyLines({ count: weeks * 90, people: 25, start: week(0), minutes: 112 })
  const from = { name: 'history', stream: Readable.from(lines.map((line) => `${line}\n`)) }
  await importContributions(t.db, { from, onError: 'stop', actor: 'cli:test', clock: t.clock })
  const changes = await t.db
    .selectFrom('contributions.contribution')
    .select(['id', 'created_at'])
    .where('type', '<>', 'review')
    .orderBy('id')
    .execute()
  for (const [i, change] of changes.entries()) {
    if (i % 40 !== 0) continue
    const id = publicId(change)
    await t.review(id, null, 50 + ((i * 7) % 250), { staff: true })
  }
}

function publicId({ id, created_at }: { id: bigint; created_at: Date }): string {
  const time = created_at.getTime().toString(16).padStart(12, '0')
  const serial = id.toString(16).padStart(15, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${serial.slice(0, 3)}-${serial.slice(3)}`
}

async function undisturbed(options?: { weeks?: number }) {
  await using t = await testWiki({ parameters: PARAMETERS })
  await fill(t, options)
  await t.distribute(week(options?.weeks ?? 4))
  return await t.outcome()
}

describe('a run that is killed', () => {
  test('after any step is continued by the next: the same rewards, points and balances', async () => {
    await using t = await testWiki({ parameters: PARAMETERS })
    await fill(t)
    let kills = 0
    for (;;) {
      try {
        await t.distribute(week(4), {
          onProgress: () => {
            throw new Killed()
          },
        })
        break
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        kills += 1
      }
    }
    // Four weeks of three steps.
    expect(kills).toBe(12)
    const outcome = await t.outcome()
    expect(outcome).toEqual(await undisturbed())
    expect(outcome['distributions']).toContainEqual(expect.objectContaining({ carried_points: expect.any(BigInt) }))
    expect(
      new Set(outcome['people']!.map((person) => (person as { reputation_e4: number }).reputation_e4)).size,
    ).not.toBe(1)
  })

  test('within any step, by losing the database, is continued too', async () => {
    await using t = await testWiki({ parameters: PARAMETERS })
    await fill(t, { weeks: 12 })
    const random = randomOf(5)
    let failed = 0
    await withSession({ url: t.adminUrl }, async (client) => {
      const cut = async () => {
        await sleep(random.below(8))
        await client.query(
          `select pg_terminate_backend(pid)
          from pg_stat_activity
          where datname = current_database() and application_name = 'florin test'`,
        )
      }
      for (let attempt = 0; attempt < 10; attempt++) {
        const cuts: Promise<void>[] = []
        const onProgress = () => {
          if (cuts.length === 0) cuts.push(cut())
        }
        await t.distribute(week(12), { onProgress }).catch(() => (failed += 1))
        await Promise.all(cuts)
      }
    })
    expect(failed).toBeGreaterThan(3)
    await t.distribute(week(12))
    expect(await t.outcome()).toEqual(await undisturbed({ weeks: 12 }))
  })

  test('with SIGKILL, again and again, is continued by the next process', { timeout: 180_000 }, async () => {
    await using t = await testWiki({ parameters: PARAMETERS })
    await fill(t, { weeks: 12 })
    const random = randomOf(7)
    let kills = 0
    for (let ended = false; !ended;) {
      const child = spawn(process.execPath, [CHILD, t.url, 'distribute', week(12).toISOString()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = once(child, 'exit')
      await steps(child, 1 + random.below(3))
      await sleep(random.below(6))
      if (child.kill('SIGKILL')) kills += 1
      const [code] = (await exit) as [number | null]
      ended = code === 0
    }
    expect(kills).toBeGreaterThan(3)
    expect(await t.outcome()).toEqual(await undisturbed({ weeks: 12 }))
  })
})

describe('runs at once', () => {
  test('distribute every week once between them', async () => {
    await using t = await testWiki({ parameters: PARAMETERS })
    await fill(t)
    const runs = await Promise.all([t.distribute(week(4)), t.distribute(week(4)), t.distribute(week(2))])
    for (const weeks of runs) expect(weeks.every(({ status }) => status === 'completed')).toBe(true)
    expect(await t.outcome()).toEqual(await undisturbed())
  })

  test('and those who record meanwhile never add to a week that was distributed', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    t.clock.set(week(3))
    const stop = new AbortController()
    const recorders = Array.from({ length: 4 }, async (_, i) => {
      for (let n = 0; !stop.signal.aborted; n++) await t.record(`p${i}`, { at: week(n % 3, 1), type: 'minor_edit' })
    })
    await sleep(50)
    for (const number of [1, 2, 3]) {
      await t.distribute(week(number))
      await sleep(30)
    }
    stop.abort()
    await Promise.all(recorders)
    t.clock.set(week(4))
    const [last] = await t.distribute(week(4))
    expect(last!.newPoints).toBeGreaterThan(0n)
    const { total } = await t.db
      .selectFrom('contributions.contribution')
      .select((eb) => eb.fn.sum('total_points').as('total'))
      .executeTakeFirstOrThrow()
    const paid = await t.db
      .selectFrom('contributions.token_reward')
      .select((eb) => eb.fn.sum('total_points').as('total'))
      .executeTakeFirstOrThrow()
    expect(paid.total).toBe(total)
  })
})

describe('a distribution to many', () => {
  test('is paid in several entries, and each of them once', { timeout: 120_000 }, async () => {
    await using t = await testWiki({ parameters: { min_tokens_per_user: '0' } })
    t.clock.set(week(1))
    const lines = historyLines({ count: 30_000, people: 11_000, start: week(0), minutes: 0.3 })
    const from = { name: 'history', stream: Readable.from(lines.map((line) => `${line}\n`)) }
    await importContributions(t.db, { from, onError: 'stop', actor: 'cli:test', clock: t.clock })
    const paid: number[] = []
    const killAfter = async (payments: number) => {
      const onProgress = ({ step, paid: rewards }: { step: string; paid: number }) => {
        if (step === 'paid') paid.push(rewards)
        if (step === 'paid' && paid.length === payments) throw new Killed()
      }
      await t.distribute(week(1), { onProgress }).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error
      })
    }
    await killAfter(1)
    await killAfter(2)
    await killAfter(9)
    const { user_count } = await t.db
      .selectFrom('contributions.weekly_distribution')
      .select('user_count')
      .where('status', '=', 'completed')
      .executeTakeFirstOrThrow()
    expect(user_count).toBeGreaterThan(10_000)
    expect(paid).toEqual([5_000, 10_000, user_count])
    const entries = await t.db.selectFrom('ledger.entry').select('id').where('kind', '=', 'weekly_reward').execute()
    expect(entries).toHaveLength(3)
  })
})

class Killed extends Error {}

/** Waits until the child has reported so many steps, or has ended. */
async function steps(child: ChildProcess, count: number): Promise<void> {
  let seen = 0
  await new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
    child.stdout!.on('data', (chunk: Buffer) => {
      seen += chunk.length
      if (seen >= count) resolve()
    })
  })
}
