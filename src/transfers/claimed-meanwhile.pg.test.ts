// A transfer to somebody who gives up their name by a claim at the same moment.
import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { until } from '../../test/florin.ts'
import { testMembers, type TestMembers } from '../../test/members.ts'
import { transaction, type Tx } from '../core/db.ts'
import { issueClaimCode, redeemClaim } from '../identity/claims.ts'
import { createPerson } from '../identity/identity.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import { post } from '../ledger/post.ts'
import { transferRoutes } from './routes.ts'

const FIVE = { to: 'dan', asset: 'TOK', amount: '5' }

/** `dan` may claim an imported person, and has a wallet that nothing ever moved on, unless he is to have none. */
async function start({ wallet = true } = {}) {
  const t = await testMembers({ routes: transferRoutes })
  const now = t.clock.now()
  const dan = t.idOf('dan')
  const made = await transaction(t.db, async (tx) => {
    const { id } = await createPerson(tx, { username: 'dan1998', actor: 'system', now })
    const { code } = await issueClaimCode(tx, { person: id, actor: 'key:test', now })
    const accounts = wallet ? [{ path: t.walletOf('dan'), owner: dan }] : []
    await ensureAccounts(tx, { asset: 'TOK', accounts, now })
    return { imported: id, code: code.reveal() }
  })
  const claim = async (tx: Tx) => await redeemClaim(tx, { person: dan, code: made.code, now })
  return Object.assign(t, { imported: made.imported, claim })
}

/** Does `work` in a transaction that is committed once told to. */
async function underWay(t: TestMembers, work: (tx: Tx) => Promise<unknown>) {
  const [done, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const over = transaction(t.db, async (tx) => {
    await work(tx)
    done.resolve()
    await commit.promise
  })
  await Promise.race([done.promise, over])
  return async () => {
    commit.resolve()
    await over
  }
}

/** Whether some connection of the economy stands like this. */
async function stands(t: TestMembers, how: 'waits for a lock' | 'skipped what is locked'): Promise<boolean> {
  const is = how === 'waits for a lock' ? sql`wait_event_type = 'Lock'` : sql`query like '%skip locked%'`
  const { rows } = await sql`
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and ${is}
  `.execute(t.db)
  return rows.length > 0
}

test('is sent to whom they became, when it waited to open a wallet for them', async () => {
  await using t = await start({ wallet: false })
  const commit = await underWay(t, t.claim)
  const sending = t.post('ann', '/me/transfers', FIVE)
  await until(async () => await stands(t, 'waits for a lock'))
  await commit()
  expect(await sending).toMatchObject({ status: 201, json: { to: { id: t.imported, username: 'dan1998' } } })
  expect(await t.balance(availableAccount(t.imported))).toBe(500n)
})

test('is refused when their wallet was closed meanwhile, moves nothing, and arrives the next time', async () => {
  await using t = await start()
  const commit = await underWay(t, t.claim)
  const sending = t.post('ann', '/me/transfers', FIVE)
  await until(async () => await stands(t, 'skipped what is locked'))
  await commit()
  // Busy, where the machine is so slow that a batch has waited for a second.
  expect((await sending).json).toMatchObject({ status: 409, code: expect.stringMatching(/^account_(closed|busy)$/) })
  expect(await t.balance(t.walletOf('ann'))).toBe(10_000n)
  expect(await t.post('ann', '/me/transfers', FIVE)).toMatchObject({ status: 201, json: { to: { id: t.imported } } })
  expect(await t.balance(t.walletOf('dan'))).toBe(0n)
})

test('counts when it is committed first: the claim waits for it, and is refused', async () => {
  await using t = await start()
  const postings = [{ from: t.walletOf('ann'), to: t.walletOf('dan'), asset: 'TOK', amount: 500n }]
  const commit = await underWay(
    t,
    async (tx) => await post(tx, [{ kind: 'transfer', postings }], { actor: 'key:test' }),
  )
  const claiming = transaction(t.db, t.claim)
  claiming.catch(() => undefined)
  await until(async () => await stands(t, 'waits for a lock'))
  await commit()
  await expect(claiming).rejects.toMatchObject({ code: 'claimer_has_own' })
})
