import { z } from 'zod'

import { toSafeInteger } from '../core/decimal.ts'
import { zTime } from '../core/http.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { zBalance } from '../ledger/entry-view.ts'
import { counterpartyOf, reasonOf } from './statement-words.ts'
import { accountsPrefix, type MemberLine } from './statements-queries.ts'
import type { Holding } from './statements.ts'

export const zHolding = z.object({
  asset: z.string(),
  available: zBalance.meta({ description: 'What you may send or stake now.' }),
  reserved: zBalance.meta({ description: 'What pending holds set aside.' }),
  staked: zBalance,
  total: zBalance.meta({ description: 'Of all accounts together.' }),
  floor: zBalance.nullable().meta({ description: 'How low the wallet may go; null: without bound.' }),
  accounts: z.array(
    z.object({
      account: z.string().meta({ description: 'The end of its path, such as `available`.' }),
      path: z.string(),
      balance: zBalance,
      reserved: zBalance,
      status: z.enum(['open', 'frozen', 'closed']),
      lines: z.int().meta({ description: 'How many lines its statement has.' }),
    }),
  ),
})

export const zMemberLine = z.object({
  version: z.int().meta({ description: 'Counts the lines of the account without a gap: 1, 2, 3, …' }),
  amount: zBalance.meta({ description: 'What came in; what went out with a minus sign.' }),
  balance_before: zBalance,
  balance_after: zBalance,
  reason: z.string().meta({ description: 'Why, in words.', examples: ['Weekly reward'] }),
  kind: z.string(),
  reference: z.string().nullable().meta({ description: 'What it is about, such as the id of a distribution.' }),
  note: z.string().nullable().meta({ description: 'What the sender of a transfer wrote.' }),
  counterparty: z.object({
    account: z.string(),
    name: z.string().meta({ description: 'Who or what that is, in words.' }),
    username: z.string().nullable(),
  }),
  entry: z.string().meta({ description: 'With `posting`, what its proof is asked for by.' }),
  posting: z.int(),
  sealed: z.boolean().meta({ description: 'Whether it can be proven already.' }),
  effective_at: zTime,
  recorded_at: zTime,
})

export function holdingView({ asset, scale, floor, accounts, ...amounts }: Holding): z.output<typeof zHolding> {
  const { available, reserved, staked, total } = amounts
  return {
    asset,
    available: formatAmount(available, scale),
    reserved: formatAmount(reserved, scale),
    staked: formatAmount(staked, scale),
    total: formatAmount(total, scale),
    floor: floor === null ? null : formatAmount(floor, scale),
    accounts: accounts.map((account) => ({
      account: account.path.split(':').slice(2).join(':'),
      path: account.path,
      balance: formatAmount(account.balance, scale),
      reserved: formatAmount(account.reserved, scale),
      status: account.status,
      lines: toSafeInteger(account.version),
    })),
  }
}

/** A line as its owner sees it; the asset has `scale` decimals. */
export function memberLineView(line: MemberLine, { person, scale }: LineOf): z.output<typeof zMemberLine> {
  const { version, amount, kind, reference, note, counterparty, username, sealed } = line
  const own = counterparty.startsWith(accountsPrefix(person))
  return {
    version: toSafeInteger(version),
    amount: formatAmount(amount, scale),
    balance_before: formatAmount(line.balance_before, scale),
    balance_after: formatAmount(line.balance_after, scale),
    reason: reasonOf({ kind, counterparty, username, incoming: amount > 0n }),
    kind,
    reference,
    note,
    counterparty: { account: counterparty, name: counterpartyOf({ counterparty, username, own }), username },
    entry: serialUuid(line.entry, line.recorded_at),
    posting: line.no,
    sealed,
    effective_at: line.effective_at,
    recorded_at: line.recorded_at,
  }
}

interface LineOf {
  person: string
  scale: number
}
