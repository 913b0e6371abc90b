import { isDeepStrictEqual } from 'node:util'

import { expect, test } from 'vitest'

import { TEST_START, testEconomy } from '../../test/helpers.ts'
import { type Body, type PostingBody, type TestLedger, testLedger } from '../../test/ledger.ts'
import { type Random, randomOf } from '../../test/random.ts'
import { type Db, transaction } from '../core/db.ts'
import { LIMIT_MAX } from '../core/http.ts'
import { ensureAccounts } from './accounts.ts'
import { Batcher } from './batcher.ts'
import { type EntryFilters, searchEntries } from './entry-search.ts'
import type { EntryItem } from './items.ts'

const HOUR_MS = 3_600_000
const PATHS = ['world:bank', 'users:ann:available', 'users:bob:available', 'users:bo:savings', 'treasury:main', 'a:b']

test('the list is what a plain look through all entries gives, whatever is asked and however it is paged', async () => {
  await using t = await testLedger()
  const random = randomOf(7)
  const newestFirst = (await postAtRandom(t, random, 300)).toReversed()
  let found = 0

  for (let i = 0; i < 150; i++) {
    const asked = askAtRandom(random)
    const expected = newestFirst.filter((entry) => isAsked(entry, asked)).map(({ id }) => id)
    expect(await listAll(t, asked, 1 + random.below(LIMIT_MAX)), JSON.stringify(asked)).toEqual(expected)
    if (expected.length > 0) found++
  }

  expect(found).toBeGreaterThan(75)
})

test('pages neither repeat nor skip an entry while others are posted', async () => {
  await using t = await testLedger()
  const posted = await postAtRandom(t, randomOf(11), 60)
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { json } = await t.get(`/entries?limit=7&kind=transfer${cursor && `&cursor=${cursor}`}`)
    seen.push(...json.data.map(({ id }) => id))
    cursor = json.next_cursor
    await t.pay({ from: 'world:bank', to: 'users:ann:available', asset: 'TOK', amount: '1' })
  }

  const transfers = posted.filter(({ kind }) => kind === 'transfer').map(({ id }) => id)
  expect(seen).toEqual(transfers.toReversed())
})

test('entries are found however many others were posted since, from any depth, on few accounts or many', async () => {
  await using t = await testEconomy()
  const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}:${i}`)
  const busy = ['hot:one', 'hot:two', 'old:one', 'rare:one']
  const paths = ['world:bank', ...busy, ...numbered('hotel', 150), ...numbered('many', 5_001)]
  await transaction(t.db, async (tx) => {
    const accounts = paths.map((path) => ({ path }))
    await ensureAccounts(tx, { asset: 'TOK', accounts, now: TEST_START })
  })
  const posted = await postThrough(t.db, 24_000)
  const search = async (filters: EntryFilters, before?: bigint) =>
    (await searchEntries(t.db, { filters, before })).ids.map(String)
  const expected = (matches: (item: EntryItem) => boolean, before = posted.length) => {
    const found = posted.slice(0, before).filter(matches)
    return found
      .map(({ id }) => `${id}`)
      .toReversed()
      .slice(0, LIMIT_MAX + 1)
  }
  const to = (prefix: string) => (item: EntryItem) => item.postings[0]!.to.startsWith(prefix)
  const kind = (name: string) => (item: EntryItem) => item.kind === name
  const large = ({ postings }: EntryItem) => postings[0]!.amount! >= 6_990n
  const all =
    (...conditions: ((item: EntryItem) => boolean)[]) =>
    (item: EntryItem) =>
      conditions.every((holds) => holds(item))

  for (const depth of [24_000, 15_001, 2_500, 77]) {
    for (const path of [...busy, 'many:7']) {
      expect(await search({ account: path }, posted[depth]?.id), path).toEqual(expected(to(path), depth))
    }
  }
  const cases: [filters: EntryFilters, matches: (item: EntryItem) => boolean][] = [
    [{ kind: 'fee' }, kind('fee')],
    [{ account: 'world:bank', kind: 'fee' }, kind('fee')],
    ...['hot:', 'hot', 'many:', 'rare'].flatMap((prefix): typeof cases => [
      [{ account_prefix: prefix }, to(prefix)],
      [{ account_prefix: prefix, kind: 'fee' }, all(to(prefix), kind('fee'))],
      [{ account_prefix: prefix, kind: 'bonus' }, all(to(prefix), kind('bonus'))],
      [{ account_prefix: prefix, asset: 'TOK', amount_min: 6_990n }, all(to(prefix), large)],
    ]),
    [{ asset: 'TOK' }, () => true],
    [{ asset: 'TOK', amount_min: 6_990n }, large],
    [{ asset: 'TOK', amount_min: 6_990n, kind: 'bonus' }, all(large, kind('bonus'))],
    [{ asset: 'GEM' }, () => false],
    [{ account: 'nobody:here' }, () => false],
  ]
  for (const [filters, matches] of cases) {
    const named = Object.values(filters).join(' ')
    expect(await search(filters), named).toEqual(expected(matches))
    expect(await search(filters, posted[9_000]!.id), named).toEqual(expected(matches, 9_000))
  }
})

/** Payments out of `world:bank`: the first to `old:one`, a few to `many:7` and `rare:one`, then to the hot ones. */
async function postThrough(db: Db, count: number) {
  const batcher = new Batcher(db)
  const items = Array.from({ length: count }, (_, i): EntryItem => {
    const hot = i % 3 === 0 ? 'hot:two' : 'hot:one'
    const to = i < 2_000 ? 'old:one' : i < 2_010 ? 'many:7' : i % 5_000 === 0 ? 'rare:one' : hot
    const kind = i % 4_000 === 0 ? 'fee' : i % 8 === 0 ? 'bonus' : 'transfer'
    return { kind, postings: [{ from: 'world:bank', to, asset: 'TOK', amount: BigInt(1 + (i % 7_000)) }] }
  })
  const posted: (EntryItem & { id: bigint })[] = []
  for (let i = 0; i < count; i += 1_000) {
    const results = await batcher.submit(items.slice(i, i + 1_000), { actor: 'system' })
    posted.push(
      ...results.map((result, no) => ({ ...items[i + no]!, id: result.status === 'posted' ? result.entry : 0n })),
    )
  }
  await batcher.close()
  return posted
}

test('a filter that makes no sense is refused by its name', async () => {
  await using t = await testLedger()
  const wrong: [query: string, status: number, named: string][] = [
    ['account=', 400, 'query.account'],
    ['account_prefix=Users', 400, 'query.account_prefix'],
    ['asset=%20', 400, 'query.asset'],
    ['amount_min=5', 400, 'asset'],
    ['asset=TOK&amount_min=-5', 400, 'query.amount_min'],
    ['asset=TOK&amount_max=0.001', 422, 'amount_max'],
    ['asset=ORE&amount_max=1', 404, 'ORE'],
    ['metadata=red', 400, 'query.metadata'],
    ['metadata=[1]', 400, 'query.metadata'],
    ['metadata={"a":"\\u0000"}', 400, 'query.metadata'],
    ['recorded_from=yesterday', 400, 'query.recorded_from'],
    ['effective_until=2026-01-01', 400, 'query.effective_until'],
    ['limit=201', 400, 'query.limit'],
    ['cursor=abc', 400, 'cursor'],
    ['order=asc', 400, 'query.order'],
  ]
  for (const [query, status, named] of wrong) {
    const { status: answered, json } = await t.get(`/entries?${query.replaceAll('"', '%22')}`)
    expect(answered, query).toBe(status)
    expect(JSON.stringify([json.errors, json.detail, json.params]), query).toContain(named)
  }
})

test('a cursor goes with its filters', async () => {
  await using t = await testLedger()
  for (let i = 0; i < 3; i++) await t.pay({ from: 'world:bank', to: PATHS[1]!, asset: 'TOK', amount: '1' })
  const { json } = await t.get('/entries?limit=1&kind=transfer')

  expect(await t.get(`/entries?limit=1&kind=fee&cursor=${json.next_cursor}`)).toMatchObject({
    status: 400,
    json: { code: 'cursor_invalid' },
  })
  expect((await t.get(`/entries?limit=2&kind=transfer&cursor=${json.next_cursor}`)).json.data).toHaveLength(2)
})

interface Asked {
  account?: string
  account_prefix?: string
  asset?: string
  amount_min?: string
  amount_max?: string
  kind?: string
  reference?: string
  actor?: string
  metadata?: Record<string, unknown>
  recorded_from?: string
  recorded_until?: string
  effective_from?: string
  effective_until?: string
}

function isAsked(entry: Body, asked: Asked): boolean {
  const { metadata = {}, recorded_from, recorded_until, effective_from, effective_until } = asked
  if (!entry.postings.some((posting) => isPostingAsked(posting, asked))) return false
  for (const field of ['kind', 'reference', 'actor'] as const) {
    if (asked[field] !== undefined && entry[field] !== asked[field]) return false
  }
  for (const [name, value] of Object.entries(metadata)) {
    if (!isDeepStrictEqual(entry.metadata?.[name], value)) return false
  }
  if (recorded_from && entry.recorded_at < recorded_from) return false
  if (recorded_until && entry.recorded_at >= recorded_until) return false
  if (effective_from && entry.effective_at < effective_from) return false
  return !effective_until || entry.effective_at < effective_until
}

function isPostingAsked({ from, to, asset, amount }: PostingBody, asked: Asked): boolean {
  const { account, account_prefix = '', amount_min = '0', amount_max = '1000' } = asked
  if (account !== undefined && account !== from && account !== to) return false
  if (!from.startsWith(account_prefix) && !to.startsWith(account_prefix)) return false
  if (account !== undefined && !account.startsWith(account_prefix)) return false
  if (asked.asset !== undefined && asked.asset !== asset) return false
  return Number(amount) >= Number(amount_min) && Number(amount) <= Number(amount_max)
}

function askAtRandom(random: Random): Asked {
  const time = () => new Date(TEST_START.getTime() + (random.below(600) - 200) * HOUR_MS).toISOString()
  const asset = random.pick(['TOK', 'GEM'])
  const asked: Asked = {
    ...(random.chance(25) && { account: random.pick([...PATHS, 'nobody:here']) }),
    ...(random.chance(20) && { account_prefix: random.pick(['users:', 'users:bo', 'a', 'world:bank', 'x']) }),
    ...(random.chance(30) && { asset }),
    ...(random.chance(20) && { asset, amount_min: `${random.below(20)}` }),
    ...(random.chance(20) && { asset, amount_max: `${random.below(20)}` }),
    ...(random.chance(20) && { kind: random.pick(['transfer', 'deposit', 'fee', 'none']) }),
    ...(random.chance(10) && { reference: random.pick(['r1', 'r2']) }),
    ...(random.chance(10) && { actor: random.pick(['key:owner', 'key:finance', 'system']) }),
    ...(random.chance(10) && { metadata: { team: random.pick(['red', 'blue']) } }),
    ...(random.chance(10) && { metadata: { size: { n: random.below(3) }, team: 'red' } }),
    ...(random.chance(15) && { recorded_from: time() }),
    ...(random.chance(15) && { recorded_until: time() }),
    ...(random.chance(15) && { effective_from: time() }),
    ...(random.chance(15) && { effective_until: time() }),
  }
  return asked
}

/** All pages, `limit` entries each. */
async function listAll(t: TestLedger, { metadata, ...asked }: Asked, limit: number): Promise<string[]> {
  const query = new URLSearchParams({
    ...asked,
    ...(metadata && { metadata: JSON.stringify(metadata) }),
    limit: `${limit}`,
  })
  const ids: string[] = []
  for (;;) {
    const { json } = await t.get(`/entries?${query.toString()}`)
    ids.push(...json.data.map(({ id }) => id))
    if (json.next_cursor === null) return ids
    query.set('cursor', json.next_cursor)
  }
}

/** Entries of every kind, some dated back, in the order in which they were posted. */
async function postAtRandom(t: TestLedger, random: Random, count: number): Promise<Body[]> {
  for (const path of PATHS) {
    for (const asset of ['TOK', 'GEM']) {
      await t.post('/accounts', { path, asset })
      await t.post(`/accounts/${path}/limits`, { asset, floor: null })
    }
  }
  const posted: Body[] = []
  for (let i = 0; i < count; i += 10) {
    t.clock.set(new Date(TEST_START.getTime() + i * HOUR_MS))
    const entries = Array.from({ length: 10 }, () => entryAtRandom(random, t.clock.now()))
    const { json } = await t.post('/entries', { entries }, { who: random.pick(['owner', 'finance']) })
    for (const { id } of json.results) posted.push((await t.get(`/entries/${id}`)).json)
  }
  return posted
}

function entryAtRandom(random: Random, now: Date): object {
  const back_ms = random.below(200) * HOUR_MS
  return {
    kind: random.pick(['transfer', 'deposit', 'fee']),
    postings: Array.from({ length: 1 + random.below(3) }, () => {
      const from = random.pick(PATHS)
      const to = random.pick(PATHS.filter((path) => path !== from))
      return { from, to, asset: random.pick(['TOK', 'GEM']), amount: `${1 + random.below(20)}` }
    }),
    ...(random.chance(30) && { reference: random.pick(['r1', 'r2']) }),
    ...(random.chance(50) && { metadata: { team: random.pick(['red', 'blue']), size: { n: random.below(3) } } }),
    ...(random.chance(40) && { effective_at: new Date(now.getTime() - back_ms).toISOString() }),
  }
}
