import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { tryProcessLock, withProcessLock } from './process-lock.ts'

const path = join(tmpdir(), `florin-lock-test-${process.pid}`)

test('a lock is held by one until it is released', async () => {
  const lock = await tryProcessLock(path)
  expect(lock).toBeDefined()
  expect(await tryProcessLock(path)).toBeUndefined()
  const other = await tryProcessLock(`${path}-other`)
  expect(other).toBeDefined()
  await other?.release()
  await lock?.release()
  await lock?.release()
  const next = await tryProcessLock(path)
  expect(next).toBeDefined()
  await next?.release()
})

test('work under a lock never overlaps, and a failure frees it', async () => {
  let inside = 0
  const work = async () => {
    expect(++inside).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    inside--
  }
  await Promise.all(Array.from({ length: 20 }, async () => await withProcessLock(path, { limit_ms: 10_000 }, work)))
  const failing = withProcessLock(path, { limit_ms: 1000 }, async () => await Promise.reject(new Error('failed')))
  await expect(failing).rejects.toThrow('failed')
  await withProcessLock(path, { limit_ms: 1000 }, work)
})

test('who waits too long is told so, and who is called off stops waiting', async () => {
  const lock = await tryProcessLock(path)
  const waiting = withProcessLock(path, { limit_ms: 30 }, async () => undefined)
  await expect(waiting).rejects.toMatchObject({ code: 'busy_elsewhere' })
  const calledOff = withProcessLock(path, { limit_ms: 10_000, signal: AbortSignal.timeout(30) }, async () => undefined)
  await expect(calledOff).rejects.toThrow('aborted')
  await lock?.release()
})

test('the kernel frees the lock of a process that was killed', async () => {
  const module = JSON.stringify(join(import.meta.dirname, 'process-lock.ts'))
  const script = `
    import { tryProcessLock } from ${module}
    console.log((await tryProcessLock(process.argv[1])) !== undefined)
    setInterval(() => undefined, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [answer] = await once(holder.stdout, 'data')
  expect(String(answer).trim()).toBe('true')
  expect(await tryProcessLock(path)).toBeUndefined()
  const gone = once(holder, 'exit')
  holder.kill('SIGKILL')
  await gone
  const lock = await tryProcessLock(path)
  expect(lock).toBeDefined()
  await lock?.release()
})
