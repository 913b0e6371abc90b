import type { Answer } from '../api/client.ts'

/** The first day of the month: up to where books are mostly closed. */
export function monthStart(now: Date): string {
  return `${now.toISOString().slice(0, 7)}-01`
}

/** How many weeks ended between two times, after the last that was distributed. */
export function weeksBetween(last_end: string, before: string): number {
  return Math.max(0, Math.floor((new Date(before).getTime() - new Date(last_end).getTime()) / WEEK_MS))
}

const WEEK_MS = 7 * 86_400_000

/** The report as lines of a table: balances first, then what each kind of entry moved. */
export function reportLines({ balances, kinds }: Answer<'/ledger/closing/report'>): string[][] {
  return [
    ['part', 'asset', 'what', 'count', 'debit', 'credit', 'moved'],
    ...balances.flatMap(({ asset, groups }) =>
      groups.map(({ group, accounts, debit, credit }) => [
        'balance',
        asset,
        group,
        String(accounts),
        debit,
        credit,
        '',
      ]),
    ),
    ...kinds.map(({ asset, kind, entries, amount }) => ['moved', asset, kind, String(entries), '', '', amount]),
  ]
}
