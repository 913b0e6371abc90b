// What the treasury promises by vote is set aside, within its limits, and paid once or given back.
import { describe, expect, test } from 'vitest'

import { allocation, testCouncil } from '../../test/council.ts'
import { kontrib } from '../../test/wiki.ts'
import { transaction } from '../core/db.ts'
import { ensureAccounts, setStatus } from '../ledger/accounts.ts'
import { advanceProposals } from './jobs.ts'

/** The treasury at the beginning, of 20,000,000 less what the members hold. */
const TREASURY = 20_000_000 - 240_500

describe('an allocation', () => {
  test('is set aside when it passes, out of reach of any hand, and paid after the timelock', async () => {
    await using t = await testCouncil()
    const id = await t.opened(allocation('1000.5'))
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    expect(await t.balance('treasury:allocated')).toBe(kontrib(1_000) + kontrib(1) / 2n)
    await t.after(2 * 24)
    const { json } = await t.get(`/proposals/${id}`)
    expect(json).toMatchObject({
      status: 'executed',
      parameters: { amount: '1000.5', asset: 'KONTRIB', recipient: 'dan', recipient_id: t.people['dan'] },
    })
    expect(json.entry_id).not.toBeNull()
    expect(await t.balance('treasury:allocated')).toBe(0n)
    expect(await t.balance(`users:${t.people['dan']}:available`)).toBe(kontrib(1_500) + kontrib(1) / 2n)
  })

  test('pays an account, too', async () => {
    await using t = await testCouncil()
    await openAccount(t, 'grants:events')
    const id = await t.opened(allocation('5', { account: 'grants:events' }))
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    await t.after(2 * 24)
    expect(await t.balance('grants:events')).toBe(kontrib(5))
  })

  test('is given back when a guardian stops it', async () => {
    await using t = await testCouncil()
    const id = await t.opened(allocation('1000'))
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    expect(await t.balance('treasury:main')).toBe(kontrib(TREASURY - 1_000))
    await t.post(`/proposals/${id}/cancel`, 'owner', { reason: 'Not dan’s wallet' })
    expect(await t.balance('treasury:main')).toBe(kontrib(TREASURY))
  })

  test('and its cancellation at the moment of its execution are one or the other', async () => {
    await using t = await testCouncil()
    const id = await t.opened(allocation('1000'))
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    t.clock.set(new Date(t.clock.now().getTime() + 48 * 3_600_000))
    await Promise.all([
      t.post(`/proposals/${id}/cancel`, 'owner', { reason: 'Stop' }),
      advanceProposals(t.db, { governance: t.governance, now: t.clock.now() }),
    ])
    const paid = (await t.status(id)) === 'executed'
    expect(await t.balance('treasury:main')).toBe(kontrib(paid ? TREASURY - 1_000 : TREASURY))
    expect(await t.balance(`users:${t.people['dan']}:available`)).toBe(kontrib(paid ? 1_500 : 500))
  })

  test('waits while an account is frozen, and is paid when it is not', async () => {
    await using t = await testCouncil()
    const id = await t.opened(allocation('1000'))
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    await setAccount(t, 'treasury:allocated', 'frozen')
    await t.after(2 * 24)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({ status: 'passed', failure: 'account_frozen' })
    await setAccount(t, 'treasury:allocated', 'open')
    await t.after(1)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({ status: 'executed', failure: null })
  })

  test('to an account that was closed expires in the end, and goes back', async () => {
    await using t = await testCouncil()
    await openAccount(t, 'grants:events')
    const id = await t.opened(allocation('5', { account: 'grants:events' }))
    await t.vote(id, 'ada', 'for')
    await t.after(7 * 24)
    await setAccount(t, 'grants:events', 'closed')
    await t.after(2 * 24)
    expect(await t.status(id)).toBe('passed')
    await t.after(14 * 24)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({ status: 'expired', failure: 'account_closed' })
    expect(await t.balance('treasury:main')).toBe(kontrib(TREASURY))
  })

  test('that the treasury cannot set aside any more expires when it would pass', async () => {
    await using t = await testCouncil()
    const id = await t.opened(allocation('190000'))
    await t.vote(id, 'ada', 'for')
    await t.pay('treasury:main', 'users:' + t.people['bob'] + ':available', 15_000_000)
    await t.after(7 * 24)
    expect((await t.get(`/proposals/${id}`)).json).toMatchObject({
      status: 'expired',
      failure: 'treasury_proposal_limit',
    })
    expect(await t.balance('treasury:allocated')).toBe(0n)
  })

  test('of a quarter come to 5 % of the treasury at most, though all pass at the same moment', async () => {
    await using t = await testCouncil()
    const ids: string[] = []
    for (let i = 0; i < 7; i++) ids.push(await draft(t))
    await t.after(24)
    for (const id of ids) await t.vote(id, 'ada', 'for')
    t.clock.set(new Date(t.clock.now().getTime() + 7 * 24 * 3_600_000))
    const { db, governance } = t
    await Promise.all(
      Array.from({ length: 4 }, async () => await advanceProposals(db, { governance, now: t.clock.now() })),
    )
    const statuses = await Promise.all(ids.map(async (id) => await t.status(id)))
    expect(statuses.toSorted()).toEqual(['expired', 'expired', ...Array(5).fill('passed')])
    expect(await t.balance('treasury:allocated')).toBe(kontrib(5 * 195_000))
    const failures = await Promise.all(ids.map(async (id) => (await t.get(`/proposals/${id}`)).json.failure))
    expect(new Set(failures)).toEqual(new Set([null, 'treasury_quarter_limit']))
  })
})

type Council = Awaited<ReturnType<typeof testCouncil>>

async function draft(t: Council): Promise<string> {
  const { json } = await t.post('/proposals', 'ada', {
    title: 'A grant',
    description: 'For dan.',
    ...allocation('195000'),
  })
  await t.post(`/proposals/${json.id}/submit`, 'ada')
  return json.id
}

async function openAccount({ db, clock }: Council, path: string): Promise<void> {
  await transaction(db, async (tx) => {
    await ensureAccounts(tx, { asset: 'KONTRIB', accounts: [{ path }], now: clock.now() })
  })
}

async function setAccount({ db, clock }: Council, path: string, status: 'open' | 'frozen' | 'closed'): Promise<void> {
  await transaction(db, async (tx) => {
    await setStatus(tx, { path, asset: 'KONTRIB', status, actor: 'key:test', now: clock.now() })
  })
}
