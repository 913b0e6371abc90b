import { randomBytes } from 'node:crypto'

import { sql } from 'kysely'

import { type Db, pgArray, transaction } from '../src/core/db.ts'
import { ensureAccounts } from '../src/ledger/accounts.ts'
import { availableAccount } from '../src/ledger/chart.ts'
import type { EntryItem, Rejected, Result } from '../src/ledger/items.ts'
import { post } from '../src/ledger/post.ts'
import { TEST_START } from './helpers.ts'

/**
 * Opens wallets that nobody else in the test's economy has, each with the balance that it is to begin with, which comes
 * in from `world:test`; returns their paths by the names given.
 */
export async function openWallets<Name extends string>(
  db: Db,
  balances: Record<Name, bigint>,
  asset = 'TOK',
): Promise<Record<Name, string>> {
  const test = randomBytes(4).toString('hex')
  const names = Object.keys(balances) as Name[]
  const wallets = Object.fromEntries(names.map((name) => [name, availableAccount(`${test}-${name}`)]))
  await transaction(db, async (tx) => {
    const accounts = ['world:test', ...Object.values(wallets)].map((path) => ({ path }))
    await ensureAccounts(tx, { asset, accounts, now: TEST_START })
    const postings = names
      .filter((name) => balances[name] > 0n)
      .map((name) => ({ from: 'world:test', to: wallets[name]!, asset, amount: balances[name] }))
    if (postings.length > 0) await post(tx, [{ kind: 'funding', postings }], { actor: 'system', now: TEST_START })
  })
  return wallets as Record<Name, string>
}

/** The balances of `wallets` by their names. */
export async function balancesOf<Name extends string>(
  db: Db,
  wallets: Record<Name, string>,
  asset = 'TOK',
): Promise<Record<Name, bigint>> {
  const { rows } = await sql<{ path: string; balance: bigint }>`
    select account.path, account.balance
    from ledger.account
    join ledger.asset on asset.id = account.asset
    where asset.code = ${asset} and account.path = any (${pgArray(Object.values(wallets))}::text[])
  `.execute(db)
  const balances = new Map(rows.map(({ path, balance }) => [path, balance]))
  const named = Object.entries<string>(wallets).map(([name, path]) => [name, balances.get(path)])
  return Object.fromEntries(named) as Record<Name, bigint>
}

/** An entry of one posting. */
export function transfer(
  from: string,
  to: string,
  amount: bigint,
  { asset = 'TOK', ...rest }: Partial<EntryItem> & { asset?: string } = {},
): EntryItem {
  return { kind: 'transfer', postings: [{ from, to, asset, amount }], ...rest }
}

/** What became of each item: `posted`, `held`, `voided`, or the code that it was refused with. */
export function outcomes(results: readonly Result[]): string[] {
  return results.map((result) => (result.status === 'rejected' ? result.code : result.status))
}

export function refusal(result: Result | undefined): Rejected {
  if (result?.status !== 'rejected') throw new Error(`Not refused but ${result?.status}`)
  return result
}
