import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'

import { testWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { serialUuid } from '../core/id.ts'
import { findContribution } from './contributions-queries.ts'
import { recordChange, setDemand, setFlags } from './contributions.ts'

async function articleId({ db }: Awaited<ReturnType<typeof testWiki>>, name = 'common/tar'): Promise<string> {
  const { id, created_at } = await db
    .selectFrom('contributions.article')
    .select(['id', 'created_at'])
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return serialUuid(id, created_at)
}

describe('a contribution', () => {
  test('is worth the base points of its type, and makes its person a contributor', async () => {
    await using t = await testWiki()
    const expected = { creation: 100, major_edit: 50, minor_edit: 20, translation: 75 }
    for (const [type, points] of Object.entries(expected)) {
      const [id] = await t.record('ada', { type, at: week(0, 1) })
      expect(await findContribution(t.db, id!)).toMatchObject({
        type,
        base_points: points,
        total_points: points,
        quality_e2: 100,
        reputation_e4: 10_000,
        demand_e2: 100,
        week_start: '2026-01-05',
        settled: false,
      })
    }
    expect(await t.contributor('ada')).toMatchObject({ total_contributions: 4, total_points: 245n })
    const person = await t.db.selectFrom('identity.person').selectAll().executeTakeFirstOrThrow()
    expect(person).toMatchObject({ username: 'ada', joined_at: week(0, 1) })
  })

  test('of the document: 100 × 2.5 × 1.2 × 1.8 = 540 points', async () => {
    await using t = await testWiki()
    await t.record('ada', { type: 'minor_edit' })
    await t.db
      .insertInto('contributions.reputation_change')
      .values({
        contributor: (await t.contributor('ada')).id,
        week_start: '2025-12-29',
        quality_sum_e2: 300n,
        scored: 1,
        before_e4: 10_000,
        after_e4: 12_000,
      })
      .execute()
    await t.db.updateTable('contributions.contributor').set({ reputation_e4: 12_000 }).execute()
    await transaction(t.db, async (tx) => {
      await setDemand(tx, { article: await articleId(t), demand_e2: 180, actor: 'key:staff', now: t.clock.now() })
    })
    const [id] = await t.record('ada')
    expect(await findContribution(t.db, id!)).toMatchObject({ total_points: 216 })
    await t.review(id!, null, 250, { staff: true })
    expect(await findContribution(t.db, id!)).toMatchObject({ total_points: 540, quality_e2: 250 })
  })

  test('of several people shares the base points, the author first, each with their own multipliers', async () => {
    await using t = await testWiki()
    const ids = await t.record(['ada', 'bob', 'cyd'])
    const rows = await Promise.all(ids.map((id) => findContribution(t.db, id)))
    expect(rows.map(({ username, base_points }) => [username, base_points])).toEqual([
      ['ada', 34],
      ['bob', 33],
      ['cyd', 33],
    ])
    expect(new Set(rows.map(({ change }) => change))).toEqual(new Set([rows[0]!.id]))
  })

  test('keeps the base points that were in force when it was recorded', async () => {
    await using t = await testWiki()
    const [before] = await t.record('ada')
    await t.setParameter('base_points_creation', 120)
    const [after] = await t.record('ada')
    expect(await findContribution(t.db, before!)).toMatchObject({ total_points: 100 })
    expect(await findContribution(t.db, after!)).toMatchObject({ total_points: 120 })
  })

  test.each([
    ['a type that there is not', { type: 'deletion' }, 'contribution_type_unknown'],
    ['a review without its change', { type: 'review' }, 'contribution_type_unknown'],
    ['nobody', { people: [] }, 'people_invalid'],
    ['somebody twice', { people: ['ada', 'bob', 'ada'] }, 'people_invalid'],
    ['a crowd', { people: Array.from({ length: 102 }, (_, i) => `p${i}`) }, 'people_invalid'],
    ['a time six minutes ahead', { createdAt: new Date(week(0).getTime() + 360_000) }, 'created_at_out_of_range'],
    ['a time before there were wikis', { createdAt: new Date(0) }, 'created_at_out_of_range'],
  ])('by %s is refused, and leaves nothing', async (_, wrong, code) => {
    await using t = await testWiki()
    const change = {
      type: 'creation',
      article: 'common/tar',
      people: ['ada'],
      createdAt: week(0),
      actor: 'key:test',
      now: week(0),
    }
    const recording = transaction(t.db, async (tx) => await recordChange(tx, { ...change, ...wrong }))
    await expect(recording).rejects.toMatchObject({ code })
    const { rows } = await sql<{ count: bigint }>`
      select (select count(*) from identity.person) + (select count(*) from contributions.article) as count
    `.execute(t.db)
    expect(rows).toEqual([{ count: 0n }])
  })

  test('may come from a clock that is five minutes ahead', async () => {
    await using t = await testWiki()
    const createdAt = new Date(week(1).getTime() + 299_000)
    const now = week(1)
    const change = { type: 'creation', article: 'common/tar', people: ['ada'], createdAt, actor: 'key:test', now }
    await transaction(t.db, async (tx) => await recordChange(tx, change))
  })

  test('can be recorded by many at once, and every sum counts all of them', async () => {
    await using t = await testWiki()
    const people = ['ada', 'bob', 'cyd', 'dan']
    const articles = ['common/tar', 'common/ls', 'linux/ip']
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const [author, other] = [people[i % 4]!, people[(i + 1 + (i % 3)) % 4]!]
        await t.record([author, other], { article: articles[i % 3]!, at: week(0, i % 5), type: 'minor_edit' })
      }),
    )
    const { rows } = await sql<{ contributions: bigint; points: bigint }>`
      select sum(contributions) as contributions, sum(points) as points
      from contributions.tally
    `.execute(t.db)
    expect(rows).toEqual([{ contributions: 120n, points: 1_200n }])
  })
})

describe('the demand of an article', () => {
  test('multiplies later contributions only, until it is cleared', async () => {
    await using t = await testWiki()
    const set = async (demand_e2: number | null) => {
      const article = await articleId(t)
      await transaction(t.db, async (tx) => {
        await setDemand(tx, { article, demand_e2, actor: 'key:staff', now: t.clock.now() })
      })
    }
    const [before] = await t.record('ada')
    await set(180)
    const [during] = await t.record('ada')
    await set(null)
    const [after] = await t.record('ada')
    const points = [before, during, after].map(async (id) => (await findContribution(t.db, id!)).total_points)
    expect(await Promise.all(points)).toEqual([100, 180, 100])
  })

  test('is refused out of its bounds, and for an article that there is not', async () => {
    await using t = await testWiki()
    await t.record('ada')
    const article = await articleId(t)
    const set = async (options: { article: string; demand_e2: number }) =>
      await transaction(t.db, async (tx) => {
        await setDemand(tx, { ...options, actor: 'key:staff', now: t.clock.now() })
      })
    await expect(set({ article, demand_e2: 251 })).rejects.toMatchObject({ code: 'demand_out_of_range' })
    await expect(set({ article, demand_e2: 99 })).rejects.toMatchObject({ code: 'demand_out_of_range' })
    const missing = serialUuid(999n, week(0))
    await expect(set({ article: missing, demand_e2: 150 })).rejects.toMatchObject({ code: 'article_not_found' })
  })

  test('and its marks, and who recorded what, are audited', async () => {
    await using t = await testWiki()
    await t.record('ada')
    const article = await articleId(t)
    await transaction(t.db, async (tx) => {
      await setDemand(tx, { article, demand_e2: 150, actor: 'key:staff', now: t.clock.now() })
      await setFlags(tx, { article, featured: true, actor: 'key:staff', now: t.clock.now() })
    })
    const events = await t.db
      .selectFrom('audit.event')
      .select(['action', 'diff'])
      .where('subject', '=', 'article:common/tar')
      .orderBy('id')
      .execute()
    expect(events).toEqual([
      { action: 'contribution.record', diff: { after: { type: 'creation', people: ['ada'] } } },
      { action: 'article.demand', diff: { before: { demand: null }, after: { demand: '1.5' } } },
      {
        action: 'article.flags',
        diff: {
          before: { featured: false, expert_reviewed: false },
          after: { featured: true, expert_reviewed: false },
        },
      },
    ])
  })
})
