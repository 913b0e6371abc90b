import { sql } from 'kysely'

import { must } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import { type Db, isPgError, PG, pgArray, type Tx } from '../core/db.ts'
import { type AppError, Conflict, Invalid, NotFound } from '../core/errors.ts'
import { formatAmount } from '../core/money.ts'
import { BALANCE_MAX } from './book.ts'
import { ASSET_CODE, checkPath, defaultFloor, issuanceAccount, PATH, PATH_LENGTH_MAX } from './chart.ts'
import { isPlainText } from './check-items.ts'

/**
 * Adds an asset and the account that it is issued from, whose floor is minus `maxSupply`: nothing beyond it can ever be
 * issued. `scale` is the number of decimals of its amounts. Moves nothing.
 * Fails: asset_invalid, asset_exists.
 */
export async function addAsset(tx: Tx, { code, name, scale, maxSupply, actor, now }: AddAsset): Promise<Asset> {
  const trouble = assetTrouble({ code, name, scale, maxSupply })
  if (trouble) throw new Invalid('asset_invalid', trouble)
  const asset = { code, name, scale, max_supply: maxSupply, created_at: now }
  const row = await tx
    .insertInto('ledger.asset')
    .values(asset)
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) throw new Conflict('asset_exists', `There is an asset ${code} already.`, { asset: code })
  await tx
    .insertInto('ledger.account')
    .values({ path: issuanceAccount(code), asset: row.id, floor: -maxSupply, opened_at: now })
    .execute()
  await record(tx, {
    at: now,
    actor,
    action: 'asset.add',
    subject: `asset:${code}`,
    diff: { after: { name, scale, max_supply: `${maxSupply}` } },
  })
  return { ...asset, id: row.id }
}

/**
 * Opens an account that holds one asset; a path may hold several. Without limits it may not go below zero, or, for
 * `world:*`, `*:receivable` and `platform:loss`, as far as it likes. Moves nothing.
 * Fails: path_invalid, asset_not_found, limits_invalid, account_exists.
 */
export async function openAccount(
  tx: Tx,
  { path, asset: code, owner, limits, actor, now }: OpenAccount,
): Promise<Account> {
  checkPath(path)
  const asset = await findAsset(tx, code)
  const floor = limits?.floor === undefined ? defaultFloor(path) : limits.floor
  const ceiling = limits?.ceiling ?? null
  checkLimits(floor, ceiling)
  try {
    const row = await tx
      .insertInto('ledger.account')
      .values({ path, asset: asset.id, owner: owner ?? null, floor, ceiling, opened_at: now })
      .returningAll()
      .executeTakeFirstOrThrow()
    const after = { owner: row.owner, ...limitsView({ floor, ceiling }, asset.scale) }
    await record(tx, { at: now, actor, action: 'account.open', subject: `account:${path}:${code}`, diff: { after } })
    return toAccount({ ...row, code, scale: asset.scale })
  } catch (error) {
    if (isPgError(error, PG.unique_violation)) {
      throw new Conflict('account_exists', `There is an account ${path} for ${code} already.`, {
        account: path,
        asset: code,
      })
    }
    if (isPgError(error, PG.check_violation)) {
      throw new Invalid(
        'limits_invalid',
        'A new account is empty, so its floor is at most 0 and its ceiling at least 0.',
      )
    }
    throw error
  }
}

/** Opens, without audit and for a module's own accounts, whatever of `accounts` does not exist yet. */
export async function ensureAccounts(tx: Tx, { asset, accounts, now }: EnsureAccounts): Promise<void> {
  const paths = accounts.map(({ path }) => path)
  await sql`
    insert into ledger.account (path, asset, owner, floor, opened_at)
    select new.path, asset.id, new.owner, new.floor, ${now}::timestamptz
    from unnest(
      ${pgArray(paths)}::text[],
      ${pgArray(accounts.map(({ owner }) => owner ?? null))}::uuid[],
      ${pgArray(paths.map(defaultFloor))}::numeric[]
    ) as new (path, owner, floor)
    join ledger.asset on asset.code = ${asset}
    where not exists (
      select from ledger.account where account.path = new.path and account.asset = asset.id
    )
    order by new.path
    on conflict do nothing
  `.execute(tx)
}

/**
 * Sets how low and how high the balance may go; null: without bound.
 * Fails: account_not_found, limits_invalid, limits_passed when the account already is beyond them.
 */
export async function setLimits(tx: Tx, { path, asset, floor, ceiling, actor, now }: SetLimits): Promise<Account> {
  const account = await lockAccount(tx, path, asset)
  if (path === issuanceAccount(asset)) {
    throw new Invalid('limits_invalid', 'The floor of an issuance account is the maximum supply and never changes.')
  }
  const after = {
    floor: floor === undefined ? account.floor : floor,
    ceiling: ceiling === undefined ? account.ceiling : ceiling,
  }
  checkLimits(after.floor, after.ceiling)
  try {
    await tx.updateTable('ledger.account').set(after).where('id', '=', account.id).execute()
  } catch (error) {
    if (!isPgError(error, PG.check_violation)) throw error
    const balance = formatAmount(account.balance, account.scale)
    const reserved = formatAmount(account.reserved, account.scale)
    throw new Conflict(
      'limits_passed',
      `${path} has ${balance} ${asset}, of which ${reserved} are reserved: that is beyond these limits.`,
      { account: path, asset, balance, reserved },
    )
  }
  const diff = { before: limitsView(account, account.scale), after: limitsView(after, account.scale) }
  await record(tx, { at: now, actor, action: 'account.limits', subject: `account:${path}:${asset}`, diff })
  return { ...account, ...after }
}

/**
 * `frozen`: nothing goes out, captures of holds included; money may come in. `open`: as before. `closed`: neither, for
 * good; the account must be empty.
 * Fails: account_not_found, account_closed, account_not_empty.
 */
export async function setStatus(tx: Tx, { path, asset, status, actor, now }: SetStatus): Promise<Account> {
  const account = await lockAccount(tx, path, asset)
  if (account.status === status) return account
  if (account.status === 'closed') {
    throw new Conflict('account_closed', `${path} is closed for good.`, { account: path, asset })
  }
  if (status === 'closed' && (account.balance !== 0n || account.reserved !== 0n)) {
    const balance = formatAmount(account.balance, account.scale)
    throw new Conflict('account_not_empty', `${path} has ${balance} ${asset}: empty it before you close it.`, {
      account: path,
      asset,
      balance,
      reserved: formatAmount(account.reserved, account.scale),
    })
  }
  await tx.updateTable('ledger.account').set({ status }).where('id', '=', account.id).execute()
  const diff = { before: { status: account.status }, after: { status } }
  await record(tx, {
    at: now,
    actor,
    action: `account.${STATUS_VERBS[status]}`,
    subject: `account:${path}:${asset}`,
    diff,
  })
  return { ...account, status }
}

/** Fails: account_not_found. */
export async function findAccount(db: Db | Tx, path: string, asset: string): Promise<Account> {
  return toAccount(mustExist(await accountQuery(db, path, asset).executeTakeFirst(), path, asset))
}

/** Fails: asset_not_found. */
export async function findAsset(db: Db | Tx, code: string): Promise<Asset> {
  const asset = ASSET_CODE.test(code)
    ? await db.selectFrom('ledger.asset').selectAll().where('code', '=', code).executeTakeFirst()
    : undefined
  if (asset) return asset
  const named = code.slice(0, ASSET_CODE_LENGTH_MAX)
  throw new NotFound('asset_not_found', `There is no asset ${named}.`, { asset: named })
}

async function lockAccount(tx: Tx, path: string, asset: string): Promise<Account> {
  const row = await accountQuery(tx, path, asset).forNoKeyUpdate('account').executeTakeFirst()
  return toAccount(mustExist(row, path, asset))
}

function accountQuery(db: Db | Tx, path: string, asset: string) {
  if (!PATH.test(path) || !ASSET_CODE.test(asset)) throw accountNotFound(path, asset)
  return db
    .selectFrom('ledger.account as account')
    .innerJoin('ledger.asset as asset', 'asset.id', 'account.asset')
    .selectAll('account')
    .select(['asset.code', 'asset.scale'])
    .where('account.path', '=', path)
    .where('asset.code', '=', asset)
}

function mustExist<Row>(row: Row | undefined, path: string, asset: string): Row {
  if (row) return row
  throw accountNotFound(path, asset)
}

function accountNotFound(path: string, code: string): AppError {
  const account = path.slice(0, PATH_LENGTH_MAX)
  const asset = code.slice(0, ASSET_CODE_LENGTH_MAX)
  return new NotFound('account_not_found', `There is no account ${account} for ${asset}.`, { account, asset })
}

function assetTrouble({ code, name, scale, maxSupply }: NewAsset): string | undefined {
  if (!ASSET_CODE.test(code) || !PATH.test(issuanceAccount(code))) {
    return 'The code of an asset is a letter, then up to 63 letters, digits, dots, dashes, underscores or single colons.'
  }
  if (!isPlainText(name, ASSET_NAME_LENGTH_MAX)) {
    return `The name of an asset has 1 to ${ASSET_NAME_LENGTH_MAX} characters.`
  }
  if (!Number.isInteger(scale) || scale < 0 || scale > ASSET_SCALE_MAX) {
    return `An asset has 0 to ${ASSET_SCALE_MAX} decimals.`
  }
  if (maxSupply > 0n && maxSupply <= BALANCE_MAX) return undefined
  return 'The maximum supply of an asset is more than zero and has at most 38 digits.'
}

function limitsView({ floor, ceiling }: { floor: bigint | null; ceiling: bigint | null }, scale: number) {
  return {
    floor: floor === null ? null : formatAmount(floor, scale),
    ceiling: ceiling === null ? null : formatAmount(ceiling, scale),
  }
}

function checkLimits(floor: bigint | null, ceiling: bigint | null): void {
  if (floor !== null && ceiling !== null && floor > ceiling) {
    throw new Invalid('limits_invalid', 'The floor must not be above the ceiling.')
  }
  for (const limit of [floor, ceiling]) {
    if (limit === null || (limit >= -BALANCE_MAX && limit <= BALANCE_MAX)) continue
    throw new Invalid('limits_invalid', 'A limit has at most 38 digits.')
  }
}

export function toAccount(row: AccountRow): Account {
  const { id, path, code, scale, owner, balance, reserved, floor, ceiling, version, status, opened_at } = row
  const known = must(
    STATUSES.find((name) => name === status),
    `Account status ${status}`,
  )
  return {
    id,
    path,
    asset: code,
    scale,
    owner,
    balance,
    reserved,
    floor,
    ceiling,
    version,
    status: known,
    openedAt: opened_at,
  }
}

const ASSET_CODE_LENGTH_MAX = 64
const ASSET_NAME_LENGTH_MAX = 200
const ASSET_SCALE_MAX = 30
const STATUSES = ['open', 'frozen', 'closed'] as const
const STATUS_VERBS = { open: 'unfreeze', frozen: 'freeze', closed: 'close' }

export interface Asset {
  id: number
  code: string
  name: string
  scale: number
  max_supply: bigint
  created_at: Date
}

/** Amounts in minor units: `scale` decimals. */
export interface Account {
  id: bigint
  path: string
  asset: string
  scale: number
  owner: string | null
  balance: bigint
  reserved: bigint
  floor: bigint | null
  ceiling: bigint | null
  version: bigint
  status: (typeof STATUSES)[number]
  openedAt: Date
}

interface AccountRow extends Omit<Account, 'asset' | 'status' | 'openedAt'> {
  code: string
  status: string
  opened_at: Date
}

interface By {
  actor: string
  now: Date
}

interface NewAsset {
  code: string
  name: string
  scale: number
  maxSupply: bigint
}

type AddAsset = By & NewAsset

interface OpenAccount extends By {
  path: string
  asset: string
  owner?: string | undefined
  limits?: { floor?: bigint | null; ceiling?: bigint | null }
}

interface EnsureAccounts {
  asset: string
  accounts: { path: string; owner?: string }[]
  now: Date
}

interface SetLimits extends By {
  path: string
  asset: string
  floor?: bigint | null
  ceiling?: bigint | null
}

/** All accounts of `owner`, locked as a batch of postings locks them: nothing comes or goes until the transaction ends. */
export async function lockAccountsOf(tx: Tx, owner: string): Promise<OwnedAccount[]> {
  const { rows } = await sql<OwnedAccount>`
    select account.path, asset.code as asset, account.status
    from ledger.account
    join ledger.asset on asset.id = account.asset
    where account.owner = ${owner}::uuid
    order by account.id
    for no key update of account
  `.execute(tx)
  return rows
}

export type OwnedAccount = Pick<Account, 'path' | 'asset' | 'status'>

interface SetStatus extends By {
  path: string
  asset: string
  status: Account['status']
}
