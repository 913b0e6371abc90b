import { assert } from '../core/assert.ts'
import { record } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import { formatAmount } from '../core/money.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { post } from '../ledger/post.ts'
import { REWARDS_ACCOUNT } from './freeze.ts'
import { rewardAsset } from './parameters.ts'

/**
 * Adds to what weekly rewards are paid from. Once it is there it leaves as rewards only.
 * Moves: treasury:main -> treasury:rewards, kind `rewards_funding`.
 * Fails: as `post` (account_not_found, insufficient_funds).
 */
export async function fundRewards(tx: Tx, { amount, actor, now }: FundRewards): Promise<Funded> {
  const asset = await rewardAsset(tx, now)
  await ensureAccounts(tx, { asset: asset.code, accounts: [{ path: REWARDS_ACCOUNT }], now })
  const after = { amount: formatAmount(amount, asset.scale), asset: asset.code }
  await record(tx, { at: now, actor, action: 'rewards.fund', subject: `account:${REWARDS_ACCOUNT}`, diff: { after } })
  const postings = [{ from: 'treasury:main', to: REWARDS_ACCOUNT, asset: asset.code, amount }]
  const [posted] = await post(tx, [{ kind: 'rewards_funding', postings }], { actor, now })
  assert(posted?.status === 'posted', `Funding was ${posted?.status}`)
  return { entry: serialUuid(posted.entry, posted.recordedAt), balance: posted.postings[0]!.toBalance }
}

export interface FundRewards {
  amount: bigint
  actor: string
  now: Date
}

export interface Funded {
  /** The public id of the entry. */
  entry: string
  /** Of treasury:rewards. */
  balance: bigint
}
