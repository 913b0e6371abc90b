import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { PROJECT_ROOT } from '../src/config.ts'
import { assert, must } from '../src/core/assert.ts'
import { transaction } from '../src/core/db.ts'
import { formatAmount } from '../src/core/money.ts'
import { createApiKey } from '../src/identity/identity.ts'
import type { EntryItem } from '../src/ledger/items.ts'
import type { BenchEconomy, Place } from './place.ts'
import { ACTOR, SCALE } from './workload.ts'

/** The server as users start it, in a process of its own, over the data and the databases of `place`. */
export async function startServer({ data, cleanups }: Place): Promise<ServerProcess> {
  const env = { ...process.env, FLORIN_DATA: data, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn' }
  const main = join(PROJECT_ROOT, 'src/main.ts')
  const child = spawn(process.execPath, [main, 'serve', '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  cleanups.push(stop)
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([once(lines, 'line'), exited.then(() => undefined)])
  const { address } = JSON.parse(String(must(line, 'The server ended before it listened.')[0])) as { address: string }
  return {
    address,
    async rssBytes() {
      const metrics = await (await fetch(`${address}/metrics`)).text()
      return Number(must(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1], 'The server tells its memory.'))
    },
    stop,
  }
}

/** A key that may post, for whoever speaks HTTP. */
export async function postingKey({ db, clock }: BenchEconomy): Promise<string> {
  const options = { name: 'bench', role: 'operator', actor: ACTOR, now: clock.now() }
  const { key } = await transaction(db, async (tx) => await createApiKey(tx, options))
  return key.reveal()
}

/** The header that says so. */
export function withKey(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` }
}

/** The body that posts these. */
export function requestBody(items: readonly EntryItem[]): string {
  const entries = items.map(({ kind, key, postings }) => ({
    kind,
    key,
    postings: postings.map(({ from, to, asset, amount }) => {
      assert(amount !== undefined, 'Transfers have amounts.')
      return { from, to, asset, amount: formatAmount(amount, SCALE) }
    }),
  }))
  return JSON.stringify({ entries })
}

export function entriesPath({ name }: BenchEconomy): string {
  return `/v1/${name}/ledger/entries`
}

export interface ServerProcess {
  address: string
  rssBytes: () => Promise<number>
  stop: () => Promise<void>
}
