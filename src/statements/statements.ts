import type { Db, Tx } from '../core/db.ts'
import type { Order } from '../core/page.ts'
import type { ListedAccount } from '../ledger/account-queries.ts'
import { findAsset } from '../ledger/accounts.ts'
import { type EntryProof, proveEntry } from '../ledger/log/proofs.ts'
import { accountsOf, accountsPrefix, linesOf, type MemberLine, ownSides } from './statements-queries.ts'

/*
 * What members see of their own money: what they have, every line of it and why, each line's proof, and a statement for
 * a year. It only reads; nothing in it is about anybody else but the username on the other side of a line.
 */

export { yearCsv } from './year-csv.ts'
export { yearPdf } from './year-pdf.ts'
export { yearJson } from './year-view.ts'
export { yearOf, type YearStatement } from './year.ts'

/** What a person has, asset by asset. */
export async function holdingsOf(db: Db | Tx, person: string): Promise<Holding[]> {
  const accounts = await accountsOf(db, person)
  return [...Map.groupBy(accounts, ({ asset }) => asset).entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([asset, of]) => {
      const wallet = of.find(({ path }) => path === `${accountsPrefix(person)}available`)
      const staked = of.find(({ path }) => path === `${accountsPrefix(person)}staked`)
      const floor = wallet?.floor ?? null
      const reserved = wallet?.reserved ?? 0n
      return {
        asset,
        scale: of[0]?.scale ?? 0,
        available: (wallet?.balance ?? 0n) - reserved - (floor ?? 0n),
        reserved,
        staked: staked?.balance ?? 0n,
        total: of.reduce((sum, { balance }) => sum + balance, 0n),
        floor: wallet ? wallet.floor : 0n,
        accounts: of,
      }
    })
}

/**
 * Lines of one of a person's accounts, such as `available`, newest first, before the line `before`; none where they have no
 * such account. Fails: asset_not_found.
 */
export async function statementOf(
  db: Db | Tx,
  { person, asset: code, account, order, after, limit }: StatementOf,
): Promise<Statement> {
  const asset = await findAsset(db, code)
  const path = `${accountsPrefix(person)}${account}`
  const found = (await accountsOf(db, person)).find((own) => own.path === path && own.asset === code)
  const lines = found ? await linesOf(db, { account: found.id, order, after, limit }) : []
  return { path, asset: code, scale: asset.scale, balance: found?.balance ?? 0n, lines }
}

/**
 * The proof of a line of the person's own. It shows their posting and, with `balance`, what their own account held after
 * it; of the entry's other postings it says nothing but how many there are.
 * Fails: posting_not_found, then as `proveEntry` (entry_not_sealed, tree_size_unsealed).
 */
export async function proveOwnLine(
  db: Db | Tx,
  { person, entry, posting, balance, treeSize }: ProveOwnLine,
): Promise<EntryProof> {
  const own = await ownSides(db, { person, entry, posting })
  const disclose = { fromBalance: balance && own.from, toBalance: balance && own.to }
  return await proveEntry(db, { id: entry, postings: [posting], disclose, treeSize })
}

/** Amounts in minor units. */
export interface Holding {
  asset: string
  scale: number
  /** Of the wallet: what may be sent or staked now. */
  available: bigint
  reserved: bigint
  staked: bigint
  /** Of all accounts together. */
  total: bigint
  /** How low the wallet may go; null: without bound. */
  floor: bigint | null
  accounts: ListedAccount[]
}

export interface Statement {
  path: string
  asset: string
  scale: number
  balance: bigint
  lines: MemberLine[]
}

interface StatementOf {
  person: string
  asset: string
  /** The end of the account's path. */
  account: string
  order: Order
  /** The number of the line before this page. */
  after?: bigint | undefined
  limit: number
}

interface ProveOwnLine {
  person: string
  entry: string
  posting: number
  balance: boolean
  treeSize?: bigint | undefined
}
