import { Readable } from 'node:stream'

import { expect, test } from 'vitest'

import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { importArticles, importId, importUsers, listImports, rollbackImport } from './contributions.ts'
import type { ImportOptions } from './importer.ts'

async function read(
  t: TestWiki,
  as: typeof importUsers,
  documents: readonly object[],
  options: Partial<ImportOptions> = {},
) {
  if (t.clock.now() < week(40)) t.clock.set(week(40))
  const text = documents.map((document) => `${JSON.stringify(document)}\n`).join('')
  const from = { name: 'users.json', stream: Readable.from([text], { objectMode: false }) }
  return await as(t.db, { from, onError: 'skip', actor: 'cli:test', clock: t.clock, ...options })
}

async function takeBack(t: TestWiki) {
  const [row] = await listImports(t.db, { limit: 1 })
  const by = { import: importId(row!), actor: 'cli:test', now: t.clock.now() }
  return await transaction(t.db, async (tx) => await rollbackImport(tx, by))
}

const ZOE = {
  username: 'zoe',
  created_at: { $date: '2020-02-03T04:05:06Z' },
  reputation_score: { $numberDouble: '1.2' },
  total_tokens_earned: 250.75,
}

test('users who are new become people with their time; what they had elsewhere is told, and not believed', async () => {
  await using t = await testWiki()
  const result = await read(t, importUsers, [
    ZOE,
    { ...ZOE, username: 'yan', reputation_score: 1, total_tokens_earned: 0 },
  ])
  expect(result).toMatchObject({ lines: 2, people: 2, refused: 0, differing: 2 })
  expect(result.differences).toEqual([
    { line: 1, of: 'zoe', field: 'reputation_score', theirs: '1.2', ours: '1' },
    { line: 1, of: 'zoe', field: 'total_tokens_earned', theirs: '250.75', ours: '0' },
  ])
  await t.record('zoe')
  expect(await t.contributor('zoe')).toMatchObject({ reputation_e4: 10_000 })
  const person = await t.db
    .selectFrom('identity.person')
    .select('joined_at')
    .where('username', '=', 'zoe')
    .executeTakeFirstOrThrow()
  expect(person.joined_at).toEqual(new Date('2020-02-03T04:05:06Z'))
})

test('users who are known stay as they are, and are compared with the books', async () => {
  await using t = await testWiki()
  await t.record('ada')
  await t.distribute(week(1))
  const told = { username: 'ada', created_at: '2026-01-05T00:00:00Z', total_points: 100, total_tokens_earned: 10_000 }
  expect(await read(t, importUsers, [told])).toMatchObject({ people: 0, differing: 0 })
  const other = await read(t, importUsers, [{ ...told, total_points: 99 }, ZOE])
  expect(other.differences[0]).toEqual({ line: 1, of: 'ada', field: 'total_points', theirs: '99', ours: '100' })
})

test('a second run changes nothing, wrong lines are told, and all of it can be taken back', async () => {
  await using t = await testWiki()
  const documents = [ZOE, { username: '' }, { ...ZOE, username: 'yan' }]
  expect(await read(t, importUsers, documents)).toMatchObject({
    people: 2,
    refused: 1,
    errors: [{ line: 2, field: 'username', code: 'line_invalid' }],
  })
  expect(await read(t, importUsers, documents)).toMatchObject({ linesBefore: 3, lines: 0, people: 0 })
  expect(await takeBack(t)).toMatchObject({ people: 2 })
  expect(await t.db.selectFrom('identity.person').selectAll().execute()).toEqual([])
  const stopped = await read(t, importUsers, documents, { onError: 'stop' })
  expect(stopped).toMatchObject({ people: 1, lines: 1, stopped: { line: 2 } })
})

test('somebody who has work by now does not go with the import that brought them', async () => {
  await using t = await testWiki()
  await read(t, importUsers, [ZOE])
  await t.record('zoe')
  await expect(takeBack(t)).rejects.toMatchObject({ code: 'import_in_use' })
})

test('articles that are new come with demand and marks; those that are known stay, and all can be taken back', async () => {
  await using t = await testWiki()
  await t.record('ada', { article: 'known' })
  const metadata = { featured: true, high_demand: true, expert_reviewed: false }
  const defi = { name: 'defi', created_at: '2024-01-01T00:00:00Z', demand_score: 1.8, token_metadata: metadata }
  const known = { name: 'known', created_at: '2024-01-01T00:00:00Z', demand_score: 2, contribution_count: 8 }
  const result = await read(t, importArticles, [defi, known, { ...defi, name: 'odd', demand_score: 2.6 }])
  expect(result).toMatchObject({ articles: 1, refused: 1, errors: [{ line: 3, field: 'demand_score' }] })
  expect(result.differences).toEqual([
    { line: 2, of: 'known', field: 'demand_score', theirs: '2', ours: '1' },
    { line: 2, of: 'known', field: 'contribution_count', theirs: '8', ours: '1' },
  ])
  const articles = async () =>
    await t.db
      .selectFrom('contributions.article')
      .select(['name', 'demand_e2', 'featured', 'expert_reviewed'])
      .orderBy('name')
      .execute()
  expect(await articles()).toEqual([
    { name: 'defi', demand_e2: 180, featured: true, expert_reviewed: false },
    { name: 'known', demand_e2: 100, featured: false, expert_reviewed: false },
  ])
  await takeBack(t)
  expect((await articles()).map(({ name }) => name)).toEqual(['known'])
})
