import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { Unavailable } from './errors.ts'

/**
 * Locks `path` between the processes of this machine, or answers undefined when somebody holds it (this process
 * included: it is not reentrant). The kernel frees it when its holder dies, however it dies, so nothing can go stale:
 * on Linux it is a name in the abstract socket space, elsewhere an exclusive open (macOS and the BSDs).
 */
export async function tryProcessLock(path: string): Promise<ProcessLock | undefined> {
  return process.platform === 'linux' ? lockByName(path) : lockByFile(path)
}

/**
 * Does `work` while it holds the lock of `path`. Waits for it at most `limit_ms`, then fails with `busy_elsewhere`;
 * `signal` ends the wait at once.
 */
export async function withProcessLock<T>(path: string, options: WaitOptions, work: () => Promise<T>): Promise<T> {
  const lock = await waitForLock(path, options)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** Held until it is released, or until the process is gone. */
export interface ProcessLock {
  release(): Promise<void>
}

const RETRY_MS = 15

async function waitForLock(path: string, { limit_ms, signal }: WaitOptions): Promise<ProcessLock> {
  const deadline = performance.now() + limit_ms
  for (;;) {
    const lock = await tryProcessLock(path)
    if (lock) return lock
    if (performance.now() > deadline)
      throw new Unavailable(
        'busy_elsewhere',
        `Another process has held ${path} for ${Math.round(limit_ms / 1000)} seconds. See what it is doing, or end it.`,
      )
    await sleep(RETRY_MS, undefined, signal ? { signal } : {})
  }
}

async function lockByName(path: string): Promise<ProcessLock | undefined> {
  const name = `\0florin-${createHash('sha256').update(path).digest('hex')}`
  const server = createServer((socket) => socket.destroy())
  const bound = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    server.listen({ path: name, exclusive: true }, () => resolve(true))
  })
  if (!bound) return undefined
  server.unref()
  return releasable(() => new Promise((resolve) => server.close(() => resolve())))
}

// O_EXLOCK and O_NONBLOCK of sys/fcntl.h in Darwin and the BSDs; node:fs does not name the first.
const O_EXLOCK = 0x20
const O_NONBLOCK = 0x04

async function lockByFile(path: string): Promise<ProcessLock | undefined> {
  const O_RDWR_CREAT = 0x0202
  try {
    const file = await open(path, O_RDWR_CREAT | O_EXLOCK | O_NONBLOCK, 0o600)
    return releasable(() => file.close())
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined
    throw error
  }
}

function releasable(free: () => Promise<void>): ProcessLock {
  let released: Promise<void> | undefined
  return { release: () => (released ??= free()) }
}

interface WaitOptions {
  limit_ms: number
  signal?: AbortSignal
}
