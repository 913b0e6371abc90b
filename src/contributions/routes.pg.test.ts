import { randomUUID } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { type Json, testWikiApi } from '../../test/wiki-api.ts'
import { kontrib, week } from '../../test/wiki.ts'

const CREATION = { type: 'creation', article: 'common/tar', people: ['ada'] }

describe('contributions', () => {
  test('are recorded, read and listed under the names that the document gives their fields', async () => {
    await using t = await testWikiApi()
    const metadata = { word_count: 2_500, images_added: 3, links_added: 12, sources_cited: 8 }
    const description = 'Created comprehensive DeFi guide with examples'
    const created_at = '2026-01-05T00:00:00.000Z'
    const recorded = await t.post('/contributions', { ...CREATION, created_at, metadata, description })
    expect(recorded.status).toBe(201)
    const contribution = recorded.json.data[0]!
    expect(contribution).toMatchObject({
      username: 'ada',
      article: 'common/tar',
      type: 'creation',
      base_points: 100,
      quality_multiplier: '1',
      reputation_multiplier: '1',
      demand_multiplier: '1',
      total_points: 100,
      description,
      metadata,
      week_start: '2026-01-05T00:00:00.000Z',
      week_end: '2026-01-12T00:00:00.000Z',
      settled: false,
      created_at,
      updated_at: created_at,
    })
    expect((await t.get(`/contributions/${contribution.id}`)).json).toEqual(contribution)
    expect((await t.get(`/contributions?article_id=${contribution.article_id}`)).json.data).toEqual([contribution])
    expect((await t.get('/contributions?username=ada&type=creation')).json.data).toEqual([contribution])
    expect((await t.get('/contributions?username=nobody')).json.data).toEqual([])
    expect((await t.get('/contributors/ada/contributions')).json.data).toEqual([contribution])
  })

  test('sent twice with the same key are recorded once', async () => {
    await using t = await testWikiApi()
    const key = randomUUID()
    const first = await t.post('/contributions', CREATION, { key })
    const second = await t.post('/contributions', CREATION, { key })
    expect(second).toEqual(first)
    expect((await t.get('/contributors/ada')).json.total_contributions).toBe(1)
  })

  test.each(['newest', 'oldest'])('are listed page by page, each once, the %s first', async (order) => {
    await using t = await testWikiApi()
    for (let i = 0; i < 7; i++) await t.record(['ada', 'bob'], { at: week(0, i % 3), type: 'minor_edit' })
    const seen: Json[] = []
    for (let cursor = ''; ;) {
      const { json } = await t.get(`/contributions?limit=4&order=${order}${cursor && `&cursor=${cursor}`}`)
      seen.push(...json.data)
      if (json.next_cursor === null) break
      cursor = json.next_cursor
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(14)
    const times = seen.map(({ created_at }) => created_at)
    const ascending = times.toSorted()
    expect(times).toEqual(order === 'oldest' ? ascending : ascending.toReversed())
  })

  test.each<[string, object, number, string]>([
    ['an unknown type', { type: 'deletion' }, 422, 'contribution_type_unknown'],
    ['a review', { type: 'review' }, 422, 'contribution_type_unknown'],
    ['a person named twice', { people: ['ada', 'ada'] }, 422, 'people_invalid'],
    ['a future time', { created_at: '2026-01-05T00:06:00Z' }, 422, 'created_at_out_of_range'],
    ['an absurd size', { metadata: { word_count: 1_000_001 } }, 400, 'request_invalid'],
    ['a name that has no UTF-8', { people: ['\ud800'] }, 400, 'json_invalid'],
    ['a name with a line break', { article: 'a\nb' }, 400, 'request_invalid'],
    ['a description with a null character', { description: 'a\u0000b' }, 400, 'json_invalid'],
    ['an unknown field', { points: 5 }, 400, 'request_invalid'],
  ])('with %s are refused', async (_, wrong, status, code) => {
    await using t = await testWikiApi()
    expect(await t.post('/contributions', { ...CREATION, ...wrong })).toMatchObject({ status, json: { code } })
  })

  test('that there are not are not found', async () => {
    await using t = await testWikiApi()
    const id = '019b8b3a-7c00-7000-8000-0000000000ff'
    for (const path of ['contributions', 'articles', 'distributions']) {
      expect(await t.get(`/${path}/${id}`)).toMatchObject({
        status: 404,
        json: { code: `${path.slice(0, -1)}_not_found` },
      })
    }
    expect(await t.get('/contributors/nobody')).toMatchObject({ status: 404, json: { code: 'contributor_not_found' } })
    expect(await t.get('/contributions/1')).toMatchObject({ status: 400 })
  })
})

describe('reviews', () => {
  test('are given, and listed in their order', async () => {
    await using t = await testWikiApi()
    const [id] = await t.record('ada')
    const path = `/contributions/${id}/reviews`
    expect(await t.post(path, { reviewer: 'bob', score: '2.5', comment: 'Thorough.' })).toMatchObject({
      status: 201,
      json: { quality: '1', points: 10 },
    })
    expect((await t.post(path, { score: 1.8, staff: true }, { who: 'moderator' })).json).toMatchObject({
      quality: '1.8',
    })
    const { json } = await t.get(path)
    expect(json.data).toMatchObject([
      { reviewer: 'bob', score: '2.5', staff: false, comment: 'Thorough.', contribution_id: expect.any(String) },
      { reviewer: null, score: '1.8', staff: true, comment: null, contribution_id: null },
    ])
    const credit = await t.get(`/contributions/${json.data[0]!.contribution_id}`)
    expect(credit.json).toMatchObject({ type: 'review', username: 'bob', article: 'common/tar' })
  })

  test.each<[string, object, number, string]>([
    ['a score above 3', { score: '3.01' }, 422, 'quality_out_of_range'],
    ['a score that is no number', { score: '1e1' }, 422, 'decimal_invalid'],
    ['a third decimal', { score: 1.005 }, 422, 'decimal_invalid'],
    ['nobody', { reviewer: undefined }, 422, 'reviewer_missing'],
    ['the author', { reviewer: 'ada' }, 403, 'self_review'],
  ])('with %s are refused', async (_, wrong, status, code) => {
    await using t = await testWikiApi()
    const [id] = await t.record('ada')
    const answer = await t.post(`/contributions/${id}/reviews`, { reviewer: 'bob', score: '2', ...wrong })
    expect(answer).toMatchObject({ status, json: { code } })
  })
})

describe('articles', () => {
  test('show demand, quality, earnings and marks, and are found by them', async () => {
    await using t = await testWikiApi()
    const [id] = await t.record('ada')
    await t.record('ada', { article: 'common/ls' })
    await t.review(id!, null, 200, { staff: true })
    const { json: page } = await t.get('/articles?name=common/tar')
    const path = `/articles/${page.data[0]!.id}`
    expect(await t.post(`${path}/demand`, { demand: '1.5' }, { who: 'moderator' })).toMatchObject({ status: 200 })
    await t.post(`${path}/flags`, { featured: true })
    t.clock.set(week(1))
    await t.distribute(week(1))
    const { json } = await t.get(path)
    expect(json).toMatchObject({
      name: 'common/tar',
      demand_score: '1.5',
      staff_demand: '1.5',
      quality_score: '2',
      total_tokens_earned: '6666.666666667',
      contribution_count: 1,
      last_contribution_date: week(0).toISOString(),
      token_metadata: { featured: true, high_demand: true, expert_reviewed: true },
    })
    for (const filter of ['featured=true', 'high_demand=true']) {
      expect((await t.get(`/articles?${filter}`)).json.data).toEqual([json])
    }
    const others = await t.get('/articles?featured=false&high_demand=false')
    expect(others.json.data.map(({ name }: Json) => name)).toEqual(['common/ls'])
    expect(await t.post(`${path}/demand`, { demand: null })).toMatchObject({
      json: { demand_score: '1', staff_demand: null },
    })
    expect(await t.post(`${path}/demand`, { demand: '2.6' })).toMatchObject({ json: { code: 'demand_out_of_range' } })
    expect(await t.post(`${path}/demand`, { demand: '2' }, { who: 'finance' })).toMatchObject({ status: 403 })
  })
})

describe('contributors', () => {
  test('show the fields of the document, read from the books where they are money', async () => {
    await using t = await testWikiApi()
    const [id] = await t.record('ada')
    await t.review(id!, null, 300, { staff: true })
    await t.record('bob', { type: 'minor_edit' })
    t.clock.set(new Date(week(1).getTime() + 330_000))
    await t.distribute(week(1))
    const paid = t.clock.now().toISOString()
    const { json } = await t.get('/contributors')
    expect(json.data).toMatchObject([
      {
        username: 'ada',
        joined_at: week(0).toISOString(),
        wallet_address: null,
        reputation_score: '1.05',
        total_contributions: 1,
        total_points: 300,
        carried_points: 0,
        total_tokens_earned: '9375',
        staked_tokens: '0',
        governance_power: '9375',
        last_reward_claim: paid,
        token_updated_at: paid,
      },
      { username: 'bob', total_points: 20, total_tokens_earned: '625' },
    ])
    expect({ ...(await t.get('/contributors/ada')).json, rank: 1 }).toEqual(json.data[0])
    const ranked = await t.get('/contributors?order=reputation_score&limit=1')
    expect(ranked.json.data.map(({ username }: Json) => username)).toEqual(['ada'])
    const next = await t.get(`/contributors?order=reputation_score&limit=1&cursor=${ranked.json.next_cursor}`)
    expect(next.json.data.map(({ username }: Json) => username)).toEqual(['bob'])
  })

  test('who were never paid have earned nothing yet', async () => {
    await using t = await testWikiApi()
    await t.record('ada')
    expect((await t.get('/contributors/ada')).json).toMatchObject({
      total_tokens_earned: '0',
      governance_power: '0',
      last_reward_claim: null,
      token_updated_at: null,
    })
    expect((await t.get('/contributors/ada/rewards')).json).toEqual({ data: [], next_cursor: null })
  })

  test('show what they have staked, which has votes twice after seven days', async () => {
    await using t = await testWikiApi()
    await t.record('ada')
    await t.distribute(week(1))
    await t.stake('ada', kontrib(4_000), { days: 30 })
    const shown = async () => (await t.get('/contributors/ada')).json
    expect(await shown()).toMatchObject({ staked_tokens: '4000', governance_power: '6000' })
    t.clock.set(week(2))
    expect(await shown()).toMatchObject({ staked_tokens: '4000', governance_power: '14000' })
    expect((await t.get('/contributors')).json.data).toEqual([{ ...(await shown()), rank: 1 }])
  })

  test('may have names that are no plain words', async () => {
    await using t = await testWikiApi()
    for (const name of ['Ægir 2', 'a/b?c=d&e', 'O’Brien; --', '%41']) {
      await t.record(name)
      expect((await t.get(`/contributors/${encodeURIComponent(name)}`)).json).toMatchObject({ username: name })
    }
  })
})
