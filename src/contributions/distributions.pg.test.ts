import { describe, expect, test } from 'vitest'

import { testWikiApi } from '../../test/wiki-api.ts'
import { week } from '../../test/wiki.ts'

describe('distributions', () => {
  test('are previewed, run once, and read with their rewards', async () => {
    await using t = await testWikiApi()
    await t.record('ada')
    await t.record('bob', { type: 'minor_edit' })
    t.clock.set(week(2))
    const preview = await t.post('/distributions/preview', {}, { who: 'auditor' })
    expect(preview.json.data).toMatchObject([
      {
        week_start: week(0).toISOString(),
        total_tokens: '10000',
        rewards: [
          { username: 'ada', total_points: 100, token_amount: '8333.333333333' },
          { username: 'bob', total_points: 20, token_amount: '1666.666666667' },
        ],
      },
      { week_start: week(1).toISOString(), total_tokens: '0', rewards: [] },
    ])
    expect((await t.get('/distributions')).json.data).toEqual([])
    expect(await t.post('/distributions/run', {}, { who: 'auditor' })).toMatchObject({ status: 403 })
    const run = await t.post('/distributions/run', {}, { who: 'finance' })
    expect(run).toMatchObject({ status: 200, json: { more: false } })
    expect((await t.post('/distributions/run', {})).json).toEqual({ data: [], more: false })

    const { json: list } = await t.get('/distributions')
    expect(list.data).toEqual(run.json.data.toReversed())
    const distribution = list.data[1]!
    expect(distribution).toMatchObject({
      week_start: week(0).toISOString(),
      week_end: week(1).toISOString(),
      total_points: 120,
      total_tokens: '10000',
      point_to_token_ratio: '83.333333333',
      effective_points: '120',
      user_count: 2,
      treasury_short: false,
      undistributed: '0',
      status: 'completed',
      distribution_tx_hash: null,
      started_at: week(2).toISOString(),
      completed_at: week(2).toISOString(),
    })
    const one = await t.get(`/distributions/${distribution.id}`)
    expect(one.json).toMatchObject({ ...distribution, entry_ids: [expect.any(String)] })
    const { paid_tokens, paid_count, total_tokens, user_count } = one.json
    expect([paid_tokens, paid_count]).toEqual([total_tokens, user_count])
    const { json: rewards } = await t.get(`/distributions/${distribution.id}/rewards?limit=1`)
    expect(rewards.data).toMatchObject([
      {
        username: 'ada',
        weekly_distribution_id: distribution.id,
        total_points: 100,
        carried_points: 0,
        token_amount: '8333.333333333',
        staking_multiplier: '1',
        status: 'completed',
        entry_id: one.json.entry_ids[0],
        transaction_signature: null,
        claimed_at: week(2).toISOString(),
        created_at: week(2).toISOString(),
      },
    ])
    const { json: mine } = await t.get('/contributors/ada/rewards')
    expect(mine.data).toEqual(rewards.data)
    const last = await t.get(`/distributions/${distribution.id}/rewards?limit=1&cursor=${rewards.next_cursor}`)
    expect(last.json).toMatchObject({ data: [{ username: 'bob' }], next_cursor: null })
  })

  test('of many weeks are run sixty at a time', async () => {
    await using t = await testWikiApi()
    await t.record('ada')
    t.clock.set(week(70))
    expect(await t.post('/distributions/preview', {})).toMatchObject({ status: 422, json: { code: 'too_many_weeks' } })
    const first = await t.post('/distributions/run', {})
    expect([first.json.data.length, first.json.more]).toEqual([60, true])
    const second = await t.post('/distributions/run', {})
    expect([second.json.data.length, second.json.more]).toEqual([10, false])
  })

  test('are funded from the treasury', async () => {
    await using t = await testWikiApi()
    const answer = await t.post('/distributions/fund', { amount: '12.5' }, { who: 'finance' })
    expect(answer).toMatchObject({ status: 200, json: { balance: '60000012.5', entry_id: expect.any(String) } })
    const nothing = await t.post('/distributions/fund', { amount: '0' })
    expect(nothing).toMatchObject({ status: 422, json: { code: 'amount_zero' } })
    const tooMuch = await t.post('/distributions/fund', { amount: '20000000' })
    expect(tooMuch).toMatchObject({ status: 409, json: { code: 'insufficient_funds' } })
  })
})

test('the dashboard shows totals, the running week, the treasury and the best', async () => {
  await using t = await testWikiApi()
  await t.record('ada')
  await t.distribute(week(1))
  await t.record('bob', { type: 'major_edit', article: 'common/ls', at: week(1) })
  const { json } = await t.get('/dashboard', { who: 'support' })
  expect(json).toMatchObject({
    contributions: 2,
    total_points: 150,
    contributors: 2,
    articles: 2,
    week: { week_start: week(1).toISOString(), contributions: 1, points: 50 },
    asset: 'KONTRIB',
    weekly_pool: '10000',
    treasury: { balance: '59990000', available: '59990000' },
    weeks_distributed: 1,
    tokens_distributed: '10000',
    last_distribution: { week_start: week(0).toISOString(), status: 'completed' },
    top_contributors: [{ username: 'ada', total_tokens_earned: '10000' }, { username: 'bob' }],
  })
})
