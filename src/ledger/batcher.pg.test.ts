import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { balancesOf, openWallets, outcomes, refusal, transfer } from '../../test/books.ts'
import { type TestEconomy, testEconomy } from '../../test/helpers.ts'
import { pgArray, transaction, type Tx } from '../core/db.ts'
import { withSession } from '../core/session.ts'
import { Batcher } from './batcher.ts'
import type { Item, Posted } from './items.ts'
import { post } from './post.ts'

const BY = { actor: 'key:test' }

let t: TestEconomy
beforeAll(async () => {
  t = await testEconomy({ connections_max: 12 })
  await makeNotes()
})
afterAll(async () => await t[Symbol.asyncDispose]())

test('callers that come at the same time share a transaction, and each gets its own answer', async () => {
  await using own = await testEconomy()
  const wallets = await openWallets(own.db, { a: 1_000n, b: 0n })
  const batcher = new Batcher(own.db)

  const answers = await Promise.all(
    Array.from({ length: 200 }, async () => await batcher.submit([transfer(wallets.a, wallets.b, 10n)], BY)),
  )
  await batcher.close()

  expect(answers.flatMap(outcomes).filter((outcome) => outcome === 'posted')).toHaveLength(100)
  expect(answers.flatMap(outcomes).filter((outcome) => outcome === 'insufficient_funds')).toHaveLength(100)
  const { rows } = await sql<{ transactions: bigint }>`
    select count(distinct xmin::text) as transactions from ledger.entry where kind = 'transfer'
  `.execute(own.db)
  expect(rows[0]!.transactions).toBeLessThanOrEqual(2n)
})

test('32 callers in rings of accounts, over two processes and modules, never deadlock and lose nothing', async () => {
  const wallets = await openWallets(t.db, Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`u${i}`, 1_000n])))
  const paths = Object.values(wallets)
  const batchers = [new Batcher(t.db), new Batcher(t.db)]

  const caller = async (no: number) => {
    for (let round = 0; round < 8; round++) {
      const turn = no % 2 === 0 ? 1 : paths.length - 1
      const ring = [0, 1, 2].map((i) => paths[(no + round + i * turn) % paths.length]!)
      const postings = ring.flatMap((from, i) => transfer(from, ring[(i + 1) % 3]!, BigInt(1 + no)).postings)
      const item = { kind: 'ring', postings, key: `ring ${no} ${round}` }
      if (no % 4 === 3) await transaction(t.db, async (tx) => await post(tx, [item], BY))
      else await untilPosted(batchers[no % 2]!, item)
    }
  }
  await Promise.all(Array.from({ length: 32 }, async (_, no) => await caller(no)))
  for (const batcher of batchers) await batcher.close()

  const { rows } = await sql<{ entries: bigint }>`
    select count(*) as entries from ledger.entry where kind = 'ring'
  `.execute(t.db)
  expect(rows).toEqual([{ entries: 256n }])
  expect(Object.values(await balancesOf(t.db, wallets))).toEqual(paths.map(() => 1_000n))
})

test('a transaction that sits on a hot account stops nobody else, not even when thousands wait for that account', async () => {
  const wallets = await openWallets(t.db, { hot: 100_000n, a: 1_000n, b: 0n })
  const batcher = new Batcher(t.db)
  const hot = transfer(wallets.hot, wallets.b, 1n)

  await using sitting = await sitOn(wallets.hot)
  const started_ms = performance.now()
  const waiting = Array.from({ length: 3_000 }, async (_, i) => await batcher.submit([{ ...hot, key: `hot ${i}` }], BY))
  const others_ms: number[] = []
  for (let i = 0; i < 20; i++) {
    const since_ms = performance.now()
    const [result] = await batcher.submit([transfer(wallets.a, wallets.b, 1n)], BY)
    expect(result?.status).toBe('posted')
    others_ms.push(performance.now() - since_ms)
  }
  expect(Math.max(...others_ms)).toBeLessThan(900)

  const refused = await Promise.all(waiting)
  const refusedAfter_ms = performance.now() - started_ms
  expect(new Set(refused.flatMap(outcomes))).toEqual(new Set(['account_busy']))
  expect(refusedAfter_ms).toBeGreaterThan(1_000)
  expect(refusedAfter_ms).toBeLessThan(4_000)

  await sitting.end()
  const again = await Promise.all(
    Array.from({ length: 3_000 }, async (_, i) => await batcher.submit([{ ...hot, key: `hot ${i}` }], BY)),
  )
  expect(new Set(again.flatMap(outcomes))).toEqual(new Set(['posted']))
  await batcher.close()
  expect(await balancesOf(t.db, wallets)).toMatchObject({ hot: 97_000n, b: 3_020n })
})

test('what waits for a busy account is posted as soon as it is free, captures of holds on it too', async () => {
  const wallets = await openWallets(t.db, { a: 100n, b: 0n, c: 50n })
  const batcher = new Batcher(t.db)
  const [held] = await batcher.submit([{ reserve: 60n, on: wallets.a, asset: 'TOK' }], BY)
  if (held?.status !== 'held') throw new Error('The hold was refused')

  await using sitting = await sitOn(wallets.a)
  // Its posting is from another account: only the hold that it captures is on the busy one.
  const capture = batcher.submit([{ ...transfer(wallets.a, wallets.b, 60n), captures: held.hold }], BY)
  const voided = batcher.submit([{ void: held.hold }], BY)
  const other = await batcher.submit([transfer(wallets.c, wallets.b, 50n)], BY)
  expect(outcomes(other)).toEqual(['posted'])
  await sitting.end()

  expect(outcomes(await capture)).toEqual(['posted'])
  expect(outcomes(await voided)).toEqual(['hold_not_pending'])
  await batcher.close()
})

test('the items of one call are decided in their order, also when the first of them has to wait', async () => {
  const wallets = await openWallets(t.db, { a: 10n, b: 0n, c: 0n })
  const batcher = new Batcher(t.db)

  await using sitting = await sitOn(wallets.a)
  const results = batcher.submit(
    [
      transfer(wallets.a, wallets.b, 10n),
      transfer(wallets.b, wallets.c, 10n),
      ...Array.from({ length: 1_500 }, () => transfer(wallets.c, wallets.b, 1n)),
    ],
    BY,
  )
  await sleep(50)
  await sitting.end()

  const posted = outcomes(await results).filter((outcome) => outcome === 'posted')
  await batcher.close()
  expect(posted).toHaveLength(12)
})

test('what the database will not take fails alone, and the others are not posted one by one for it', async () => {
  const wallets = await openWallets(t.db, { a: 10_000n, b: 0n })
  const batcher = new Batcher(t.db)
  let inserts = 0
  const insert = async (tx: Tx, rows: unknown[]) => {
    inserts++
    await insertNotes(tx, rows)
  }

  const answers = await Promise.allSettled(
    Array.from({ length: 800 }, async (_, i) => {
      const beside = { insert, row: i === 400 ? 'poison' : `note ${i}` }
      return await batcher.submit([transfer(wallets.a, wallets.b, 1n)], { ...BY, beside })
    }),
  )
  await batcher.close()

  const failed = answers.flatMap((answer, i) => (answer.status === 'rejected' ? [i] : []))
  expect(failed).toEqual([400])
  expect(inserts).toBeLessThan(50)
  expect(await balancesOf(t.db, wallets)).toMatchObject({ b: 799n })
  expect(await notesLike('note %')).toHaveLength(799)
})

test('an error in the code that evaluates one item reaches its caller alone', async () => {
  const wallets = await openWallets(t.db, { a: 100n, b: 0n })
  const batcher = new Batcher(t.db)
  const broken = transfer(wallets.a, wallets.b, 1n)
  let looks = 0
  // Whatever reads it after it was checked meets an error.
  Object.defineProperty(broken, 'effectiveAt', {
    get: () => {
      if (looks++ > 0) throw new RangeError('A broken item')
      return undefined
    },
  })

  const answers = await Promise.allSettled([
    batcher.submit([transfer(wallets.a, wallets.b, 1n)], BY),
    batcher.submit([broken], BY),
    batcher.submit([transfer(wallets.a, wallets.b, 1n)], BY),
  ])
  await batcher.close()

  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a row beside an entry is written with it, once, and not for what is refused or repeated', async () => {
  const wallets = await openWallets(t.db, { a: 10n, b: 0n })
  const batcher = new Batcher(t.db)
  const submit = async (row: string, ...items: Item[]) =>
    outcomes(await batcher.submit(items, { ...BY, beside: { insert: insertNotes, row } }))
  const pay = (amount: bigint, rest: object = {}) => transfer(wallets.a, wallets.b, amount, rest)

  expect(await submit('once paid', pay(4n, { key: 'k' }))).toEqual(['posted'])
  expect(await submit('again paid', pay(4n, { key: 'k' }))).toEqual(['posted'])
  expect(await submit('too much paid', pay(40n))).toEqual(['insufficient_funds'])
  expect(await submit('both paid', pay(3n, { linked: true }), pay(3n))).toEqual(['posted', 'posted'])
  expect(await submit('neither paid', pay(0n, { linked: true }), pay(0n))).toEqual(['amount_zero', 'linked_failed'])
  await expect(submit('two at once paid', pay(1n), pay(1n))).rejects.toThrow('beside one item or one linked chain')
  await batcher.close()

  expect(await notesLike('% paid')).toEqual(['both paid', 'once paid'])
})

test('connections killed under load lose no acknowledged entry, and repetitions with the same keys double none', async () => {
  await using own = await testEconomy()
  const wallets = await openWallets(own.db, { a: 1_000_000n, b: 0n })
  const batcher = new Batcher(own.db)
  const keys = Array.from({ length: 400 }, (_, i) => `key ${i}`)

  const failures: unknown[] = []
  const killer = killConnections(own, 15)
  const posted: Posted[] = []
  for (let i = 0; i < keys.length; i += 10) {
    const items = keys.slice(i, i + 10).map((key) => transfer(wallets.a, wallets.b, 1n, { key }))
    posted.push(...(await Promise.all(items.map(async (item) => await untilPosted(batcher, item, failures)))))
  }
  await killer
  await batcher.close()

  expect(failures.length).toBeGreaterThan(0)
  expect(new Set(posted.map(({ entry }) => entry)).size).toBe(keys.length)
  expect(await balancesOf(own.db, wallets)).toMatchObject({ b: BigInt(keys.length) })
})

test('the same keys through two processes at once are posted once each, and answered alike', async () => {
  const wallets = await openWallets(t.db, { a: 1_000n, b: 0n, c: 1_000n })
  const batchers = [new Batcher(t.db), new Batcher(t.db)]
  // In opposite orders and from different accounts, so that neither waits for the other's accounts but for its keys.
  const items = Array.from({ length: 300 }, (_, i) => ({
    ...transfer(i % 2 === 0 ? wallets.a : wallets.c, wallets.b, 1n),
    key: `key ${i}`,
  }))

  const [first, second] = await Promise.all([
    Promise.all(items.map(async (item) => await batchers[0]!.submit([item], BY))),
    Promise.all(items.toReversed().map(async (item) => await batchers[1]!.submit([item], BY))),
  ])
  for (const batcher of batchers) await batcher.close()

  const entryOf = ([result]: (typeof first)[number]) => (result?.status === 'posted' ? result.entry : undefined)
  expect(first.map(entryOf)).toEqual(second.toReversed().map(entryOf))
  expect(new Set(first.map(entryOf)).size).toBe(300)
  expect(await balancesOf(t.db, wallets)).toMatchObject({ b: 300n })
})

test('more than the queue holds is refused, and what waits is not disturbed', async () => {
  const wallets = await openWallets(t.db, { a: 10n, b: 0n })
  const batcher = new Batcher(t.db)
  const many = Array.from({ length: 10_000 }, () => transfer(wallets.b, wallets.a, 1n))

  const submissions = Array.from({ length: 11 }, async () => await batcher.submit(many, BY))
  const answers = await Promise.allSettled(submissions)
  await batcher.close()

  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 'fulfilled'), 'rejected'])
  expect(answers[10]).toMatchObject({ reason: { status: 503, code: 'ledger_overloaded' } })
  const outcomesOf = (answer: (typeof answers)[number]) => (answer.status === 'fulfilled' ? outcomes(answer.value) : [])
  expect(new Set(answers.flatMap(outcomesOf))).toEqual(new Set(['insufficient_funds']))
})

test('closing waits for all that was submitted, and nothing can be submitted afterwards', async () => {
  const wallets = await openWallets(t.db, { a: 5_000n, b: 0n })
  const batcher = new Batcher(t.db)
  const pay = transfer(wallets.a, wallets.b, 1n)

  const submitted = Array.from({ length: 2_500 }, async () => await batcher.submit([pay], BY))
  await batcher.close()

  expect(await balancesOf(t.db, wallets)).toMatchObject({ b: 2_500n })
  expect((await Promise.all(submitted)).flatMap(outcomes)).toHaveLength(2_500)
  await expect(batcher.submit([pay], BY)).rejects.toThrow('closed')
})

test('a malformed item is refused whole to its caller, and disturbs nobody', async () => {
  const wallets = await openWallets(t.db, { a: 100n, b: 0n })
  const batcher = new Batcher(t.db)
  const pay = transfer(wallets.a, wallets.b, 1n)

  const answers = await Promise.allSettled([
    batcher.submit([pay], BY),
    batcher.submit([pay, { ...pay, metadata: { note: 'zero \0 byte' } }], BY),
    batcher.submit([{ ...pay, metadata: { note: 'half \ud800 pair' } }], BY),
    batcher.submit([{ void: 'not a uuid' }], BY),
    batcher.submit([pay], BY),
  ])
  await batcher.close()

  expect(answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : outcomes(answer.value)))).toEqual(
    [['posted'], 'metadata_invalid', 'metadata_invalid', 'hold_id_invalid', ['posted']],
  )
})

test('the busy answer says what to do and is remembered by no key', async () => {
  const wallets = await openWallets(t.db, { a: 100n, b: 0n })
  const batcher = new Batcher(t.db)
  const pay = transfer(wallets.a, wallets.b, 1n, { key: 'once' })

  await using sitting = await sitOn(wallets.a)
  const [busy] = await batcher.submit([pay], BY)
  await sitting.end()
  const [posted] = await batcher.submit([pay], BY)
  await batcher.close()

  expect(refusal(busy)).toMatchObject({ code: 'account_busy', message: expect.stringContaining('Try again') })
  expect(posted).toMatchObject({ status: 'posted' })
  expect(posted).not.toHaveProperty('replayed')
})

test('memory does not grow with what was posted', async () => {
  await using own = await testEconomy()
  const wallets = await openWallets(own.db, { a: 1_000_000n, b: 0n })
  const batcher = new Batcher(own.db)
  const items = (from: number) =>
    Array.from({ length: 2_000 }, (_, i) => {
      return transfer(wallets.a, wallets.b, 1n, { key: `key ${from + i}`, metadata: { i } })
    })

  await batcher.submit(items(0), BY)
  const before = heapAfterCollection()
  for (let from = 2_000; from < 14_000; from += 2_000) await batcher.submit(items(from), BY)
  const after = heapAfterCollection()
  await batcher.close()

  expect(after - before).toBeLessThan(4_000_000)
})

/** Asks again, with the same key, for as long as the answer is an error or a busy account. */
async function untilPosted(batcher: Batcher, item: Item, failures: unknown[] = []): Promise<Posted> {
  for (;;) {
    const [result] = await batcher.submit([item], BY).catch((error: unknown) => {
      failures.push(error)
      return []
    })
    if (result?.status === 'posted') return result
    if (result) expect(outcomes([result])).toEqual(['account_busy'])
  }
}

/** A transaction of somebody else that holds the account until it is told to end. */
async function sitOn(path: string): Promise<AsyncDisposable & { end(): Promise<void> }> {
  const locked = Promise.withResolvers<void>()
  const ending = Promise.withResolvers<void>()
  const sitting = transaction(t.db, async (tx) => {
    await sql`select from ledger.account where path = ${path} for no key update`.execute(tx)
    locked.resolve()
    await ending.promise
  })
  await locked.promise
  const end = async () => {
    ending.resolve()
    await sitting
  }
  return { end, [Symbol.asyncDispose]: end }
}

/** Ends the service's connections again and again, whatever they are doing. */
async function killConnections({ adminUrl }: TestEconomy, times: number): Promise<void> {
  await withSession({ url: adminUrl }, async (client) => {
    for (let i = 0; i < times; i++) {
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'florin test'`,
      )
      await sleep(5 + 7 * (i % 5))
    }
  })
}

async function makeNotes(): Promise<void> {
  await withSession({ url: t.adminUrl }, async (client) => {
    await client.query(`create table public.note (text text primary key check (text <> 'poison'))`)
    await client.query('grant select, insert on public.note to public')
    await client.query('grant usage on schema public to public')
  })
}

async function insertNotes(tx: Tx, rows: unknown[]): Promise<void> {
  await sql`insert into public.note select unnest(${pgArray(rows.map(String))}::text[])`.execute(tx)
}

async function notesLike(pattern: string): Promise<string[]> {
  const { rows } = await sql<{
    text: string
  }>`select text from public.note where text like ${pattern} order by 1`.execute(t.db)
  return rows.map(({ text }) => text)
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  return process.memoryUsage().heapUsed
}
