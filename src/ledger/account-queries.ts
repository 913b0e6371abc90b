import { sql } from 'kysely'

import type { Db, Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { type Account, toAccount } from './accounts.ts'
import { pathStartsWith } from './posting-search.ts'

/** What a path holds, asset by asset; of one asset if `asset` is given. Fails: account_not_found. */
export async function findAccounts(
  db: Db | Tx,
  { path, asset }: { path: string; asset?: string | undefined },
): Promise<Account[]> {
  let query = accountQuery(db).where('ledger.account.path', '=', path).orderBy('ledger.asset.code')
  if (asset !== undefined) query = query.where('ledger.asset.code', '=', asset)
  const rows = await query.execute()
  if (rows.length > 0) return rows.map(toAccount)
  const of = asset === undefined ? '' : ` for ${asset}`
  throw new NotFound('account_not_found', `There is no account ${path}${of}.`, {
    account: path,
    ...(asset !== undefined && { asset }),
  })
}

/** Accounts in the order of their paths, after the account `after`. */
export async function listAccounts(
  db: Db | Tx,
  { prefix, asset, owner, status, after, limit }: ListAccounts,
): Promise<ListedAccount[]> {
  let query = accountQuery(db).orderBy('ledger.account.path').orderBy('ledger.account.asset').limit(limit)
  if (prefix !== undefined) query = query.where(pathStartsWith(prefix))
  if (asset !== undefined) query = query.where('ledger.asset.code', '=', asset)
  if (owner !== undefined) query = query.where('ledger.account.owner', '=', owner)
  if (status !== undefined) query = query.where('ledger.account.status', '=', status)
  if (after) {
    query = query.where(sql<boolean>`(account.path, account.asset) > (${after.path}::text, ${after.asset_id}::int)`)
  }
  const rows = await query.execute()
  return rows.map((row) => ({ ...toAccount(row), assetId: row.asset }))
}

function accountQuery(db: Db | Tx) {
  return db
    .selectFrom('ledger.account')
    .innerJoin('ledger.asset', 'ledger.asset.id', 'ledger.account.asset')
    .selectAll('ledger.account')
    .select(['ledger.asset.code', 'ledger.asset.scale'])
}

/** With the number of its asset, which accounts of one path are ordered by. */
export interface ListedAccount extends Account {
  assetId: number
}

export interface ListAccounts {
  prefix?: string | undefined
  asset?: string | undefined
  owner?: string | undefined
  status?: Account['status'] | undefined
  after?: { path: string; asset_id: number } | undefined
  limit: number
}
