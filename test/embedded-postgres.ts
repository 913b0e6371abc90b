import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

import { z } from 'zod'

import { findPostmaster } from '../src/core/embedded-postgres-postmaster.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/core/embedded-postgres.ts'
import { withSession } from '../src/core/session.ts'

/**
 * A data folder for one test, `within` a temporary folder that every user may enter. When the test ends, whatever still
 * uses it is ended and all of it is deleted, also what had to lie elsewhere.
 */
export async function testDataFolder({ within = '' }: { within?: string } = {}): Promise<TestDataFolder> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'florin-test-')))
  await chmod(root, 0o755)
  const path = join(root, within, 'data')
  const handles: EmbeddedPostgres[] = []
  const processes: ChildProcess[] = []
  return {
    root,
    path,
    cluster: () => clusterOf(path),
    start: async () => {
      const handle = await startEmbeddedPostgres({ dataDir: path, log: silent })
      handles.push(handle)
      return handle
    },
    startElsewhere: async () => {
      const process = spawnHolder(path)
      processes.push(process)
      return await joined(process)
    },
    spawnElsewhere: () => {
      const process = spawnHolder(path)
      processes.push(process)
      return process
    },
    [Symbol.asyncDispose]: async () => {
      for (const holder of processes) await killed({ process: holder })
      for (const handle of handles) await handle.stop()
      const cluster = await clusterOf(path)
      const left = await findPostmaster(cluster)
      if (left) process.kill(left.pid, 'SIGQUIT')
      if (!cluster.startsWith(root)) await rm(dirname(cluster), { recursive: true, force: true })
      await rm(root, { recursive: true, force: true, maxRetries: 20 })
      if (left) throw new Error(`The test left PostgreSQL running (process ${left.pid}).`)
    },
  }
}

/** The first column of the first row, as text. */
export async function ask({ adminUrl }: EmbeddedPostgres, query: string): Promise<string | undefined> {
  return await withSession({ url: adminUrl.reveal() }, async (client) => {
    const { rows } = await client.query<string[]>({ text: query, rowMode: 'array' })
    return rows[0]?.[0]
  })
}

/** Kills a process and all of its group, as a terminal does with Ctrl-C. */
export async function killed({ process: holder }: { process: ChildProcess }): Promise<void> {
  if (holder.pid === undefined || holder.exitCode !== null || holder.signalCode !== null) return
  const gone = once(holder, 'exit')
  process.kill(-holder.pid, 'SIGKILL')
  await gone
}

export interface TestDataFolder extends AsyncDisposable {
  /** The temporary folder around everything. */
  root: string
  path: string
  /** Where PostgreSQL's files are, or will be. */
  cluster(): Promise<string>
  start(): Promise<EmbeddedPostgres>
  /** The same in a process of its own. */
  startElsewhere(): Promise<Holder>
  /** The same without waiting for it. */
  spawnElsewhere(): ChildProcess
}

export interface Holder {
  process: ChildProcess
  pid: number
  adopted: boolean
  stop(): Promise<void>
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const announcement = z.object({ pid: z.number(), adopted: z.boolean() })

function spawnHolder(path: string): ChildProcess {
  const script = join(import.meta.dirname, 'embedded-postgres-holder.ts')
  return spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
}

async function joined(process: ChildProcess): Promise<Holder> {
  if (!process.stdout) throw new Error('The process was spawned without a pipe.')
  const [line] = z.tuple([z.string()]).parse(await once(createInterface({ input: process.stdout }), 'line'))
  return {
    ...announcement.parse(JSON.parse(line)),
    process,
    stop: async () => {
      const gone = once(process, 'exit')
      process.stdin?.end('stop\n')
      await gone
    },
  }
}

async function clusterOf(path: string): Promise<string> {
  const named = await readFile(join(path, 'postgres.location'), 'utf8').catch(() => undefined)
  return named?.trim() ?? join(path, 'postgres')
}
