import { listContributions } from '../src/contributions/contributions-queries.ts'
import { distributeThrough } from '../src/contributions/contributions.ts'
import { listContributors, rankOf } from '../src/contributions/contributors-queries.ts'
import { readDashboard } from '../src/contributions/dashboard-queries.ts'
import { assert } from '../src/core/assert.ts'
import { transaction } from '../src/core/db.ts'
import { addWeeks, weekStart } from '../src/core/period.ts'
import { setParameter } from '../src/economy/parameters.ts'
import type { Bench, Benchmark } from './harness.ts'
import { oneByOne } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { uniform } from './random.ts'
import { count } from './report.ts'
import { putInWeek } from './wiki-week.ts'
import { ACTOR, ASSET } from './workload.ts'

/** A week of a wiki that is a hundred times as large as any. */
export const distribution: Benchmark = {
  name: 'distribution',
  about:
    'One week of 1,000,000 contributions by 100,000 people to 10,000 articles, who all share a pool of 1,000,000: how long until everybody’s share is calculated, frozen and reserved, and how long until all are paid and the articles credited; once. Then, one caller after the other, what a page of a person’s contributions and the dashboard cost. The contributions are put in by SQL.',
  async run(bench) {
    const week = addWeeks(weekStart(bench.place.app.clock.now()), -1)
    const now = addWeeks(week, -1)
    await bench.withEconomy(async (economy) => await measure(bench, economy, { week, now }), { now })
  },
}

async function measure(bench: Bench, economy: BenchEconomy, { week, now }: { week: Date; now: Date }): Promise<void> {
  const { db, clock, asOwner, rest } = economy
  const contributions = bench.size(1_000_000)
  const people = bench.size(100_000)
  bench.note(`putting in ${count(contributions)} contributions`)
  const pool = { name: 'weekly_pool', value: String(bench.size(1_000_000)), actor: ACTOR, now }
  await transaction(db, async (tx) => await setParameter(tx, pool))
  await asOwner(
    async (client) => await putInWeek(client, { contributions, people, articles: bench.size(10_000), week }),
  )
  await rest()

  bench.note('distributing')
  const steps_ms = new Map([['begun', performance.now()]])
  const onProgress = ({ step }: { step: string }) => void steps_ms.set(step, performance.now())
  const [done] = await distributeThrough(db, { through: clock.now(), clock, actor: ACTOR, onProgress })
  assert(done?.userCount === people, `${done?.userCount} of ${people} people were paid`)
  const between = (from: string, to: string) => (steps_ms.get(to)! - steps_ms.get(from)!) / 1_000
  const note = `${count(people)} people, ${count(contributions)} contributions`
  bench.figure({
    case: 'calculated and reserved',
    value: between('begun', 'frozen'),
    unit: 's',
    bars: [{ below: 2 }],
    note,
  })
  bench.figure({ case: 'paid to all', value: between('frozen', 'completed'), unit: 's', bars: [{ below: 8 }] })
  await rest()
  await measureReads(bench, economy, people)
}

async function measureReads(bench: Bench, { db, clock }: BenchEconomy, people: number): Promise<void> {
  const times = bench.size(TIMES)
  const reads: [name: string, below: number, ask: () => Promise<unknown>][] = [
    [
      'a page of a person’s contributions, p99',
      10,
      async () => await listContributions(db, { contributor: BigInt(1 + uniform(people)), limit: PAGE }),
    ],
    [
      'a page of contributors by points, p99',
      10,
      async () => await listContributors(db, { by: 'total_points', limit: PAGE, asset: ASSET, at: clock.now() }),
    ],
    [
      'a page of the leaderboard by tokens earned, p99',
      50,
      async () => await listContributors(db, { by: 'total_tokens_earned', limit: PAGE, asset: ASSET, at: clock.now() }),
    ],
    [
      'one’s own place on it, p99',
      50,
      async () => await rankOf(db, { contributor: BigInt(1 + uniform(people)), by: 'total_tokens_earned' }),
    ],
    ['the dashboard, p99', 50, async () => await readDashboard(db, { now: clock.now() })],
  ]
  for (const [name, below, ask] of reads) {
    bench.note(name)
    const measured = await oneByOne(times, ask)
    bench.figure({ case: name, value: measured.times.p99_ms, unit: 'ms', times: measured.times, bars: [{ below }] })
  }
}

const PAGE = 50
const TIMES = 500
