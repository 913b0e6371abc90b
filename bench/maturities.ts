import { assert } from '../src/core/assert.ts'
import { transaction } from '../src/core/db.ts'
import { newUuid } from '../src/core/id.ts'
import { DAY_MS } from '../src/core/period.ts'
import { ensureAccounts } from '../src/ledger/accounts.ts'
import { availableAccount } from '../src/ledger/chart.ts'
import type { Item } from '../src/ledger/items.ts'
import { post } from '../src/ledger/post.ts'
import { sweepStakes } from '../src/staking/jobs.ts'
import { stakedAccount } from '../src/staking/stake-row.ts'
import type { Bench, Benchmark } from './harness.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import { ACTOR, ASSET } from './workload.ts'

/** What a server finds that was stopped while stakes matured. */
export const maturities: Benchmark = {
  name: 'maturities',
  about:
    'Stakes of 10,000 people that all end at the same moment: how long one sweep takes to pay every principal with its reward, each as an entry of its own out of a hold of its own; once. The stakes are put in by SQL, their entries and holds by the ledger.',
  async run(bench) {
    const now = new Date(bench.place.app.clock.now().getTime() - TERM_DAYS * DAY_MS)
    await bench.withEconomy(async (economy) => await measure(bench, economy, now), { now })
  },
}

const TERM_DAYS = 30
const AT_ONCE = 2_500
const AMOUNT = 100n * 10n ** 9n
/** Of that, 30 days at 5 %. */
const REWARD = 410_958_904n

async function measure(bench: Bench, economy: BenchEconomy, now: Date): Promise<void> {
  const { db, clock, rest } = economy
  const stakes = bench.size(10_000)
  bench.note(`putting in ${count(stakes)} stakes`)
  for (let done = 0; done < stakes; done += AT_ONCE) await putIn(economy, Math.min(AT_ONCE, stakes - done), now)
  await rest()

  bench.note('paying them')
  const begun_ms = performance.now()
  const paid = await sweepStakes(db, { now: clock.now() })
  const value = (performance.now() - begun_ms) / 1_000
  assert(paid === stakes, `${paid} of ${stakes} stakes were dealt with`)
  const left = await db.selectFrom('staking.stake').select('id').where('paid_at', 'is', null).execute()
  assert(left.length === 0, `${left.length} stakes were not paid`)
  bench.figure({ case: 'all are paid', value, unit: 's', bars: [{ below: 2 }], note: `${count(stakes)} stakes` })
}

async function putIn({ db }: BenchEconomy, many: number, now: Date): Promise<void> {
  const stakes = Array.from({ length: many }, () => ({ id: newUuid(now), person: newUuid(now) }))
  const end = new Date(now.getTime() + TERM_DAYS * DAY_MS)
  await transaction(db, async (tx) => {
    const people = stakes.map(({ person }) => ({ id: person, username: person, joined_at: now, created_at: now }))
    await tx.insertInto('identity.person').values(people).execute()
    const accounts = stakes.flatMap(({ person: owner }) =>
      [availableAccount(owner), stakedAccount(owner)].map((path) => ({ path, owner })),
    )
    await ensureAccounts(tx, { asset: ASSET, accounts, now })
    const rows = stakes.map(({ id, person }) => ({
      id,
      pool: 'term',
      person,
      amount: AMOUNT,
      duration_days: TERM_DAYS,
      apy_bps: 500,
      multiplier_e6: 1_100_000,
      reward: REWARD,
      unstake_delay_days: 7,
      unstake_penalty_bps: 0,
      starts_at: now,
      ends_at: end,
      due_at: end,
      created_at: now,
      updated_at: now,
    }))
    await tx.insertInto('staking.stake').values(rows).execute()
    const funds = stakes.map(({ person }) => {
      return { from: 'treasury:main', to: availableAccount(person), asset: ASSET, amount: AMOUNT }
    })
    const items = stakes.flatMap(({ id, person }): Item[] => [
      {
        kind: 'stake',
        reference: id,
        postings: [{ from: availableAccount(person), to: stakedAccount(person), asset: ASSET, amount: AMOUNT }],
      },
      { id, reserve: REWARD, on: 'pools:staking', asset: ASSET, reference: id },
    ])
    await post(tx, [{ kind: 'funding', postings: funds }, ...items], { actor: ACTOR, now })
  })
}
