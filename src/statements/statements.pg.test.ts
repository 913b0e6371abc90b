import { describe, expect, test } from 'vitest'

import { testMembers, type TestMembers } from '../../test/members.ts'
import { transaction } from '../core/db.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import type { Item } from '../ledger/items.ts'
import { verifyReceipt } from '../ledger/log/receipt.ts'
import { post } from '../ledger/post.ts'
import { transferRoutes } from '../transfers/routes.ts'
import { statementRoutes } from './routes.ts'

const start = async () => await testMembers({ routes: [...statementRoutes, ...transferRoutes] })

const send = async (t: TestMembers, from: string, to: string, amount: string, note?: string) =>
  (await t.post(from, '/me/transfers', { to, asset: 'TOK', amount, ...(note !== undefined && { note }) })).json.id

describe('an account', () => {
  test('shows what is there, what of it is free, and what is elsewhere', async () => {
    await using t = await start()
    const staked = `users:${t.idOf('ann')}:staked`
    await open(t, staked)
    await postAll(t, [
      { kind: 'stake', postings: [{ from: t.walletOf('ann'), to: staked, asset: 'TOK', amount: 2_500n }] },
      { reserve: 1_000n, on: t.walletOf('ann'), asset: 'TOK' },
    ])

    const { json } = await t.get('ann', '/me/account')

    expect(json.data).toEqual([
      {
        asset: 'TOK',
        available: '65',
        reserved: '10',
        staked: '25',
        total: '100',
        floor: '0',
        accounts: [
          {
            account: 'available',
            path: t.walletOf('ann'),
            balance: '75',
            reserved: '10',
            status: 'open',
            lines: 2,
          },
          { account: 'staked', path: staked, balance: '25', reserved: '0', status: 'open', lines: 1 },
        ],
      },
    ])
    expect((await t.get('dan', '/me/account')).json.data).toEqual([])
    expect((await t.get('finance', '/me/account')).status).toBe(403)
  })
})

describe('a statement', () => {
  test('has every line with what was there before and after, and why', async () => {
    await using t = await start()
    await t.setParameter('transfer_fee_min', '1')
    const id = await send(t, 'ann', 'bob', '20', 'for the map')
    await t.log.sealer.sealAll()
    await send(t, 'bob', 'ann', '3')

    const { json } = await t.get('ann', '/me/statement?asset=TOK')

    expect(json).toMatchObject({ asset: 'TOK', account: t.walletOf('ann'), balance: '82', next_cursor: null })
    expect(json.data).toMatchObject([
      { version: 4, amount: '3', balance_before: '79', balance_after: '82', reason: 'From bob', sealed: false },
      {
        version: 3,
        amount: '-1',
        balance_before: '80',
        balance_after: '79',
        reason: 'Fee of a transfer',
        counterparty: { account: 'treasury:main', name: 'Treasury', username: null },
        entry: id,
        posting: 1,
      },
      {
        version: 2,
        amount: '-20',
        balance_before: '100',
        balance_after: '80',
        reason: 'To bob',
        kind: 'member_transfer',
        note: 'for the map',
        counterparty: { account: t.walletOf('bob'), name: 'bob', username: 'bob' },
        entry: id,
        posting: 0,
        sealed: true,
      },
      { version: 1, amount: '100', balance_before: '0', reason: 'Deposit', counterparty: { name: 'Outside' } },
    ])
    const bobs = await t.get('bob', '/me/statement?asset=TOK')
    expect(bobs.json.data.map((line) => Reflect.get(line, 'note'))).toEqual([null, null, 'for the map', null])
  })

  test.each(['newest', 'oldest'])('comes page by page, each line once, the %s first', async (order) => {
    await using t = await start()
    for (let i = 1; i <= 9; i++) await send(t, 'ann', 'bob', `0.0${i}`)
    const versions: unknown[] = []
    for (let cursor = ''; ;) {
      const { json } = await t.get(
        'ann',
        `/me/statement?asset=TOK&limit=4&order=${order}${cursor && `&cursor=${cursor}`}`,
      )
      versions.push(...json.data.map((line) => Reflect.get(line, 'version')))
      if (json.next_cursor === null) break
      cursor = json.next_cursor
    }
    const rising = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    expect(versions).toEqual(order === 'oldest' ? rising : rising.toReversed())
  })

  test('of nothing is empty, and of an asset that there is not, refused', async () => {
    await using t = await start()
    expect((await t.get('dan', '/me/statement?asset=TOK')).json).toMatchObject({ data: [], balance: '0' })
    expect((await t.get('ann', '/me/statement?asset=GOLD')).json).toMatchObject({ code: 'asset_not_found' })
    expect((await t.get('ann', '/me/statement?asset=TOK&account=../bob')).status).toBe(400)
  })

  test('is one’s own: another’s cursor and another’s account lead nowhere', async () => {
    await using t = await start()
    await send(t, 'ann', 'bob', '1')
    const { json } = await t.get('ann', '/me/statement?asset=TOK&limit=1')
    const stolen = await t.get('bob', `/me/statement?asset=TOK&limit=1&cursor=${json.next_cursor}`)
    expect(stolen.json).toMatchObject({ code: 'cursor_invalid' })
    expect((await t.get('bob', `/me/statement?asset=TOK&person=${t.idOf('ann')}`)).status).toBe(400)
  })
})

describe('the proof of a line', () => {
  test('holds without the server, and tells of nobody else', async () => {
    await using t = await start()
    const id = await payAll(t)
    await t.log.sealer.sealAll()

    const { json, text } = await t.get('bob', `/me/entries/${id}/proof?posting=1&balance=true`)

    const { tlog_proof, receipts } = json as unknown as { tlog_proof: string; receipts: unknown[] }
    const proven = verifyReceipt({
      receipt: JSON.stringify(receipts[0]),
      proof: tlog_proof,
      trust: { log: t.log.verifiers[0]! },
    })
    expect(proven).toMatchObject({ id, kind: 'weekly_reward', no: 1, to: t.walletOf('bob'), amount: 70n })
    expect(proven).toMatchObject({ fromLine: null, toLine: { balance: 10_070n } })
    for (const other of ['ann', 'cat']) expect(text).not.toContain(t.idOf(other))
    const plain = await t.get('bob', `/me/entries/${id}/proof?posting=1`)
    expect(plain.text).not.toContain('10070')
    expect(plain.status).toBe(200)
  })

  test('is for the lines of one’s own alone', async () => {
    await using t = await start()
    const id = await payAll(t)
    await t.log.sealer.sealAll()
    const missing = { status: 404, json: { code: 'posting_not_found' } }
    for (const posting of [0, 2, 3, 9_999]) {
      expect(await t.get('bob', `/me/entries/${id}/proof?posting=${posting}`)).toMatchObject(missing)
    }
    const elsewhere = `${id.slice(0, -1)}${id.endsWith('f') ? 'e' : 'f'}`
    expect(await t.get('bob', `/me/entries/${elsewhere}/proof?posting=1`)).toMatchObject(missing)
    expect((await t.get('bob', `/me/entries/${id}/proof`)).status).toBe(400)
  })

  test('waits for the seal', async () => {
    await using t = await start()
    const id = await send(t, 'ann', 'bob', '1')
    expect(await t.get('ann', `/me/entries/${id}/proof?posting=0`)).toMatchObject({
      status: 409,
      json: { code: 'entry_not_sealed' },
    })
  })
})

/** One entry that pays three people, as a week's rewards are. */
async function payAll(t: TestMembers): Promise<string> {
  await open(t, 'treasury:rewards')
  const treasury = { from: 'world:bank', to: 'treasury:rewards', asset: 'TOK', amount: 1_000n }
  const pays = [60n, 70n, 80n].map((amount, i) => ({
    from: 'treasury:rewards',
    to: t.walletOf(['ann', 'bob', 'cat'][i]!),
    asset: 'TOK',
    amount,
  }))
  await postAll(t, [
    { kind: 'deposit', postings: [treasury] },
    { kind: 'weekly_reward', postings: pays },
  ])
  const { json } = await t.get('bob', '/me/statement?asset=TOK&limit=1')
  return String(Reflect.get(json.data[0]!, 'entry'))
}

async function open(t: TestMembers, path: string): Promise<void> {
  await transaction(t.db, async (tx) => {
    await ensureAccounts(tx, { asset: 'TOK', accounts: [{ path }], now: t.clock.now() })
  })
}

async function postAll(t: TestMembers, items: Item[]): Promise<void> {
  await transaction(t.db, async (tx) => await post(tx, items, { actor: 'key:test', now: t.clock.now() }))
}
