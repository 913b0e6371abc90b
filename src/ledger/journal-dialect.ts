import type { LoggedEntry } from './log/encode.ts'
import type { Numbered } from './log/logged.ts'

/** How a kind of plain text accounting writes the parts of a journal (see exportJournal). */
export interface JournalDialect {
  /** What comes before everything else; `first`: the day that the journal begins on. */
  head(first: Date): string
  accounts(accounts: readonly { path: string }[], first: Date): string
  /** An entry with both sides of each posting. */
  entry(entry: Numbered<LoggedEntry>): string
  /** Brings balances forward into a journal that begins at `date`. */
  opening(balances: readonly AccountBalance[], date: Date): string
  /** Asserts each balance after all that took effect on the day of `date` or before, and moves nothing. */
  assertion(balances: readonly AccountBalance[], date: Date): string
}

export interface JournalAsset {
  code: string
  scale: number
}

export interface AccountBalance {
  path: string
  asset: string
  scale: number
  balance: bigint
}

/** With all of the asset's decimals and no grouping, so that there is one way to read it. */
export function plainFigure(amount: bigint, scale: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = scale === 0 ? '' : `.${digits.slice(point)}`
  return `${amount < 0n ? '-' : ''}${digits.slice(0, point)}${fraction}`
}

export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 'YYYY-MM-DD'.length)
}

/** On one line, without what could end it. */
export function onOneLine(text: string): string {
  return text.replace(NOT_PLAIN, ' ').trim()
}

const NOT_PLAIN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu
