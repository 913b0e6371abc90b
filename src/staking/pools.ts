import { assert } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import { NotFound } from '../core/errors.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { ensureAccounts, findAsset } from '../ledger/accounts.ts'
import { post } from '../ledger/post.ts'
import { POOL_KINDS, type PoolKind } from './staking-rules.ts'

/** Gives an economy the pools of its blueprint that it lacks; writes nothing when it has them. */
export function setUpPools(pools: readonly NewPool[]): SetUpPools {
  return async (tx, { now }) => {
    const existing = await tx.selectFrom('staking.pool').select('code').execute()
    const known = new Set(existing.map(({ code }) => code))
    for (const { code, kind, asset, rewardAccount } of pools.filter((pool) => !known.has(pool.code))) {
      const row = { code, kind, asset, reward_account: rewardAccount, created_at: now }
      await tx
        .insertInto('staking.pool')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await ensureAccounts(tx, { asset, accounts: [{ path: rewardAccount }], now })
    }
  }
}

/** Fails: staking_pool_not_found. */
export async function findPool(db: Db | Tx, code: string): Promise<Pool> {
  const row = await poolQuery(db).where('pool.code', '=', code).executeTakeFirst()
  if (row) return poolOf(row)
  throw new NotFound('staking_pool_not_found', `There is no pool ${code.slice(0, 32)} to stake in.`, {
    pool: code.slice(0, 32),
  })
}

/** All there are, by their codes. */
export async function readPools(db: Db | Tx): Promise<Pool[]> {
  return (await poolQuery(db).orderBy('pool.code').execute()).map(poolOf)
}

/**
 * Adds to what a pool's rewards are paid from. Once it is there it leaves as rewards only.
 * Moves: treasury:main -> the pool's reward account, kind `staking_funding`.
 * Fails: staking_pool_not_found, then as `post` (account_not_found, insufficient_funds).
 */
export async function fundPool(tx: Tx, { pool: code, amount, actor, now }: FundPool): Promise<Funded> {
  const { asset, rewardAccount } = await findPool(tx, code)
  const { scale } = await findAsset(tx, asset)
  const after = { amount: formatAmount(amount, scale), asset }
  await record(tx, { at: now, actor, action: 'staking.fund', subject: `account:${rewardAccount}`, diff: { after } })
  const postings = [{ from: 'treasury:main', to: rewardAccount, asset, amount }]
  const [posted] = await post(tx, [{ kind: 'staking_funding', reference: code, postings }], { actor, now })
  assert(posted?.status === 'posted', `Funding was ${posted?.status}`)
  return { entry: serialUuid(posted.entry, posted.recordedAt), balance: posted.postings[0]!.toBalance }
}

export interface Pool {
  code: string
  kind: PoolKind
  asset: string
  scale: number
  /** Where its rewards are reserved and paid from. */
  rewardAccount: string
  /** Of that account. */
  balance: bigint
  reserved: bigint
}

export type NewPool = Pick<Pool, 'code' | 'kind' | 'asset' | 'rewardAccount'>

export interface FundPool {
  pool: string
  amount: bigint
  actor: string
  now: Date
}

export interface Funded {
  /** The public id of the entry. */
  entry: string
  /** Of the reward account. */
  balance: bigint
}

type SetUpPools = (tx: Tx, options: { now: Date }) => Promise<void>

function poolQuery(db: Db | Tx) {
  return db
    .selectFrom('staking.pool as pool')
    .innerJoin('ledger.asset as asset', 'asset.code', 'pool.asset')
    .leftJoin('ledger.account as account', (join) =>
      join.onRef('account.path', '=', 'pool.reward_account').onRef('account.asset', '=', 'asset.id'),
    )
    .select(['pool.code', 'pool.kind', 'pool.asset', 'asset.scale', 'pool.reward_account'])
    .select(['account.balance', 'account.reserved'])
}

type PoolRow = Awaited<ReturnType<ReturnType<typeof poolQuery>['executeTakeFirstOrThrow']>>

function poolOf({ code, kind, asset, scale, reward_account, balance, reserved }: PoolRow): Pool {
  const known = POOL_KINDS.find((name) => name === kind)
  assert(known, `A pool of the kind ${kind}`)
  return {
    code,
    kind: known,
    asset,
    scale,
    rewardAccount: reward_account,
    balance: balance ?? 0n,
    reserved: reserved ?? 0n,
  }
}
