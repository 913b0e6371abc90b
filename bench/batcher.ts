import type { Bench, Benchmark } from './harness.ts'
import { closedLoop } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import {
  ACTOR,
  hotPairs,
  mustAllBePosted,
  openWallets,
  type Pairs,
  SEAL_EVERY_MS,
  transfers,
  uniformPairs,
} from './workload.ts'

/** What somebody gets who posts one entry and waits for it, as most callers do: the batcher makes batches of them. */
export const batcher: Benchmark = {
  name: 'batcher',
  about: `Callers in the process of the ledger, each posting one transfer and waiting until it is on the disk; closed loop. Times are of one entry, from the call to the answer.`,
  async run(bench) {
    const accounts = bench.size(10_000)
    await bench.withEconomy(async (economy) => {
      bench.note(`opening ${count(accounts)} accounts`)
      const wallets = await openWallets(economy, accounts)
      const measure = async (options: Omit<Case, 'wallets'>) =>
        await measureCase(bench, economy, { ...options, wallets })
      const uniform = uniformPairs(accounts)
      await measure({ of: 'uniform', pairs: uniform, callers: 1 })
      await measure({ of: 'uniform', pairs: uniform, callers: 64, barred: true })
      await measure({ of: 'half on one account', pairs: hotPairs(accounts), callers: 64 })
      await measure({ of: 'uniform', pairs: uniform, callers: 64, sealing: true })
    })
  },
}

async function measureCase(bench: Bench, { batcher: posts, log }: BenchEconomy, options: Case): Promise<void> {
  const { of, pairs, callers, wallets, barred = false, sealing = false } = options
  const name = `${count(callers)} ${callers === 1 ? 'caller' : 'callers'}, ${of}${sealing ? ', sealing' : ''}`
  bench.note(name)
  if (sealing) {
    await log.sealer.sealAll()
    log.sealer.start({ interval_ms: SEAL_EVERY_MS, onError: (error) => console.error(error) })
  }
  const call = async () => {
    mustAllBePosted(await posts.submit(transfers(wallets, pairs, 1), { actor: ACTOR }))
    return 1
  }
  const { rate, times, cpu_share } = await closedLoop({ callers, seconds: bench.seconds, call })
  await log.sealer.close()
  const note = `${Math.round(cpu_share * 100)} % of a core here`
  const bars = { rate: [{ at_least_ratio: 2 }], p99: [{ below: 25 }] }
  bench.figure({ case: name, value: rate, unit: 'entries/s', times, note, ...(barred && { bars: bars.rate }) })
  if (barred) bench.figure({ case: `${name}: p99`, value: times.p99_ms, unit: 'ms', bars: bars.p99 })
}

interface Case {
  of: string
  wallets: readonly string[]
  pairs: Pairs
  callers: number
  sealing?: boolean
  /** What is measured against the bars. */
  barred?: boolean
}
