// Forges the history in every way somebody with all rights on the database could, and expects to be caught. What is
// altered consistently, down to the signature, is only caught by a head that was kept elsewhere.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'

import { testLog, type TestLog } from '../../../test/log-fixture.ts'
import { connect, type Db, snapshot, transaction } from '../../core/db.ts'
import { serialUuid } from '../../core/id.ts'
import { type Checkpoint, readCheckpoint } from './checkpoint.ts'
import { exportLog } from './export-log.ts'
import { acknowledgeFork } from './fork.ts'
import { lastBlock } from './head.ts'
import { proveEntry } from './proofs.ts'
import { verifyReceipt } from './receipt.ts'
import { redactEntry } from './redaction.ts'
import { verifyExport } from './verify-export.ts'
import { verifyLog } from './verify.ts'

/** Ten deposits under three blocks. */
async function history(t: TestLog) {
  const log = await t.open()
  const entries: { entry: bigint; recordedAt: Date }[] = []
  for (let i = 1; i <= 10; i++) {
    entries.push(await t.pay(BigInt(i)))
    if (i % 4 === 0) await log.sealer.sealAll()
  }
  await log.sealer.sealAll()
  const head = await lastBlock(t.db)
  return { log, entries, head: readCheckpoint(head!.checkpoint) }
}

/** As a superuser, with triggers out of the way. */
async function forge(t: TestLog, work: (db: Db) => Promise<unknown>): Promise<void> {
  const db = connect({ url: t.adminUrl, connections_max: 1 })
  try {
    await sql`set session_replication_role = replica`.execute(db)
    await work(db)
  } finally {
    await db.destroy()
  }
}

async function codes(
  t: TestLog,
  log: { verifiers: Parameters<typeof verifyLog>[1]['log'] },
  expected: Checkpoint[] = [],
) {
  const { findings } = await snapshot(t.db, async (tx) => await verifyLog(tx, { log: log.verifiers, expected }))
  return new Set(findings.map(({ code }) => code))
}

/** Seals everything anew with the true key, as somebody would who has the database and the key. */
async function rewriteLog(t: TestLog): Promise<void> {
  await forge(t, async (db) => {
    for (const table of ['leaf', 'tile', 'block']) await sql`delete from ${sql.table(`ledger.${table}`)}`.execute(db)
    await sql`update ledger.log set entry_watermark = 0, event_watermark = 0`.execute(db)
  })
}

describe('a forged history is noticed:', () => {
  const forgeries: [name: string, code: string, forgery: (db: Db) => Promise<unknown>][] = [
    [
      'an altered amount',
      'leaf_altered',
      (db) => sql`update ledger.posting set amount = amount + 1 where entry = 3`.execute(db),
    ],
    [
      'an altered balance',
      'leaf_altered',
      (db) => sql`update ledger.posting set to_balance = 0 where entry = 3`.execute(db),
    ],
    [
      'an altered account',
      'leaf_altered',
      (db) =>
        sql`update ledger.account set path = 'users:eve:available' where path = 'users:ann:available'`.execute(db),
    ],
    [
      'altered metadata',
      'leaf_altered',
      (db) => sql`update ledger.entry set metadata = '{"no": 99}' where id = 3`.execute(db),
    ],
    [
      'an altered actor',
      'leaf_altered',
      (db) => sql`update ledger.entry set actor = 'key:eve' where id = 3`.execute(db),
    ],
    [
      'an altered time',
      'leaf_altered',
      (db) => sql`update ledger.entry set effective_at = effective_at - interval '1 day' where id = 3`.execute(db),
    ],
    [
      'an altered audit event',
      'leaf_altered',
      (db) => sql`update audit.event set diff = '{}' where id = 1`.execute(db),
    ],
    [
      'a dropped entry',
      'entry_missing',
      (db) =>
        sql`with gone as (delete from ledger.posting where entry = 3) delete from ledger.entry where id = 3`.execute(
          db,
        ),
    ],
    ['a dropped leaf', 'leaf_missing', (db) => sql`delete from ledger.leaf where ref = 3 and kind = 1`.execute(db)],
    [
      'reordered leaves',
      'leaf_altered',
      (db) =>
        sql`update ledger.leaf set ref = 100 + 7 - ref where ref in (3, 4) and kind = 1`
          .execute(db)
          .then(async () => await sql`update ledger.leaf set ref = ref - 100 where ref > 100`.execute(db)),
    ],
    [
      'an entry put in behind the watermark',
      'never_sealed',
      (db) =>
        sql`insert into ledger.entry select 0, effective_at, recorded_at, kind, reference, actor, metadata, reverses, salt from ledger.entry where id = 3`.execute(
          db,
        ),
    ],
    [
      'an altered tile',
      'leaf_altered',
      (db) =>
        sql`update ledger.tile set hashes = overlay(hashes placing sha256('x') from 33) where level = 0`.execute(db),
    ],
    [
      'an altered root',
      'root_differs',
      (db) => sql`update ledger.block set root = sha256('x') where height = 1`.execute(db),
    ],
    [
      'an altered block time',
      'block_altered',
      (db) => sql`update ledger.block set time = time + interval '1 day' where height = 1`.execute(db),
    ],
    ['a dropped block', 'block_missing', (db) => sql`delete from ledger.block where height = 1`.execute(db)],
    ['a dropped last block', 'block_missing', (db) => sql`delete from ledger.block where height = 2`.execute(db)],
    [
      'a broken link',
      'block_link_broken',
      (db) => sql`update ledger.block set previous_hash = sha256('x') where height = 1`.execute(db),
    ],
    [
      'another checkpoint',
      'checkpoint_invalid',
      (db) =>
        sql`update ledger.block set checkpoint = (select checkpoint from ledger.block where height = 0) where height = 1`.execute(
          db,
        ),
    ],
  ]
  test.each(forgeries)('%s', async (_, code, forgery) => {
    await using t = await testLog({ books: 'unchecked' })
    const { log } = await history(t)
    expect(await codes(t, log)).toEqual(new Set())

    await forge(t, forgery)

    expect(await codes(t, log)).toContain(code)
  })

  test('an amount altered everywhere, and everything sealed and signed anew', async () => {
    await using t = await testLog({ books: 'unchecked' })
    const { log, head } = await history(t)
    await forge(t, async (db) => {
      await sql`update ledger.entry set metadata = '{"no": 99}' where id = 3`.execute(db)
    })
    await rewriteLog(t)
    await (await t.open().catch(async () => await t.open())).sealer.sealAll()

    // Nothing in the database contradicts anything else in it; the head that was seen before does.
    expect(await codes(t, log)).toEqual(new Set())
    expect(await codes(t, log, [head])).toEqual(new Set(['log_forked']))
  })

  test('a tail cut off with all that was derived from it', async () => {
    await using t = await testLog({ books: 'unchecked' })
    const { log, head } = await history(t)
    await forge(t, async (db) => {
      await sql`with gone as (delete from ledger.posting where entry > 8) delete from ledger.entry where id > 8`.execute(
        db,
      )
    })
    await rewriteLog(t)
    await log.sealer.sealAll().catch(async () => await (await t.open()).sealer.sealAll())

    expect(await codes(t, log)).toEqual(new Set())
    expect(await codes(t, log, [head])).toEqual(new Set(['log_shortened']))
  })
})

test('a log restored below the last published head is behind, and goes on under a new origin once that is acknowledged', async () => {
  await using t = await testLog({ books: 'unchecked' })
  const { log } = await history(t)
  const published = await readFile(join(t.files.checkpoints, 'latest'), 'utf8')
  await forge(t, async (db) => {
    await sql`delete from ledger.block where height = 2`.execute(db)
    await sql`delete from ledger.leaf where position >= (select max(tree_size) from ledger.block)`.execute(db)
    await sql`with gone as (delete from ledger.posting where entry > 8) delete from ledger.entry where id > 8`.execute(
      db,
    )
    await sql`update ledger.log set entry_watermark = 8`.execute(db)
  })
  const restored = await t.open()
  expect(restored.standing).toMatchObject({ state: 'behind', outside: { size: readCheckpoint(published).size } })

  const origin = await transaction(t.db, async (tx) => {
    return await acknowledgeFork(tx, {
      folder: t.files.checkpoints,
      keys: log.keys,
      actor: 'cli:ops',
      now: t.clock.now(),
    })
  })
  expect(origin).toMatch(/\/2$/)
  const forked = await t.open()
  expect(forked.standing.state).toBe('whole')
  await forked.sealer.sealAll()
  expect((await lastBlock(t.db))!.origin).toBe(origin)
  expect(await codes(t, forked)).toEqual(new Set())
  // Whoever kept a head of the lost tail still learns of it, however far the new history goes.
  for (let i = 0; i < 3; i++) await t.pay(100n)
  await forked.sealer.sealAll()
  expect(await codes(t, forked, [readCheckpoint(published)])).toEqual(new Set(['log_forked']))
})

test('personal data of an entry can be erased, and every proof holds as before', async () => {
  await using t = await testLog()
  const { log, entries } = await history(t)
  const id = serialUuid(entries[2]!.entry, entries[2]!.recordedAt)
  const before = await proveEntry(t.db, { id, postings: [0], disclose: { metadata: true } })

  await transaction(
    t.db,
    async (tx) => await redactEntry(tx, { id, reason: 'asked for', actor: 'key:o', now: t.clock.now() }),
  )

  const row = await t.db
    .selectFrom('ledger.entry')
    .selectAll()
    .where('id', '=', entries[2]!.entry)
    .executeTakeFirstOrThrow()
  expect(row).toMatchObject({ salt: null, metadata: null, actor: null, kind: 'deposit' })
  expect(await codes(t, log)).toEqual(new Set())
  const after = await proveEntry(t.db, { id, postings: [0], disclose: {} })
  expect(after.receipts[0]).toEqual({ ...before.receipts[0], metadata: undefined })
  const trust = { log: log.verifiers[0]! }
  const proven = verifyReceipt({ receipt: JSON.stringify(after.receipts[0]), proof: after.proof, trust })
  expect(proven).toMatchObject({ to: 'users:ann:available', amount: 3n })
  await expect(proveEntry(t.db, { id, postings: [0], disclose: { metadata: true } })).rejects.toMatchObject({
    code: 'entry_redacted',
  })
})

describe('an exported log', () => {
  async function lines(t: TestLog, vkeys: readonly string[]): Promise<string[]> {
    return await snapshot(t.db, async (tx) => {
      const all: string[] = []
      for await (const line of exportLog(tx, { economy: 'test', vkeys })) all.push(JSON.stringify(line))
      return all
    })
  }

  async function* stream(all: string[]) {
    yield* all
  }

  test('verifies against a head that was kept, and against nothing but what the reader trusts', async () => {
    await using t = await testLog()
    const { log, head } = await history(t)
    const all = await lines(t, log.vkeys)
    const verified = await verifyExport(stream(all), { expected: [head], vkeys: [] })
    expect(verified).toMatchObject({
      economy: 'test',
      leaves: head.size,
      entries: 10,
      blocks: 3,
      accounts: 2,
      findings: [],
    })
    expect((await verifyExport(stream(all), { expected: [], vkeys: [...log.verifiers] })).findings).toEqual([])
    await expect(verifyExport(stream(all), { expected: [], vkeys: [] })).rejects.toMatchObject({
      code: 'trust_missing',
    })
  })

  const entryLine = (all: string[], no: number) => all.findIndex((line) => line.includes(`"metadata":{"no":${no}}`))
  const forgeries: [name: string, codes: string[], (all: string[]) => string[]][] = [
    [
      'an altered amount',
      ['root_differs', 'balance_wrong'],
      (all) => all.map((line, i) => (i === entryLine(all, 5) ? line.replace('"amount":"5"', '"amount":"6"') : line)),
    ],
    ['altered metadata', ['root_differs'], (all) => all.map((line) => line.replace('{"no":5}', '{"no":55}'))],
    ['a dropped entry', ['leaf_missing', 'line_missing'], (all) => all.toSpliced(entryLine(all, 5), 1)],
    [
      'a repeated entry',
      ['leaf_missing', 'line_missing'],
      (all) => all.toSpliced(entryLine(all, 5), 0, all[entryLine(all, 5)]!),
    ],
    [
      'reordered entries',
      ['leaf_missing', 'line_missing'],
      (all) => all.with(entryLine(all, 5), all[entryLine(all, 6)]!).with(entryLine(all, 6), all[entryLine(all, 5)]!),
    ],
    [
      'a shortened tail',
      ['log_shortened'],
      (all) => all.slice(0, all.findIndex((line) => line.includes('"height":"1"')) + 1),
    ],
    ['a dropped last block', ['block_missing'], (all) => all.slice(0, -1)],
    [
      'a replaced block hash',
      ['block_altered'],
      (all) =>
        all.map((line) =>
          line.includes('"height":"1"') ? line.replace(/"hash":"[^"]{10}/, '"hash":"AAAAAAAAAA') : line,
        ),
    ],
  ]
  test.each(forgeries)('with %s is refused', async (_, expectedCodes, forgery) => {
    await using t = await testLog()
    const { log, head } = await history(t)
    const all = forgery(await lines(t, log.vkeys))
    const { findings } = await verifyExport(stream(all), { expected: [head], vkeys: [] })
    expect([...new Set(findings.map(({ code }) => code))]).toEqual(expect.arrayContaining(expectedCodes))
  })

  test('with a line that cannot be read is refused by its number', async () => {
    await using t = await testLog()
    const { log, head } = await history(t)
    const all = (await lines(t, log.vkeys)).with(3, '{"leaf": 2')
    await expect(verifyExport(stream(all), { expected: [head], vkeys: [] })).rejects.toMatchObject({
      code: 'export_malformed',
      params: { line: 4 },
    })
  })
})
