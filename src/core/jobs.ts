import { sql } from 'kysely'

import type { Clock } from './clock.ts'
import { type Db, transaction } from './db.ts'

/**
 * Work that is due again and again, whether or not anybody asks: what has expired, what the clock brings. A job does all
 * that is due and nothing twice, so a server that was stopped catches up, and it does not matter which of several servers
 * does it: whoever has the job's lock.
 */
export interface Job<Scope> {
  name: string
  every_ms: number
  run: (scope: Scope, options: { now: Date }) => Promise<unknown>
}

/**
 * Runs jobs for one economy until it is closed, JOBS_AT_ONCE at a time and the others in the order in which they fell due;
 * `onError` hears of a job that failed, which is tried again next time.
 */
export function startJobs<Scope extends { db: Db; clock: Clock }>(
  scope: Scope,
  jobs: readonly Job<Scope>[],
  { onError }: { onError: (job: string, error: unknown) => void },
): RunningJobs {
  const running = new Map<string, Promise<void>>()
  const last = new Map<string, LastRun>()
  const line = turnstile(JOBS_AT_ONCE)
  const closed = new AbortController()
  const work = async (job: Job<Scope>) => {
    using _ = await line.enter()
    if (closed.signal.aborted) return
    const at = scope.clock.now()
    try {
      await runAlone(scope, job)
      last.set(job.name, { ...last.get(job.name), at })
    } catch (error) {
      last.set(job.name, { at, failed_at: at, error: error instanceof Error ? error.message : String(error) })
      onError(job.name, error)
    }
  }
  const timers = jobs.map((job) =>
    setInterval(() => {
      if (running.has(job.name)) return
      const worked = work(job).finally(() => running.delete(job.name))
      running.set(job.name, worked)
    }, job.every_ms),
  )
  return {
    status: () =>
      jobs.map(({ name, every_ms }) => {
        const { at, failed_at, error } = last.get(name) ?? {}
        return {
          name,
          every_ms,
          running: running.has(name),
          last_run_at: at ?? null,
          last_failed_at: failed_at ?? null,
          last_error: error ?? null,
          due_at: at ? new Date(at.getTime() + every_ms) : null,
        }
      }),
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      closed.abort()
      await Promise.all(running.values())
    },
  }
}

/** Under a lock of the job's name, held by a transaction of its own for as long as the work takes. */
async function runAlone<Scope extends { db: Db; clock: Clock }>(scope: Scope, job: Job<Scope>): Promise<void> {
  await transaction(scope.db, async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${`job ${job.name}`}, 0)) as mine
    `.execute(tx)
    if (rows[0]?.mine) await job.run(scope, { now: scope.clock.now() })
  })
}

/**
 * How many jobs of one economy work at a time. Each holds a connection for its lock while it works over others: if as many
 * began at once as there are connections, none would ever get its second one, and nobody else any.
 */
export const JOBS_AT_ONCE = 3

/** Lets `at_once` in at a time; whoever comes later waits in line until one of them leaves. */
function turnstile(at_once: number): { enter(): Promise<Disposable> } {
  const waiting: (() => void)[] = []
  let inside = 0
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else inside--
  }
  return {
    async enter() {
      if (inside < at_once) inside++
      else await new Promise<void>((resolve) => waiting.push(resolve))
      return { [Symbol.dispose]: leave }
    },
  }
}

export interface RunningJobs {
  /** How each job stands in this process; another server keeps its own account. */
  status(): JobStatus[]
  close(): Promise<void>
}

export interface JobStatus {
  name: string
  every_ms: number
  running: boolean
  last_run_at: Date | null
  last_failed_at: Date | null
  last_error: string | null
  /** When it is looked at next. */
  due_at: Date | null
}

interface LastRun {
  at: Date
  failed_at?: Date
  error?: string
}
