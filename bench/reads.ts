import { findAccount } from '../src/ledger/accounts.ts'
import { balanceAt, type Moment } from '../src/ledger/balances.ts'
import { readStatement } from '../src/ledger/statement.ts'
import type { Bench, Benchmark } from './harness.ts'
import { oneByOne } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { uniform } from './random.ts'
import { count } from './report.ts'
import { ASSET, HOT, hotPairs, load, openWallets } from './workload.ts'

/** What a statement, and a balance as it once was, cost when there is much to look through. */
export const reads: Benchmark = {
  name: 'reads',
  about:
    'Of the books of a million transfers, half of them on one account and one in a hundred dated back: a page of a statement and a balance as of a moment in the past, asked for by one caller of the functions behind the routes; closed loop.',
  async run(bench) {
    await bench.withEconomy(async (economy) => {
      const total = bench.size(1_000_000)
      bench.note(`posting ${count(total)} entries`)
      const wallets = await openWallets(economy, bench.size(10_000))
      const from = economy.clock.now()
      await load(economy, { wallets, pairs: hotPairs(wallets.length), count: total, backdated_every: 100 })
      const until = economy.clock.now()
      bench.note('sealing')
      await economy.log.sealer.sealAll()
      await economy.rest()
      const span: Span = { from, until, leaves: total }
      await measureReads(bench, economy, { of: 'the hot account', path: () => wallets[HOT]!, span })
      await measureReads(bench, economy, { of: 'any account', path: () => wallets[uniform(wallets.length)]!, span })
    })
  },
}

async function measureReads(bench: Bench, { db }: BenchEconomy, { of, path, span }: Read): Promise<void> {
  const account = async () => await findAccount(db, path(), ASSET)
  const page = { limit: PAGE, order: 'newest' } as const
  const asked: [what: string, ask: () => Promise<unknown>][] = [
    ['newest page of the statement', async () => await readStatement(db, { account: await account(), ...page })],
    [
      'a page of a statement between two times',
      async () => {
        const [from, until] = [timeIn(span), timeIn(span)].toSorted((a, b) => a.getTime() - b.getTime())
        return await readStatement(db, { account: await account(), from, until, ...page })
      },
    ],
    ...MOMENTS.map(([what, moment]): [string, () => Promise<unknown>] => [
      `balance ${what}`,
      async () => await balanceAt(db, await account(), moment(span)),
    ]),
  ]
  for (const [what, ask] of asked) {
    bench.note(`${of}: ${what}`)
    const { times } = await oneByOne(bench.size(TIMES), ask)
    bench.figure({ case: `${of}: ${what}`, value: times.p99_ms, unit: 'ms', times })
  }
}

const PAGE = 50
const TIMES = 500

const MOMENTS: [what: string, moment: (span: Span) => Moment][] = [
  ['as recorded by a time', (span) => ({ by: 'recorded', at: timeIn(span) })],
  ['as of a tree size', ({ leaves }) => ({ by: 'sealed', treeSize: BigInt(1 + uniform(leaves)) })],
  ['as effective by a time', (span) => ({ by: 'effective', at: timeIn(span) })],
]

function timeIn({ from, until }: Span): Date {
  return new Date(from.getTime() + uniform(until.getTime() - from.getTime()))
}

/** When what is asked about was recorded, and how much of it was sealed. */
interface Span {
  from: Date
  until: Date
  leaves: number
}

interface Read {
  of: string
  path: () => string
  span: Span
}
