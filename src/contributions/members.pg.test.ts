import { randomUUID } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { keyOf, testShell } from '../../test/shell.ts'
import { testWiki, type TestWiki, week } from '../../test/wiki.ts'
import type { Actor } from '../core/actor.ts'
import { transaction } from '../core/db.ts'
import { createPerson, findPerson } from '../identity/identity.ts'
import { contributionRoutes } from './routes.ts'

/** The wiki over HTTP, as members see it: `who` is a username, or a role of staff. */
async function testMembers(): Promise<Members> {
  const wiki = await testWiki()
  const economy = { ...wiki, state: 'open' as const }
  const authenticateKey = async (_: unknown, key: string): Promise<Actor | undefined> => {
    const [, who = ''] = /^fl_(.*)_0123456789abcdef$/.exec(key) ?? []
    if (who === 'owner' || who === 'moderator') return { id: `key:${who}`, role: who, principal: `key:${who}` }
    const { id } = await findPerson(wiki.db, { username: who })
    return { id: `person:${id}`, role: 'member', principal: `person:${id}`, person: id }
  }
  const shell = await testShell({ routes: contributionRoutes, economy, authenticateKey })
  const send = async (method: 'GET' | 'POST', path: string, who: string, body?: object, key: string = randomUUID()) => {
    const headers = method === 'POST' ? { 'idempotency-key': key } : {}
    const { status, json } = await shell.send({
      method,
      path: `/v1/test${path}`,
      key: keyOf(who),
      headers,
      ...(body && { body }),
    })
    return { status, json: json as Json }
  }
  return {
    ...wiki,
    join: async (username) => {
      const now = wiki.clock.now()
      await transaction(wiki.db, async (tx) => await createPerson(tx, { username, actor: 'system', now }))
    },
    get: async (path, who) => await send('GET', path, who),
    score: async (id, who, body, key) => await send('POST', `/contributions/${id}/reviews`, who, body, key),
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await wiki[Symbol.asyncDispose]()
    },
  }
}

interface Members extends TestWiki {
  join(username: string): Promise<void>
  get(path: string, who: string): Promise<{ status: number; json: Json }>
  score(id: string, who: string, body: object, key?: string): Promise<{ status: number; json: Json }>
}

interface Json {
  id: string
  data: (Record<string, unknown> & { id: string; username: string; entry_id: string; posting: number })[]
  next_cursor: string | null
}

describe('members', () => {
  test('see their own work with every factor of its points, and nobody else’s', async () => {
    await using t = await testMembers()
    const [creation] = await t.record('ada')
    await t.record('bob', { article: 'common/ls' })
    await t.review(creation!, null, 250, { staff: true })
    await t.record('ada', { type: 'minor_edit', at: week(1) })
    const { json } = await t.get('/me/contributions', 'ada')
    expect(json.data.map(({ username, total_points }) => [username, total_points])).toEqual([
      ['ada', 20],
      ['ada', 250],
    ])
    expect(json.data[1]).toMatchObject({
      base_points: 100,
      quality_multiplier: '2.5',
      reputation_multiplier: '1',
      demand_multiplier: '1',
    })
    const first = await t.get('/me/contributions?week_start=2026-01-05T00:00:00Z', 'ada')
    expect(first.json.data).toHaveLength(1)
    expect(await t.get('/me/contributions?week_start=2026-01-06T00:00:00Z', 'ada')).toMatchObject({
      status: 422,
      json: { code: 'week_start_invalid' },
    })
  })

  test('go through their work page by page, each contribution once', async () => {
    await using t = await testMembers()
    for (let i = 0; i < 7; i++) await t.record('ada', { article: `common/a${i % 2}`, at: week(0, i % 3) })
    const seen = new Set<string>()
    for (let cursor = ''; ;) {
      const { json } = await t.get(`/me/contributions?limit=3${cursor && `&cursor=${cursor}`}`, 'ada')
      for (const { id } of json.data) seen.add(id)
      if (json.next_cursor === null) break
      cursor = json.next_cursor
    }
    expect(seen.size).toBe(7)
  })

  test('see each week’s reward, and which posting of which entry paid it', async () => {
    await using t = await testMembers()
    for (const who of ['ada', 'bob', 'cyd']) await t.record(who)
    await t.record('bob', { type: 'major_edit', at: week(1) })
    await t.distribute(week(2))
    for (const who of ['ada', 'bob', 'cyd']) {
      const { json } = await t.get('/me/rewards', who)
      expect(json.data).toHaveLength(who === 'bob' ? 2 : 1)
      for (const reward of json.data) {
        expect(reward).toMatchObject({ username: who, staking_multiplier: '1', status: 'completed' })
        const posted = await t.db
          .selectFrom('ledger.posting as posting')
          .innerJoin('ledger.account as account', 'account.id', 'posting.to_account')
          .select(['account.path', 'posting.amount'])
          .where('posting.entry', '=', BigInt(`0x${reward.entry_id.replaceAll('-', '').slice(-15)}`))
          .where('posting.no', '=', reward.posting)
          .executeTakeFirstOrThrow()
        expect(posted.path).toBe(await t.wallet(who))
      }
    }
  })

  test('see what a stake would multiply their points by: in proportion below the full stake, no more above', async () => {
    await using t = await testMembers()
    await t.join('ada')
    const ask = async (amount: string, tier: string) =>
      await t.get(`/me/multiplier?amount=${amount}&tier_multiplier=${tier}`, 'ada')
    expect((await ask('50', '1.6')).json).toMatchObject({
      asset: 'KONTRIB',
      multiplier: '1.3',
      full_multiplier_stake: '100',
      first_week: { week_start: week(0).toISOString() },
    })
    expect((await ask('1000', '2')).json).toMatchObject({ multiplier: '2' })
    t.clock.set(week(0, 1))
    expect((await ask('0.000000001', '2')).json).toMatchObject({
      multiplier: '1',
      first_week: { week_start: week(1).toISOString() },
    })
    expect(await ask('1', '0.9')).toMatchObject({ status: 422, json: { code: 'multiplier_invalid' } })
    expect(await ask('1.0000000001', '2')).toMatchObject({ status: 422, json: { code: 'amount_invalid' } })
  })

  test('see which place their reward of a week has, and theirs of that week alone', async () => {
    await using t = await testMembers()
    await t.record('ada', { type: 'minor_edit' })
    await t.record('bob')
    await t.record('ada', { at: week(1) })
    await t.distribute(week(2))
    const { json } = await t.get('/me/rewards?week_start=2026-01-05T00:00:00Z', 'ada')
    expect(json.data).toMatchObject([{ week_start: '2026-01-05T00:00:00.000Z', rank: 2 }])
    const later = await t.get('/me/rewards?week_start=2026-01-12T00:00:00Z', 'ada')
    expect(later.json.data).toMatchObject([{ rank: 1 }])
    expect(await t.get('/me/rewards?week_start=2026-01-06T00:00:00Z', 'ada')).toMatchObject({
      status: 422,
      json: { code: 'week_start_invalid' },
    })
  })

  test('find their place among all, whatever the order, and none before there is one', async () => {
    await using t = await testMembers()
    await t.join('eve')
    await t.record('ada')
    for (let edit = 0; edit < 3; edit++) await t.record('bob', { type: 'minor_edit' })
    await t.record('cyd', { type: 'major_edit' })
    await t.distribute(week(1))
    await t.record('dan', { at: week(1) })
    const ranks = async (order: string) => {
      const { json } = await t.get(`/contributors?order=${order}`, 'eve')
      return json.data.map(({ username, rank }) => [rank, username])
    }
    const places = {
      total_tokens_earned: ['ada', 'bob', 'cyd'],
      total_contributions: ['bob', 'ada', 'cyd', 'dan'],
      total_points: ['ada', 'dan', 'bob', 'cyd'],
      reputation_score: ['ada', 'bob', 'cyd', 'dan'],
    }
    for (const [order, names] of Object.entries(places)) {
      expect(await ranks(order)).toEqual(names.map((name, place) => [place + 1, name]))
      for (const [place, name] of names.entries()) {
        expect((await t.get(`/me/rank?order=${order}`, name)).json).toEqual({ username: name, order, rank: place + 1 })
      }
    }
    expect((await t.get('/me/rank?order=total_tokens_earned', 'dan')).json).toMatchObject({ rank: null })
    expect((await t.get('/me/rank', 'eve')).json).toMatchObject({ rank: null })
    const first = await t.get('/contributors?order=total_tokens_earned&limit=2', 'eve')
    const next = await t.get(`/contributors?order=total_tokens_earned&limit=2&cursor=${first.json.next_cursor}`, 'eve')
    expect(next.json).toMatchObject({ data: [{ username: 'cyd', rank: 3 }], next_cursor: null })
    expect(await t.get(`/contributors?order=total_points&cursor=${first.json.next_cursor}`, 'eve')).toMatchObject({
      json: { code: 'cursor_invalid' },
    })
  })

  test('see their totals, and zeros before they have done anything', async () => {
    await using t = await testMembers()
    await t.join('eve')
    const [done] = await t.record('ada')
    await t.distribute(week(1))
    await t.record('ada', { type: 'major_edit', at: week(1) })
    await t.review(done!, 'ada', 100, {}).catch(() => undefined)
    expect((await t.get('/me/summary', 'ada')).json).toMatchObject({
      username: 'ada',
      reputation_score: '1',
      total_contributions: 2,
      total_points: 150,
      total_tokens_earned: '10000',
      week: { week_start: '2026-01-12T00:00:00.000Z', contributions: 1, points: 50 },
      open: { contributions: 1, points: 50 },
      reviews_left_today: 50,
    })
    expect((await t.get('/me/summary', 'eve')).json).toMatchObject({ total_contributions: 0, total_tokens_earned: '0' })
    expect((await t.get('/me/contributions', 'eve')).json.data).toEqual([])
    expect((await t.get('/me/rewards', 'eve')).json.data).toEqual([])
    expect((await t.get('/me/summary', 'owner')).status).toBe(403)
  })
})

describe('members who review', () => {
  test('do it in their own name, and it counts like any other', async () => {
    await using t = await testMembers()
    const [id] = await t.record('ada')
    for (const who of ['bob', 'cyd', 'dan']) await t.join(who)
    expect(await t.score(id!, 'bob', { score: '3' })).toMatchObject({ status: 201, json: { quality: '1', points: 10 } })
    await t.score(id!, 'cyd', { score: '3' })
    expect((await t.score(id!, 'dan', { score: '2' })).json).toMatchObject({ quality: '3' })
    const { json } = await t.get(`/contributions/${id}/reviews`, 'ada')
    expect(json.data.map(({ reviewer, staff }) => [reviewer, staff])).toEqual([
      ['bob', false],
      ['cyd', false],
      ['dan', false],
    ])
    expect((await t.get('/me/summary', 'bob')).json).toMatchObject({ total_points: 10, reviews_left_today: 49 })
  })

  test.each<[string, object, string]>([
    ['in the name of another', { reviewer: 'cyd', score: 2 }, 'review_not_own'],
    ['as staff', { staff: true, score: 2 }, 'review_not_own'],
    ['with more than there is', { score: 3.01 }, 'quality_out_of_range'],
    ['with a sign', { score: '-1' }, 'decimal_invalid'],
  ])('cannot do it %s', async (_, body, code) => {
    await using t = await testMembers()
    const [id] = await t.record('ada')
    await t.record(['bob', 'cyd'], { article: 'common/ls' })
    expect((await t.score(id!, 'bob', body)).json).toMatchObject({ code })
    expect(await t.db.selectFrom('contributions.review').selectAll().execute()).toEqual([])
  })

  test('cannot review what they made, alone or with others, nor a week that was paid', async () => {
    await using t = await testMembers()
    const [id, shared] = await t.record(['ada', 'bob'])
    const own = { status: 403, json: { code: 'self_review' } }
    expect(await t.score(id!, 'ada', { score: 3 })).toMatchObject(own)
    expect(await t.score(shared!, 'bob', { score: 3 })).toMatchObject(own)
    await t.join('cyd')
    await t.distribute(week(1))
    expect(await t.score(id!, 'cyd', { score: 3 })).toMatchObject({ status: 409, json: { code: 'week_distributed' } })
  })

  test('pressed twice count once, with one key or with two', async () => {
    await using t = await testMembers()
    const [id] = await t.record('ada')
    await t.join('bob')
    const key = randomUUID()
    await Promise.all([1, 2, 3].map(async () => await t.score(id!, 'bob', { score: 2 }, key)))
    await Promise.all([1, 2, 3].map(async () => await t.score(id!, 'bob', { score: 2 })))
    expect(await t.contributor('bob')).toMatchObject({ total_contributions: 1, total_points: 10n })
  })
})

describe('the review queue', () => {
  const waiting = async (t: Members, who: string) =>
    (await t.get('/contributions/review-queue', who)).json.data.map(({ article }) => article)

  test('shows what too few have scored, the oldest week first, and not what one made or scored', async () => {
    await using t = await testMembers()
    const [late] = await t.record('ada', { article: 'common/late', at: week(1) })
    const [early] = await t.record('ada', { article: 'common/early', at: week(0) })
    await t.record(['bob', 'cyd'], { article: 'common/theirs', at: week(0) })
    for (const who of ['dan', 'eve']) await t.join(who)
    expect(await waiting(t, 'dan')).toEqual(['common/early', 'common/theirs', 'common/late'])
    expect(await waiting(t, 'owner')).toEqual(['common/early', 'common/theirs', 'common/late'])
    expect(await waiting(t, 'ada')).toEqual(['common/theirs'])
    expect(await waiting(t, 'cyd')).toEqual(['common/early', 'common/late'])

    await t.score(early!, 'dan', { score: 2 })
    expect(await waiting(t, 'dan')).toEqual(['common/theirs', 'common/late'])
    const { json } = await t.get('/contributions/review-queue', 'eve')
    expect(json.data[0]).toMatchObject({ article: 'common/early', scores: 1, scores_missing: 2 })
    await t.score(early!, 'bob', { score: 2 })
    await t.score(early!, 'cyd', { score: 2 })
    expect(await waiting(t, 'eve')).toEqual(['common/theirs', 'common/late'])
    await t.score(late!, 'moderator', { score: 2, staff: true })
    expect(await waiting(t, 'eve')).toEqual(['common/theirs'])
    await t.distribute(week(1))
    expect(await waiting(t, 'eve')).toEqual([])
  })

  test('is read page by page', async () => {
    await using t = await testMembers()
    for (let i = 0; i < 5; i++) await t.record('ada', { article: `common/a${i}`, at: week(i % 2) })
    const first = await t.get('/contributions/review-queue?limit=3', 'owner')
    const second = await t.get(`/contributions/review-queue?limit=3&cursor=${first.json.next_cursor}`, 'owner')
    expect([...first.json.data, ...second.json.data].map(({ article }) => article)).toEqual([
      'common/a0',
      'common/a2',
      'common/a4',
      'common/a1',
      'common/a3',
    ])
  })
})
