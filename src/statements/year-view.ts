import { z } from 'zod'

import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { zBalance } from '../ledger/entry-view.ts'
import { encodeBase64 } from '../ledger/log/base64.ts'
import { zMemberLine } from './statement-view.ts'
import { counterpartyOf } from './statement-words.ts'
import { accountsPrefix } from './statements-queries.ts'
import type { YearAccount, YearLine, YearStatement } from './year.ts'

const zYearLine = zMemberLine
  .omit({ version: true, balance_before: true, balance_after: true, sealed: true })
  .extend({ balance: zBalance.meta({ description: 'After it, in the order in which lines took effect.' }) })

const zKindTotal = z.object({ kind: z.string(), lines: z.int(), received: zBalance, sent: zBalance })

export const zYear = z.object({
  person: z.object({ id: z.uuid(), username: z.string() }),
  year: z.int(),
  from: zTime,
  until: zTime.meta({ description: 'Exclusive.' }),
  final: z.boolean().meta({ description: 'The books are closed to its end: nothing can be added any more.' }),
  checkpoint: z
    .object({ origin: z.string(), tree_size: z.string(), root: z.string(), time: zTime, note: z.string() })
    .meta({ description: 'The head of the log up to which it tells; `note` is the signed one.' }),
  accounts: z.array(
    z.object({
      account: z.string(),
      asset: z.string(),
      opening: zBalance,
      received: zBalance,
      sent: zBalance,
      closing: zBalance,
      totals: z.array(zKindTotal),
      lines: z.array(zYearLine),
    }),
  ),
})

export function yearView({ person, block, accounts, ...rest }: YearStatement): z.output<typeof zYear> {
  const { origin, tree_size, root, time, checkpoint } = block
  return {
    ...rest,
    person: { id: person.id, username: person.username },
    checkpoint: { origin, tree_size: `${tree_size}`, root: encodeBase64(root), time, note: checkpoint },
    accounts: accounts.map((account) => accountView(account, person.id)),
  }
}

/** The statement as JSON, as the API answers it. */
export function yearJson(statement: YearStatement): unknown {
  return z.encode(zYear, yearView(statement))
}

function accountView({ path, asset, scale, lines, totals, ...sums }: YearAccount, person: string) {
  const amounts = (of: { received: bigint; sent: bigint }) => ({
    received: formatAmount(of.received, scale),
    sent: formatAmount(of.sent, scale),
  })
  return {
    account: path,
    asset,
    opening: formatAmount(sums.opening, scale),
    ...amounts(sums),
    closing: formatAmount(sums.closing, scale),
    totals: totals.map((total) => ({ kind: total.kind, lines: total.lines, ...amounts(total) })),
    lines: lines.map((line) => lineView(line, { person, scale })),
  }
}

function lineView(line: YearLine, { person, scale }: { person: string; scale: number }): z.output<typeof zYearLine> {
  const { amount, balance, reason, kind, reference, note, counterparty, username, effective_at, recorded_at } = line
  const own = counterparty.startsWith(accountsPrefix(person))
  return {
    amount: formatAmount(amount, scale),
    balance: formatAmount(balance, scale),
    reason,
    kind,
    reference,
    note,
    counterparty: { account: counterparty, name: counterpartyOf({ counterparty, username, own }), username },
    entry: serialUuid(line.entry, recorded_at),
    posting: line.no,
    effective_at,
    recorded_at,
  }
}
