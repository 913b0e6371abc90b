import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Runs `./bin/florin` as somebody would who sits at the machine, with a data folder of its own. */
export async function florin(args: readonly string[], options: FlorinOptions = {}): Promise<Ran> {
  return await startFlorin(args, options).ended
}

/** The same, to be looked at or killed while it runs. */
export function startFlorin(args: readonly string[], { data, env, cwd, bin = BIN }: FlorinOptions = {}): Running {
  const { DATABASE_URL: _, ...inherited } = process.env
  const child = spawn(bin, args, {
    env: { ...inherited, ...(data !== undefined && { FLORIN_DATA: data }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  })
  const seen = { stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => (seen.stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (seen.stderr += text.toString()))
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...seen }))
  })
  return { child, seen, ended }
}

/** Waits until `holds`; fails after `limit_ms`, since nothing here may be waited for in vain. */
export async function until(holds: () => boolean | Promise<boolean>, { limit_ms = 30_000 } = {}): Promise<void> {
  const deadline_ms = performance.now() + limit_ms
  while (!(await holds())) {
    if (performance.now() > deadline_ms) throw new Error(`It did not come true within ${limit_ms} ms.`)
    await sleep(10)
  }
}

export const BIN = join(import.meta.dirname, '../bin/florin')

export interface FlorinOptions {
  /** FLORIN_DATA. */
  data?: string
  env?: Record<string, string>
  cwd?: string
  /** Another way to call it. */
  bin?: string
}

export interface Ran {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  seen: { stdout: string; stderr: string }
  ended: Promise<Ran>
}
