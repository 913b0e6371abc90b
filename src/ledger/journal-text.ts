import { stringify } from 'csv-stringify/sync'

import { csvText } from '../core/csv.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import {
  type AccountBalance,
  dayOf,
  type JournalAsset,
  type JournalDialect,
  onOneLine,
  plainFigure,
} from './journal-dialect.ts'
import type { LoggedEntry, LoggedPosting } from './log/encode.ts'
import type { Numbered } from './log/logged.ts'

/*
 * How the journal is written (see exportJournal). hledger's rules: https://hledger.org/1.25/hledger.html#journal
 */

/** `hledger check -s ordereddates` passes what this writes. */
export function hledgerDialect(assets: readonly JournalAsset[]): JournalDialect {
  return {
    head: () => headDirectives(assets),
    accounts: (accounts) => accounts.map(({ path }) => `account ${path}\n`).join(''),
    entry: entryText,
    opening: openingEntry,
    assertion: assertionEntry,
  }
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

/** The other side of balances brought forward; what it gets sums to zero. */
const OPENING = 'opening:balances'

const LETTERS = /^[A-Za-z]+$/

/**
 * What a journal begins with. Each commodity is declared at its full scale: hledger 1.25 balances entries at the
 * declared precision, so with fewer decimals an entry that is off by the last unit would pass. Strict checks refuse
 * accounts that are not declared: a name that ran into its amount, for one.
 */
function headDirectives(assets: readonly JournalAsset[]): string {
  const commodities = assets.map(({ code, scale }) => `commodity 1.${'0'.repeat(scale)} ${commodity(code)}\n`)
  return `decimal-mark .\n\n${commodities.join('')}\naccount ${OPENING}\n`
}

function entryText({ id, logged }: Numbered<LoggedEntry>): string {
  const { effectiveAt, recordedAt, kind, reference, postings } = logged
  // `;` starts a comment and `|` divides payee and note.
  const description = onOneLine((reference === null ? kind : `${kind} ${reference}`).replaceAll(/[;|]+/g, ' '))
  const head = `\n${dayOf(effectiveAt)} ${description}  ; seq:${id}, id:${serialUuid(id, recordedAt)}\n`
  return head + postings.map(postingText).join('')
}

function openingEntry(balances: readonly AccountBalance[], date: Date): string {
  const lines = balances
    .filter(({ balance }) => balance !== 0n)
    .map(({ path, balance, ...of }) => sideText(path, balance, of) + sideText(OPENING, -balance, of))
  return lines.length === 0 ? '' : `\n${dayOf(date)} balances brought forward\n${lines.join('')}`
}

function assertionEntry(balances: readonly AccountBalance[], date: Date): string {
  const lines = balances.map(
    ({ path, balance, ...of }) => `    ${path}  ${amountText(0n, of)} = ${amountText(balance, of)}\n`,
  )
  return `\n${dayOf(date)} balances\n${lines.join('')}`
}

function postingText({ from, to, amount, asset, scale }: LoggedPosting): string {
  return sideText(from, -amount, { asset, scale }) + sideText(to, amount, { asset, scale })
}

/** Two spaces end an account's name. */
function sideText(path: string, amount: bigint, of: AssetUnit): string {
  return `    ${path}  ${amountText(amount, of)}\n`
}

function amountText(amount: bigint, { asset, scale }: AssetUnit): string {
  return `${plainFigure(amount, scale)} ${commodity(asset)}`
}

/** Whatever is not of letters alone needs quotes. */
function commodity(code: string): string {
  return LETTERS.test(code) ? code : `"${code}"`
}

interface AssetUnit {
  asset: string
  scale: number
}
