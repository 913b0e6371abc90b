import { describe, expect, test } from 'vitest'

import { kontrib, testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { setStatus } from '../ledger/accounts.ts'
import { closeBooks } from '../ledger/closing.ts'
import { post } from '../ledger/post.ts'
import { fundRewards } from './contributions.ts'

const REWARDS = kontrib(60_000_000)

/** Takes all but `left` out of the treasury, as no operator could: to see what a week does then. */
async function drain({ db, clock }: TestWiki, left: bigint): Promise<void> {
  await transaction(db, async (tx) => {
    const postings = [{ from: 'treasury:rewards', to: 'treasury:main', asset: 'KONTRIB', amount: REWARDS - left }]
    await post(tx, [{ kind: 'test', postings }], { actor: 'test', now: clock.now() })
  })
}

describe('the treasury', () => {
  test('that holds less than the pool is shared as far as it goes, and the distribution says so', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    await t.record('ada', { at: week(1, 1) })
    await drain(t, kontrib(700))
    const [first, second] = await t.distribute(week(2))
    expect(first).toMatchObject({ weeklyPool: kontrib(10_000), pool: kontrib(700), totalTokens: kontrib(700) })
    expect(second).toMatchObject({ pool: 0n, totalTokens: 0n, userCount: 0, carriedPoints: 100n })
    await transaction(t.db, async (tx) => {
      await fundRewards(tx, { amount: kontrib(20_000), actor: 'key:finance', now: t.clock.now() })
    })
    await t.record('bob', { at: week(2, 1) })
    expect(await t.distribute(week(3))).toMatchObject([{ pool: kontrib(10_000), totalPoints: 200n }])
  })

  test('is funded from treasury:main, and no further than that holds', async () => {
    await using t = await testWiki()
    const fund = async (amount: bigint) =>
      await transaction(t.db, async (tx) => await fundRewards(tx, { amount, actor: 'key:finance', now: t.clock.now() }))
    expect(await fund(kontrib(5))).toMatchObject({ balance: REWARDS + kontrib(5) })
    await expect(fund(kontrib(20_000_000))).rejects.toMatchObject({ code: 'insufficient_funds' })
    const events = await t.db.selectFrom('audit.event').select('diff').where('action', '=', 'rewards.fund').execute()
    expect(events).toEqual([{ diff: { after: { amount: '5', asset: 'KONTRIB' } } }])
  })

  test('that is frozen leaves the week as it is; unfrozen, it is distributed', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    const set = async (status: 'open' | 'frozen') =>
      await transaction(t.db, async (tx) => {
        const account = { path: 'treasury:rewards', asset: 'KONTRIB' }
        await setStatus(tx, { ...account, status, actor: 'key:staff', now: t.clock.now() })
      })
    t.clock.set(week(1))
    await set('frozen')
    await expect(t.distribute(week(1))).rejects.toMatchObject({ code: 'account_frozen' })
    await set('open')
    const frozenMeanwhile = t.distribute(week(1), {
      onProgress: async ({ step }) => await (step === 'frozen' ? set('frozen') : undefined),
    })
    await expect(frozenMeanwhile).rejects.toMatchObject({ code: 'account_frozen' })
    const read = async () =>
      await t.db.selectFrom('contributions.weekly_distribution').selectAll().executeTakeFirstOrThrow()
    expect(await read()).toMatchObject({ status: 'failed', failure: expect.stringContaining('frozen') })
    await set('open')
    await t.distribute(week(1))
    expect(await read()).toMatchObject({ status: 'completed', failure: null })
    expect(await t.balance(await t.wallet('ada'))).toBe(kontrib(10_000))
  })
})

describe('payments', () => {
  test('to a wallet that was closed go to treasury:unclaimed, and the others get theirs', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    await t.record('bob', { at: week(0, 1) })
    await t.distribute(week(1))
    const wallet = await t.wallet('bob')
    await transaction(t.db, async (tx) => {
      const amount = kontrib(5_000)
      const postings = [{ from: wallet, to: 'treasury:main', asset: 'KONTRIB', amount }]
      await post(tx, [{ kind: 'transfer', postings }], { actor: 'test', now: t.clock.now() })
    })
    await transaction(t.db, async (tx) => {
      const account = { path: wallet, asset: 'KONTRIB', status: 'closed' as const }
      await setStatus(tx, { ...account, actor: 'key:staff', now: t.clock.now() })
    })
    await t.record(['ada', 'bob'], { at: week(1, 1) })
    await t.distribute(week(2))
    expect(await t.balance('treasury:unclaimed')).toBe(kontrib(5_000))
    expect(await t.balance(await t.wallet('ada'))).toBe(kontrib(10_000))
  })

  test('take effect at the end of their week, or from when on the books are open', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    await t.record('ada', { at: week(1, 1) })
    t.clock.set(week(2, 1))
    await transaction(t.db, async (tx) => {
      await closeBooks(tx, { before: week(1, 3), actor: 'key:finance', now: t.clock.now() })
    })
    await t.distribute(week(2))
    const entries = await t.db
      .selectFrom('ledger.entry')
      .select('effective_at')
      .where('kind', '=', 'weekly_reward')
      .orderBy('id')
      .execute()
    expect(entries.map(({ effective_at }) => effective_at)).toEqual([week(1, 3), week(2)])
  })
})
