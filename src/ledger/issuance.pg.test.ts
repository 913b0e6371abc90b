import { afterAll, beforeAll, expect, test } from 'vitest'

import { openWallets } from '../../test/books.ts'
import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { ensureAccounts, findAccount } from './accounts.ts'
import { BALANCE_MAX } from './book.ts'
import { createChart } from './chart.ts'
import { approveIssuance, requestIssuance } from './issuance.ts'

const CHART = createChart([{ pattern: 'vaults:*', owner: 'staking', holds: 'what is staked' }])
const SUPPLY = 1_000_000n

let t: TestEconomy
beforeAll(async () => {
  t = await testEconomy()
  const accounts = [{ path: 'vaults:one' }]
  await transaction(t.db, async (tx) => await ensureAccounts(tx, { asset: 'GEM', accounts, now: TEST_START }))
})
afterAll(async () => await t[Symbol.asyncDispose]())

test('one owner asks, another approves, and then it is issued', async () => {
  const { a } = await openWallets(t.db, { a: 0n }, 'GEM')
  const { id, entry } = await request({ to: a, amount: 40n })
  expect(entry).toBeNull()
  expect(await findAccount(t.db, a, 'GEM')).toMatchObject({ balance: 0n })
  const approved = await approve(id, 'key:two')
  expect(approved).toMatchObject({ requested_by: 'key:one', approved_by: 'key:two', approved_at: TEST_START })
  expect(await findAccount(t.db, a, 'GEM')).toMatchObject({ balance: 40n })
  const posted = await t.db
    .selectFrom('ledger.entry')
    .selectAll()
    .where('id', '=', approved.entry)
    .executeTakeFirstOrThrow()
  expect(posted).toMatchObject({ kind: 'issuance', reference: id, actor: 'key:two' })
  const events = await listEvents(t.db, { subject: `issuance:${id}`, limit: 10 })
  expect(events.map(({ action, actor }) => [action, actor])).toEqual([
    ['issuance.approve', 'key:two'],
    ['issuance.request', 'key:one'],
  ])
})

test('who asked cannot approve', async () => {
  const { a } = await openWallets(t.db, { a: 0n }, 'GEM')
  const { id } = await request({ to: a, amount: 1n })
  await expect(approve(id, 'key:one')).rejects.toMatchObject({ status: 403, code: 'second_approver_required' })
  expect(await findAccount(t.db, a, 'GEM')).toMatchObject({ balance: 0n })
})

test('an issuance is carried out once, even when several approve at the same time', async () => {
  const { a } = await openWallets(t.db, { a: 0n }, 'GEM')
  const { id } = await request({ to: a, amount: 7n })
  const tries = await Promise.allSettled(['two', 'three', 'four'].map(async (who) => await approve(id, `key:${who}`)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const attempt of tries) {
    if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'issuance_already_approved' })
  }
  expect(await findAccount(t.db, a, 'GEM')).toMatchObject({ balance: 7n })
})

test('no more than the maximum supply is issued, and a refused approval can be tried again', async () => {
  const { a } = await openWallets(t.db, { a: 0n }, 'GEM')
  const issued = -(await findAccount(t.db, 'issuance:gem', 'GEM')).balance
  const { id } = await request({ to: a, amount: SUPPLY - issued + 1n })
  await expect(approve(id, 'key:two')).rejects.toMatchObject({ code: 'insufficient_funds' })
  await expect(approve(id, 'key:two')).rejects.toMatchObject({ code: 'insufficient_funds' })
  const { id: rest } = await request({ to: a, amount: SUPPLY - issued })
  await approve(rest, 'key:two')
  expect(await findAccount(t.db, 'issuance:gem', 'GEM')).toMatchObject({ balance: -SUPPLY })
})

test.each([
  ['asset_not_found', { asset: 'NIL' }],
  ['account_not_found', { to: 'users:nobody:available' }],
  ['account_owned_by_module', { to: 'vaults:one' }],
  ['account_owned_by_module', { to: 'issuance:gem' }],
  ['amount_invalid', { amount: 0n }],
  ['amount_invalid', { amount: -1n }],
  ['amount_invalid', { amount: BALANCE_MAX + 1n }],
  ['reason_invalid', { reason: '' }],
  ['reason_invalid', { reason: 'a\0b' }],
  ['reason_invalid', { reason: 'r'.repeat(501) }],
])('a request is refused with %s', async (code, wrong) => {
  const { a } = await openWallets(t.db, { a: 0n }, 'GEM')
  await expect(request({ to: a, amount: 1n, ...wrong })).rejects.toMatchObject({ code })
})

test.each(['01890a5d-ac96-774b-bcce-b302099a8058', 'no id', '\0'])(
  'an issuance that does not exist is not found (%#)',
  async (id) => {
    await expect(approve(id, 'key:two')).rejects.toMatchObject({ status: 404, code: 'issuance_not_found' })
  },
)

async function request(wish: { to: string; amount: bigint; asset?: string; reason?: string }) {
  const issuance = { asset: 'GEM', reason: 'New members', chart: CHART, actor: 'key:one', now: TEST_START, ...wish }
  return await transaction(t.db, async (tx) => await requestIssuance(tx, issuance))
}

async function approve(id: string, actor: string) {
  return await transaction(t.db, async (tx) => await approveIssuance(tx, { id, actor, now: TEST_START }))
}
