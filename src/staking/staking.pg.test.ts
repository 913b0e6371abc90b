import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { setAccount, type Stakers, testStakers } from '../../test/stakers.ts'
import { kontrib, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { createPerson, findPerson } from '../identity/identity.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import { post } from '../ledger/post.ts'
import { payDueStakes } from './payout.ts'
import { stakedAccount } from './stake-row.ts'
import { daysAfter } from './staking-rules.ts'
import { stake, stakedAsOf, stakesThroughout } from './staking.ts'

const CHILD = join(import.meta.dirname, '../../test/wiki-child.ts')
const START = week(0)
const ASSET = 'KONTRIB'
const REWARDS_30 = 4_109_589_041n // 1,000 for 30 days at 5 %

describe('a stake', () => {
  test('locks the principal, reserves the whole reward, and pays both at its end', async () => {
    await using t = await testStakers()
    const made = await t.stakeOf(t.ada, 1_000)
    expect(made).toMatchObject({
      amount: kontrib(1_000),
      reward: REWARDS_30,
      endsAt: daysAfter(START, 30),
      status: 'active',
    })
    expect(await t.holdings(t.ada)).toEqual([kontrib(9_000), kontrib(1_000)])
    expect(await t.pool()).toMatchObject({ balance: kontrib(20_000_000), reserved: REWARDS_30 })

    expect(await t.sweep(new Date(daysAfter(START, 30).getTime() - 1))).toBe(0)
    expect(await t.sweep(daysAfter(START, 30))).toBe(1)
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) + REWARDS_30, 0n])
    expect(await t.pool()).toMatchObject({ balance: kontrib(20_000_000) - REWARDS_30, reserved: 0n })
    expect(await t.sweep(daysAfter(START, 31))).toBe(0)
  })

  test('may be one of several', async () => {
    await using t = await testStakers()
    await t.stakeOf(t.ada, 1_000, { days: 30 })
    await t.stakeOf(t.ada, 1_000, { days: 365 })
    await t.stakeOf(t.bob, 500, { days: 30 })
    expect(await t.holdings(t.ada)).toEqual([kontrib(8_000), kontrib(2_000)])
    expect(await t.sweep(daysAfter(START, 30))).toBe(2)
    expect(await t.holdings(t.ada)).toEqual([kontrib(9_000) + REWARDS_30, kontrib(1_000)])
    expect(await t.sweep(daysAfter(START, 365))).toBe(1)
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_500) + REWARDS_30, 0n])
  })

  test('keeps the figures that it was made with when parameters change', async () => {
    await using t = await testStakers()
    const before = await t.stakeOf(t.ada, 1_000)
    await t.setParameter('staking_tiers', [{ duration_days: 30, apy: '0.1', multiplier: '1.2' }])
    await t.setParameter('early_unstake_penalty_bps', 1_000)
    await t.setParameter('early_unstake_delay', 14)
    const after = await t.stakeOf(t.bob, 1_000, { at: week(0, 1) })
    expect(after).toMatchObject({ apy_bps: 1_000, multiplier_e6: 1_200_000, reward: 8_219_178_082n })
    await expect(t.stakeOf(t.bob, 1_000, { days: 90, at: week(0, 1) })).rejects.toMatchObject({
      code: 'term_not_offered',
      params: { offered: ['30'] },
    })
    const released = await t.unstakeOf(t.ada, before.id, week(0, 2))
    expect(released).toMatchObject({ dueAt: week(0, 9), penalty: 0n })
    await t.sweep(daysAfter(START, 60))
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000), 0n])
    expect(await t.holdings(t.bob)).toEqual([kontrib(10_000) + 8_219_178_082n, 0n])
  })

  test.each([
    ['more than there is', { tokens: 10_001, days: 30 }, 'insufficient_funds'],
    ['for a term that is not offered', { tokens: 10, days: 31 }, 'term_not_offered'],
    ['nothing', { tokens: 0, days: 30 }, 'stake_too_small'],
  ])('of %s is refused and moves nothing', async (_, { tokens, days }, code) => {
    await using t = await testStakers()
    await expect(t.stakeOf(t.ada, tokens, { days })).rejects.toMatchObject({ code })
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000), 0n])
  })

  test('of somebody who never had a wallet is refused for want of funds', async () => {
    await using t = await testStakers()
    const by = { actor: 'cli:test', now: START }
    const eve = await transaction(t.db, async (tx) => await createPerson(tx, { username: 'eve', ...by }))
    await expect(t.stakeOf(eve.id, 1)).rejects.toMatchObject({ code: 'insufficient_funds', params: { available: '0' } })
  })

  test('that the pool cannot pay is refused with the figures, and leaves the principal', async () => {
    await using t = await testStakers()
    await drain(t, kontrib(400))
    await expect(t.stakeOf(t.ada, 1_000, { days: 365 })).rejects.toMatchObject({
      status: 409,
      code: 'reward_pool_short',
      params: { available: '400', needed: '500' },
    })
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000), 0n])
    await t.stakeOf(t.ada, 800, { days: 365 })
    await expect(t.stakeOf(t.bob, 1, { days: 365 })).rejects.toMatchObject({ code: 'reward_pool_short' })
  })

  test('of two at once for the last of the pool only one is made', async () => {
    await using t = await testStakers()
    await drain(t, kontrib(500))
    const both = await Promise.allSettled([
      t.stakeOf(t.ada, 1_000, { days: 365 }),
      t.stakeOf(t.bob, 1_000, { days: 365 }),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await t.pool()).toMatchObject({ balance: kontrib(20_000_000), reserved: kontrib(20_000_000) })
  })

  test('that is pressed twice with different keys is made as often as there is money for', async () => {
    await using t = await testStakers()
    const both = await Promise.allSettled([t.stakeOf(t.ada, 6_000), t.stakeOf(t.ada, 6_000)])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await t.holdings(t.ada)).toEqual([kontrib(4_000), kontrib(6_000)])
  })

  test('of a frozen wallet is refused', async () => {
    await using t = await testStakers()
    await setAccount(t, availableAccount(t.ada), 'frozen')
    await expect(t.stakeOf(t.ada, 10)).rejects.toMatchObject({ code: 'account_frozen' })
  })

  test('that earns nothing reserves nothing', async () => {
    await using t = await testStakers()
    await t.setParameter('staking_tiers', [{ duration_days: 30, apy: '0', multiplier: '1.1' }])
    expect(await t.stakeOf(t.ada, 10)).toMatchObject({ reward: 0n })
    expect(await t.pool()).toMatchObject({ reserved: 0n })
    const { id } = await t.stakeOf(t.ada, 10)
    await t.unstakeOf(t.ada, id, week(0, 1))
    await t.sweep(daysAfter(START, 30))
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000), 0n])
  })
})

describe('ending a stake early', () => {
  test('releases the reward at once, and brings the principal back after the delay', async () => {
    await using t = await testStakers()
    const { id } = await t.stakeOf(t.ada, 1_000)
    await t.unstakeOf(t.ada, id, week(0, 3))
    expect(await t.pool()).toMatchObject({ balance: kontrib(20_000_000), reserved: 0n })
    expect(await t.holdings(t.ada)).toEqual([kontrib(9_000), kontrib(1_000)])
    expect(await t.sweep(new Date(week(0, 10).getTime() - 1))).toBe(0)
    expect(await t.sweep(week(0, 10))).toBe(1)
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000), 0n])
  })

  test('costs the penalty that was agreed, which goes to treasury:penalties', async () => {
    await using t = await testStakers({ parameters: {} })
    await t.setParameter('early_unstake_penalty_bps', 333)
    const { id } = await t.stakeOf(t.ada, 1_001)
    expect(await t.unstakeOf(t.ada, id, week(0, 1))).toMatchObject({ penalty: 33_333_300_000n })
    await t.sweep(week(0, 8))
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) - 33_333_300_000n, 0n])
    expect(await t.balance('treasury:penalties')).toBe(33_333_300_000n)
  })

  test('happens once, however many ask at the same time', async () => {
    await using t = await testStakers()
    const { id } = await t.stakeOf(t.ada, 1_000)
    const asked = await Promise.allSettled(
      Array.from({ length: 4 }, async () => await t.unstakeOf(t.ada, id, week(0, 1))),
    )
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    expect(refused).toHaveLength(3)
    for (const reason of refused) expect(reason).toMatchObject({ status: 409, code: 'stake_not_active' })
  })

  test('is too late once the term is over: then the reward is theirs', async () => {
    await using t = await testStakers()
    const { id } = await t.stakeOf(t.ada, 1_000)
    const end = daysAfter(START, 30)
    await expect(t.unstakeOf(t.ada, id, end)).rejects.toMatchObject({ code: 'stake_matured' })
    await t.sweep(end)
    await expect(t.unstakeOf(t.ada, id, end)).rejects.toMatchObject({ code: 'stake_not_active' })
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) + REWARDS_30, 0n])
  })

  test('and the sweep at the same moment leave one of the two outcomes, whole', async () => {
    await using t = await testStakers()
    const stakes = []
    for (let i = 0; i < 10; i++) stakes.push(await t.stakeOf(t.ada, 100))
    const end = daysAfter(START, 30)
    const before = new Date(end.getTime() - 1)
    const ended = stakes.map(async ({ id }, i) => await t.unstakeOf(t.ada, id, i % 2 ? before : end))
    const [outcomes] = await Promise.all([Promise.allSettled(ended), t.sweep(end), t.sweep(end)])
    const early = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(early).toBeLessThanOrEqual(5)
    await t.sweep(daysAfter(end, 7))
    const reward = 410_958_904n
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) + reward * BigInt(10 - early), 0n])
  })

  test.each(['somebody else’s', 'one that there is not'])('of %s is not found', async (whose) => {
    await using t = await testStakers()
    const { id } = await t.stakeOf(t.bob, 1_000)
    const asked = whose === 'somebody else’s' ? id : randomUUID()
    await expect(t.unstakeOf(t.ada, asked, week(0, 1))).rejects.toMatchObject({ status: 404, code: 'stake_not_found' })
    expect(await t.holdings(t.bob)).toEqual([kontrib(9_000), kontrib(1_000)])
  })
})

describe('the sweep', () => {
  test('that is killed in the middle has paid nothing, and the next one pays each once', async () => {
    await using t = await testStakers()
    for (let i = 0; i < 5; i++) await t.stakeOf(t.ada, 100)
    const end = daysAfter(START, 30)
    const killed = transaction(t.db, async (tx) => {
      expect(await payDueStakes(tx, { now: end })).toBe(5)
      throw new Error('killed')
    })
    await expect(killed).rejects.toThrow('killed')
    expect(await t.holdings(t.ada)).toEqual([kontrib(9_500), kontrib(500)])
    expect(await t.sweep(end)).toBe(5)
    expect(await t.sweep(end)).toBe(0)
  })

  test('in a process that is killed again and again pays each once', async () => {
    await using t = await testStakers()
    for (let i = 0; i < 30; i++) await t.stakeOf(i % 2 ? t.ada : t.bob, 100)
    const end = daysAfter(START, 30)
    let kills = 0
    for (let ended = false; !ended;) {
      const child = spawn(process.execPath, [CHILD, t.url, 'sweep', end.toISOString()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = once(child, 'exit')
      let dots = 0
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        dots += chunk.length
        if (dots >= 4) break
      }
      if (child.kill('SIGKILL')) kills += 1
      const [code] = (await exit) as [number | null]
      ended = code === 0
    }
    expect(kills).toBeGreaterThan(1)
    const [paid, reward] = [kontrib(10_000), 410_958_904n]
    expect(await t.holdings(t.ada)).toEqual([paid + 15n * reward, 0n])
    expect(await t.holdings(t.bob)).toEqual([paid + 15n * reward, 0n])
  })

  test('done by two servers at once pays each once', async () => {
    await using t = await testStakers()
    for (let i = 0; i < 20; i++) await t.stakeOf(t.ada, 100)
    const swept = await Promise.all([1, 2, 3].map(async () => await t.sweep(daysAfter(START, 30))))
    expect(swept.reduce((sum, one) => sum + one, 0)).toBe(20)
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) + 20n * 410_958_904n, 0n])
  })

  test('catches up after a stop', async () => {
    await using t = await testStakers()
    for (const day of [0, 1, 2, 3]) await t.stakeOf(t.ada, 100, { at: week(0, day) })
    expect(await t.sweep(week(52))).toBe(4)
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) + 4n * 410_958_904n, 0n])
  })

  test('pays into a frozen wallet', async () => {
    await using t = await testStakers()
    await t.stakeOf(t.ada, 1_000)
    await setAccount(t, availableAccount(t.ada), 'frozen')
    await t.sweep(daysAfter(START, 30))
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) + REWARDS_30, 0n])
  })

  test('pays what is due to a closed wallet to treasury:unclaimed', async () => {
    await using t = await testStakers()
    await t.stakeOf(t.ada, 10_000)
    await t.stakeOf(t.bob, 1_000)
    await setAccount(t, availableAccount(t.ada), 'closed')
    expect(await t.sweep(daysAfter(START, 30))).toBe(2)
    expect(await t.holdings(t.ada)).toEqual([0n, 0n])
    expect(await t.balance('treasury:unclaimed')).toBe(kontrib(10_000) + 41_095_890_410n)
    expect(await t.holdings(t.bob)).toEqual([kontrib(10_000) + REWARDS_30, 0n])
  })

  test('says what it could not pay, pays the others, and tries again later', async () => {
    await using t = await testStakers()
    const held = await t.stakeOf(t.ada, 1_000)
    await t.stakeOf(t.bob, 1_000)
    await setAccount(t, stakedAccount(t.ada), 'frozen')
    const end = daysAfter(START, 30)
    expect(await t.sweep(end)).toBe(2)
    expect(await t.holdings(t.bob)).toEqual([kontrib(10_000) + REWARDS_30, 0n])
    const row = await t.db.selectFrom('staking.stake').selectAll().where('id', '=', held.id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ status: 'active', paid_at: null, failure: expect.stringContaining('is frozen') })
    expect(await t.sweep(end)).toBe(0)
    await setAccount(t, stakedAccount(t.ada), 'open')
    expect(await t.sweep(new Date(end.getTime() + 600_000))).toBe(1)
    expect(await t.holdings(t.ada)).toEqual([kontrib(10_000) + REWARDS_30, 0n])
  })
})

describe('a stake counts for a week', () => {
  test('when it began with it or before, and ended with it or later', async () => {
    await using t = await testStakers()
    await t.setParameter('staking_tiers', [{ duration_days: 7, apy: '0.05', multiplier: '1.1' }])
    await t.stakeOf(t.ada, 100, { days: 7, at: START })
    const early = await t.stakeOf(t.bob, 100, { days: 7, at: START })
    const counting = async (from: Date, until: Date) =>
      (await stakesThroughout(t.db, { asset: ASSET, from, until })).map(({ person }) => person)
    expect(new Set(await counting(week(0), week(1)))).toEqual(new Set([t.ada, t.bob]))
    await t.unstakeOf(t.bob, early.id, new Date(week(1).getTime() - 1))
    expect(await counting(week(0), week(1))).toEqual([t.ada])
    await t.sweep(week(3))
    expect(await counting(week(0), week(1))).toEqual([t.ada])
    expect(await counting(new Date(week(0).getTime() - 1), week(1))).toEqual([])
    expect(await counting(week(0), new Date(week(1).getTime() + 1))).toEqual([])
  })
})

describe('votes of stakes', () => {
  test('come with seven days, and go with the end of the stake', async () => {
    await using t = await testStakers()
    await t.stakeOf(t.ada, 1_000)
    const { id } = await t.stakeOf(t.ada, 500)
    await t.stakeOf(t.bob, 300, { at: week(0, 1) })
    const at = async (time: Date) => Object.fromEntries(await stakedAsOf(t.db, { asset: ASSET, at: time }))
    expect(await at(new Date(week(1).getTime() - 1))).toEqual({})
    expect(await at(week(1))).toEqual({ [t.ada]: kontrib(1_500) })
    expect(await at(week(1, 1))).toEqual({ [t.ada]: kontrib(1_500), [t.bob]: kontrib(300) })
    await t.unstakeOf(t.ada, id, week(1, 2))
    expect(await at(week(1, 2))).toEqual({ [t.ada]: kontrib(1_000), [t.bob]: kontrib(300) })
    expect(await at(daysAfter(START, 30))).toEqual({ [t.bob]: kontrib(300) })
    expect(await stakedAsOf(t.db, { asset: ASSET, at: week(2), people: [t.bob] })).toEqual(
      new Map([[t.bob, kontrib(300)]]),
    )
  })
})

/** Leaves the pool with so much: the rest is promised to somebody who stakes for ten years at 100 %. */
async function drain(t: Stakers, left: bigint): Promise<void> {
  const tier = { duration_days: 3_650, apy: '1', multiplier: '1' }
  await t.setParameter('staking_tiers', [{ duration_days: 365, apy: '0.5', multiplier: '2' }, tier])
  const { balance } = await t.pool()
  const amount = (balance - left) / 10n
  const by = { actor: 'cli:test', now: START }
  await transaction(t.db, async (tx) => {
    const { id: person } = await createPerson(tx, { username: 'whale', ...by })
    const wallet = availableAccount(person)
    await ensureAccounts(tx, { asset: ASSET, accounts: [{ path: wallet, owner: person }], now: START })
    await post(tx, [{ kind: 'transfer', postings: [{ from: 'treasury:main', to: wallet, asset: ASSET, amount }] }], by)
  })
  const { id: person } = await findPerson(t.db, { username: 'whale' })
  await transaction(t.db, async (tx) => await stake(tx, { pool: 'term', person, amount, days: 3_650, ...by }))
}
