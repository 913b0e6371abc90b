import { Readable } from 'node:stream'

import { describe, expect, test } from 'vitest'

import { keyOf, testShell } from '../../test/shell.ts'
import { historyLines, lineOf } from '../../test/wiki-lines.ts'
import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { importContributions, importId, importViews, listImports, rollbackImport } from './contributions.ts'
import { contributionRoutes } from './routes.ts'
import { setDemandByViews } from './views-demand.ts'

async function read(t: TestWiki, lines: readonly string[], as = importContributions) {
  if (t.clock.now() < week(40)) t.clock.set(week(40))
  const text = lines.map((line) => `${line}\n`).join('')
  const from = { name: 'history.jsonl', stream: Readable.from([text], { objectMode: false }) }
  return await as(t.db, { from, onError: 'stop', actor: 'cli:test', clock: t.clock })
}

async function newest(t: TestWiki): Promise<string> {
  const [row] = await listImports(t.db, { limit: 1 })
  return importId(row!)
}

async function takeBack(t: TestWiki, id?: string) {
  const by = { import: id ?? (await newest(t)), actor: 'cli:test', now: t.clock.now() }
  return await transaction(t.db, async (tx) => await rollbackImport(tx, by))
}

describe('an import that is taken back', () => {
  test('leaves everything as it was before, and may come in again', async () => {
    await using t = await testWiki()
    t.clock.set(week(40))
    await t.record(['w1', 'zoe'], { article: 'common/a1', at: week(0, 1) })
    const [reviewed] = await t.record('w2', { article: 'common/own', at: week(0, 2) })
    await t.review(reviewed!, 'zoe', 250)
    const before = await t.outcome()
    const lines = historyLines({ count: 3_000, people: 9, start: week(0) })
    const brought = await read(t, lines)
    const after = await t.outcome()
    const { contributions, people, articles } = brought
    expect(await takeBack(t)).toEqual({ file: 'history.jsonl', contributions, people, articles, views: 0 })
    expect(await t.outcome()).toEqual(before)
    expect(await t.db.selectFrom('contributions.page').selectAll().execute()).toEqual([])
    expect(await read(t, lines)).toMatchObject({ linesBefore: 0, lines: 3_000, contributions })
    expect(await t.outcome()).toEqual(after)
  })

  test('leaves what another import brought', async () => {
    await using t = await testWiki()
    const one = historyLines({ count: 500, people: 9, start: week(0) })
    const two = historyLines({ count: 500, people: 9, start: week(1), seed: 2 }).map((line) =>
      line.replaceAll('"w', '"v').replace('common/', 'linux/'),
    )
    await read(t, one)
    const before = await t.outcome()
    await read(t, two)
    await takeBack(t)
    expect(await t.outcome()).toEqual(before)
  })

  test('is taken back once, by whoever is first', async () => {
    await using t = await testWiki()
    await read(t, historyLines({ count: 50, people: 5, start: week(0) }))
    const id = await newest(t)
    const runs = await Promise.allSettled([takeBack(t, id), takeBack(t, id)])
    expect(runs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(takeBack(t, id)).rejects.toMatchObject({ code: 'import_rolled_back' })
    await expect(takeBack(t, '019b8b3a-7c00-7000-8000-0000000000ff')).rejects.toMatchObject({
      code: 'import_not_found',
    })
    const events = await t.db
      .selectFrom('audit.event')
      .select('action')
      .where('action', '=', 'import.rollback')
      .execute()
    expect(events).toHaveLength(1)
  })
})

describe('an import stays', () => {
  test('once one of its weeks was distributed', async () => {
    await using t = await testWiki()
    await read(t, [lineOf({ author: 'ada' }), lineOf({ author: 'ada', change: 'edit', at: '2026-02-01T00:00:00Z' })])
    await t.distribute(week(1))
    const before = await t.outcome()
    await expect(takeBack(t)).rejects.toMatchObject({ code: 'import_settled' })
    expect(await t.outcome()).toEqual(before)
  })

  test('where somebody has scored its work', async () => {
    await using t = await testWiki()
    await read(t, [lineOf({ author: 'ada' })])
    const shell = await testShell({ routes: contributionRoutes, economy: { ...t, state: 'open' as const } })
    await using _ = shell
    const { json } = await shell.send({ path: '/v1/test/contributions' })
    const { data } = json as { data: { id: string }[] }
    await t.review(data[0]!.id, null, 200, { staff: true })
    await expect(takeBack(t)).rejects.toMatchObject({ code: 'import_in_use' })
  })

  test.each<[string, (t: TestWiki) => Promise<unknown>, string]>([
    ['one of its people has other work', async (t) => await t.record('ada', { article: 'common/ls' }), 'import_in_use'],
    ['one of its articles has other work', async (t) => await t.record('bob'), 'import_in_use'],
    [
      'one of its people has a wallet here',
      async (t) => {
        const { id } = await t.db
          .selectFrom('identity.person')
          .select('id')
          .where('username', '=', 'ada')
          .executeTakeFirstOrThrow()
        await transaction(t.db, async (tx) => {
          const accounts = [{ path: await t.wallet('ada'), owner: id }]
          await ensureAccounts(tx, { asset: 'KONTRIB', accounts, now: t.clock.now() })
        })
      },
      'person_in_use',
    ],
  ])('where %s', async (_, use, code) => {
    await using t = await testWiki()
    await read(t, [lineOf({ author: 'ada' })])
    await use(t)
    const before = await t.outcome()
    await expect(takeBack(t)).rejects.toMatchObject({ code })
    expect(await t.outcome()).toEqual(before)
  })

  test('as to what was recorded here: the database lets none of it go', async () => {
    await using t = await testWiki()
    const [id] = await t.record('ada')
    await t.review(id!, 'bob', 200)
    for (const table of ['review', 'contribution', 'contributor', 'article'] as const) {
      await expect(t.db.deleteFrom(`contributions.${table}`).execute(), table).rejects.toThrow(/stays?$|stays?/)
    }
  })
})

test('page views that are taken back make way for the figures before, and the demand follows', async () => {
  await using t = await testWiki()
  for (const article of ['a', 'b']) await t.record('ada', { article })
  const demand = async () => {
    await transaction(t.db, async (tx) => await setDemandByViews(tx, { now: t.clock.now() }))
    const rows = await t.db.selectFrom('contributions.article').select('demand_e2').orderBy('name').execute()
    return rows.map(({ demand_e2 }) => demand_e2)
  }
  await read(t, ['article,date,views', 'a,2026-01-06,5'], importViews)
  expect(await demand()).toEqual([250, 100])
  await read(t, ['article,date,views', 'b,2026-01-06,9'], importViews)
  expect(await demand()).toEqual([100, 250])
  expect(await takeBack(t)).toMatchObject({ views: 1 })
  expect(await demand()).toEqual([250, 100])
  await takeBack(t, importId((await listImports(t.db, { limit: 2 }))[1]!))
  expect(await demand()).toEqual([100, 100])
})

test('what an import left out is told line by line, and stays when it is taken back', async () => {
  await using t = await testWiki()
  await using shell = await testShell({ routes: contributionRoutes, economy: { ...t, state: 'open' as const } })
  const lines = [lineOf({ author: 'ada' }), '{', lineOf({ author: 'bob' }), lineOf({ author: '' })]
  const from = { name: 'history.jsonl', stream: Readable.from([lines.join('\n')], { objectMode: false }) }
  t.clock.set(week(40))
  const { errors } = await importContributions(t.db, { from, onError: 'skip', actor: 'cli:test', clock: t.clock })
  const path = `/v1/test/imports/${await newest(t)}/refusals`
  const page = async (query: string) => (await shell.send({ path: `${path}?${query}` })).json as Refusals
  const first = await page('limit=1')
  const second = await page(`limit=1&cursor=${first.next_cursor}`)
  expect([...first.data, ...second.data]).toEqual(errors)
  expect(second).toMatchObject({ data: [{ line: 4 }], next_cursor: null })
  await takeBack(t)
  expect((await page('')).data).toHaveLength(2)
})

interface Refusals {
  data: object[]
  next_cursor: string | null
}

test('imports are listed and taken back over HTTP, by who may', async () => {
  await using t = await testWiki()
  await using shell = await testShell({ routes: contributionRoutes, economy: { ...t, state: 'open' as const } })
  await read(t, [lineOf({ author: 'ada' })])
  const before = await t.outcome()
  const { json } = await shell.send({ path: '/v1/test/imports', key: keyOf('support') })
  const [row] = (json as { data: { id: string }[] }).data
  expect(row).toMatchObject({ format: 'wiki-history', status: 'completed', lines: 1, contributions: 1, people: 1 })
  const path = `/v1/test/imports/${row!.id}`
  const post = async (who: string, body: object = {}) => {
    const as = { key: keyOf(who), headers: { 'idempotency-key': who } }
    return await shell.send({ method: 'POST', path: `${path}/rollback`, body, ...as })
  }
  expect((await post('support')).status).toBe(403)
  expect((await post('operator', { dry_run: true })).json).toMatchObject({ contributions: 1, people: 1, articles: 1 })
  expect(await t.outcome()).toEqual(before)
  expect((await post('operator')).json).toMatchObject({ contributions: 1, people: 1, articles: 1 })
  expect((await post('operator')).status).toBe(200)
  expect((await shell.send({ path })).json).toMatchObject({ status: 'rolled_back', rolled_back_by: 'key:operator' })
})
