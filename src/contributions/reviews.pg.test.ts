import { describe, expect, test } from 'vitest'

import { kontrib, testWiki, week } from '../../test/wiki.ts'
import { findContribution } from './contributions-queries.ts'

describe('the quality of a change', () => {
  test('is the median of its scores, three at least: missing ones count as 1', async () => {
    await using t = await testWiki()
    const [id] = await t.record('ada')
    const qualities = []
    for (const [reviewer, score] of [
      ['bob', 300],
      ['cyd', 200],
      ['dan', 250],
      ['eve', 50],
    ] as const) {
      qualities.push((await t.review(id!, reviewer, score)).quality_e2)
    }
    expect(qualities).toEqual([100, 200, 250, 225])
    expect(await findContribution(t.db, id!)).toMatchObject({ quality_e2: 225, total_points: 225, scored: true })
    expect(await t.contributor('ada')).toMatchObject({ total_points: 225n })
    const history = await t.db
      .selectFrom('contributions.quality_change')
      .select(['before_e2', 'after_e2'])
      .orderBy('id')
      .execute()
    expect(history).toEqual([
      { before_e2: 100, after_e2: 200 },
      { before_e2: 200, after_e2: 250 },
      { before_e2: 250, after_e2: 225 },
    ])
  })

  test('counts the latest score of each person', async () => {
    await using t = await testWiki()
    const [id] = await t.record('ada')
    for (const reviewer of ['bob', 'cyd', 'dan']) await t.review(id!, reviewer, 300)
    const { quality_e2 } = await t.review(id!, 'dan', 50)
    expect(quality_e2).toBe(300)
    expect((await t.review(id!, 'cyd', 60)).quality_e2).toBe(60)
  })

  test('is what staff says, alone and at once, whether staff contributes or not', async () => {
    await using t = await testWiki()
    const [id] = await t.record('ada')
    for (const reviewer of ['bob', 'cyd', 'dan']) await t.review(id!, reviewer, 50)
    expect((await t.review(id!, null, 280, { staff: true })).quality_e2).toBe(280)
    expect((await t.review(id!, null, 260, { staff: true })).quality_e2).toBe(260)
    expect((await t.review(id!, 'mod', 200, { staff: true })).quality_e2).toBe(230)
    expect((await t.review(id!, 'eve', 50)).quality_e2).toBe(230)
    const { expert_reviewed } = await t.db
      .selectFrom('contributions.article')
      .select('expert_reviewed')
      .executeTakeFirstOrThrow()
    expect(expert_reviewed).toBe(true)
  })

  test('is that of everybody who made it, and of the article the mean', async () => {
    await using t = await testWiki()
    const [ada, bob] = await t.record(['ada', 'bob'])
    await t.record('ada')
    await t.review(bob!, null, 250, { staff: true })
    for (const id of [ada, bob]) {
      expect(await findContribution(t.db, id!)).toMatchObject({ quality_e2: 250, total_points: 125 })
    }
    const article = await t.db.selectFrom('contributions.article').selectAll().executeTakeFirstOrThrow()
    expect(article).toMatchObject({ contribution_count: 3, scored_contributions: 2, quality_sum_e2: 500n })
  })

  test('changes until its week is distributed, and never after', async () => {
    await using t = await testWiki()
    const [id] = await t.record('ada', { at: week(0, 1) })
    await t.record('zoe', { at: week(0, 1) })
    t.clock.set(week(1, 2))
    expect((await t.review(id!, null, 300, { staff: true })).quality_e2).toBe(300)
    await t.distribute(week(1))
    expect(await t.rewards()).toEqual([
      ['2026-01-05', 'ada', kontrib(7_500)],
      ['2026-01-05', 'zoe', kontrib(2_500)],
    ])
    await expect(t.review(id!, null, 50, { staff: true })).rejects.toMatchObject({ code: 'week_distributed' })
    const change = t.db.updateTable('contributions.contribution').set({ total_points: 1 }).execute()
    await expect(change).rejects.toThrow('The week 2026-01-05 was distributed')
  })

  test.each([
    ['below', 49],
    ['above', 301],
  ])('is never %s its bounds: such a score is refused', async (_, score) => {
    await using t = await testWiki()
    const [id] = await t.record('ada')
    await expect(t.review(id!, 'bob', score)).rejects.toMatchObject({ code: 'quality_out_of_range' })
  })

  test('is settled once by any number of reviewers at once', async () => {
    await using t = await testWiki()
    const [id] = await t.record(['ada', 'bob'])
    const reviewers = Array.from({ length: 9 }, (_, i) => `r${i}`)
    await Promise.all(reviewers.map(async (reviewer, i) => await t.review(id!, reviewer, 110 + i * 10)))
    expect(await findContribution(t.db, id!)).toMatchObject({ quality_e2: 150 })
  })
})

describe('a review', () => {
  test('is a contribution of the reviewer the first time, and none again', async () => {
    await using t = await testWiki()
    const [id] = await t.record('ada')
    expect((await t.review(id!, 'bob', 200)).points).toBe(10n)
    expect((await t.review(id!, 'bob', 300)).points).toBe(0n)
    expect(await t.contributor('bob')).toMatchObject({ total_contributions: 1, total_points: 10n })
  })

  test('of one’s own change is refused, by whoever made it together', async () => {
    await using t = await testWiki()
    const [id] = await t.record(['ada', 'bob'])
    for (const maker of ['ada', 'bob']) {
      await expect(t.review(id!, maker, 300)).rejects.toMatchObject({ code: 'self_review' })
    }
  })

  test('brings points fifty times a day at most, by UTC days', async () => {
    await using t = await testWiki({ parameters: { reviews_per_day: 2 } })
    const ids = []
    for (let i = 0; i < 5; i++) ids.push((await t.record('ada'))[0]!)
    const late = new Date('2026-01-06T23:59:59.999Z')
    const points = []
    for (const id of ids.slice(0, 3)) points.push((await t.review(id, 'bob', 100, { at: late })).points)
    for (const id of ids.slice(3)) points.push((await t.review(id, 'bob', 100, { at: week(0, 2) })).points)
    expect(points).toEqual([10n, 10n, 0n, 10n, 10n])
    expect(await t.contributor('bob')).toMatchObject({ total_contributions: 5, total_points: 40n })
  })

  test('cannot get around the limit of the day by coming at once', async () => {
    await using t = await testWiki({ parameters: { reviews_per_day: 3 } })
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await t.record('ada'))[0]!))
    await t.record('bob')
    const reviews = await Promise.all(ids.map(async (id) => await t.review(id, 'bob', 100)))
    expect(reviews.filter(({ points }) => points === 10n)).toHaveLength(3)
  })

  test('is refused where there is no change: of a review, of nothing, by nobody', async () => {
    await using t = await testWiki()
    const [id] = await t.record('ada')
    await t.review(id!, 'bob', 200)
    const review = await t.db
      .selectFrom('contributions.contribution')
      .select(['id', 'created_at'])
      .where('type', '=', 'review')
      .executeTakeFirstOrThrow()
    const reviewId = id!.slice(0, -12) + review.id.toString(16).padStart(12, '0')
    await expect(t.review(reviewId, 'cyd', 200)).rejects.toMatchObject({ code: 'review_not_reviewable' })
    const missing = `${id!.slice(0, -3)}999`
    await expect(t.review(missing, 'cyd', 200)).rejects.toMatchObject({ code: 'contribution_not_found' })
    await expect(t.review(id!, null, 200)).rejects.toMatchObject({ code: 'reviewer_missing' })
  })
})
