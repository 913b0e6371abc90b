import { randomUUID } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { testMembers, type TestMembers } from '../../test/members.ts'
import { transaction } from '../core/db.ts'
import { setStatus } from '../ledger/accounts.ts'
import { redactEntry } from '../ledger/log/redaction.ts'
import { transferRoutes } from './routes.ts'

const start = async (funds?: bigint) =>
  await testMembers({ routes: transferRoutes, ...(funds !== undefined && { funds }) })

const FIVE = { to: 'bob', asset: 'TOK', amount: '5' }

describe('a transfer', () => {
  test('moves what was asked for from one member to another, with a note for both', async () => {
    await using t = await start()

    const sent = await t.post('ann', '/me/transfers', { ...FIVE, note: 'for the map' })

    expect(sent).toMatchObject({
      status: 201,
      json: {
        to: { id: t.idOf('bob'), username: 'bob' },
        asset: 'TOK',
        amount: '5',
        fee: '0',
        total: '5',
        balance_after: '95',
      },
    })
    expect(await t.balance(t.walletOf('ann'))).toBe(9_500n)
    expect(await t.balance(t.walletOf('bob'))).toBe(10_500n)
    const entry = await t.db
      .selectFrom('ledger.entry')
      .select(['kind', 'metadata', 'actor'])
      .where('kind', '=', 'member_transfer')
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({
      kind: 'member_transfer',
      metadata: { note: 'for the map' },
      actor: `person:${t.idOf('ann')}`,
    })
  })

  test('reaches by id as by name, and opens the wallet of whoever had none', async () => {
    await using t = await start()
    expect((await t.post('ann', '/me/transfers', { ...FIVE, to: t.idOf('dan') })).status).toBe(201)
    expect(await t.balance(t.walletOf('dan'))).toBe(500n)
    const wallet = await t.db
      .selectFrom('ledger.account')
      .select('owner')
      .where('path', '=', t.walletOf('dan'))
      .executeTakeFirstOrThrow()
    expect(wallet.owner).toBe(t.idOf('dan'))
  })

  test('can have its note erased, like every entry', async () => {
    await using t = await start()
    const { json } = await t.post('ann', '/me/transfers', { ...FIVE, note: 'secret' })
    await t.log.sealer.sealAll()
    await transaction(t.db, async (tx) => {
      await redactEntry(tx, { id: json.id, reason: 'asked for', actor: 'key:owner', now: t.clock.now() })
    })
    const { metadata } = await t.db
      .selectFrom('ledger.entry')
      .select('metadata')
      .where('kind', '=', 'member_transfer')
      .executeTakeFirstOrThrow()
    expect(metadata).toBeNull()
  })

  test.each<[string, object, number, string]>([
    ['to oneself', { to: 'ann' }, 422, 'transfer_to_self'],
    ['to nobody', { to: 'eve' }, 404, 'person_not_found'],
    ['to an id that is nobody’s', { to: randomUUID() }, 404, 'person_not_found'],
    ['of an asset that there is not', { asset: 'GOLD' }, 404, 'asset_not_found'],
    ['of an asset that one has nothing of', { asset: 'GEM' }, 409, 'insufficient_funds'],
    ['of more than one has', { amount: '100.01' }, 409, 'insufficient_funds'],
    ['of nothing', { amount: '0' }, 422, 'amount_zero'],
    ['of less than nothing', { amount: '-5' }, 400, 'request_invalid'],
    ['of a part of a unit', { amount: '0.001' }, 422, 'amount_invalid'],
    ['from somebody else', { from: 'cat' }, 400, 'request_invalid'],
    ['with a note that controls a terminal', { note: '\u001b[2J' }, 400, 'request_invalid'],
    ['with a note that is too long', { note: 'x'.repeat(201) }, 400, 'request_invalid'],
  ])('%s is refused and moves nothing', async (_, wrong, status, code) => {
    await using t = await start()
    expect(await t.post('ann', '/me/transfers', { ...FIVE, ...wrong })).toMatchObject({ status, json: { code } })
    expect(await t.balance(t.walletOf('ann'))).toBe(10_000n)
  })

  test('says what there is and what it needs', async () => {
    await using t = await start()
    const { json } = await t.post('ann', '/me/transfers', { ...FIVE, amount: '101' })
    expect(json.params).toMatchObject({ available: '100', needed: '101', asset: 'TOK' })
  })

  test('is for members: a key of staff is nobody, and nothing is sent without a key of the request', async () => {
    await using t = await start()
    expect(await t.post('finance', '/me/transfers', FIVE)).toMatchObject({ status: 403 })
    expect(await t.post('ann', '/me/transfers', FIVE, null)).toMatchObject({
      status: 400,
      json: { code: 'idempotency_key_required' },
    })
  })

  test('neither leaves a frozen wallet nor reaches a closed one, but reaches a frozen one', async () => {
    await using t = await start()
    await setWallet(t, 'ann', 'frozen')
    expect((await t.post('ann', '/me/transfers', FIVE)).json).toMatchObject({ code: 'account_frozen' })
    expect(await t.post('bob', '/me/transfers', { ...FIVE, to: 'ann' })).toMatchObject({ status: 201 })
    await setWallet(t, 'bob', 'closed')
    expect((await t.post('cat', '/me/transfers', FIVE)).json).toMatchObject({ code: 'account_closed' })
  })
})

describe('the fee', () => {
  test('is paid by the sender on top, rounded up, to the treasury', async () => {
    await using t = await start()
    await t.setParameter('transfer_fee_bps', 25)
    const { json } = await t.post('ann', '/me/transfers', { ...FIVE, amount: '5.01' })
    expect(json).toMatchObject({ amount: '5.01', fee: '0.02', total: '5.03', balance_after: '94.97' })
    expect(await t.balance(t.walletOf('bob'))).toBe(10_501n)
    expect(await t.balance('treasury:main')).toBe(2n)
  })

  test('is at least the minimum, which counts for its own asset', async () => {
    await using t = await start()
    await t.setParameter('transfer_fee_min', '0.5')
    expect((await t.post('ann', '/me/transfers', { ...FIVE, amount: '0.01' })).json).toMatchObject({ fee: '0.5' })
    const gems = await t.post('ann', '/me/transfers/preview', { ...FIVE, asset: 'GEM' })
    expect(gems.json).toMatchObject({ fee: '0' })
  })

  test('must be there too', async () => {
    await using t = await start()
    await t.setParameter('transfer_fee_bps', 100)
    expect(await t.post('ann', '/me/transfers', { ...FIVE, amount: '100' })).toMatchObject({
      status: 409,
      json: { code: 'insufficient_funds', params: { available: '0', needed: '1' } },
    })
    expect((await t.post('ann', '/me/transfers', { ...FIVE, amount: '99' })).json).toMatchObject({ total: '99.99' })
    expect(await t.balance(t.walletOf('ann'))).toBe(1n)
  })

  test('that rose since it was agreed to is not taken', async () => {
    await using t = await start()
    const preview = await t.post('ann', '/me/transfers/preview', FIVE)
    await t.setParameter('transfer_fee_bps', 100)
    const agreed = { ...FIVE, fee_max: preview.json.fee }
    expect(await t.post('ann', '/me/transfers', agreed)).toMatchObject({
      status: 409,
      json: { code: 'transfer_fee_changed', params: { fee: '0.05', asset: 'TOK' } },
    })
    expect(await t.post('ann', '/me/transfers', { ...FIVE, fee_max: '0.05' })).toMatchObject({ status: 201 })
  })

  test('of a transfer that was done stays what it was, however often it is asked for again', async () => {
    await using t = await start()
    const agreed = { ...FIVE, fee_max: '0' }
    const first = await t.post('ann', '/me/transfers', agreed, 'once')
    await t.setParameter('transfer_fee_bps', 100)
    const again = await t.post('ann', '/me/transfers', agreed, 'once')
    expect(again).toMatchObject({ status: 201, json: first.json })
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(await t.balance(t.walletOf('ann'))).toBe(9_500n)
  })
})

describe('asked for twice', () => {
  test('with one key in two tabs at once it is done once', async () => {
    await using t = await start()
    const both = await Promise.all([1, 2, 3].map(async () => await t.post('ann', '/me/transfers', FIVE, 'tab')))
    expect(both.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(new Set(both.map(({ json }) => json.id)).size).toBe(1)
    expect(await t.balance(t.walletOf('ann'))).toBe(9_500n)
  })

  test('with two keys it is done twice, but nobody spends what is not there', async () => {
    await using t = await start()
    const most = { ...FIVE, amount: '60' }
    const both = await Promise.all([1, 2].map(async () => await t.post('ann', '/me/transfers', most)))
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect(await t.balance(t.walletOf('ann'))).toBe(4_000n)
  })

  test('with the key of another transfer it is refused', async () => {
    await using t = await start()
    await t.post('ann', '/me/transfers', FIVE, 'mine')
    for (const other of [{ amount: '6' }, { to: 'cat' }, { note: 'other' }]) {
      expect(await t.post('ann', '/me/transfers', { ...FIVE, ...other }, 'mine')).toMatchObject({
        status: 422,
        json: { code: 'idempotency_key_reused' },
      })
    }
    expect(await t.post('bob', '/me/transfers', { ...FIVE, to: 'ann' }, 'mine')).toMatchObject({ status: 201 })
  })

  test('a refusal is the answer, also when there is enough later', async () => {
    await using t = await start()
    const all = { ...FIVE, amount: '101' }
    await t.post('ann', '/me/transfers', all, 'early')
    await t.post('cat', '/me/transfers', { ...FIVE, to: 'ann' })
    expect((await t.post('ann', '/me/transfers', all, 'early')).json).toMatchObject({ code: 'insufficient_funds' })
    expect(await t.post('ann', '/me/transfers', all, 'late')).toMatchObject({ status: 201 })
  })
})

test('members who send around in rings, all at once, end with what they had less the fees', async () => {
  await using t = await start(1_000n)
  await t.setParameter('transfer_fee_min', '0.01')
  const rings = Array.from({ length: 30 }, () => [
    ['ann', 'bob'],
    ['bob', 'cat'],
    ['cat', 'ann'],
  ]).flat()
  const sent = await Promise.all(
    rings.map(async ([from = '', to]) => await t.post(from, '/me/transfers', { to, asset: 'TOK', amount: '0.25' })),
  )
  expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([201]))
  for (const name of ['ann', 'bob', 'cat']) expect(await t.balance(t.walletOf(name))).toBe(970n)
  expect(await t.balance('treasury:main')).toBe(90n)
})

describe('a preview', () => {
  test('says what it costs and leaves, and does nothing', async () => {
    await using t = await start()
    await t.setParameter('transfer_fee_bps', 100)
    const { status, json } = await t.post('ann', '/me/transfers/preview', { ...FIVE, to: 'dan' }, null)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      to: { username: 'dan' },
      fee: '0.05',
      total: '5.05',
      available: '100',
      available_after: '94.95',
      refusal: null,
    })
    expect(await t.balance(t.walletOf('ann'))).toBe(10_000n)
    await expect(t.balance(t.walletOf('dan'))).rejects.toMatchObject({ code: 'account_not_found' })
  })

  test('says why it would be refused', async () => {
    await using t = await start()
    const { json } = await t.post('ann', '/me/transfers/preview', { ...FIVE, amount: '500' })
    expect(json).toMatchObject({ available: '100', available_after: null, refusal: { code: 'insufficient_funds' } })
    const poor = await t.post('dan', '/me/transfers/preview', FIVE)
    expect(poor.json).toMatchObject({ available: '0', refusal: { code: 'insufficient_funds' } })
  })
})

async function setWallet(t: TestMembers, name: string, status: 'frozen' | 'closed'): Promise<void> {
  if (status === 'closed') {
    const balance = await t.balance(t.walletOf(name))
    await t.post(name, '/me/transfers', { to: 'cat', asset: 'TOK', amount: `${balance / 100n}` })
  }
  await transaction(t.db, async (tx) => {
    await setStatus(tx, { path: t.walletOf(name), asset: 'TOK', status, actor: 'key:test', now: t.clock.now() })
  })
}
