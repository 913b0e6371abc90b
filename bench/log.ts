import { snapshot } from '../src/core/db.ts'
import { serialUuid } from '../src/core/id.ts'
import { lastBlock } from '../src/ledger/log/head.ts'
import { proveEntry } from '../src/ledger/log/proofs.ts'
import { verifyLog } from '../src/ledger/log/verify.ts'
import type { Bench, Benchmark } from './harness.ts'
import { oneByOne, openLoop, stopwatch } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { uniform } from './random.ts'
import { count } from './report.ts'
import { ACTOR, load, mustAllBePosted, openWallets, SEAL_EVERY_MS, transfers, uniformPairs } from './workload.ts'

/** What it costs to seal entries, to prove one, and to verify all. */
export const log: Benchmark = {
  name: 'log',
  about:
    'A backlog of a million transfers is sealed at once; inclusion proofs with their receipts are made one after the other; the log is verified from the books. Then transfers fall due at 10,000 a second in batches of 100, answered or not (open loop), while the log is sealed every 250 ms as in the server.',
  async run(bench) {
    await bench.withEconomy(async (economy) => {
      const total = bench.size(1_000_000)
      bench.note(`posting ${count(total)} entries`)
      const wallets = await openWallets(economy, bench.size(10_000))
      await load(economy, { wallets, pairs: uniformPairs(wallets.length), count: total })
      await economy.rest()
      await sealBacklog(bench, economy)
      await economy.rest()
      await prove(bench, economy)
      await verify(bench, economy)
      await keepUp(bench, economy, wallets)
    })
  },
}

async function sealBacklog(bench: Bench, { log: { sealer } }: BenchEconomy): Promise<void> {
  bench.note('sealing')
  const { seconds, result } = await stopwatch(async () => await sealer.sealAll())
  const bars = [{ at_least: 40_000 }]
  bench.figure({ case: `sealing a backlog of ${count(result)}`, value: result / seconds, unit: 'entries/s', bars })
}

async function prove(bench: Bench, { db }: BenchEconomy): Promise<void> {
  bench.note('proving')
  const { rows } = await someEntries(db, bench.size(PROOFS) * 2)
  const ids = rows.map(({ id, recorded_at }) => serialUuid(id, recorded_at))
  const { times } = await oneByOne(bench.size(PROOFS), async () => {
    const id = ids[uniform(ids.length)]!
    return await proveEntry(db, { id, postings: [0], disclose: {} })
  })
  bench.figure({ case: 'inclusion proof, p99', value: times.p99_ms, unit: 'ms', times, bars: [{ below: 5 }] })
}

async function verify(bench: Bench, { db, log: { verifiers } }: BenchEconomy): Promise<void> {
  bench.note('verifying')
  const { seconds, result } = await stopwatch(async () => {
    return await snapshot(db, async (tx) => await verifyLog(tx, { log: verifiers }))
  })
  if (result.findings.length > 0) throw new Error(`The log does not verify: ${JSON.stringify(result.findings[0])}`)
  const bars = [{ at_least: 60_000 }]
  bench.figure({ case: 'verifying all of it', value: result.entries / seconds, unit: 'entries/s', bars })
}

async function keepUp(bench: Bench, { db, batcher, log: { sealer } }: BenchEconomy, wallets: string[]): Promise<void> {
  bench.note(`posting ${count(RATE)} entries/s while sealing`)
  const pairs = uniformPairs(wallets.length)
  const sealedBefore = (await lastBlock(db))?.tree_size ?? 0n
  sealer.start({ interval_ms: SEAL_EVERY_MS, onError: (error) => console.error(error) })
  const call = async () => {
    mustAllBePosted(await batcher.submit(transfers(wallets, pairs, DUE_AT_ONCE), { actor: ACTOR }))
    return DUE_AT_ONCE
  }
  const posted = await openLoop({
    rate: RATE,
    batch: DUE_AT_ONCE,
    seconds: bench.seconds * 2,
    waiting_max: RATE / DUE_AT_ONCE,
    call,
  })
  const sealed = Number(((await lastBlock(db))?.tree_size ?? 0n) - sealedBefore)
  await sealer.close()
  const { rate, times, dropped, operations } = posted
  const due = `${count(RATE)}/s due`
  bench.figure({ case: `${due}, posted`, value: rate, unit: 'entries/s', times, bars: [{ at_least: RATE * 0.98 }] })
  bench.figure({ case: `${due}, dropped`, value: dropped, unit: 'entries', bars: [{ at_most: 0 }] })
  const behind = operations - sealed
  const note = `of ${count(operations)}; a second’s worth is ${count(RATE)}`
  bench.figure({ case: `${due}, not sealed at the end`, value: behind, unit: 'entries', bars: [{ below: RATE }], note })
}

const PROOFS = 1_000
const RATE = 10_000
const DUE_AT_ONCE = 100

/** From all over the books. */
async function someEntries(db: BenchEconomy['db'], limit: number) {
  const { max } = await db
    .selectFrom('ledger.entry')
    .select((eb) => eb.fn.max('id').as('max'))
    .executeTakeFirstOrThrow()
  const ids = Array.from({ length: limit }, () => BigInt(1 + uniform(Number(max))))
  return { rows: await db.selectFrom('ledger.entry').select(['id', 'recorded_at']).where('id', 'in', ids).execute() }
}
