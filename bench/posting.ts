import type { Bar, Bench, Benchmark } from './harness.ts'
import { closedLoop } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import {
  ACTOR,
  BATCH,
  hotPairs,
  mustAllBePosted,
  openWallets,
  type Pairs,
  SEAL_EVERY_MS,
  transfers,
  uniformPairs,
  zipfPairs,
} from './workload.ts'

/** How many entries a second the ledger takes in batches, by the size of the batch, the accounts and who is busy. */
export const posting: Benchmark = {
  name: 'posting',
  about:
    'Transfers of one posting, each with an idempotency key, handed to the batcher in batches; closed loop. Batches of 1,000 come from two callers, one preparing the next while the other’s is committed; smaller ones from one, so that none are merged. Times are of batches.',
  async run(bench) {
    const few = bench.size(10_000)
    await bench.withEconomy(async (economy) => {
      bench.note(`opening ${count(few)} accounts`)
      const wallets = await openWallets(economy, few)
      const measure = async (options: Omit<Case, 'wallets'>) =>
        await measureCase(bench, economy, { ...options, wallets })
      const uniform = uniformPairs(few)
      for (const batch of [1, 10, 100]) await measure({ of: 'uniform', pairs: uniform, batch })
      const rate = await measure({ of: 'uniform', pairs: uniform, batch: BATCH, bars: [{ at_least_ratio: 4 }] })
      await measure({ of: 'Zipf 1.0', pairs: zipfPairs(few), batch: BATCH })
      const bars = [{ at_least_ratio: 4 }, { at_least: rate }]
      await measure({ of: 'half on one account', pairs: hotPairs(few), batch: BATCH, bars })
      await measure({ of: 'uniform', pairs: uniform, batch: BATCH, sealing: true })
      await measure({ of: 'half on one account', pairs: hotPairs(few), batch: BATCH, sealing: true })
    })
    const many = bench.size(1_000_000)
    await bench.withEconomy(async (economy) => {
      bench.note(`opening ${count(many)} accounts`)
      const wallets = await openWallets(economy, many)
      const uniform = { of: 'uniform', pairs: uniformPairs(many), batch: BATCH, wallets }
      await measureCase(bench, economy, { ...uniform, bars: [{ at_least_ratio: 3 }] })
      await measureCase(bench, economy, { ...uniform, sealing: true })
    })
  },
}

async function measureCase(
  bench: Bench,
  { batcher, log }: BenchEconomy,
  { of, pairs, batch, wallets, sealing = false, bars }: Case,
): Promise<number> {
  const name = `batches of ${count(batch)}, ${count(wallets.length)} accounts, ${of}${sealing ? ', sealing' : ''}`
  bench.note(name)
  if (sealing) {
    await log.sealer.sealAll()
    log.sealer.start({ interval_ms: SEAL_EVERY_MS, onError: (error) => console.error(error) })
  }
  const call = async () => {
    mustAllBePosted(await batcher.submit(transfers(wallets, pairs, batch), { actor: ACTOR }))
    return batch
  }
  const { rate, times, cpu_share } = await closedLoop({
    callers: batch === BATCH ? 2 : 1,
    seconds: bench.seconds,
    call,
  })
  await log.sealer.close()
  const note = `${Math.round(cpu_share * 100)} % of a core here`
  bench.figure({ case: name, value: rate, unit: 'entries/s', times, note, ...(bars && { bars }) })
  return rate
}

interface Case {
  of: string
  wallets: readonly string[]
  pairs: Pairs
  batch: number
  sealing?: boolean
  bars?: readonly Bar[]
}
