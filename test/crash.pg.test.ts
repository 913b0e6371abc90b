// Kills the server, or PostgreSQL under it, twenty times at random moments while callers post, and repeats what got no
// answer with the same key, as callers do. Afterwards every acknowledged entry is in the books once, nothing else is, and
// verify finds nothing. Runs the real program on a data folder of its own.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { testDataFolder } from './embedded-postgres.ts'

const FLORIN = join(import.meta.dirname, '../bin/florin')
const KILLS = 20
const CALLERS = 12
const WALLETS = 8
const run = promisify(execFile)

test('nothing acknowledged is lost and nothing is doubled, whatever is killed', { timeout: 240_000 }, async () => {
  await using data = await testDataFolder()
  const port = await freePort()
  const env = { ...process.env, FLORIN_DATA: data.path, PORT: `${port}`, LOG_LEVEL: 'silent', DATABASE_URL: '' }
  await run(FLORIN, ['economy', 'create', 'crash', '--blueprint', 'kontrib'], { env })
  const { stdout: key } = await run(FLORIN, ['key', 'create', '-e', 'crash', '-r', 'owner', '-n', 'test'], { env })
  const api = apiOf(`http://127.0.0.1:${port}/v1/crash`, key.trim())

  let server = await serve(env, port)
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(async () => await ended(server, 'SIGTERM'))
  await openAccounts(api)
  const acknowledged = new Set<string>()
  const stop = new AbortController()
  const callers = Array.from(
    { length: CALLERS },
    async (_, n) => await post(api, { n, acknowledged, stop: stop.signal }),
  )
  for (let kill = 0; kill < KILLS; kill++) {
    await ready(server, port)
    await sleep(200 + Math.random() * 1_000)
    if (Math.random() < 0.5) {
      await ended(server, 'SIGKILL')
      server = await serve(env, port)
    } else {
      process.kill(await postmaster(await data.cluster()), 'SIGKILL')
    }
  }
  await sleep(500)
  stop.abort()
  await Promise.all(callers)
  await ended(server, 'SIGTERM')

  const verified = await run(FLORIN, ['verify', '-e', 'crash', '--json'], { env })
  expect(JSON.parse(verified.stdout)).toMatchObject({ findings: [] })
  const journal = await run(FLORIN, ['export', 'journal', '-e', 'crash', '--format', 'jsonl'], {
    env,
    maxBuffer: 1 << 30,
  })
  const posted = journal.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: string; kind: string })
    .filter(({ kind }) => kind === 'transfer')
    .map(({ id }) => id)
  expect(posted.length).toBe(acknowledged.size)
  expect(new Set(posted)).toEqual(acknowledged)
  expect(acknowledged.size).toBeGreaterThan(KILLS)
})

type Api = ReturnType<typeof apiOf>

function apiOf(base: string, key: string) {
  return async (path: string, body: object, idempotencyKey: string): Promise<Response> =>
    await fetch(base + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    })
}

async function openAccounts(api: Api): Promise<void> {
  const paths = ['world:crash', ...Array.from({ length: WALLETS }, (_, n) => `wallets:${n}`)]
  for (const path of paths) {
    const response = await api('/ledger/accounts', { path, asset: 'KONTRIB' }, `open-${path}`)
    expect([201, 200]).toContain(response.status)
  }
}

/** One caller: a new key for each entry, repeated until there is an answer. */
async function post(
  api: Api,
  { n, acknowledged, stop }: { n: number; acknowledged: Set<string>; stop: AbortSignal },
): Promise<void> {
  for (let i = 0; !stop.aborted; i++) {
    const to = `wallets:${Math.floor(Math.random() * WALLETS)}`
    const entry = {
      kind: 'transfer',
      key: `${n}-${i}`,
      postings: [{ from: 'world:crash', to, asset: 'KONTRIB', amount: '1' }],
    }
    for (;;) {
      const answer = await api('/ledger/entries', { entries: [entry] }, `request-${n}-${i}`).catch(() => undefined)
      if (answer?.status === 200) {
        const { results } = (await answer.json()) as { results: { status: string; id: string; code?: string }[] }
        if (results[0]?.status === 'posted') {
          acknowledged.add(results[0].id)
          break
        }
        // Only what may pass by itself is repeated; another refusal would be an error of this test.
        expect(results[0]?.code).toBe('account_busy')
      } else if (answer) expect([409, 429, 503]).toContain(answer.status)
      await sleep(20)
    }
  }
}

async function serve(env: NodeJS.ProcessEnv, port: number): Promise<ChildProcess> {
  const server = spawn(FLORIN, ['serve'], { env, stdio: 'ignore' })
  await ready(server, port)
  return server
}

async function ready(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}`)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return
    await sleep(50)
  }
  throw new Error('The server did not become ready')
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill(signal)
  await exit
}

async function postmaster(cluster: string): Promise<number> {
  const [pid] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')
  return Number(pid)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port')
  return address.port
}
