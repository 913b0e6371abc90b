import type { Db, Tx } from '../core/db.ts'
import type { StakedAsOf } from '../economy/proposal-effects.ts'
import { listAccounts } from '../ledger/account-queries.ts'
import { type Account, findAccount } from '../ledger/accounts.ts'
import { balanceAt } from '../ledger/balances.ts'
import { availableAccount, issuanceAccount } from '../ledger/chart.ts'
import { lastBlock } from '../ledger/log/head.ts'
import { votingPower } from './governance-rules.ts'

/**
 * What the vote of `person` weighs, as the log's first `treeSize` leaves say: the balance of their wallet, what is
 * reserved on it included, and `weight` times what they had staked early enough. It is read from postings, so tokens
 * that have moved since are counted where they were, and nowhere else.
 */
export async function powerAt(
  db: Db | Tx,
  { person, asset, treeSize, weight, at, stakedBefore, stakedAsOf }: AskedPower,
): Promise<Power> {
  const wallet = await accountAt(db, availableAccount(person), asset)
  const balance = wallet ? await sealedBalance(db, wallet, treeSize) : 0n
  const asked = { asset, people: [person], at, treeSize }
  const staked = (await stakedAsOf(db, { ...asked, startedBy: stakedBefore })).get(person) ?? 0n
  const all = (await stakedAsOf(db, { ...asked, startedBy: at })).get(person) ?? 0n
  return { balance, staked, young: all - staked, power: votingPower({ balance, staked, weight }) }
}

export interface AskedPower {
  person: string
  asset: string
  treeSize: bigint
  weight: number
  /** When voting opened, or now. */
  at: Date
  stakedBefore: Date
  stakedAsOf: StakedAsOf
}

export interface Power {
  balance: bigint
  /** In stakes that were old enough. */
  staked: bigint
  /** In stakes that were too young to count. */
  young: bigint
  power: bigint
}

/** What was issued of `asset`, less what treasuries and pools hold, as the log's first `treeSize` leaves say. */
export async function circulatingAt(db: Db | Tx, { asset, treeSize }: Circulation): Promise<bigint> {
  const issuance = await findAccount(db, issuanceAccount(asset), asset)
  let circulating = -(await sealedBalance(db, issuance, treeSize))
  for (const prefix of NOT_CIRCULATING) {
    for (let after: { path: string; asset_id: number } | undefined; ;) {
      const accounts = await listAccounts(db, { prefix, asset, after, limit: ACCOUNTS_AT_ONCE })
      for (const account of accounts) circulating -= await sealedBalance(db, account, treeSize)
      const last = accounts.at(-1)
      if (!last || accounts.length < ACCOUNTS_AT_ONCE) break
      after = { path: last.path, asset_id: last.assetId }
    }
  }
  return circulating
}

export interface Circulation {
  asset: string
  treeSize: bigint
}

/** How many leaves are sealed: what is asked of the books as of then has no answer that a later posting changes. */
export async function sealedSize(db: Db | Tx): Promise<bigint> {
  return (await lastBlock(db))?.tree_size ?? 0n
}

const NOT_CIRCULATING = ['treasury:', 'pools:']
const ACCOUNTS_AT_ONCE = 200

async function accountAt(db: Db | Tx, path: string, asset: string): Promise<Account | undefined> {
  const [account] = await listAccounts(db, { prefix: path, asset, limit: 1 })
  return account?.path === path ? account : undefined
}

async function sealedBalance(db: Db | Tx, account: Account, treeSize: bigint): Promise<bigint> {
  const { balance } = await balanceAt(db, account, { by: 'sealed', treeSize })
  return balance
}
