import { expect, test } from 'vitest'

import { openWallets, outcomes, refusal, transfer } from '../../test/books.ts'
import { TEST_START, type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { closingReport } from './closing-report.ts'
import { closeBooks, closedBefore } from './closing.ts'
import { postEach } from './post.ts'

const BY = { actor: 'key:finance', now: TEST_START }
const NEW_YEAR = new Date('2026-01-01T00:00:00.000Z')
const BEFORE_NEW_YEAR = new Date('2025-12-31T23:59:59.999Z')

test('nothing takes effect in a period that is closed; on its edge it may', async () => {
  await using t = await testEconomy()
  const pay = await payerOf(t)
  expect(outcomes(await pay(BEFORE_NEW_YEAR))).toEqual(['posted'])
  await close(t, NEW_YEAR)
  const [result] = await pay(BEFORE_NEW_YEAR)
  expect(refusal(result)).toMatchObject({
    code: 'period_closed',
    params: { effective_at: '2025-12-31T23:59:59.999Z', closed_before: '2026-01-01T00:00:00.000Z' },
  })
  expect(outcomes(await pay(NEW_YEAR))).toEqual(['posted'])
  expect(outcomes(await pay())).toEqual(['posted'])
})

test('the report of a closing has what was there, and what moved since the one before', async () => {
  await using t = await testEconomy()
  const pay = await payerOf(t)
  await pay(new Date('2025-06-01T00:00:00.000Z'))
  await pay(NEW_YEAR)
  const report = async (before: Date) =>
    await transaction(t.db, async (tx) => await closingReport(tx, { before, depth: 1 }))

  const planned = await report(NEW_YEAR)
  expect(planned).toMatchObject({ since: null, closed: false })
  expect(planned.kinds).toMatchObject([{ asset: 'TOK', kind: 'transfer', entries: 1n }])
  for (const { debit, credit } of planned.balances) expect(debit).toBe(credit)

  await close(t, NEW_YEAR)
  expect(await report(NEW_YEAR)).toEqual({ ...planned, closed: true })
  expect((await report(TEST_START)).since).toEqual(NEW_YEAR)
})

test('books close forward only, and only what has passed', async () => {
  await using t = await testEconomy()
  expect(await transaction(t.db, closedBefore)).toBeNull()
  await close(t, NEW_YEAR)
  await expect(close(t, NEW_YEAR)).rejects.toMatchObject({ status: 409, code: 'period_closed' })
  await expect(close(t, BEFORE_NEW_YEAR)).rejects.toMatchObject({ code: 'period_closed' })
  const later = new Date(TEST_START.getTime() + 1)
  await expect(close(t, later)).rejects.toMatchObject({ status: 422, code: 'closing_in_future' })
  await close(t, TEST_START)
  expect(await transaction(t.db, closedBefore)).toEqual(TEST_START)
  expect((await listEvents(t.db, { action: 'books.close', limit: 10 })).map(({ diff }) => diff)).toEqual([
    { before: { closed_before: '2026-01-01T00:00:00.000Z' }, after: { closed_before: '2026-01-05T00:00:00.000Z' } },
    { before: { closed_before: null }, after: { closed_before: '2026-01-01T00:00:00.000Z' } },
  ])
})

test('the books are not closed under an entry that is just being dated back', async () => {
  await using t = await testEconomy()
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  await transaction(t.db, async (tx) => {
    const item = transfer(a, b, 1n, { effectiveAt: BEFORE_NEW_YEAR })
    expect(outcomes(await postEach(tx, [item], BY))).toEqual(['posted'])
    await expect(close(t, NEW_YEAR)).rejects.toMatchObject({ status: 503, code: 'books_busy' })
  })
  await close(t, NEW_YEAR)
})

test('an entry that is dated back while the books are being closed waits, and is refused', async () => {
  await using t = await testEconomy()
  const pay = await payerOf(t)
  let dated: ReturnType<typeof pay> | undefined
  await transaction(t.db, async (tx) => {
    await closeBooks(tx, { before: NEW_YEAR, ...BY })
    dated = pay(BEFORE_NEW_YEAR)
    // Who does not date back does not wait.
    expect(outcomes(await pay())).toEqual(['posted'])
  })
  expect(outcomes(await dated!)).toEqual(['period_closed'])
})

test('two who close the books at once do it one after the other', async () => {
  await using t = await testEconomy()
  const tries = await Promise.allSettled([close(t, NEW_YEAR), close(t, NEW_YEAR), close(t, NEW_YEAR)])
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

async function close({ db }: TestEconomy, before: Date): Promise<void> {
  await transaction(db, async (tx) => await closeBooks(tx, { before, ...BY }))
}

/** Pays from accounts that are not those of the payment before, so that none waits for another. */
async function payerOf({ db }: TestEconomy) {
  const wallets = [await openWallets(db, { a: 10n, b: 0n }), await openWallets(db, { a: 10n, b: 0n })]
  let turn = 0
  return async (effectiveAt?: Date) => {
    const { a, b } = wallets[turn++ % wallets.length]!
    const item = transfer(a, b, 1n, effectiveAt ? { effectiveAt } : {})
    return await transaction(db, async (tx) => await postEach(tx, [item], BY))
  }
}
