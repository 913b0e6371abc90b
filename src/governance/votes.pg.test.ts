import { sql } from 'kysely'
// What a vote weighs, who may cast it until when, and that nobody votes with the same token twice.
import { describe, expect, inject, test } from 'vitest'

import { allocation, FEATURE, testCouncil } from '../../test/council.ts'
import { kontrib } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { withSession } from '../core/session.ts'
import { post } from '../ledger/post.ts'
import { stake, unstake } from '../staking/staking.ts'

describe('a vote', () => {
  test('weighs what was held when voting opened: moved tokens do not vote again', async () => {
    await using t = await testCouncil()
    const id = await t.opened(FEATURE)
    expect((await t.vote(id, 'ada', 'for')).json.power).toBe('150000')
    await t.join('eve', 0)
    await t.pay(`users:${t.people['ada']}:available`, `users:${t.people['eve']}:available`, 100_000)
    await t.pay(`users:${t.people['ada']}:available`, `users:${t.people['dan']}:available`, 50_000)
    await t.seal()
    expect(await t.vote(id, 'eve', 'for')).toMatchObject({ status: 409, json: { code: 'no_voting_power' } })
    expect((await t.vote(id, 'dan', 'for')).json.power).toBe('500')
    expect((await t.vote(id, 'ada', 'against')).json.power).toBe('150000')
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({ votes_for: '500', votes_against: '150000' })
  })

  test('weighs what was sealed: what was posted and not sealed when voting opened counts where it was', async () => {
    await using t = await testCouncil()
    await t.pay(`users:${t.people['ada']}:available`, `users:${t.people['dan']}:available`, 100_000)
    const id = await t.opened(FEATURE)
    await t.seal()
    expect((await t.vote(id, 'ada', 'for')).json.power).toBe('150000')
    expect((await t.vote(id, 'dan', 'for')).json.power).toBe('500')
  })

  test('counts what is reserved on the wallet, and stakes that are old enough twice', async () => {
    await using t = await testCouncil()
    const person = t.people['dan']!
    const lock = async (tokens: number) =>
      await transaction(t.db, async (tx) => {
        const amount = kontrib(tokens)
        return await stake(tx, {
          pool: 'term',
          person,
          amount,
          days: 30,
          actor: `person:${person}`,
          now: t.clock.now(),
        })
      })
    await lock(40)
    await t.after(7 * 24)
    await lock(7)
    await transaction(t.db, async (tx) => {
      const hold = { reserve: kontrib(100), on: `users:${person}:available`, asset: 'KONTRIB' }
      await post(tx, [hold], { actor: 'key:test', now: t.clock.now() })
    })
    await t.seal()
    const id = await t.opened(FEATURE)
    expect((await t.get(`/me/power?proposal=${id}`, 'dan')).json).toMatchObject({
      power: '533',
      balance: '453',
      staked: '40',
      staked_too_young: '7',
      stake_weight: 2,
      staked_before: '2026-01-06T00:00:00.000Z',
    })
    expect((await t.vote(id, 'dan', 'for')).json).toMatchObject({ power: '533', balance: '453', staked: '40' })
    // What it weighed stays, though the stake is paid back while voting goes on.
    await transaction(t.db, async (tx) => {
      const [first] = await tx.selectFrom('staking.stake').select('id').orderBy('starts_at').limit(1).execute()
      await unstake(tx, { id: first!.id, person, actor: `person:${person}`, now: t.clock.now() })
    })
    await t.seal()
    expect((await t.vote(id, 'dan', 'against')).json.power).toBe('533')
  })

  test('may change until the end, and what it was is kept', async () => {
    await using t = await testCouncil()
    const id = await t.opened(FEATURE)
    await t.vote(id, 'ada', 'for', 'Good.')
    await t.after(1)
    await t.vote(id, 'ada', 'against', 'I read it.')
    await t.vote(id, 'ada', 'against', 'I read it.')
    const { json } = await t.get(`/me/votes?proposal=${id}`)
    expect(json.data).toHaveLength(1)
    expect(json.data[0]).toMatchObject({
      choice: 'against',
      reason: 'I read it.',
      changes: 1,
      earlier: [{ choice: 'for', reason: 'Good.', cast_at: '2026-01-06T00:00:00.000Z' }],
    })
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({ votes_for: '0', votes_against: '150000', voters: 1 })
  })

  test('from two tabs at once is one', async () => {
    await using t = await testCouncil()
    const id = await t.opened(FEATURE)
    const choices = ['for', 'against', 'abstain', 'for', 'against', 'abstain']
    const votes = await Promise.all(choices.map(async (choice) => await t.vote(id, 'ada', choice)))
    expect(new Set(votes.map(({ status }) => status))).toEqual(new Set([200]))
    const { json } = await t.get(`/proposals/${id}`)
    expect(json).toMatchObject({ voters: 1, total_voting_power: '150000' })
    expect((await t.get(`/proposals/${id}/votes`)).json.data).toHaveLength(1)
  })

  test('with the same key is cast once', async () => {
    await using t = await testCouncil()
    const id = await t.opened(FEATURE)
    const body = { choice: 'for' }
    const first = await t.post(`/proposals/${id}/votes`, 'ada', body, 'my-vote')
    expect(await t.post(`/proposals/${id}/votes`, 'ada', body, 'my-vote')).toEqual(first)
    const other = await t.post(`/proposals/${id}/votes`, 'ada', { choice: 'against' }, 'my-vote')
    expect(other).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } })
  })

  test('is refused before voting opens, at its end and after, and after a cancellation', async () => {
    await using t = await testCouncil()
    const { json } = await t.post('/proposals', 'ada', { title: 'T', description: 'D', ...FEATURE })
    const code = async (id: string) => (await t.vote(id, 'ada', 'for')).json.code
    expect(await code(json.id)).toBe('voting_not_open')
    await t.post(`/proposals/${json.id}/submit`, 'ada')
    expect(await code(json.id)).toBe('voting_not_open')
    await t.after(24)
    // The clock is at the end, and nobody has counted yet.
    t.clock.set(new Date('2026-01-13T00:00:00.000Z'))
    expect(await t.vote(json.id, 'ada', 'for')).toMatchObject({ status: 409, json: { code: 'voting_closed' } })
    await t.after(1)
    expect(await code(json.id)).toBe('voting_closed')
    const stopped = await t.opened(FEATURE)
    await t.post(`/proposals/${stopped}/cancel`, 'owner', { reason: 'Stop' })
    expect(await code(stopped)).toBe('voting_closed')
  })

  test('that says too much, or something else, is refused', async () => {
    await using t = await testCouncil()
    const id = await t.opened(FEATURE)
    const bodies = [
      { choice: 'yes' },
      { choice: 'for', power: '1000000' },
      { choice: 'for', voter: 'bob' },
      { choice: 'for', reason: 'a'.repeat(1_001) },
      { choice: 'for', reason: '\u0000' },
    ]
    for (const body of bodies) expect((await t.post(`/proposals/${id}/votes`, 'ada', body)).status).toBe(400)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({ voters: 0 })
  })

  test('is a member’s own: staff have none, and my votes are mine', async () => {
    await using t = await testCouncil()
    const id = await t.opened(FEATURE)
    expect((await t.vote(id, 'owner', 'for')).status).toBe(403)
    await t.vote(id, 'ada', 'for')
    await t.vote(id, 'bob', 'against')
    expect((await t.get('/me/votes', 'bob')).json.data.map(({ voter }) => voter)).toEqual(['bob'])
    expect((await t.get('/me/power', 'owner')).status).toBe(403)
    const votes = (await t.get(`/proposals/${id}/votes?limit=1`, 'cyd')).json
    const more = (await t.get(`/proposals/${id}/votes?limit=1&cursor=${votes.next_cursor}`, 'cyd')).json
    expect([...votes.data, ...more.data].map(({ voter }) => voter).toSorted()).toEqual(['ada', 'bob'])
  })
})

test('power now is by what is sealed, with what it takes to propose', async () => {
  await using t = await testCouncil()
  expect((await t.get('/me/power', 'bob')).json).toMatchObject({
    asset: 'KONTRIB',
    power: '60000',
    balance: '60000',
    staked: '0',
    proposal_threshold: '1000',
  })
})

test('what is over, what was sealed and what votes were cannot be rewritten, not even by the owner of the tables', async () => {
  await using t = await testCouncil()
  const id = await t.opened(allocation('1000'))
  await t.vote(id, 'ada', 'against')
  await t.vote(id, 'ada', 'for')
  const statements = [
    `update governance.proposal set tree_size = 1`,
    `update governance.proposal set quorum_required = 1`,
    `update governance.vote set power = 1`,
    `delete from governance.vote`,
    `delete from governance.proposal`,
    `update governance.vote_change set choice = 'for'`,
    `truncate governance.vote_change`,
  ]
  const refused = async (texts: string[]) =>
    await withSession({ url: t.adminUrl }, async (client) => {
      await client.query(`set role "${inject('postgres').roles.owner}"`)
      for (const text of texts) await expect(client.query(text), text).rejects.toThrow('append-only')
    })
  await refused(statements)
  await t.after(7 * 24)
  await refused([`update governance.proposal set votes_for = votes_for + 1`])
  await t.after(2 * 24)
  await refused([`update governance.proposal set status = 'passed'`, `update governance.allocation set paid_at = null`])
})

test('a member reads proposals, and of the votes their own', async () => {
  await using t = await testCouncil()
  const id = await t.opened(FEATURE)
  await t.vote(id, 'ada', 'for')
  await t.vote(id, 'bob', 'for')
  const counted = async (user: string) =>
    await transaction(t.db, async (tx) => {
      await sql.raw(`set local role "${inject('postgres').roles.member}"`).execute(tx)
      await sql`select set_config('app.user_id', ${user}, true)`.execute(tx)
      const { rows } = await sql<Record<string, bigint>>`
        select (select count(*) from governance.proposal) as proposals, (select count(*) from governance.vote) as votes
      `.execute(tx)
      return rows[0]
    })
  expect(await counted(t.people['ada']!)).toEqual({ proposals: 1n, votes: 1n })
  expect(await counted('')).toEqual({ proposals: 1n, votes: 0n })
})
