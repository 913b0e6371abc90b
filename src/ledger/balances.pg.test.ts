import { expect, test } from 'vitest'

import { openWallets, outcomes, transfer } from '../../test/books.ts'
import { TEST_START } from '../../test/helpers.ts'
import { testLog, type TestLog } from '../../test/log-fixture.ts'
import { randomOf } from '../../test/random.ts'
import { transaction } from '../core/db.ts'
import { findAccount } from './accounts.ts'
import { balanceAt, type Moment } from './balances.ts'
import type { Item } from './items.ts'
import { postEach } from './post.ts'
import { readStatement } from './statement.ts'

const ENTRIES = 240
const QUESTIONS = 400
const MINUTE_MS = 60_000
const NAMES = ['a', 'b', 'c', 'd']

test('balances as of a recorded time, an effective time and a tree size are what adding up every posting gives', async () => {
  await using t = await testLog()
  const seed = 7
  const random = randomOf(seed)
  const { sealer } = await t.open()
  const wallets = await openWallets(t.db, Object.fromEntries(NAMES.map((name) => [name, 100_000n])))
  const paths = Object.values(wallets)
  let now = TEST_START
  const sizes = [0n]
  for (let i = 0; i < ENTRIES; i++) {
    // Several entries fall into the same millisecond.
    if (random.chance(70)) now = new Date(now.getTime() + random.below(MINUTE_MS))
    const first = random.below(paths.length)
    const [from, to, third] = [0, 1, 2].map((step) => paths[(first + step) % paths.length]!)
    const effectiveAt = random.chance(40) ? new Date(now.getTime() - random.below(60 * MINUTE_MS)) : undefined
    const postings = [
      transfer(from!, to!, BigInt(1 + random.below(50))),
      transfer(to!, third!, BigInt(1 + random.below(50))),
    ]
    await submit(t, now, {
      kind: 'transfer',
      postings: postings.slice(0, 1 + random.below(2)).flatMap((entry) => entry.postings),
      ...(effectiveAt && { effectiveAt }),
    })
    if (random.chance(10)) {
      await sealer.sealAll()
      sizes.push(await treeSize(t))
    }
  }
  const all = await everyLine(t)
  const times = all
    .flatMap((line) => [line.recorded_at, line.effective_at])
    .flatMap((time) => [time, new Date(time.getTime() - 1)])

  for (let i = 0; i < QUESTIONS; i++) {
    const account = await findAccount(t.db, random.pick(paths), 'TOK')
    const by = random.pick(['recorded', 'effective', 'sealed'] as const)
    const moment: Moment = by === 'sealed' ? { by, treeSize: random.pick(sizes) } : { by, at: random.pick(times) }
    const counted = all.filter((line) => line.account === account.id && counts(moment, line))
    const sum = counted.reduce((total, { amount }) => total + (amount ?? 0n), 0n)
    expect({ moment, ...(await balanceAt(t.db, account, moment)) }).toMatchObject({ moment, balance: sum })
    if (by !== 'effective') {
      expect(await balanceAt(t.db, account, moment)).toMatchObject({ version: BigInt(counted.length) })
    }
  }
})

test('before an account’s first line its balance is nothing, and after its last what it is now', async () => {
  await using t = await testLog()
  const { a } = await openWallets(t.db, { a: 5n, b: 5n })
  const account = await findAccount(t.db, a, 'TOK')
  const before = new Date(TEST_START.getTime() - 1)
  for (const by of ['recorded', 'effective'] as const) {
    expect(await balanceAt(t.db, account, { by, at: before })).toMatchObject({ balance: 0n })
    expect(await balanceAt(t.db, account, { by, at: TEST_START })).toMatchObject({ balance: 5n })
  }
  const { a: unused } = await openWallets(t.db, { a: 0n })
  const empty = await findAccount(t.db, unused, 'TOK')
  expect(await balanceAt(t.db, empty, { by: 'effective', at: TEST_START })).toEqual({ balance: 0n, version: 0n })
})

test('what is dated back counts from when it took effect, and was recorded no earlier than it was', async () => {
  await using t = await testLog()
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const noon = new Date('2026-01-05T12:00:00.000Z')
  const evening = new Date('2026-01-05T18:00:00.000Z')
  await submit(t, evening, transfer(a, b, 4n, { effectiveAt: noon }))
  const account = await findAccount(t.db, b, 'TOK')
  const balance = async (moment: Moment) => (await balanceAt(t.db, account, moment)).balance
  expect(await balance({ by: 'effective', at: noon })).toBe(4n)
  expect(await balance({ by: 'effective', at: new Date(noon.getTime() - 1) })).toBe(0n)
  expect(await balance({ by: 'recorded', at: noon })).toBe(0n)
  expect(await balance({ by: 'recorded', at: evening })).toBe(4n)
})

test('the balance at an effective time is as right when tens of thousands of lines have followed', async () => {
  await using t = await testLog()
  const { a, b } = await openWallets(t.db, { a: 10n, b: 0n })
  const noon = new Date('2026-01-05T12:00:00.000Z')
  const evening = new Date('2026-01-05T18:00:00.000Z')
  const turns = Array.from(
    { length: 10_000 },
    (_, i) => transfer(i % 2 === 0 ? a : b, i % 2 === 0 ? b : a, 1n).postings,
  )
  await submit(t, noon, transfer(a, b, 2n))
  await submit(t, evening, { kind: 'turns', postings: turns.flat() })
  await submit(t, evening, transfer(a, b, 3n, { effectiveAt: noon }), transfer(a, b, 1n))
  const account = await findAccount(t.db, b, 'TOK')
  expect(account.version).toBe(10_003n)
  expect(await balanceAt(t.db, account, { by: 'effective', at: noon })).toMatchObject({ balance: 5n })
  expect(await balanceAt(t.db, account, { by: 'effective', at: evening })).toMatchObject({ balance: 6n })
})

test('a tree size that was never sealed is refused', async () => {
  await using t = await testLog()
  const { sealer } = await t.open()
  await t.pay(1n)
  await sealer.sealAll()
  const account = await findAccount(t.db, 'users:ann:available', 'TOK')
  const size = await treeSize(t)
  expect(await balanceAt(t.db, account, { by: 'sealed', treeSize: size })).toMatchObject({ balance: 1n })
  await expect(balanceAt(t.db, account, { by: 'sealed', treeSize: size + 1n })).rejects.toMatchObject({
    status: 422,
    code: 'tree_size_unsealed',
  })
})

test('a statement has every line once, each beginning where the one before ended, and pages meet', async () => {
  await using t = await testLog()
  const { a, b } = await openWallets(t.db, { a: 1_000n, b: 1_000n })
  const at = (minute: number) => new Date(TEST_START.getTime() + minute * MINUTE_MS)
  for (let minute = 1; minute <= 30; minute++) {
    await submit(t, at(minute), transfer(a, b, BigInt(minute)), transfer(b, a, 1n))
  }
  const account = await findAccount(t.db, a, 'TOK')
  const period = { account, from: at(10), until: at(20), order: 'oldest' as const }
  const { opening, closing, lines } = await readStatement(t.db, { ...period, limit: 100 })
  expect(lines).toHaveLength(20)
  expect(lines.map(({ version }) => version)).toEqual(lines.map((_, i) => opening.version + 1n + BigInt(i)))
  let balance = opening.balance
  for (const line of lines) {
    expect(line).toMatchObject({ balance_before: balance, balance_after: balance + line.amount, counterparty: b })
    balance = line.balance_after
  }
  expect(closing).toEqual({ balance, version: lines.at(-1)!.version })

  const paged = []
  for (let after: bigint | undefined; ;) {
    const page = await readStatement(t.db, { ...period, after, limit: 7 })
    paged.push(...page.lines)
    after = page.lines.at(-1)?.version
    if (page.lines.length < 7) break
  }
  expect(paged).toEqual(lines)
  const newest = await readStatement(t.db, { ...period, order: 'newest', limit: 100 })
  expect(newest.lines).toEqual(lines.toReversed())
})

async function submit(t: TestLog, now: Date, ...items: Item[]): Promise<void> {
  const results = await transaction(t.db, async (tx) => await postEach(tx, items, { actor: 'key:test', now }))
  expect(new Set(outcomes(results))).toEqual(new Set(['posted']))
}

async function treeSize({ db }: TestLog): Promise<bigint> {
  const head = await db.selectFrom('ledger.block').select('tree_size').orderBy('height', 'desc').executeTakeFirst()
  return head?.tree_size ?? 0n
}

/** Each line with the times of its entry and its place in the log. */
async function everyLine({ db }: TestLog) {
  return await db
    .selectFrom('ledger.line as line')
    .innerJoin('ledger.entry as entry', 'entry.id', 'line.entry')
    .leftJoin('ledger.leaf as leaf', (join) => join.onRef('leaf.ref', '=', 'entry.id').on('leaf.kind', '=', 1))
    .select(['line.account', 'line.amount', 'entry.recorded_at', 'entry.effective_at', 'leaf.position'])
    .execute()
}

function counts(moment: Moment, line: Awaited<ReturnType<typeof everyLine>>[number]): boolean {
  if (moment.by === 'recorded') return line.recorded_at <= moment.at
  if (moment.by === 'effective') return line.effective_at <= moment.at
  return line.position !== null && line.position < moment.treeSize
}
