import { sql } from 'kysely'

import { pgArray, pgTimes } from '../src/core/db.ts'
import { parseSerialUuid } from '../src/core/id.ts'
import type { Bench, Benchmark } from './harness.ts'
import { HttpConnection } from './http-connection.ts'
import { closedLoop } from './measure.ts'
import type { BenchEconomy } from './place.ts'
import { count } from './report.ts'
import { entriesPath, postingKey, requestBody, type ServerProcess, startServer, withKey } from './server-process.ts'
import { openWallets, transfers, uniformPairs } from './workload.ts'

/** One entry a request over HTTP, everything on, and whether what was acknowledged is in the books afterwards. */
export const http: Benchmark = {
  name: 'http',
  about:
    'POST /ledger/entries with one transfer a request, over keep-alive connections, against the server in a process of its own (which also seals), from this process on the same machine; closed loop. Times are of requests. A request without an answer is lost, and what it posted is looked for.',
  async run(bench) {
    const accounts = bench.size(10_000)
    await bench.withEconomy(async (economy) => {
      bench.note(`opening ${count(accounts)} accounts`)
      const wallets = await openWallets(economy, accounts)
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
  const name = `${CONNECTIONS} connections`
  bench.note(name)
  const key = await postingKey(economy)
  const pairs = uniformPairs(wallets.length)
  const path = entriesPath(economy)
  const open = async () => await HttpConnection.open(server.address, withKey(key))
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, open))
  const acknowledged: string[] = []
  let lost = 0
  const call = async (caller: number) => {
    const body = requestBody(transfers(wallets, pairs, 1))
    try {
      const answer = await connections[caller]!.post(path, body)
      acknowledged.push(entryOf(answer.body))
      return 1
    } catch (error) {
      if (!(error instanceof Error) || error instanceof SyntaxError) throw error
      lost++
      connections[caller] = await open()
      return 0
    }
  }
  const { rate, times, cpu_share } = await closedLoop({
    callers: CONNECTIONS,
    seconds: bench.seconds,
    warm_up_seconds: WARM_UP_SECONDS,
    call,
  })
  for (const connection of connections) connection.close()
  const note = `the client used ${Math.round(cpu_share * 100)} % of a core; server ${mebibytes(await server.rssBytes())}`
  const bars = [{ at_least: 6_000 }, { at_least_ratio: 1.2 }]
  bench.figure({ case: name, value: rate, unit: 'entries/s', times, bars, note })
  const missing = acknowledged.length - (await countFound(economy, acknowledged))
  bench.figure({ case: 'requests without an answer', value: lost, unit: 'requests', bars: [{ at_most: 0 }] })
  const of = `of ${count(acknowledged.length)}`
  bench.figure({
    case: 'acknowledged, not in the books',
    value: missing,
    unit: 'entries',
    bars: [{ at_most: 0 }],
    note: of,
  })
}

const CONNECTIONS = 64
/** The server has just started: until its code is compiled it is not what users have. */
const WARM_UP_SECONDS = 3

/** The id of the entry that was posted. Whatever else is answered ends the benchmark: it would measure something else. */
function entryOf(body: string): string {
  const { results } = JSON.parse(body) as { results?: { status: string; id: string }[] }
  const [result] = results ?? []
  if (result?.status === 'posted') return result.id
  throw new SyntaxError(`The server answered ${body.slice(0, 300)}`)
}

async function countFound({ db }: BenchEconomy, ids: readonly string[]): Promise<number> {
  const parsed = ids.map((id) => parseSerialUuid(id, 'entry_not_found'))
  const { rows } = await sql<{ found: bigint }>`
    select count(distinct entry.id) as found
    from unnest(
      ${pgArray(parsed.map(({ serial }) => serial))}::bigint[],
      ${pgTimes(parsed.map(({ at }) => at))}::timestamptz[]
    ) as acknowledged (id, recorded_at)
    join ledger.entry on entry.id = acknowledged.id and entry.recorded_at = acknowledged.recorded_at
    join ledger.key on key.entry = entry.id
    join ledger.posting on posting.entry = entry.id
  `.execute(db)
  return Number(rows[0]?.found)
}

function mebibytes(bytes: number): string {
  return `${count(bytes / 2 ** 20)} MiB`
}

interface Served {
  server: ServerProcess
  wallets: readonly string[]
}
