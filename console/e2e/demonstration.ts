import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { inject } from 'vitest'

import { withProcessLock } from '../../src/core/process-lock.ts'
import { testDataFolder, type TestDataFolder } from '../../test/embedded-postgres.ts'
import { type Running, startFlorin, until } from '../../test/florin.ts'

/**
 * A data folder with the wiki of the demonstration in it, and the key of its owner. It is made once a run, as the first
 * start makes it, by whichever file of tests comes first, who also builds the console; the others wait for that, and each
 * has a copy of its own.
 */
export async function demonstration(): Promise<Demonstration> {
  const shared = inject('shared')
  const [made, kept] = [join(shared, 'demonstration'), join(shared, 'demonstration.key')]
  const key = await withProcessLock(`${made}.lock`, { limit_ms: FIRST_START_MS }, async () => {
    const known = await readFile(kept, 'utf8').catch(() => undefined)
    if (known !== undefined) return known
    await builtConsole()
    // Whoever may run PostgreSQL may enter it: so its files are in it, and copied with it.
    await mkdir(made, { mode: 0o755 })
    const first = await serveDemo(made)
    first.server.child.kill('SIGTERM')
    await first.server.ended
    await writeFile(kept, first.key)
    return first.key
  })
  const folder = await testDataFolder()
  await run('cp', ['-a', made, folder.path])
  return { folder, key }
}

/** Builds the console where it is older than its sources; one file of tests does so at a time. */
export async function builtConsole(): Promise<void> {
  const lock = join(inject('shared'), 'console.lock')
  await withProcessLock(lock, { limit_ms: FIRST_START_MS }, async () => {
    await run(process.execPath, ['scripts/console.ts'])
  })
}

/** Starts a server as `npm start` does, and waits until it listens. */
export async function serveDemo(
  data: string,
  more: Record<string, string> = {},
): Promise<{ server: Running; address: string; key: string }> {
  const env = { PORT: '0', LOG_LEVEL: 'warn', ...more }
  const server = startFlorin(['serve', '--demo', '--json'], { data, env })
  await until(() => server.seen.stdout.includes('\n'), { limit_ms: FIRST_START_MS })
  const { address, key = '' } = JSON.parse(server.seen.stdout) as { address: string; key?: string }
  return { server, address, key }
}

export interface Demonstration {
  folder: TestDataFolder
  key: string
}

/** From building the console and creating the database server to the demonstration's last week. */
const FIRST_START_MS = 180_000
const run = promisify(execFile)
