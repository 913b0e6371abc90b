import { Readable } from 'node:stream'

import { describe, expect, test } from 'vitest'

import { keyOf, testShell } from '../../test/shell.ts'
import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { importViews } from './contributions.ts'
import type { ImportOptions } from './importer.ts'
import { contributionRoutes } from './routes.ts'
import { setDemandByViews } from './views-demand.ts'

async function read(t: TestWiki, lines: readonly string[], options: Partial<ImportOptions> = {}) {
  const text = ['article,date,views', ...lines].map((line) => `${line}\n`).join('')
  const from = { name: 'views.csv', stream: Readable.from([text], { objectMode: false }) }
  return await importViews(t.db, { from, onError: 'skip', actor: 'cli:test', clock: t.clock, ...options })
}

const settle = async (t: TestWiki) =>
  await transaction(t.db, async (tx) => await setDemandByViews(tx, { now: t.clock.now() }))

async function demands(t: TestWiki): Promise<Record<string, number>> {
  const rows = await t.db.selectFrom('contributions.article').select(['name', 'demand_e2']).execute()
  return Object.fromEntries(rows.map(({ name, demand_e2 }) => [name, demand_e2]))
}

async function wikiOf(articles: readonly string[]): Promise<TestWiki> {
  const t = await testWiki()
  for (const article of articles) await t.record('ada', { article })
  return t
}

describe('the demand of articles', () => {
  test('follows their rank among the views of the last week that is over, ties sharing the lowest', async () => {
    await using t = await wikiOf(['a', 'b', 'c', 'd', 'e'])
    t.clock.set(week(1, 1))
    await read(t, [
      'a,2026-01-05,1',
      'a,2026-01-11,9',
      'b,2026-01-06,5',
      'c,2026-01-06,5',
      'd,2026-01-07,7',
      'e,2026-01-12,99',
    ])
    expect(await settle(t)).toBe(5)
    // e has views of the running week alone; b and c share the second lowest place.
    expect(await demands(t)).toEqual({ e: 100, b: 138, c: 138, d: 213, a: 250 })
    expect(await settle(t)).toBeNull()
  })

  test('counts for later contributions only, and after what staff says', async () => {
    await using t = await wikiOf(['a', 'b'])
    t.clock.set(week(1, 1))
    await read(t, ['a,2026-01-06,3'])
    await settle(t)
    const [later] = await t.record('bob', { article: 'a', type: 'major_edit' })
    expect(later).toBeDefined()
    const points = await t.db
      .selectFrom('contributions.contribution')
      .select(['demand_e2', 'total_points'])
      .orderBy('id')
      .execute()
    expect(points).toEqual([
      { demand_e2: 100, total_points: 100 },
      { demand_e2: 100, total_points: 100 },
      { demand_e2: 250, total_points: 125 },
    ])
    await t.db.updateTable('contributions.article').set({ staff_demand_e2: 120 }).where('name', '=', 'a').execute()
    expect(await demands(t)).toEqual({ a: 120, b: 100 })
  })

  test('is set anew when figures of the week are corrected, and when the next week is over', async () => {
    await using t = await wikiOf(['a', 'b', 'c'])
    t.clock.set(week(1, 1))
    await read(t, ['a,2026-01-06,3', 'b,2026-01-06,1'])
    await settle(t)
    expect(await demands(t)).toEqual({ a: 250, b: 175, c: 100 })
    await read(t, ['b,2026-01-06,9'])
    expect(await settle(t)).toBe(2)
    expect(await demands(t)).toEqual({ a: 175, b: 250, c: 100 })
    await read(t, ['c,2026-01-13,1'])
    expect(await settle(t)).toBeNull()
    t.clock.set(week(2))
    expect(await settle(t)).toBe(3)
    expect(await demands(t)).toEqual({ a: 100, b: 100, c: 250 })
  })

  test('stays while nobody tells any views, and a single article is in no demand', async () => {
    await using t = await wikiOf(['a'])
    expect(await settle(t)).toBeNull()
    t.clock.set(week(1))
    await read(t, ['a,2026-01-06,3'])
    await settle(t)
    expect(await demands(t)).toEqual({ a: 100 })
    t.clock.set(week(9))
    expect(await settle(t)).toBeNull()
  })
})

describe('a file of views', () => {
  test('changes nothing when it is read again, and says what it left out', async () => {
    await using t = await wikiOf(['a', 'b'])
    t.clock.set(week(1))
    const lines = ['a,2026-01-06,3', 'nowhere,2026-01-06,3', 'b,2026-01-06,x', 'a,2026-01-06,4']
    const first = await read(t, lines)
    expect(first).toMatchObject({ lines: 5, refused: 2, views: 1 })
    expect(first.errors).toMatchObject([
      { line: 3, field: 'article', code: 'article_not_found' },
      { line: 4, field: 'views', code: 'line_invalid' },
    ])
    expect(await read(t, lines)).toMatchObject({ linesBefore: 5, lines: 0, views: 0 })
  })

  test('stops before a line that only the database can tell is wrong, and goes on when that is put right', async () => {
    await using t = await wikiOf(['a'])
    t.clock.set(week(1))
    const lines = ['a,2026-01-06,3', 'b,2026-01-06,4', 'a,2026-01-07,5']
    const stopped = await read(t, lines, { onError: 'stop' })
    expect(stopped).toMatchObject({ lines: 2, views: 1, stopped: { line: 3, code: 'article_not_found' } })
    await t.record('ada', { article: 'b' })
    expect(await read(t, lines, { onError: 'stop' })).toMatchObject({ linesBefore: 2, lines: 2, views: 2 })
  })

  test('that goes on otherwise than before is refused', async () => {
    await using t = await wikiOf(['a'])
    t.clock.set(week(1))
    await read(t, ['a,2026-01-06,3', 'a,2026-01-07,4'])
    await expect(read(t, ['a,2026-01-06,3', 'a,2026-01-07,5'])).rejects.toMatchObject({ code: 'import_file_differs' })
  })
})

test('views are told over HTTP, all of a batch or none', async () => {
  await using t = await wikiOf(['a', 'b'])
  await using shell = await testShell({ routes: contributionRoutes, economy: { ...t, state: 'open' as const } })
  const send = async (views: object[], who = 'operator') =>
    await shell.send({ method: 'POST', path: '/v1/test/articles/views', key: keyOf(who), body: { views } })
  const figure = { article: 'a', date: '2026-01-05', views: 3 }
  expect((await send([figure, { ...figure, article: 'b' }])).json).toEqual({ recorded: 2 })
  expect((await send([figure])).json).toEqual({ recorded: 0 })
  expect(
    (
      await send([
        { ...figure, views: 4 },
        { ...figure, article: 'x' },
      ])
    ).json,
  ).toMatchObject({
    code: 'article_not_found',
  })
  expect((await send([{ ...figure, date: '2026-01-06' }])).json).toMatchObject({ code: 'views_in_future' })
  expect((await send([{ ...figure, views: -1 }])).json).toMatchObject({ code: 'request_invalid' })
  expect((await send([figure], 'moderator')).status).toBe(403)
  expect(await t.db.selectFrom('contributions.article_views').select('views').execute()).toHaveLength(2)
})
