import { stringify } from 'csv-stringify/sync'

import { csvText } from '../core/csv.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import type { LoggedEntry, LoggedPosting } from './log/encode.ts'
import type { Numbered } from './log/logged.ts'

/*
 * How the journal is written (see exportJournal). hledger's rules: https://hledger.org/1.25/hledger.html#journal
 */

/**
 * What an hledger journal begins with. Each commodity is declared at its full scale: hledger 1.25 balances entries at the
 * declared precision, so with fewer decimals an entry that is off by the last unit would pass.
 */
export function headDirectives(assets: readonly { code: string; scale: number }[]): string {
  const commodities = assets.map(({ code, scale }) => `commodity 1.${'0'.repeat(scale)} ${commodity(code)}\n`)
  return `decimal-mark .\n\n${commodities.join('')}\naccount ${OPENING}\n`
}

/** Strict checks refuse accounts that are not declared: a name that ran into its amount, for one. */
export function accountDirectives(accounts: readonly { path: string }[]): string {
  return accounts.map(({ path }) => `account ${path}\n`).join('')
}

/** An entry with both sides of each posting. */
export function entryText({ id, logged }: Numbered<LoggedEntry>): string {
  const { effectiveAt, recordedAt, kind, reference, postings } = logged
  const description = onOneLine(reference === null ? kind : `${kind} ${reference}`)
  const head = `\n${dateOf(effectiveAt)} ${description}  ; seq:${id}, id:${serialUuid(id, recordedAt)}\n`
  return head + postings.map(postingText).join('')
}

/** Brings balances forward into a journal that begins at `date`. */
export function openingEntry(balances: readonly AccountBalance[], date: Date): string {
  const lines = balances
    .filter(({ balance }) => balance !== 0n)
    .map(({ path, balance, ...of }) => sideText(path, balance, of) + sideText(OPENING, -balance, of))
  return lines.length === 0 ? '' : `\n${dateOf(date)} balances brought forward\n${lines.join('')}`
}

/** Asserts each balance, and moves nothing. */
export function assertionEntry(balances: readonly AccountBalance[], date: Date): string {
  const lines = balances.map(
    ({ path, balance, ...of }) => `    ${path}  ${amountText(0n, of)} = ${amountText(balance, of)}\n`,
  )
  return `\n${dateOf(date)} balances\n${lines.join('')}`
}

export const CSV_HEADER = stringify([
  [
    'entry',
    'id',
    'effective_at',
    'recorded_at',
    'kind',
    'reference',
    'posting',
    'from',
    'to',
    'asset',
    'amount',
    'from_balance',
    'to_balance',
  ],
])

/** A row for each posting. A text that a spreadsheet would take for a formula is written behind an apostrophe. */
export function csvRows(entries: readonly Numbered<LoggedEntry>[]): string {
  const rows = entries.flatMap(({ id, logged }) => {
    const { effectiveAt, recordedAt, kind, reference, postings } = logged
    const times = [effectiveAt.toISOString(), recordedAt.toISOString()]
    const head = [id.toString(), serialUuid(id, recordedAt), ...times, kind, csvText(reference ?? '')]
    return postings.map(({ from, to, asset, scale, amount, fromBalance, toBalance }, no) => {
      const figures = [amount, fromBalance, toBalance].map((figure) => formatAmount(figure, scale))
      return [...head, `${no}`, from, to, asset, ...figures]
    })
  })
  return stringify(rows)
}

/** An entry as the API shows it, on a line of its own. */
export function jsonLine({ id, logged }: Numbered<LoggedEntry>): string {
  const { effectiveAt, recordedAt, kind, reference, postings, secrets } = logged
  const erased = !('salt' in secrets)
  const entry = {
    seq: id.toString(),
    id: serialUuid(id, recordedAt),
    kind,
    reference,
    effective_at: effectiveAt.toISOString(),
    recorded_at: recordedAt.toISOString(),
    actor: erased ? null : secrets.actor,
    metadata: erased ? null : secrets.metadata,
    redacted: erased,
    postings: postings.map(({ from, to, asset, scale, amount, fromBalance, toBalance }) => ({
      from,
      to,
      asset,
      amount: formatAmount(amount, scale),
      from_balance: formatAmount(fromBalance, scale),
      to_balance: formatAmount(toBalance, scale),
    })),
  }
  return `${JSON.stringify(entry)}\n`
}

export interface AccountBalance {
  path: string
  asset: string
  scale: number
  balance: bigint
}

/** The other side of balances brought forward; what it gets sums to zero. */
const OPENING = 'opening:balances'

const LETTERS = /^[A-Za-z]+$/
/** `;` starts a comment and `|` divides payee and note; a control character could end the line. */
const NOT_PLAIN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp};|]+/gu

function postingText({ from, to, amount, asset, scale }: LoggedPosting): string {
  return sideText(from, -amount, { asset, scale }) + sideText(to, amount, { asset, scale })
}

/** Two spaces end an account's name. */
function sideText(path: string, amount: bigint, of: AssetUnit): string {
  return `    ${path}  ${amountText(amount, of)}\n`
}

/** With all of the asset's decimals and no grouping, so that there is one way to read it. */
function amountText(amount: bigint, { asset, scale }: AssetUnit): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = scale === 0 ? '' : `.${digits.slice(point)}`
  return `${amount < 0n ? '-' : ''}${digits.slice(0, point)}${fraction} ${commodity(asset)}`
}

/** Whatever is not of letters alone needs quotes. */
function commodity(code: string): string {
  return LETTERS.test(code) ? code : `"${code}"`
}

function dateOf(time: Date): string {
  return time.toISOString().slice(0, 'YYYY-MM-DD'.length)
}

function onOneLine(text: string): string {
  return text.replace(NOT_PLAIN, ' ').trim()
}

interface AssetUnit {
  asset: string
  scale: number
}
