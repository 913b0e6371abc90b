import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { PROJECT_ROOT } from '../src/config.ts'
import { distributeThrough, importContributions, type ImportResult } from '../src/contributions/contributions.ts'
import { snapshot } from '../src/core/db.ts'
import { verifyLog } from '../src/ledger/log/verify.ts'
import type { Bench, Benchmark } from './harness.ts'
import { stopwatch } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import { ACTOR } from './workload.ts'

/** A real wiki's twelve years, from an economy that does not exist yet to the last reward. */
export const history: Benchmark = {
  name: 'history',
  about:
    'The whole of examples/wiki-history: the economy is created, the file imported, and every week up to 2026-08-24 distributed, one after the other, as the commands do; once. Then it is sealed and verified.',
  async run(bench) {
    const began_ms = performance.now()
    await bench.withEconomy(async (economy) => {
      const created = (performance.now() - began_ms) / 1_000
      bench.figure({ case: 'creating the economy', value: created, unit: 's' })
      const imported = await measureImport(bench, economy)
      const distributed = await measureDistributions(bench, economy)
      const total = created + imported + distributed
      bench.figure({ case: 'all of it, from nothing', value: total, unit: 's', bars: [{ below: 60 }] })
      await verify(economy)
    })
  },
}

/** The import alone, in contributions a second; answers how long it took. */
export async function measureImport(bench: Bench, { db, clock }: BenchEconomy): Promise<number> {
  bench.note('importing')
  const from = bench.quick ? await firstLines(QUICK_LINES) : FILE
  const { seconds, result } = await stopwatch(async () => {
    return await importContributions(db, { from, onError: 'stop', actor: ACTOR, clock })
  })
  const rate = result.contributions / seconds
  const note = noteOf(result)
  bench.figure({ case: 'import', value: rate, unit: 'contributions/s', bars: [{ at_least: 10_000 }], note })
  return seconds
}

async function measureDistributions(bench: Bench, { db, clock }: BenchEconomy): Promise<number> {
  bench.note('distributing')
  const { seconds, result } = await stopwatch(async () => {
    return await distributeThrough(db, { through: THROUGH, clock, actor: ACTOR })
  })
  const paid = result.reduce((sum, { userCount }) => sum + userCount, 0)
  const note = `${count(result.length)} weeks, ${count(paid)} rewards`
  bench.figure({ case: 'every distribution', value: seconds, unit: 's', note })
  return seconds
}

async function verify({ db, log: { sealer, verifiers } }: BenchEconomy): Promise<void> {
  await sealer.sealAll()
  const { findings } = await snapshot(db, async (tx) => await verifyLog(tx, { log: verifiers }))
  if (findings.length > 0) throw new Error(`The log does not verify: ${JSON.stringify(findings[0])}`)
}

const FILE = join(PROJECT_ROOT, 'examples/wiki-history/wiki-history.jsonl.gz')
const QUICK_LINES = 11_500
const THROUGH = new Date('2026-08-24T00:00:00.000Z')

async function firstLines(wanted: number): Promise<{ name: string; stream: Readable }> {
  const lines: string[] = []
  for await (const line of createInterface({ input: createReadStream(FILE).pipe(createGunzip()) })) {
    lines.push(`${line}\n`)
    if (lines.length === wanted) break
  }
  return { name: 'wiki-history.jsonl', stream: Readable.from(lines) }
}

function noteOf({ lines, contributions, people, articles }: ImportResult): string {
  return `${count(lines)} lines: ${count(contributions)} contributions by ${count(people)} people to ${count(articles)} articles`
}
