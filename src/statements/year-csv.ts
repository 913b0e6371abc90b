import { stringify } from 'csv-stringify/sync'

import { csvText } from '../core/csv.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import type { YearAccount, YearLine, YearStatement } from './year.ts'

/** The statement for spreadsheets: for each account what was brought forward, a row for each line, what is carried on. */
export function yearCsv({ accounts, from, until }: YearStatement): string {
  const rows = accounts.flatMap((account) => [
    edgeRow(account, { at: from, reason: 'Balance brought forward', balance: account.opening }),
    ...account.lines.map((line) => lineRow(account, line)),
    edgeRow(account, { at: until, reason: 'Balance carried forward', balance: account.closing }),
  ])
  return stringify([HEADER, ...rows])
}

const HEADER = [
  'account',
  'asset',
  'effective_at',
  'recorded_at',
  'reason',
  'kind',
  'counterparty',
  'note',
  'reference',
  'received',
  'sent',
  'balance',
  'entry',
  'posting',
]

function lineRow({ path, asset, scale }: YearAccount, line: YearLine): string[] {
  const { amount, kind, reason, counterparty, note, reference } = line
  return [
    path,
    asset,
    line.effective_at.toISOString(),
    line.recorded_at.toISOString(),
    ...[reason, kind, counterparty, note ?? '', reference ?? ''].map(csvText),
    amount > 0n ? formatAmount(amount, scale) : '',
    amount < 0n ? formatAmount(-amount, scale) : '',
    formatAmount(line.balance, scale),
    serialUuid(line.entry, line.recorded_at),
    `${line.no}`,
  ]
}

function edgeRow({ path, asset, scale }: YearAccount, { at, reason, balance }: Edge): string[] {
  const texts = [path, asset, at.toISOString(), '', reason, '', '', '', '', '', '']
  return [...texts, formatAmount(balance, scale), '', '']
}

interface Edge {
  at: Date
  reason: string
  balance: bigint
}
