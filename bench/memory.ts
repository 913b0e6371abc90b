import type { Bench, Benchmark } from './harness.ts'
import { HttpConnection } from './http-connection.ts'
import { medianOf } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import { entriesPath, postingKey, requestBody, type ServerProcess, startServer, withKey } from './server-process.ts'
import { BATCH, openWallets, transfers, uniformPairs } from './workload.ts'

/** Whether the server stays within its memory, and whether that depends on how much has been posted. */
export const memory: Benchmark = {
  name: 'memory',
  about:
    'Transfers in batches of 1,000 over HTTP, on two connections, while the server seals; the resident memory of the server’s process is asked for ten times a second, from the first request on. It grows if its median in the last quarter is more than a tenth above that in the second.',
  async run(bench) {
    await bench.withEconomy(async (economy) => {
      const wallets = await openWallets(economy, bench.size(10_000))
      const server = await startServer(bench.place)
      try {
        await measure(bench, economy, { server, wallets })
      } finally {
        await server.stop()
      }
    })
  },
}

async function measure(bench: Bench, economy: BenchEconomy, { server, wallets }: Served): Promise<void> {
  const total = bench.size(1_000_000)
  bench.note(`posting ${count(total)} entries`)
  const key = await postingKey(economy)
  const pairs = uniformPairs(wallets.length)
  let posted = 0
  const send = async () => {
    const connection = await HttpConnection.open(server.address, withKey(key))
    while (posted < total) {
      posted += BATCH
      const { status, body } = await connection.post(
        entriesPath(economy),
        requestBody(transfers(wallets, pairs, BATCH)),
      )
      if (status !== 200) throw new Error(`The server answered ${body.slice(0, 300)}`)
    }
    connection.close()
  }
  const samples: Sample[] = []
  const sending = Promise.all([send(), send()])
  const watching = watch({ server, samples, posted: () => posted, over: sending.then(() => true) })
  await Promise.all([sending, watching])
  const quarter = (no: number) =>
    medianOf(
      samples
        .filter((sample) => sample.posted > (total * (no - 1)) / 4 && sample.posted <= (total * no) / 4)
        .map(({ rss_mib }) => rss_mib),
    )
  const peak = samples.reduce((most, { rss_mib }) => Math.max(most, rss_mib), 0)
  bench.figure({ case: 'peak of the server', value: peak, unit: 'MiB', bars: [{ below: 512 }] })
  bench.figure({ case: 'second quarter, median', value: quarter(2), unit: 'MiB' })
  bench.figure({ case: 'last quarter, median', value: quarter(4), unit: 'MiB', bars: [{ below: quarter(2) * 1.1 }] })
}

async function watch({ server, samples, posted, over }: Watch): Promise<void> {
  const pause = async () => await new Promise<false>((resolve) => setTimeout(resolve, EVERY_MS, false))
  do {
    samples.push({ posted: posted(), rss_mib: (await server.rssBytes()) / 2 ** 20 })
  } while (!(await Promise.race([over, pause()])))
}

const EVERY_MS = 100

interface Watch {
  server: ServerProcess
  samples: Sample[]
  posted: () => number
  over: Promise<true>
}

interface Sample {
  posted: number
  rss_mib: number
}

interface Served {
  server: ServerProcess
  wallets: readonly string[]
}
