import { randomUUID } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { keyOf, testShell } from '../../test/shell.ts'
import { kontrib, testWiki, type TestWiki, week } from '../../test/wiki.ts'
import { STAFF_ROLES, type StaffRole } from '../core/actor.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { createPerson } from '../identity/identity.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { availableAccount } from '../ledger/chart.ts'
import { post } from '../ledger/post.ts'
import { sweepStakes } from './jobs.ts'
import { stakingRoutes } from './routes.ts'

/** The wiki over HTTP, with two members who have 10,000 each; every POST has a key of its own unless it is given one. */
async function testApi(): Promise<Api> {
  const wiki = await testWiki()
  const now = week(0)
  const members = new Map<string, string>()
  await transaction(wiki.db, async (tx) => {
    for (const username of ['ada', 'bob']) {
      const { id } = await createPerson(tx, { username, actor: 'cli:test', now })
      members.set(username, id)
      await ensureAccounts(tx, { asset: 'KONTRIB', accounts: [{ path: availableAccount(id), owner: id }], now })
    }
    const postings = [...members.values()].map((id) => {
      return { from: 'treasury:main', to: availableAccount(id), asset: 'KONTRIB', amount: kontrib(10_000) }
    })
    await post(tx, [{ kind: 'transfer', postings }], { actor: 'cli:test', now })
  })
  const shell = await testShell({
    routes: stakingRoutes,
    economy: { ...wiki, state: 'open' as const },
    authenticateKey: async (_, key) => {
      const who = /^fl_([a-z]+)_/.exec(key)?.[1] ?? ''
      const person = members.get(who)
      if (person) return { id: `person:${person}`, role: 'member', principal: `person:${person}`, person }
      const role = STAFF_ROLES.find((known) => known === who)
      return role && { id: `key:${role}`, role, principal: `key:${role}` }
    },
  })
  const send = async (method: 'GET' | 'POST', path: string, who: Who, { body, key = randomUUID() }: SendOptions) => {
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
    members,
    get: async (path, who) => await send('GET', path, who, {}),
    post: async (path, who, options = {}) => await send('POST', path, who, options),
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await wiki[Symbol.asyncDispose]()
    },
  }
}

type Who = StaffRole | 'ada' | 'bob'

interface Api extends TestWiki {
  members: Map<string, string>
  get(path: string, who: Who): Promise<{ status: number; json: Json }>
  post(path: string, who: Who, options?: SendOptions): Promise<{ status: number; json: Json }>
}

interface SendOptions {
  body?: object
  key?: string
}

/** What the tests read of one answer or another. */
interface Json {
  id: string
  code: string
  entry_id: string
  stake_entry_id: string
  payout_entry_id: string
  data: Json[]
  next_cursor: string | null
}

const YEAR = { amount: '1000', duration_days: 365 }

describe('staking', () => {
  test('shows before what it then does, under the names that the document gives its fields', async () => {
    await using t = await testApi()
    const agreed = {
      pool: 'term',
      asset: 'KONTRIB',
      amount: '1000',
      duration_days: 365,
      apy_rate: '0.5',
      multiplier: '2',
      start_date: '2026-01-05T00:00:00.000Z',
      end_date: '2027-01-05T00:00:00.000Z',
      reward: '500',
      early_unstake_delay_days: 7,
      early_unstake_penalty: '0',
    }
    expect((await t.post('/me/stakes/preview', 'ada', { body: YEAR })).json).toEqual({
      ...agreed,
      total_at_end: '1500',
      total_if_ended_early: '1000',
      available: '10000',
      pool_available: '20000000',
      refused: null,
    })
    const made = await t.post('/me/stakes', 'ada', { body: YEAR })
    expect(made).toMatchObject({
      status: 201,
      json: {
        ...agreed,
        user_id: t.members.get('ada'),
        username: 'ada',
        status: 'active',
        rewards_earned: '0',
        stake_tx_hash: null,
        unstake_tx_hash: null,
        payout_entry_id: null,
        can_unstake: true,
      },
    })
    expect(made.json.stake_entry_id).toMatch(/^[0-9a-f-]{36}$/)
    expect((await t.get('/me/stakes', 'ada')).json.data).toEqual([made.json])
    expect((await t.get(`/me/stakes/${made.json.id}`, 'ada')).json).toEqual(made.json)
  })

  test('shows what was earned so far, and what was paid at the end', async () => {
    await using t = await testApi()
    const { id } = (await t.post('/me/stakes', 'ada', { body: YEAR })).json
    t.clock.set(week(0, 73))
    expect((await t.get(`/me/stakes/${id}`, 'ada')).json).toMatchObject({ status: 'active', rewards_earned: '100' })
    t.clock.set(week(0, 365))
    await sweepStakes(t.db, { now: t.clock.now() })
    const { json } = await t.get(`/me/stakes/${id}`, 'ada')
    const paid_at = '2027-01-05T00:00:00.000Z'
    expect(json).toMatchObject({ status: 'completed', rewards_earned: '500', paid_at, can_unstake: false })
    expect(json.payout_entry_id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('pressed twice with one key happens once, with two keys twice', async () => {
    await using t = await testApi()
    const key = randomUUID()
    const [first, again] = [
      await t.post('/me/stakes', 'ada', { body: YEAR, key }),
      await t.post('/me/stakes', 'ada', { body: YEAR, key }),
    ]
    expect(again).toEqual(first)
    expect((await t.get('/me/stakes', 'ada')).json.data).toHaveLength(1)
    await t.post('/me/stakes', 'ada', { body: YEAR })
    expect((await t.get('/me/stakes', 'ada')).json.data).toHaveLength(2)
  })

  test.each<[string, object, number, string]>([
    ['more than one has', { amount: '10001' }, 409, 'insufficient_funds'],
    ['a number', { amount: 5 }, 400, 'request_invalid'],
    ['less than nothing', { amount: '-5' }, 400, 'request_invalid'],
    ['more decimals than there are', { amount: '1.0000000001' }, 422, 'amount_invalid'],
    ['too little', { amount: '0.999999999' }, 422, 'stake_too_small'],
    ['a term that is not offered', { duration_days: 31 }, 422, 'term_not_offered'],
    ['a pool that there is not', { pool: 'nowhere' }, 404, 'staking_pool_not_found'],
    ['a person', { person: '018f3b1c-7c00-7000-8000-000000000001' }, 400, 'request_invalid'],
  ])('of %s is refused and moves nothing', async (_, wrong, status, code) => {
    await using t = await testApi()
    const answer = await t.post('/me/stakes', 'ada', { body: { ...YEAR, ...wrong } })
    expect(answer).toMatchObject({ status, json: { code } })
    expect((await t.get('/me/stakes', 'ada')).json.data).toEqual([])
  })

  test('says in the preview why it would be refused', async () => {
    await using t = await testApi()
    const preview = await t.post('/me/stakes/preview', 'ada', { body: { ...YEAR, amount: '10000.5' } })
    expect(preview).toMatchObject({ status: 200, json: { refused: 'insufficient_funds', available: '10000' } })
  })
})

describe('a member', () => {
  test('ends a stake early, once', async () => {
    await using t = await testApi()
    const { id } = (await t.post('/me/stakes', 'ada', { body: YEAR })).json
    t.clock.set(week(1))
    const key = randomUUID()
    const ended = await t.post(`/me/stakes/${id}/unstake`, 'ada', { key })
    expect(ended).toMatchObject({
      status: 200,
      json: { status: 'unstaked_early', rewards_earned: '0', due_at: week(2).toISOString(), can_unstake: false },
    })
    expect(await t.post(`/me/stakes/${id}/unstake`, 'ada', { key })).toEqual(ended)
    expect(await t.post(`/me/stakes/${id}/unstake`, 'ada')).toMatchObject({
      status: 409,
      json: { code: 'stake_not_active' },
    })
  })

  test('neither sees nor ends the stake of another', async () => {
    await using t = await testApi()
    const { id } = (await t.post('/me/stakes', 'bob', { body: YEAR })).json
    expect((await t.get('/me/stakes', 'ada')).json.data).toEqual([])
    for (const answer of [await t.get(`/me/stakes/${id}`, 'ada'), await t.post(`/me/stakes/${id}/unstake`, 'ada')]) {
      expect(answer).toMatchObject({ status: 404, json: { code: 'stake_not_found' } })
    }
    expect((await t.get(`/me/stakes/${id}`, 'bob')).json).toMatchObject({ status: 'active' })
    for (const answer of [await t.get('/staking/stakes', 'ada'), await t.post('/staking/pools/term/fund', 'ada')]) {
      expect(answer).toMatchObject({ status: 403, json: { code: 'action_not_allowed' } })
    }
  })

  test('sees the pools with their tiers, and what is promised of them', async () => {
    await using t = await testApi()
    await t.post('/me/stakes', 'bob', { body: YEAR })
    expect((await t.get('/staking/pools', 'ada')).json.data).toEqual([
      {
        code: 'term',
        kind: 'term',
        asset: 'KONTRIB',
        reward_account: 'pools:staking',
        balance: '20000000',
        promised: '500',
        available: '19999500',
        stakes: 1,
        staked: '1000',
        active: '1000',
        tiers: [
          { duration_days: 30, apy_rate: '0.05', multiplier: '1.1' },
          { duration_days: 90, apy_rate: '0.12', multiplier: '1.3' },
          { duration_days: 180, apy_rate: '0.25', multiplier: '1.6' },
          { duration_days: 365, apy_rate: '0.5', multiplier: '2' },
        ],
        minimum_stake: '1',
        early_unstake_delay_days: 7,
        early_unstake_penalty_bps: 0,
      },
    ])
  })
})

describe('staff', () => {
  test('list everybody’s stakes page by page, by person and by status', async () => {
    await using t = await testApi()
    for (let i = 0; i < 3; i++) await t.post('/me/stakes', 'ada', { body: YEAR })
    const { id } = (await t.post('/me/stakes', 'bob', { body: YEAR })).json
    await t.post(`/me/stakes/${id}/unstake`, 'bob')
    const seen: Json[] = []
    for (let cursor = ''; ;) {
      const { json } = await t.get(`/staking/stakes?limit=3${cursor && `&cursor=${cursor}`}`, 'support')
      seen.push(...json.data)
      if (json.next_cursor === null) break
      cursor = json.next_cursor
    }
    expect(new Set(seen.map((stake) => stake.id)).size).toBe(4)
    expect((await t.get('/staking/stakes?username=bob', 'finance')).json.data.map((stake) => stake.id)).toEqual([id])
    expect((await t.get('/staking/stakes?status=active&pool=term', 'finance')).json.data).toHaveLength(3)
    expect((await t.get('/staking/stakes?username=nobody', 'finance')).json.data).toEqual([])
  })

  test('fill the pool from the treasury, which is written down', async () => {
    await using t = await testApi()
    const key = randomUUID()
    const funded = await t.post('/staking/pools/term/fund', 'finance', { body: { amount: '1000' }, key })
    expect(funded).toMatchObject({ status: 200, json: { balance: '20001000' } })
    expect(await t.post('/staking/pools/term/fund', 'finance', { body: { amount: '1000' }, key })).toEqual(funded)
    const events = await listEvents(t.db, { limit: 9, action: 'staking.fund' })
    expect(events).toMatchObject([{ actor: 'key:finance', diff: { after: { amount: '1000', asset: 'KONTRIB' } } }])
    const tooMuch = await t.post('/staking/pools/term/fund', 'finance', { body: { amount: '99999999' } })
    expect(tooMuch).toMatchObject({ status: 409, json: { code: 'insufficient_funds' } })
  })

  test('cannot stake: a key is nobody', async () => {
    await using t = await testApi()
    expect(await t.post('/me/stakes', 'owner', { body: YEAR })).toMatchObject({ status: 403 })
  })
})
