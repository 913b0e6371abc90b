import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import type { Account } from './accounts.ts'
import { availableOf } from './book.ts'
import type { ClosingReport } from './closing-report.ts'
import { zBalance } from './entry-view.ts'
import type { Line } from './statement.ts'
import type { AssetBalance } from './trial-balance.ts'

export const zAccount = z
  .object({
    path: z.string(),
    asset: z.string(),
    owner: z.string().nullable().meta({ description: 'The person whose account it is.' }),
    balance: zBalance.meta({ description: 'What came in less what went out.' }),
    reserved: zBalance.meta({ description: 'What its pending holds set aside.' }),
    available: zBalance.nullable().meta({ description: 'balance − reserved − floor; null: without bound.' }),
    floor: zBalance.nullable().meta({ description: 'How low the balance may go; null: without bound.' }),
    ceiling: zBalance.nullable().meta({ description: 'How high the balance may go; null: without bound.' }),
    status: z.enum(['open', 'frozen', 'closed']),
    version: z.int().meta({ description: 'How many lines its statement has.' }),
    opened_at: zTime,
  })
  .meta({ id: 'Account' })

export const zLine = z.object({
  version: z.int().meta({ description: 'Counts the lines of the account without a gap: 1, 2, 3, …' }),
  amount: zBalance.meta({ description: 'What came in; what went out with a minus sign.' }),
  balance_before: zBalance,
  balance_after: zBalance,
  counterparty: z.string().meta({ description: 'The account on the other side.' }),
  entry: z.string(),
  no: z.int().meta({ description: 'The posting’s place in the entry.' }),
  kind: z.string(),
  reference: z.string().nullable(),
  effective_at: zTime,
  recorded_at: zTime,
})

const zColumns = { debit: zBalance, credit: zBalance }

export const zAssetBalance = z.object({
  asset: z.string(),
  ...zColumns,
  balanced: z.boolean().meta({ description: 'Whether the columns are equal, as they must be.' }),
  groups: z.array(
    z.object({
      group: z.string().meta({ description: 'The first segments of the paths.' }),
      accounts: z.int().meta({ description: 'How many of its accounts hold anything.' }),
      ...zColumns,
    }),
  ),
})

export const zClosingReport = z.object({
  since: zTime.nullable().meta({ description: 'The closing before; null: from the beginning.' }),
  before: zTime,
  closed: z.boolean().meta({ description: 'The books are closed to `before`: nothing of this can change any more.' }),
  balances: z.array(zAssetBalance),
  kinds: z.array(
    z.object({
      asset: z.string(),
      kind: z.string(),
      entries: z.int(),
      amount: zBalance.meta({ description: 'What its postings moved since the closing before.' }),
    }),
  ),
})

export function closingReportView({ balances, kinds, ...times }: ClosingReport): z.output<typeof zClosingReport> {
  return {
    ...times,
    balances: balances.map(assetBalanceView),
    kinds: kinds.map(({ asset, scale, kind, entries, amount }) => {
      return { asset, kind, entries: toSafeInteger(entries), amount: formatAmount(amount, scale) }
    }),
  }
}

/** An account with what it holds now. */
export function accountView(account: Account): z.output<typeof zAccount> {
  const { path, asset, scale, owner, balance, reserved, floor, ceiling, status, version, openedAt } = account
  const format = (amount: bigint | null) => (amount === null ? null : formatAmount(amount, scale))
  return {
    path,
    asset,
    owner,
    balance: formatAmount(balance, scale),
    reserved: formatAmount(reserved, scale),
    available: format(availableOf(account)),
    floor: format(floor),
    ceiling: format(ceiling),
    status,
    version: toSafeInteger(version),
    opened_at: openedAt,
  }
}

/** A line of the statement of an account whose asset has `scale` decimals. */
export function lineView(line: Line, scale: number): z.output<typeof zLine> {
  const { version, amount, balance_before, balance_after, entry, ...rest } = line
  return {
    ...rest,
    version: toSafeInteger(version),
    amount: formatAmount(amount, scale),
    balance_before: formatAmount(balance_before, scale),
    balance_after: formatAmount(balance_after, scale),
    entry: serialUuid(entry, line.recorded_at),
  }
}

/** The two columns of an asset, and those of its groups. */
export function assetBalanceView({
  asset,
  scale,
  debit,
  credit,
  groups,
}: AssetBalance): z.output<typeof zAssetBalance> {
  const columns = (of: { debit: bigint; credit: bigint }) => ({
    debit: formatAmount(of.debit, scale),
    credit: formatAmount(of.credit, scale),
  })
  return {
    asset,
    ...columns({ debit, credit }),
    balanced: debit === credit,
    groups: groups.map((of) => ({ group: of.group, accounts: toSafeInteger(of.accounts), ...columns(of) })),
  }
}
