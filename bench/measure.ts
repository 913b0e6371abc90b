import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Closed loop: each of `callers` asks again as soon as it is answered, so a slow server is asked less. After a warm-up that
 * is not counted, it counts the calls that begin within `seconds`. `call` answers how many operations it did.
 */
export async function closedLoop({ callers, seconds, warm_up_seconds, call }: ClosedLoop): Promise<Measured> {
  const start_ms = performance.now() + (warm_up_seconds ?? seconds * WARM_UP) * 1_000
  const end_ms = start_ms + seconds * 1_000
  const counted = new Counted()
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let began_ms = performance.now(); began_ms < end_ms; began_ms = performance.now()) {
        const operations = await call(caller)
        if (began_ms >= start_ms) counted.add(began_ms, operations)
      }
    }),
  )
  return counted.measured()
}

/**
 * Open loop: a batch falls due every so often, whether the last was answered or not, as with callers who know nothing of
 * each other. Times count from when a batch was due. Where `waiting_max` batches wait, one that falls due is dropped, and
 * counted as such.
 */
export async function openLoop({ rate, batch, seconds, waiting_max, call }: OpenLoop): Promise<MeasuredOpen> {
  const counted = new Counted()
  const start_ms = performance.now()
  const waiting = new Set<Promise<void>>()
  const failures: unknown[] = []
  let dropped = 0
  for (let due_ms = start_ms; due_ms < start_ms + seconds * 1_000; due_ms += (batch / rate) * 1_000) {
    const early_ms = due_ms - performance.now()
    if (early_ms > 0) await sleep(early_ms)
    if (waiting.size >= waiting_max) {
      dropped += batch
      continue
    }
    const answered = call()
      .then(
        (operations) => counted.add(due_ms, operations),
        (error: unknown) => void failures.push(error),
      )
      .finally(() => waiting.delete(answered))
    waiting.add(answered)
  }
  await Promise.all(waiting)
  if (failures.length > 0) throw failures[0]
  return { ...counted.measured(), dropped }
}

/** One call after the other, `count` of them, after a tenth as many that are not counted. */
export async function oneByOne(count: number, call: (i: number) => Promise<unknown>): Promise<Measured> {
  for (let i = 0; i < count * WARM_UP; i++) await call(i)
  const counted = new Counted()
  for (let i = 0; i < count; i++) {
    const began_ms = performance.now()
    await call(i)
    counted.add(began_ms, 1)
  }
  return counted.measured()
}

/** How long `work` takes, once. */
export async function stopwatch<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const began_ms = performance.now()
  const result = await work()
  return { seconds: (performance.now() - began_ms) / 1_000, result }
}

/** Nearest-rank percentiles: each is a time that was measured. */
export function timesOf(times_ms: readonly number[]): Times {
  const sorted = Float64Array.from(times_ms).toSorted()
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { p50_ms: rank(0.5), p99_ms: rank(0.99), max_ms: rank(1) }
}

export function medianOf(values: readonly number[]): number {
  return timesOf(values).p50_ms
}

export interface Times {
  p50_ms: number
  p99_ms: number
  max_ms: number
}

export interface Measured {
  operations: number
  seconds: number
  /** Operations a second. */
  rate: number
  /** Of calls. */
  times: Times
  /** What this process used of one core meanwhile; the database uses its own. */
  cpu_share: number
}

export interface MeasuredOpen extends Measured {
  /** Operations that fell due and were not begun. */
  dropped: number
}

interface ClosedLoop {
  callers: number
  seconds: number
  /** A tenth of `seconds` unless said. */
  warm_up_seconds?: number
  call: (caller: number) => Promise<number>
}

interface OpenLoop {
  /** Operations a second. */
  rate: number
  batch: number
  seconds: number
  waiting_max: number
  call: () => Promise<number>
}

/** Of the counted time, before it. */
const WARM_UP = 0.1

class Counted {
  readonly #times_ms: number[] = []
  #operations = 0
  #first_ms = Infinity
  #cpu = process.cpuUsage()

  add(began_ms: number, operations: number): void {
    if (this.#times_ms.length === 0) this.#cpu = process.cpuUsage()
    this.#first_ms = Math.min(this.#first_ms, began_ms)
    this.#times_ms.push(performance.now() - began_ms)
    this.#operations += operations
  }

  measured(): Measured {
    const seconds = (performance.now() - this.#first_ms) / 1_000
    const { user, system } = process.cpuUsage(this.#cpu)
    return {
      operations: this.#operations,
      seconds,
      rate: this.#operations / seconds,
      times: timesOf(this.#times_ms),
      cpu_share: (user + system) / 1e6 / seconds,
    }
  }
}
