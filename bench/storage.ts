import type { Bench, Benchmark } from './harness.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import { load, openWallets, uniformPairs } from './workload.ts'

/** What an entry takes on the disk, with its posting, key, place in the log, and all indexes. */
export const storage: Benchmark = {
  name: 'storage',
  about:
    'Transfers of one posting with an idempotency key and without metadata, in batches of 1,000 among 10,000 accounts, sealed: what each table and index has grown by, per entry.',
  async run(bench) {
    await bench.withEconomy(async (economy) => {
      const total = bench.size(500_000)
      const wallets = await openWallets(economy, bench.size(10_000))
      const before = await sizes(economy)
      bench.note(`posting ${count(total)} entries`)
      await load(economy, { wallets, pairs: uniformPairs(wallets.length), count: total })
      bench.note('sealing')
      await economy.log.sealer.sealAll()
      report(bench, { before, after: await sizes(economy), total })
    })
  },
}

function report(bench: Bench, { before, after, total }: Growth): void {
  const grown = [...after].map(([name, size]) => ({ name, bytes: (size - (before.get(name) ?? 0)) / total }))
  const sum = grown.reduce((all, { bytes }) => all + bytes, 0)
  for (const { name, bytes } of grown.toSorted((a, b) => b.bytes - a.bytes)) {
    if (bytes >= SHOWN_BYTES) bench.figure({ case: name, value: bytes, unit: 'bytes/entry' })
  }
  bench.figure({ case: 'all of it', value: sum, unit: 'bytes/entry', note: `${count(total)} entries` })
}

/** Of every table, without its indexes, and of every index. */
async function sizes({ asOwner }: BenchEconomy): Promise<Map<string, number>> {
  return await asOwner(async (client) => {
    const { rows } = await client.query<{ name: string; bytes: string }>(
      `select
        case when pg_class.relkind = 'i' then 'index ' else 'table ' end
          || pg_namespace.nspname || '.' || pg_class.relname as name,
        case when pg_class.relkind = 'i' then pg_relation_size(pg_class.oid) else pg_table_size(pg_class.oid) end as bytes
      from pg_class
      join pg_namespace on pg_namespace.oid = pg_class.relnamespace
      where pg_namespace.nspname = 'ledger' and pg_class.relkind in ('r', 'i')`,
    )
    return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]))
  })
}

const SHOWN_BYTES = 0.5

interface Growth {
  before: Map<string, number>
  after: Map<string, number>
  total: number
}
