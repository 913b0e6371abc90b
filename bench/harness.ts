import { cpus, release, totalmem, type } from 'node:os'

import { prepareBaseline } from './baseline.ts'
import { medianOf, type Times } from './measure.ts'
import { type Books, closeBooks, walPosition, watchMemory } from './observe.ts'
import type { BenchEconomy, Place } from './place.ts'

/** Runs one benchmark in a place of its own, between two runs of the baseline, and reports what it found. */
export async function runBenchmark(
  { name, about, run }: Benchmark,
  { quick, note, place }: RunOptions,
): Promise<Report> {
  const baseline = await prepareBaseline(place.baselineUrl)
  const seconds = quick ? QUICK_SECONDS : SECONDS
  const figures: Figure[] = []
  const books: Books[] = []
  const size = (full: number) => (quick ? Math.ceil(full / QUICK_PART) : full)
  const withEconomy: Bench['withEconomy'] = async (work, options) => {
    const economy = await place.openEconomy(options)
    try {
      await work(economy)
      note('checking the books')
      books.push(await closeBooks(economy))
    } finally {
      economy[Symbol.dispose]()
    }
    await place.dropEconomy(economy)
  }
  note('baseline, before')
  const before = await baseline.measure(seconds)
  const wal_before = await walPosition(place)
  const memory = watchMemory()
  await run({ place, quick, seconds, size, note, figure: (figure) => void figures.push(figure), withEconomy })
  const rss_peak_bytes = memory.stop()
  const wal_bytes = (await walPosition(place)) - wal_before
  note('baseline, after')
  const after = await baseline.measure(seconds)
  await baseline.close()
  const rate = (before.rate + after.rate) / 2
  return {
    benchmark: name,
    about,
    quick,
    at: place.app.clock.now().toISOString(),
    machine: { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, memory_bytes: totalmem() },
    system: `${type()} ${release()}, Node ${process.versions.node}`,
    settings: place.settings,
    baseline: {
      before: before.rate,
      after: after.rate,
      rate,
      spread: Math.abs(before.rate - after.rate) / rate,
      p50_ms: medianOf([before.times.p50_ms, after.times.p50_ms]),
      p99_ms: Math.max(before.times.p99_ms, after.times.p99_ms),
    },
    figures: figures.map((figure) => judge(figure, rate)),
    books,
    rss_peak_bytes,
    wal_bytes,
  }
}

export interface Benchmark {
  name: string
  /** What is measured, and how. */
  about: string
  run: (bench: Bench) => Promise<void>
}

/** What a benchmark has to work with. */
export interface Bench {
  place: Place
  quick: boolean
  /** How long a case is measured. */
  seconds: number
  /** So many, or a tenth with --quick. */
  size: (full: number) => number
  /** Tells whoever waits what is going on. */
  note: (what: string) => void
  figure: (figure: Figure) => void
  /** Works with a new economy, then checks its books and drops it. */
  withEconomy: (work: (economy: BenchEconomy) => Promise<void>, options?: { now?: Date }) => Promise<void>
}

export interface Figure {
  case: string
  value: number
  /** Those that end in /s are also given as a multiple of the baseline. */
  unit: string
  times?: Times
  bars?: readonly Bar[]
  note?: string
}

/** What the figure must be, in its own unit, or as a multiple of the baseline's transactions a second. */
export type Bar = { at_least: number } | { at_most: number } | { below: number } | { at_least_ratio: number }

export interface JudgedFigure extends Figure {
  ratio?: number
  /** Undefined without a bar. */
  ok?: boolean
}

export interface Report {
  benchmark: string
  about: string
  quick: boolean
  at: string
  machine: { cpu: string; cores: number; memory_bytes: number }
  system: string
  settings: Record<string, string>
  /** Transactions a second; the spread is the difference of the two runs as a part of their mean. */
  baseline: { before: number; after: number; rate: number; spread: number; p50_ms: number; p99_ms: number }
  figures: JudgedFigure[]
  /** One for each economy. */
  books: Books[]
  /** Of the process that measures and, where nothing else is said, holds the ledger. */
  rss_peak_bytes: number
  /** What PostgreSQL wrote to its log meanwhile. */
  wal_bytes: number
}

interface RunOptions {
  quick: boolean
  note: (what: string) => void
  place: Place
}

const SECONDS = 10
const QUICK_SECONDS = 1
const QUICK_PART = 10

/** Whether the figure is what it must be. */
export function judge(figure: Figure, baseline_rate: number): JudgedFigure {
  const ratio = figure.unit.endsWith('/s') ? figure.value / baseline_rate : undefined
  const holds = (bar: Bar) => {
    if ('at_least' in bar) return figure.value >= bar.at_least
    if ('at_most' in bar) return figure.value <= bar.at_most
    if ('below' in bar) return figure.value < bar.below
    return (ratio ?? 0) >= bar.at_least_ratio
  }
  return { ...figure, ...(ratio !== undefined && { ratio }), ...(figure.bars && { ok: figure.bars.every(holds) }) }
}
