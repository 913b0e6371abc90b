// What is recorded is sealed, once and in order, whoever commits late and whatever else runs on the server.
import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { createTestDatabase } from '../../../test/helpers.ts'
import { testLog, type TestLog } from '../../../test/log-fixture.ts'
import { connect, snapshot, transaction } from '../../core/db.ts'
import { withSession } from '../../core/session.ts'
import { post } from '../post.ts'
import { lastBlock, tileReader } from './head.ts'
import { rootAt } from './tree.ts'
import { verifyLog } from './verify.ts'

async function sealedEntries({ db }: TestLog): Promise<bigint[]> {
  const rows = await db.selectFrom('ledger.leaf').select('ref').where('kind', '=', 1).orderBy('position').execute()
  return rows.map(({ ref }) => ref)
}

async function watermark({ db }: TestLog): Promise<bigint> {
  return (await db.selectFrom('ledger.log').select('entry_watermark').executeTakeFirstOrThrow()).entry_watermark
}

test('entries and audit events are sealed once, in the order of their numbers', async () => {
  await using t = await testLog()
  const { sealer, verifiers } = await t.open()
  const entries = [await t.pay(1n), await t.pay(2n)].map(({ entry }) => entry)
  await sealer.sealAll()
  entries.push((await t.pay(3n)).entry)
  await sealer.sealAll()

  expect(await sealedEntries(t)).toEqual(entries)
  expect(await sealer.sealAll()).toBe(0)
  const head = await lastBlock(t.db)
  expect(head!.height).toBe(1n)
  expect(await rootAt(head!.tree_size, tileReader(t.db))).toEqual(head!.root)
  const verified = await snapshot(t.db, async (tx) => await verifyLog(tx, { log: verifiers }))
  expect(verified).toEqual({ size: head!.tree_size, entries: 3, unsealed: 0n, findings: [] })

  await t.pay(4n)
  const later = await snapshot(t.db, async (tx) => await verifyLog(tx, { log: verifiers }))
  expect(later).toEqual({ ...verified, unsealed: 1n })
})

test('a writer that commits late, with a lower number than what is sealed, is not passed over', async () => {
  await using t = await testLog()
  const { sealer, verifiers } = await t.open()
  await t.pay(1n)
  const committed = Promise.withResolvers<void>()
  const drawn = Promise.withResolvers<bigint>()
  const late = transaction(t.db, async (tx) => {
    const postings = [{ from: 'users:ann:available', to: 'users:bob:available', asset: 'TOK', amount: 1n }]
    const [result] = await post(tx, [{ kind: 'gift', postings }], { actor: 'key:late' })
    drawn.resolve(result?.status === 'posted' ? result.entry : 0n)
    await committed.promise
  })
  const lateEntry = await drawn.promise
  // Others draw higher numbers, on accounts that the late one does not hold, and are sealed again and again.
  for (let i = 0; i < 3; i++) {
    await transaction(t.db, async (tx) => {
      await sql`insert into ledger.account (path, asset, floor, opened_at) values (${`world:${i}`}, 1, null, now()), (${`till:${i}`}, 1, 0, now())`.execute(
        tx,
      )
      await post(
        tx,
        [{ kind: 'sale', postings: [{ from: `world:${i}`, to: `till:${i}`, asset: 'TOK', amount: 1n }] }],
        { actor: 'key:x' },
      )
    })
    await sealer.sealAll()
    await sealer.sealAll()
  }
  expect(await sealedEntries(t)).not.toContain(lateEntry)
  expect(await watermark(t)).toBeLessThan(lateEntry)

  committed.resolve()
  await late
  await sealer.sealAll()
  expect((await sealedEntries(t)).at(-1)).toBe(lateEntry)
  await sealer.sealAll()
  await sealer.sealAll()
  expect(await watermark(t)).toBeGreaterThan(lateEntry)
  const verified = await snapshot(t.db, async (tx) => await verifyLog(tx, { log: verifiers }))
  expect(verified.findings).toEqual([])
})

test('a long transaction in another database neither stalls the sealer nor its watermark', async () => {
  await using t = await testLog()
  await using other = await createTestDatabase()
  const { sealer } = await t.open()
  await withSession({ url: other.url }, async (client) => {
    await client.query('begin')
    await client.query('create table held (id int)')
    const { entry } = await t.pay(1n)
    await sealer.sealAll()
    await sealer.sealAll()
    expect(await sealedEntries(t)).toEqual([entry])
    expect(await watermark(t)).toBe(entry)
    await client.query('rollback')
  })
})

test('two sealers at once seal each entry once', async () => {
  await using t = await testLog({ connections_max: 12 })
  const sealers = await Promise.all([t.open(), t.open(), t.open()])
  for (let round = 0; round < 10; round++) {
    await Promise.all([t.pay(1n), t.pay(2n), ...sealers.map(async ({ sealer }) => await sealer.sealAll())])
  }
  await sealers[0].sealer.sealAll()
  const sealed = await sealedEntries(t)
  expect(new Set(sealed).size).toBe(20)
  expect(sealed.length).toBe(20)
  const verified = await snapshot(t.db, async (tx) => await verifyLog(tx, { log: sealers[0].verifiers }))
  expect(verified.findings).toEqual([])
})

test('what was aborted leaves a number that is never waited for', async () => {
  await using t = await testLog()
  const { sealer } = await t.open()
  const before = await t.pay(1n)
  await transaction(t.db, async (tx) => {
    const postings = [{ from: 'world:bank', to: 'users:ann:available', asset: 'TOK', amount: 5n }]
    await post(tx, [{ kind: 'deposit', postings }], { actor: 'key:x' })
    throw new Error('changed my mind')
  }).catch(() => undefined)
  const after = await t.pay(2n)
  for (let i = 0; i < 3; i++) await sealer.sealAll()
  expect(after.entry - before.entry).toBe(2n)
  expect(await watermark(t)).toBe(after.entry)
})

test('sealing goes on after a seal failed, with the tree as it is in the database', async () => {
  await using t = await testLog()
  const { sealer, verifiers } = await t.open()
  await t.pay(1n)
  await sealer.sealAll()
  const db = connect({ url: t.adminUrl, connections_max: 1 })
  await sql`alter table ledger.block add constraint no_more check (height < 1)`.execute(db)
  await t.pay(2n)
  await expect(sealer.sealOnce()).rejects.toThrow('no_more')
  await sql`alter table ledger.block drop constraint no_more`.execute(db)
  await db.destroy()
  await sealer.sealAll()
  const verified = await snapshot(t.db, async (tx) => await verifyLog(tx, { log: verifiers }))
  expect(verified).toMatchObject({ entries: 2, findings: [] })
})

test('entries of very many postings are sealed, verified and exported a few at a time', async () => {
  await using t = await testLog()
  const { sealer, verifiers } = await t.open()
  const postings = Array.from({ length: 10_000 }, () => ({
    from: 'world:bank',
    to: 'users:ann:available',
    asset: 'TOK',
    amount: 1n,
  }))
  for (let i = 0; i < 7; i++) {
    await transaction(t.db, async (tx) => await post(tx, [{ kind: 'payout', postings }], { actor: 'key:x' }))
  }

  expect(await sealer.sealAll()).toBeGreaterThanOrEqual(7)

  expect((await lastBlock(t.db))!.height).toBe(1n)
  const verified = await snapshot(t.db, async (tx) => await verifyLog(tx, { log: verifiers }))
  expect(verified).toMatchObject({ entries: 7, findings: [] })
})
