import type { Bar, JudgedFigure, Report } from './harness.ts'
import type { Times } from './measure.ts'

/** A benchmark's results for people, a line a case. */
export function textOf(report: Report): string {
  const { benchmark, about, quick, figures } = report
  const rows = figures.map((figure) => [
    figure.case,
    valueOf(figure),
    figure.unit,
    ratioOf(figure),
    barsOf(figure),
    verdictOf(figure),
    detailOf(figure),
  ])
  const lines = [
    `${benchmark}: ${about}${quick ? ' (Quick: a tenth of the size; the bars are for all of it.)' : ''}`,
    `  ${baselineOf(report)}`,
    ...aligned(rows).map((row) => `  ${row}`),
    `  ${afterwardsOf(report)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** The same as a section of docs/benchmarks.md. */
export function markdownOf(report: Report): string {
  const { about, at, machine, system, settings, figures } = report
  const day = at.slice(0, 'YYYY-MM-DD'.length)
  const ram = `${Math.round(machine.memory_bytes / 2 ** 30)} GiB`
  const postgres = `PostgreSQL ${settings['server_version']}, fsync ${settings['fsync']}`
  const rows = figures.map((figure) =>
    [
      figure.case,
      `${valueOf(figure)} ${figure.unit}`,
      ratioOf(figure),
      barsOf(figure),
      verdictOf(figure),
      detailOf(figure),
    ]
      .map((cell) => cell || '—')
      .join(' | '),
  )
  return [
    about,
    '',
    `${day}: ${machine.cpu}, ${machine.cores} cores, ${ram}; ${system}; ${postgres}.`,
    `${baselineOf(report)} ${afterwardsOf(report)}`,
    '',
    '| case | figure | of the baseline | bar | | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

/** Whether nothing that was promised was missed. */
export function isFine({ figures, books }: Report): { bars: boolean; books: boolean } {
  return {
    bars: figures.every(({ ok }) => ok !== false),
    books: books.every(({ violations }) => violations.length === 0),
  }
}

/** 1234.5 is `1,235`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function bytes(value: number): string {
  return value < 2 ** 30 ? `${count(value / 2 ** 20)} MiB` : `${(value / 2 ** 30).toFixed(1)} GiB`
}

function valueOf({ value }: JudgedFigure): string {
  return value >= 100 ? count(value) : value.toFixed(value >= 10 || Number.isInteger(value) ? 1 : 2).replace(/\.0$/, '')
}

function ratioOf({ ratio }: JudgedFigure): string {
  return ratio === undefined ? '' : `${ratio.toFixed(2)} ×`
}

function barsOf({ bars = [], unit }: JudgedFigure): string {
  const textOfBar = (bar: Bar) => {
    if ('at_least' in bar) return `>= ${count(bar.at_least)} ${unit}`
    if ('at_most' in bar) return bar.at_most === 0 ? 'none' : `<= ${count(bar.at_most)} ${unit}`
    if ('below' in bar) return `< ${count(bar.below)} ${unit}`
    return `>= ${bar.at_least_ratio} ×`
  }
  return bars.map(textOfBar).join(', ')
}

function verdictOf({ ok }: JudgedFigure): string {
  if (ok === undefined) return ''
  return ok ? 'ok' : 'missed'
}

function detailOf({ times, note }: JudgedFigure): string {
  return [times && timesText(times), note].filter(Boolean).join('; ')
}

function timesText({ p50_ms, p99_ms, max_ms }: Times): string {
  return `p50 ${ms(p50_ms)}, p99 ${ms(p99_ms)}, max ${ms(max_ms)}`
}

function ms(value: number): string {
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(2)} ms`
}

function baselineOf({ baseline }: Report): string {
  const { rate, before, after, spread, p50_ms, p99_ms } = baseline
  const times = `p50 ${ms(p50_ms)}, p99 ${ms(p99_ms)}`
  return `Baseline: ${count(rate)} transactions/s (${count(before)} before, ${count(after)} after: ${(spread * 100).toFixed(0)} % apart; ${times}).`
}

function afterwardsOf({ books, rss_peak_bytes, wal_bytes }: Report): string {
  const checks = books.map(({ entries, violations, check_seconds, database_bytes }) => {
    const state = violations.length === 0 ? 'balanced' : `BROKEN (${violations.join('; ')})`
    return `books of ${count(entries)} entries ${state} (checked in ${check_seconds.toFixed(1)} s; ${bytes(database_bytes)})`
  })
  return `Afterwards: ${checks.join('; ')}. Memory of this process at most ${bytes(rss_peak_bytes)}; ${bytes(wal_bytes)} of WAL.`
}

function aligned(rows: readonly string[][]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const widths = rows[0]?.map((_, column) => width(column)) ?? []
  const cell = (text: string, column: number) =>
    column === 1 || column === 3 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)
  return rows.map((row) => row.map(cell).join('  ').trimEnd())
}
