// From a draft to its execution, over HTTP and by the clock: what members decide is done, once, and nothing else.
import { describe, expect, test } from 'vitest'

import { allocation, FEATURE, RAISE_POOL, testCouncil, TEXTS } from '../../test/council.ts'
import { kontrib, week } from '../../test/wiki.ts'
import { advanceProposals } from './jobs.ts'

describe('a proposal', () => {
  test('has the document’s fields, and opens, is voted on, passes and is executed as they say when', async () => {
    await using t = await testCouncil()
    const { status, json: draft } = await t.post('/proposals', 'ada', { ...TEXTS, ...RAISE_POOL })
    expect(status).toBe(201)
    expect(draft).toMatchObject({
      ...TEXTS,
      proposer_id: t.people['ada'],
      proposer: 'ada',
      proposal_type: 'parameter_change',
      parameters: { parameter_name: 'weekly_pool', current_value: '10000', proposed_value: '15000' },
      status: 'draft',
      voting_start: null,
      votes_for: '0',
      quorum_required: null,
      passing: false,
      execution_tx_hash: null,
    })
    const { id } = draft
    expect((await t.post(`/proposals/${id}/submit`, 'ada')).json).toMatchObject({
      status: 'draft',
      voting_start: '2026-01-06T00:00:00.000Z',
    })
    await t.after(23)
    expect(await t.status(id)).toBe('draft')
    await t.after(1)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({
      status: 'active',
      voting_start: '2026-01-06T00:00:00.000Z',
      voting_end: '2026-01-13T00:00:00.000Z',
      circulating: '240500',
      quorum_required: '24050',
    })
    expect((await t.vote(id, 'bob', 'against')).json).toMatchObject({ choice: 'against', power: '60000' })
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({ quorum_reached: false, passing: false })
    await t.vote(id, 'ada', 'for', 'It is time.')
    await t.vote(id, 'cyd', 'abstain')
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({
      votes_for: '150000',
      votes_against: '60000',
      votes_abstain: '30000',
      total_voting_power: '240000',
      voters: 3,
      quorum_reached: true,
      passing: true,
    })
    await t.after(7 * 24 - 1)
    expect(await t.status(id)).toBe('active')
    await t.after(1)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({
      status: 'passed',
      execute_at: '2026-01-15T00:00:00.000Z',
    })
    await t.after(47)
    expect(await t.status(id)).toBe('passed')
    await t.after(1)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({
      status: 'executed',
      executed_at: '2026-01-15T00:00:00.000Z',
    })
    expect((await t.get('/parameters/weekly_token_pool', 'owner')).json).toMatchObject({
      value: '15000',
      set_by: `proposal:${id}`,
    })
    expect((await t.get('/audit?subject=proposal:' + id, 'owner')).json.data.map(({ action }) => action)).toEqual([
      'proposal.execute',
      'proposal.pass',
      'proposal.open',
      'proposal.submit',
      'proposal.create',
    ])
  })

  test('to raise the weekly pool passes, and the next week pays the higher one', async () => {
    await using t = await testCouncil()
    await t.record('ada', { at: week(0) })
    const id = await t.opened(RAISE_POOL)
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    await t.after(2 * 24)
    expect(await t.status(id)).toBe('executed')
    await t.record('bob', { at: week(1, 4) })
    await t.distribute(week(2))
    expect((await t.rewards()).map(([monday, , tokens]) => [monday, tokens])).toEqual([
      ['2026-01-05', kontrib(10_000)],
      ['2026-01-12', kontrib(15_000)],
    ])
  })

  test('without a quorum, or without more for than against, is rejected and changes nothing', async () => {
    await using t = await testCouncil()
    await t.pay(`users:${t.people['ada']}:available`, `users:${t.people['bob']}:available`, 45_000)
    await t.seal()
    const ignored = await t.opened(RAISE_POOL)
    const tied = await t.opened(RAISE_POOL)
    await t.vote(ignored, 'dan', 'for')
    await t.vote(tied, 'bob', 'for')
    await t.vote(tied, 'ada', 'against')
    expect((await t.get(`/proposals/${tied}`)).json).toMatchObject({ quorum_reached: true, passing: false })
    await t.after(7 * 24)
    expect([await t.status(ignored), await t.status(tied)]).toEqual(['rejected', 'rejected'])
    await t.after(30 * 24)
    expect((await t.get('/parameters/weekly_pool', 'owner')).json.value).toBe('10000')
  })

  test('of a feature passes and is executed, and moves nothing', async () => {
    await using t = await testCouncil()
    const before = await t.balance('treasury:main')
    const id = await t.opened({ ...FEATURE, parameters: { url: 'https://wiki.example/ideas/7' } })
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    await t.after(2 * 24)
    expect(await t.status(id)).toBe('executed')
    expect(await t.balance('treasury:main')).toBe(before)
  })

  test('that opens late, since nobody was there to open it, has all of its time', async () => {
    await using t = await testCouncil()
    const { json } = await t.post('/proposals', 'ada', { ...TEXTS, ...FEATURE })
    await t.post(`/proposals/${json.id}/submit`, 'ada')
    await t.after(24 * 5)
    expect((await t.get(`/proposals/${json.id}`)).json).toMatchObject({
      voting_start: '2026-01-10T00:00:00.000Z',
      voting_end: '2026-01-17T00:00:00.000Z',
    })
  })

  test('that makes its quorum on the last day runs a day longer, once', async () => {
    await using t = await testCouncil()
    const id = await t.opened(FEATURE)
    await t.after(7 * 24 - 1)
    await t.vote(id, 'ada', 'for')
    expect((await t.get(`/proposals/${id}`)).json.voting_end).toBe('2026-01-14T00:00:00.000Z')
    await t.after(24)
    await t.vote(id, 'ada', 'against')
    await t.vote(id, 'ada', 'for')
    expect((await t.get(`/proposals/${id}`)).json.voting_end).toBe('2026-01-14T00:00:00.000Z')
    await t.vote(id, 'bob', 'against')
    await t.after(1)
    expect(await t.status(id)).toBe('passed')
  })

  test('is listed by status, type and proposer, page by page', async () => {
    await using t = await testCouncil()
    for (let i = 0; i < 3; i++) await t.post('/proposals', 'ada', { ...TEXTS, ...FEATURE, title: `Ada ${i}` })
    await t.opened(RAISE_POOL, 'bob')
    const titles = async (query: string) => (await t.get(`/proposals?${query}`)).json.data.map(({ title }) => title)
    expect(await titles('status=active')).toEqual([TEXTS.title])
    expect(await titles('type=parameter_change&proposer=bob')).toEqual([TEXTS.title])
    expect(await titles('proposer=nobody')).toEqual([])
    const first = (await t.get('/proposals?proposer=ada&limit=2')).json
    const second = (await t.get(`/proposals?proposer=ada&limit=2&cursor=${first.next_cursor}`)).json
    expect([...first.data, ...second.data].map(({ title }) => title).toSorted()).toEqual(['Ada 0', 'Ada 1', 'Ada 2'])
    expect(second.next_cursor).toBeNull()
  })
})

describe('proposing', () => {
  test('what could not be carried out is refused, and leaves nothing', async () => {
    await using t = await testCouncil()
    for (const [what, wrong, status, code] of REFUSED) {
      const answer = await t.post('/proposals', 'ada', { ...TEXTS, ...wrong })
      expect(answer, what).toMatchObject({ status, json: { code } })
    }
    expect((await t.get('/proposals')).json.data).toEqual([])
  })

  test('takes the threshold’s power, as of what is sealed', async () => {
    await using t = await testCouncil()
    const code = 'power_below_threshold'
    expect(await t.post('/proposals', 'dan', { ...TEXTS, ...FEATURE })).toMatchObject({ status: 409, json: { code } })
    await t.pay(`users:${t.people['ada']}:available`, `users:${t.people['dan']}:available`, 5_000)
    expect((await t.post('/proposals', 'dan', { ...TEXTS, ...FEATURE })).json.code).toBe(code)
    await t.seal()
    expect((await t.post('/proposals', 'dan', { ...TEXTS, ...FEATURE })).status).toBe(201)
  })

  test('is for members, and submitting for the proposer', async () => {
    await using t = await testCouncil()
    expect((await t.post('/proposals', 'owner', { ...TEXTS, ...FEATURE })).status).toBe(403)
    const { json } = await t.post('/proposals', 'ada', { ...TEXTS, ...FEATURE })
    expect((await t.post(`/proposals/${json.id}/submit`, 'bob')).json.code).toBe('not_the_proposer')
    expect((await t.post(`/proposals/${json.id}/submit`, 'ada')).status).toBe(200)
    expect((await t.post(`/proposals/${json.id}/submit`, 'ada')).json.code).toBe('proposal_submitted')
    expect((await t.get('/proposals/019b8b3a-7c00-7000-8000-0000000000ff')).json.code).toBe('proposal_not_found')
  })

  test('goes on up to ten at a time, from however many tabs', async () => {
    await using t = await testCouncil()
    const answers = await Promise.all(
      Array.from({ length: 14 }, async () => await t.post('/proposals', 'ada', { ...TEXTS, ...FEATURE })),
    )
    const codes = answers.map(({ status, json }) => (status === 201 ? 'made' : json.code)).toSorted()
    expect(codes).toEqual([...Array(10).fill('made'), ...Array(4).fill('too_many_proposals')])
  })
})

describe('cancelling', () => {
  test('is the proposer’s while it is a draft', async () => {
    await using t = await testCouncil()
    const { json } = await t.post('/proposals', 'ada', { ...TEXTS, ...FEATURE })
    expect((await t.post(`/proposals/${json.id}/cancel`, 'bob', {})).json.code).toBe('not_the_proposer')
    await t.post(`/proposals/${json.id}/submit`, 'ada')
    expect((await t.post(`/proposals/${json.id}/cancel`, 'ada', {})).json.status).toBe('cancelled')
    await t.after(48)
    expect(await t.status(json.id)).toBe('cancelled')
    const active = await t.opened(FEATURE)
    expect((await t.post(`/proposals/${active}/cancel`, 'ada', {})).json.code).toBe('proposal_status_refuses')
  })

  test('is a guardian’s until it is executed, with a reason', async () => {
    await using t = await testCouncil()
    const active = await t.opened(FEATURE)
    const passed = await t.opened(RAISE_POOL)
    const executed = await t.opened(FEATURE)
    await t.vote(passed, 'ada', 'for')
    await t.vote(executed, 'ada', 'for')
    expect((await t.post(`/proposals/${active}/cancel`, 'auditor', { reason: 'No' })).status).toBe(403)
    expect((await t.post(`/proposals/${active}/cancel`, 'owner', {})).json.code).toBe('reason_invalid')
    expect((await t.post(`/proposals/${active}/cancel`, 'owner', { reason: 'A fake' })).json).toMatchObject({
      status: 'cancelled',
      cancelled_by: 'key:owner',
      cancel_reason: 'A fake',
    })
    await t.after(7 * 24)
    expect((await t.post(`/proposals/${passed}/cancel`, 'operator', { reason: 'A bribe' })).status).toBe(200)
    await t.after(2 * 24)
    expect((await t.get('/parameters/weekly_pool', 'owner')).json.value).toBe('10000')
    const late = await t.post(`/proposals/${executed}/cancel`, 'owner', { reason: 'Too late' })
    expect(late).toMatchObject({ status: 409, json: { code: 'proposal_status_refuses' } })
    const { json } = await t.get('/audit?action=proposal.cancel', 'owner')
    expect(json.data.map(({ actor }) => actor)).toEqual(['key:operator', 'key:owner'])
  })
})

describe('execution', () => {
  test('asks the bounds again: what does not fit any more expires', async () => {
    await using t = await testCouncil()
    const id = await t.opened(RAISE_POOL)
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    await narrowPool(t)
    await t.after(2 * 24)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({
      status: 'expired',
      failure: 'parameter_out_of_bounds',
    })
    expect((await t.get('/parameters/weekly_pool', 'owner')).json.value).toBe('10000')
  })

  test('happens once, however many try at the same moment', async () => {
    await using t = await testCouncil()
    const pool = await t.opened(RAISE_POOL)
    const grant = await t.opened(allocation('1000'))
    for (const id of [pool, grant]) await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    t.clock.set(new Date(t.clock.now().getTime() + 48 * 3_600_000))
    const { db, governance } = t
    await Promise.all(
      Array.from({ length: 5 }, async () => await advanceProposals(db, { governance, now: t.clock.now() })),
    )
    expect([await t.status(pool), await t.status(grant)]).toEqual(['executed', 'executed'])
    expect(await t.balance(`users:${t.people['dan']}:available`)).toBe(kontrib(1_500))
    expect((await t.get('/parameters/weekly_pool/history', 'owner')).json.data).toHaveLength(2)
  })
})

function change(parameter_name: string, proposed_value: unknown) {
  return { proposal_type: 'parameter_change', parameters: { parameter_name, proposed_value } }
}

const REFUSED: [what: string, wrong: object, status: number, code: string][] = [
  ['an unknown type', { proposal_type: 'coup' }, 422, 'proposal_type_unknown'],
  ['a type that every object has', { proposal_type: 'constructor' }, 422, 'proposal_type_unknown'],
  ['no parameters', { ...RAISE_POOL, parameters: {} }, 422, 'proposal_parameters_invalid'],
  ['an unknown parameter', change('no_such', 1), 404, 'parameter_not_found'],
  ['a parameter without bounds', change('distribution_auto', true), 422, 'parameter_not_governable'],
  ['a value above the bounds', change('weekly_pool', '1000000.1'), 422, 'parameter_out_of_bounds'],
  ['a value below the bounds', change('timelock_hours', 0), 422, 'parameter_out_of_bounds'],
  ['a delay of nothing', change('voting_delay_hours', 0), 422, 'parameter_out_of_bounds'],
  ['a value of another type', change('weekly_pool', true), 422, 'parameter_invalid'],
  ['no value', { ...RAISE_POOL, parameters: { parameter_name: 'weekly_pool' } }, 422, 'proposal_parameters_invalid'],
  ['a negative amount', allocation('-1'), 422, 'proposal_parameters_invalid'],
  ['an amount of nothing', allocation('0'), 422, 'amount_zero'],
  ['too many decimals', allocation('0.0000000001'), 422, 'amount_invalid'],
  ['more than 1 % of the treasury', allocation('200000'), 409, 'treasury_proposal_limit'],
  ['nobody to pay', { ...allocation('1'), parameters: { amount: '1' } }, 422, 'proposal_parameters_invalid'],
  ['a person who is not there', allocation('1', { recipient: 'eve' }), 404, 'person_not_found'],
  ['an account of a module', allocation('1', { account: 'pools:staking' }), 403, 'account_owned_by_module'],
  ['an account that is not there', allocation('1', { account: 'shops:none' }), 404, 'account_not_found'],
  ['the treasury itself', allocation('1', { account: 'treasury:main' }), 422, 'same_account'],
  [
    'markup where a link belongs',
    { ...FEATURE, parameters: { url: 'javascript:alert(1)' } },
    422,
    'proposal_parameters_invalid',
  ],
  ['a title of control characters', { ...FEATURE, title: 'a\u0007' }, 400, 'request_invalid'],
  ['a description without an end', { ...FEATURE, description: 'a'.repeat(10_001) }, 400, 'request_invalid'],
  ['a field of its own', { ...FEATURE, status: 'passed' }, 400, 'request_invalid'],
]

/** As a later version of the blueprint would. */
async function narrowPool({ db }: Pick<Awaited<ReturnType<typeof testCouncil>>, 'db'>): Promise<void> {
  const { shape } = await db
    .selectFrom('economy.parameter')
    .select('shape')
    .where('name', '=', 'weekly_pool')
    .executeTakeFirstOrThrow()
  const narrow = { ...(shape as object), bounds: { min: '0', max: '12000' } }
  await db
    .updateTable('economy.parameter')
    .set({ shape: JSON.stringify(narrow) })
    .where('name', '=', 'weekly_pool')
    .execute()
}
