import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { TEST_START } from '../../test/helpers.ts'
import { ANN, BANK, BOB, type Body, testLedger, type TestLedger, tok } from '../../test/ledger.ts'
import { randomOf } from '../../test/random.ts'
import { transaction } from '../core/db.ts'
import { ensureAccounts } from './accounts.ts'
import { openLog } from './log/log.ts'

const HOUR_MS = 3_600_000
const HOURS = 120

test('an account and the trial balance answer for any moment as if all entries were added up', async () => {
  await using t = await testLedger()
  const { moves, seals } = await postForDays(t)
  const random = randomOf(3)

  for (let i = 0; i < 20; i++) {
    const hour = random.below(HOURS + 40) - 20
    const time = timeOf(hour)
    const seal = random.pick(seals)
    const moments: [query: string, counts: (move: Move) => boolean][] = [
      [`at=${time}`, ({ recorded }) => recorded <= hour],
      [`effective_at=${time}`, ({ effective }) => effective <= hour],
      [`at=${seal.tree_size}`, ({ no }) => no < seal.moves],
    ]
    for (const [query, counts] of moments) {
      const expected = addUp(moves.filter(counts))
      const { json: trial } = await t.get(`/trial-balance?depth=2&asset=TOK&${query}`)
      expect(trial.data, query).toMatchObject([{ asset: 'TOK', balanced: true }])
      for (const path of [ANN, BOB, BANK]) {
        const { json } = await t.get(`/accounts/${path}?asset=TOK&${query}`)
        expect(json.accounts, query).toMatchObject([{ as_of: { balance: `${expected.get(path) ?? 0}` } }])
      }
      const groups = trial.data[0]!.groups.map(({ group, debit, credit }) => [group, Number(debit) - Number(credit)])
      expect(Object.fromEntries(groups), query).toMatchObject({
        'users:ann': expected.get(ANN) ?? 0,
        'users:bob': expected.get(BOB) ?? 0,
        'world:bank': expected.get(BANK) ?? 0,
      })
    }
  }
})

test('a statement has every line once, each going on from the one before, between any two times', async () => {
  await using t = await testLedger()
  const { moves } = await postForDays(t)
  const random = randomOf(5)

  for (let i = 0; i < 10; i++) {
    const [from, until] = [random.below(HOURS), random.below(HOURS)].toSorted((a, b) => a - b) as [number, number]
    const order = random.pick(['newest', 'oldest'])
    const query = `asset=TOK&order=${order}&recorded_from=${timeOf(from)}&recorded_until=${timeOf(until)}`
    const { lines, opening, closing } = await readStatement(t, ANN, query, 1 + random.below(30))

    const within = moves.filter(({ recorded, path }) => path === ANN && recorded >= from && recorded < until)
    const before = moves.filter(({ recorded }) => recorded < from)
    expect(opening.balance).toBe(`${addUp(before).get(ANN) ?? 0}`)
    expect(lines.map(({ amount }) => Number(amount))).toEqual(within.map(({ amount }) => amount))
    expect(lines.map(({ version }) => version)).toEqual(within.map((_, no) => opening.version + 1 + no))
    const steps = [opening.balance, ...lines.map(({ balance_after }) => balance_after)]
    expect(lines.map(({ balance_before }) => balance_before)).toEqual(steps.slice(0, -1))
    expect(steps.at(-1)).toBe(closing.balance)
    expect(closing.version).toBe(opening.version + lines.length)
  }
})

test('a line says where it came from', async () => {
  await using t = await testLedger()
  await t.pay(tok('5', BANK, ANN))
  const { id } = await t.pay([tok('1', BANK, BOB), tok('2.5', ANN, BOB)], { kind: 'gift', reference: 'birthday' })

  const { json } = await t.get(`/accounts/${ANN}/statement?asset=TOK&limit=1`)

  expect(json).toMatchObject({ path: ANN, asset: 'TOK', opening: { balance: '0', version: 0 } })
  expect(json.data).toEqual([
    {
      version: 2,
      amount: '-2.5',
      balance_before: '5',
      balance_after: '2.5',
      counterparty: BOB,
      entry: id,
      no: 1,
      kind: 'gift',
      reference: 'birthday',
      effective_at: TEST_START.toISOString(),
      recorded_at: TEST_START.toISOString(),
    },
  ])
})

test('two moments at once, a tree larger than the log, and too many groups are refused', async () => {
  await using t = await testLedger()
  await transaction(t.db, async (tx) => {
    const accounts = Array.from({ length: 1_000 }, (_, i) => ({ path: `users:u${i}:available` }))
    await ensureAccounts(tx, { asset: 'TOK', accounts, now: TEST_START })
  })

  for (const path of ['/trial-balance?', `/accounts/${ANN}?asset=TOK&`]) {
    const both = `${path}at=${timeOf(1)}&effective_at=${timeOf(1)}`
    expect(await t.get(both)).toMatchObject({ status: 400, json: { code: 'moment_ambiguous' } })
    expect(await t.get(`${path}at=5`)).toMatchObject({ status: 422, json: { code: 'tree_size_unsealed' } })
    expect(await t.get(`${path}at=noon`)).toMatchObject({ status: 400, json: { code: 'request_invalid' } })
  }
  for (const depth of ['0', '9', 'two']) {
    expect(await t.get(`/trial-balance?depth=${depth}`)).toMatchObject({ status: 400 })
  }
  expect(await t.get('/trial-balance?depth=2')).toMatchObject({ status: 422, json: { code: 'too_many_groups' } })
  expect((await t.get('/trial-balance')).json.data.map(({ groups }) => groups.map(({ group }) => group))).toEqual([
    ['issuance', 'users', 'world'],
    ['issuance', 'users', 'world'],
  ])
})

/** One side of a posting; hours count from the test's start, moves from 0 in the order in which they were recorded. */
interface Move {
  no: number
  path: string
  amount: number
  recorded: number
  effective: number
}

/** Posts now and then for some days, much of it dated back, and seals every now and then. */
async function postForDays(t: TestLedger) {
  const folder = await mkdtemp(join(tmpdir(), 'florin-history-'))
  const files = { signingKey: join(folder, 'key.pem'), checkpoints: join(folder, 'checkpoints') }
  const { sealer } = await openLog(t.db, { ...files, clock: t.clock })
  const random = randomOf(9)
  const moves: Move[] = []
  const seals: { tree_size: bigint; moves: number }[] = []
  for (const path of [ANN, BOB]) await t.post(`/accounts/${path}/limits`, { asset: 'TOK', floor: null })
  for (let recorded = 0; recorded < HOURS; recorded += random.below(3)) {
    t.clock.set(new Date(TEST_START.getTime() + recorded * HOUR_MS))
    const effective = random.chance(40) ? recorded - random.below(100) : recorded
    const from = random.pick([ANN, BOB, BANK])
    const to = random.pick([ANN, BOB, BANK].filter((path) => path !== from))
    const amount = 1 + random.below(9)
    await t.pay(tok(`${amount}`, from, to), { effective_at: timeOf(effective) })
    const when = { recorded, effective }
    moves.push({ no: moves.length, path: from, amount: -amount, ...when })
    moves.push({ no: moves.length, path: to, amount, ...when })
    if (random.chance(20)) {
      await sealer.sealAll()
      const head = await t.db
        .selectFrom('ledger.block')
        .select('tree_size')
        .orderBy('height', 'desc')
        .executeTakeFirst()
      seals.push({ tree_size: head!.tree_size, moves: moves.length })
    }
  }
  await sealer.close()
  await rm(folder, { recursive: true })
  return { moves, seals }
}

async function readStatement(t: TestLedger, path: string, query: string, limit: number) {
  const lines: Body[] = []
  for (let cursor = ''; ;) {
    const { json } = await t.get(`/accounts/${path}/statement?${query}&limit=${limit}${cursor}`)
    lines.push(...json.data)
    const oldestFirst = query.includes('order=oldest') ? lines : lines.toReversed()
    if (json.next_cursor === null) return { lines: oldestFirst, opening: json.opening, closing: json.closing }
    cursor = `&cursor=${json.next_cursor}`
  }
}

function addUp(moves: readonly Move[]): Map<string, number> {
  const balances = new Map<string, number>()
  for (const { path, amount } of moves) balances.set(path, (balances.get(path) ?? 0) + amount)
  return balances
}

function timeOf(hour: number): string {
  return new Date(TEST_START.getTime() + hour * HOUR_MS).toISOString()
}
