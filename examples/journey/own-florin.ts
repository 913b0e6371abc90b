import { spawn } from 'node:child_process'
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createApp } from '../../src/app.ts'
import { prepareDemo } from '../../src/commands/demo.ts'
import { PROJECT_ROOT, readConfig } from '../../src/config.ts'
import { must } from '../../src/core/assert.ts'
import { manualClock } from '../../src/core/clock.ts'
import { createLog } from '../../src/core/log.ts'
import { createAppServer } from '../../src/server.ts'

/**
 * A Florin of one's own, in a temporary folder that is deleted at the end: the server and the wiki of `npm start`, but with a
 * clock that one moves. What falls due by it happens by itself within a second, as on any server.
 */
export async function ownFlorin({ start, note }: OwnFlorinOptions): Promise<OwnFlorin> {
  const data = await realpath(await mkdtemp(join(tmpdir(), 'florin-journey-')))
  // PostgreSQL runs as a user of its own where this one is root.
  await chmod(data, 0o755)
  const clock = manualClock(start)
  const log = createLog({ level: 'error', destination: process.stderr })
  const app = await createApp(readConfig({ FLORIN_DATA: data }), { log, clock, background: true })
  const { key } = await prepareDemo({ note, signal: new AbortController().signal }, app)
  const server = await createAppServer(app)
  return {
    url: await server.listen({ host: '127.0.0.1', port: 0 }),
    data,
    key: must(key, 'A new economy has a new key.').reveal(),
    now: () => clock.now(),
    moveTo: (time) => clock.set(time),
    verify: async () => await florin(['verify', '--economy', 'kontrib'], data),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await app.close()
      await rm(data, { recursive: true, force: true, maxRetries: 20 })
    },
  }
}

export interface OwnFlorin extends AsyncDisposable {
  url: string
  /** FLORIN_DATA, for commands beside the server. */
  data: string
  /** The owner's. */
  key: string
  now(): Date
  moveTo(time: Date): void
  /** What `florin verify` says of all that is kept; fails where anything does not hold. */
  verify(): Promise<string>
}

interface OwnFlorinOptions {
  start: Date
  note: (text: string) => void
}

async function florin(args: readonly string[], data: string): Promise<string> {
  const { DATABASE_URL: _, ...inherited } = process.env
  const env = { ...inherited, FLORIN_DATA: data }
  const child = spawn(join(PROJECT_ROOT, 'bin/florin'), args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`florin ${args.join(' ')} ended with ${String(code)}. ${said}`)
  return said.trim()
}
