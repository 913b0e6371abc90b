import { describe, expect, test } from 'vitest'

import { kontrib, testWiki, week } from '../../test/wiki.ts'

const REWARDS = kontrib(60_000_000)

describe('a week', () => {
  test('is shared in proportion to points, to the last unit, and posted to the wallets', async () => {
    await using t = await testWiki()
    await t.record('ada', { type: 'creation', at: week(0, 1) })
    await t.record('bob', { type: 'minor_edit', at: week(0, 6) })
    await t.record('cyd', { type: 'minor_edit', at: week(1) })
    const [distribution] = await t.distribute(week(1))
    expect(distribution).toMatchObject({
      week: '2026-01-05',
      totalTokens: kontrib(10_000),
      newPoints: 120n,
      totalPoints: 120n,
      userCount: 2,
      carriedCount: 0,
    })
    expect(await t.rewards()).toEqual([
      ['2026-01-05', 'ada', 8_333_333_333_333n],
      ['2026-01-05', 'bob', 1_666_666_666_667n],
    ])
    expect(await t.balance(await t.wallet('ada'))).toBe(8_333_333_333_333n)
    expect(await t.balance('treasury:rewards')).toBe(REWARDS - kontrib(10_000))

    const entry = await t.db
      .selectFrom('ledger.entry')
      .selectAll()
      .where('kind', '=', 'weekly_reward')
      .executeTakeFirstOrThrow()
    expect(entry).toMatchObject({ reference: distribution!.id, effective_at: week(1), recorded_at: week(1) })
    const row = await t.db.selectFrom('contributions.weekly_distribution').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ status: 'completed', started_at: week(1), completed_at: week(1) })
  })

  test('is Monday to Monday: its first moment belongs to it, and its end to the next', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0) })
    await t.record('bob', { at: new Date(week(1).getTime() - 1) })
    await t.record('cyd', { at: week(1) })
    await t.distribute(week(1))
    expect((await t.rewards()).map(([, name]) => name)).toEqual(['ada', 'bob'])
  })

  test('is distributed once it is over, not before, each once, oldest first', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    t.clock.set(week(0, 3))
    expect(await t.distribute(week(0, 3))).toEqual([])
    t.clock.set(new Date(week(3).getTime() + 5_000))
    await t.record('bob', { at: week(2, 1) })
    const first = await t.distribute(week(2, 6))
    expect(first.map(({ week: of }) => of)).toEqual(['2026-01-05', '2026-01-12'])
    const second = await t.distribute(new Date('2030-01-01T00:00:00Z'))
    expect(second[0]).toMatchObject({ week: '2026-01-19' })
    expect(await t.distribute(week(3))).toEqual([])
  })

  test('that is over is all that can be distributed, however far away the day is', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    t.clock.set(week(1, 2))
    const weeks = await t.distribute(week(1, 2), { dryRun: true })
    expect(weeks).toHaveLength(1)
  })

  test('without new points pays nothing, gets its row, and the pool stays', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    await t.record('ada', { at: week(3, 1) })
    const weeks = await t.distribute(week(4))
    expect(weeks.map(({ totalTokens, status }) => [totalTokens, status])).toEqual([
      [kontrib(10_000), 'completed'],
      [0n, 'completed'],
      [0n, 'completed'],
      [kontrib(10_000), 'completed'],
    ])
    expect(await t.balance(await t.wallet('ada'))).toBe(kontrib(20_000))
  })

  test('with points of zero only is one without new points', async () => {
    await using t = await testWiki({ parameters: { base_points_minor_edit: 0 } })
    await t.record('ada', { type: 'minor_edit', at: week(0, 1) })
    expect(await t.distribute(week(1))).toMatchObject([{ newPoints: 0n, totalTokens: 0n, userCount: 0 }])
  })

  test('takes in what comes late, if it is open; else the first open one does', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    await t.distribute(week(2))
    await t.record('bob', { at: week(0, 2) })
    await t.record('cyd', { at: week(2, 2) })
    await t.distribute(week(3))
    expect((await t.rewards()).map(([of, name]) => [of, name])).toEqual([
      ['2026-01-05', 'ada'],
      ['2026-01-19', 'bob'],
      ['2026-01-19', 'cyd'],
    ])
    const { joined_at } = await t.db
      .selectFrom('identity.person')
      .select('joined_at')
      .where('username', '=', 'bob')
      .executeTakeFirstOrThrow()
    expect(joined_at).toEqual(week(0, 2))
  })

  test('reads its parameters as in force at its end', async () => {
    await using t = await testWiki()
    for (const number of [0, 1, 2]) await t.record('ada', { at: week(number, 1) })
    t.clock.set(week(1, 2))
    await t.setParameter('weekly_pool', '15000')
    await t.setParameter('weekly_token_pool', '500', week(3))
    const weeks = await t.distribute(week(4))
    const pools = weeks.map(({ weeklyPool }) => weeklyPool)
    expect(pools).toEqual([kontrib(10_000), kontrib(15_000), kontrib(500), kontrib(500)])
  })
})

describe('those left out', () => {
  test('keep their points until a week pays them, and are paid once', async () => {
    await using t = await testWiki({ parameters: { min_tokens_per_user: '1000' } })
    for (let i = 0; i < 9; i++) await t.record('ada', { at: week(0, 1) })
    for (const number of [0, 1, 2]) {
      await t.record('ada', { at: week(number, 1) })
      await t.record('bob', { type: 'minor_edit', at: week(number, 2) })
    }
    await t.distribute(week(1))
    expect(await t.contributor('bob')).toMatchObject({ carried_points: 20n, carried_since: '2026-01-05' })
    // 20 and 20 of 140 points.
    await t.distribute(week(3))
    expect(await t.contributor('bob')).toMatchObject({ carried_points: 0n, carried_since: null })
    const rewards = await t.db
      .selectFrom('contributions.token_reward')
      .select(['total_points', 'carried_points', 'paid_from'])
      .where('contributor', '=', (await t.contributor('bob')).id)
      .orderBy('distribution')
      .execute()
    expect(rewards).toEqual([
      { total_points: 40n, carried_points: 20n, paid_from: '2026-01-05' },
      { total_points: 20n, carried_points: 0n, paid_from: '2026-01-19' },
    ])
  })

  test('wait through weeks in which nobody earns points', async () => {
    await using t = await testWiki({ parameters: { min_tokens_per_user: '1000' } })
    for (let i = 0; i < 9; i++) await t.record('ada', { at: week(0, 1) })
    await t.record('bob', { type: 'minor_edit', at: week(0, 1) })
    await t.distribute(week(3))
    expect(await t.contributor('bob')).toMatchObject({ carried_points: 20n, carried_since: '2026-01-05' })
    await t.record('ada', { type: 'major_edit', at: week(3, 1) })
    const [paid] = await t.distribute(week(4))
    expect(paid).toMatchObject({ newPoints: 50n, totalPoints: 70n, carriedPoints: 0n, userCount: 2 })
  })
})

describe('the largest share', () => {
  test('caps what one person gets; what nobody may get stays in the treasury', async () => {
    await using t = await testWiki({ parameters: { max_share_bps: 2_000 } })
    for (let i = 0; i < 5; i++) await t.record('ada', { at: week(0, 1) })
    await t.record('bob', { type: 'minor_edit', at: week(0, 1) })
    const [distribution] = await t.distribute(week(1))
    expect(distribution).toMatchObject({ pool: kontrib(10_000), totalTokens: kontrib(4_000) })
    expect(await t.balance('treasury:rewards')).toBe(REWARDS - kontrib(4_000))
  })
})

describe('reputation', () => {
  test('moves a tenth of the way once a week, from the mean quality of scored work', async () => {
    await using t = await testWiki()
    const [good] = await t.record('ada', { at: week(0, 1) })
    const [fair] = await t.record('ada', { at: week(0, 2) })
    await t.record('ada', { at: week(0, 3) })
    await t.review(good!, null, 300, { staff: true, at: week(0, 4) })
    await t.review(fair!, null, 200, { staff: true, at: week(0, 4) })
    await t.distribute(week(1))
    // The mean quality of 2.5 aims at 1.375: 0.9 × 1 + 0.1 × 1.375 = 1.0375.
    expect(await t.contributor('ada')).toMatchObject({ reputation_e4: 10_375 })
    await t.distribute(week(3))
    expect(await t.contributor('ada')).toMatchObject({ reputation_e4: 10_375 })
    const changes = await t.db.selectFrom('contributions.reputation_change').selectAll().execute()
    expect(changes).toMatchObject([
      { week_start: '2026-01-05', quality_sum_e2: 500n, scored: 2, before_e4: 10_000, after_e4: 10_375 },
    ])
  })

  test('of a week is that after all earlier ones, however late it is distributed', async () => {
    const outcomes = []
    for (const late of [false, true]) {
      await using t = await testWiki()
      for (const number of [0, 1, 2]) {
        if (t.clock.now() < week(number, 1)) t.clock.set(week(number, 1))
        const [id] = await t.record('ada', { at: week(number, 1) })
        await t.record('bob', { at: week(number, 1) })
        await t.review(id!, null, 300, { staff: true, at: week(number, 2) })
        if (!late) await t.distribute(week(number + 1))
      }
      if (late) await t.distribute(week(3))
      const work = await t.db
        .selectFrom('contributions.contribution')
        .select(['week_start', 'reputation_e4', 'total_points'])
        .where('scored', '=', true)
        .orderBy('id')
        .execute()
      outcomes.push({ work, rewards: await t.rewards() })
    }
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[0]!.work.map(({ reputation_e4, total_points }) => [reputation_e4, total_points])).toEqual([
      [10_000, 300],
      [10_500, 315],
      [10_950, 329],
    ])
  })
})

describe('stakes', () => {
  test('multiply the points of those who hold them, as their module says for the week', async () => {
    await using t = await testWiki()
    await t.record('ada', { at: week(0, 1) })
    await t.record('bob', { at: week(0, 1) })
    await t.distribute(week(1))
    // Two of Ada's count for the whole of the second week, and the better one decides; Bob's began a moment too late.
    await t.stake('ada', kontrib(100), { days: 30, at: week(1) })
    await t.stake('ada', kontrib(83), { days: 180, at: week(1) })
    await t.stake('bob', kontrib(1_000), { days: 365, at: new Date(week(1).getTime() + 1) })
    await t.record('ada', { at: week(1, 1) })
    await t.record('bob', { at: week(1, 1) })
    await t.distribute(week(2))
    // 100 × 1.498 and 100 × 1.
    expect((await t.rewards()).slice(2)).toEqual([
      ['2026-01-12', 'ada', 5_996_797_437_950n],
      ['2026-01-12', 'bob', 4_003_202_562_050n],
    ])
    const rewards = await t.db.selectFrom('contributions.token_reward').selectAll().orderBy('distribution').execute()
    expect(rewards[2]).toMatchObject({ total_points: 100n, staking_multiplier_e6: 1_498_000 })
  })
})

describe('articles', () => {
  test('earn the parts of the rewards that pay their contributions', async () => {
    await using t = await testWiki()
    await t.record('ada', { article: 'common/tar', at: week(0, 1) })
    await t.record('ada', { article: 'common/ls', type: 'major_edit', at: week(0, 1) })
    await t.record('bob', { article: 'common/ls', type: 'minor_edit', at: week(0, 1) })
    await t.distribute(week(1))
    const articles = await t.db
      .selectFrom('contributions.article')
      .select(['name', 'total_tokens_earned'])
      .orderBy('name')
      .execute()
    // 150 and 20 of 170 points; Ada's 8,823.529411765 are shared 50 : 100, and the larger remainder is the major edit's.
    expect(articles).toEqual([
      { name: 'common/ls', total_tokens_earned: 2_941_176_470_588n + 1_176_470_588_235n },
      { name: 'common/tar', total_tokens_earned: 5_882_352_941_177n },
    ])
  })
})

describe('a dry run', () => {
  test('shows what the run then does, week upon week, and writes nothing', async () => {
    await using t = await testWiki({ parameters: { min_tokens_per_user: '700' } })
    for (const number of [0, 1, 2]) {
      const [id] = await t.record('ada', { at: week(number, 1) })
      for (let i = 0; i < 2; i++) await t.record('ada', { at: week(number, 1) })
      await t.record('bob', { type: 'minor_edit', at: week(number, 1) })
      await t.review(id!, null, 150, { staff: true, at: week(number, 1) })
    }
    const shown: unknown[] = []
    const dry = await t.distribute(week(3), {
      dryRun: true,
      onProgress: ({ week: of, rewards, carried }) => {
        shown.push({ of, rewards: rewards.map(({ username, amount }) => [username, amount]), carried })
      },
    })
    for (const table of ['weekly_distribution', 'token_reward', 'payment', 'reputation_change'] as const) {
      expect(await t.db.selectFrom(`contributions.${table}`).selectAll().execute()).toEqual([])
    }
    expect(await t.balance('treasury:rewards')).toBe(REWARDS)
    const done: unknown[] = []
    const run = await t.distribute(week(3), {
      onProgress: ({ step, week: of, rewards, carried }) => {
        if (step !== 'frozen') return
        done.push({ of, rewards: rewards.map(({ username, amount }) => [username, amount]), carried })
      },
    })
    expect(done).toEqual(shown)
    const figures = ({ week: of, totalTokens, totalPoints, carriedPoints }: (typeof run)[number]) => {
      return { of, totalTokens, totalPoints, carriedPoints }
    }
    expect(run.map(figures)).toEqual(dry.map(figures))
  })

  test('of nothing shows nothing', async () => {
    await using t = await testWiki()
    expect(await t.distribute(week(9), { dryRun: true })).toEqual([])
    expect(await t.distribute(week(9))).toEqual([])
  })
})
