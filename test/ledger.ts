import { randomUUID } from 'node:crypto'

import { STAFF_ROLES, type StaffRole } from '../src/core/actor.ts'
import { Batcher } from '../src/ledger/batcher.ts'
import { createChart } from '../src/ledger/chart.ts'
import { ledgerRoutes } from '../src/ledger/routes.ts'
import { testEconomy, type TestEconomy } from './helpers.ts'
import { keyOf, type TestRequest, testShell } from './shell.ts'

/**
 * An economy whose ledger is spoken to over HTTP, with the accounts `world:bank`, `users:ann:available` and
 * `users:bob:available` in both assets, and a module `staking` that owns `staking:*`. Every POST has a key of its own
 * unless it is given one.
 */
export async function testLedger(): Promise<TestLedger> {
  const economy = await testEconomy()
  const batcher = new Batcher(economy.db, economy.clock)
  const scope = {
    ...economy,
    state: 'open' as const,
    batcher,
    chart: createChart([{ pattern: 'staking:*', owner: 'staking', holds: 'what is staked' }], { stake: 'staking' }),
    reversibleKinds: new Set(['transfer', 'deposit']),
  }
  const shell = await testShell<typeof scope>({
    routes: ledgerRoutes,
    economy: scope,
    authenticateKey: async (_, key) => ACTORS.get(key),
  })
  const send = async (request: TestRequest, who: Who = 'owner') => {
    const path = `/v1/${economy.name}/ledger${request.path}`
    const { status, headers, json } = await shell.send({ ...request, path, key: keyOf(who) })
    return { status, headers, json: json as Body }
  }
  const ledger: TestLedger = {
    ...economy,
    get: async (path, { who } = {}) => await send({ path }, who),
    post: async (path, body, { key = randomUUID(), who } = {}) =>
      await send({ method: 'POST', path, body, headers: key === null ? {} : { 'idempotency-key': key } }, who),
    pay: async (postings, entry = {}, options = {}) => {
      const entries = [{ kind: 'transfer', postings: [postings].flat(), ...entry }]
      const { json } = await ledger.post('/entries', { entries }, options)
      return json.results[0]!
    },
    balance: async (path, asset = 'TOK') => {
      const { json } = await ledger.get(`/accounts/${path}?asset=${asset}`)
      return json.accounts[0]!.balance
    },
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await batcher.close()
      await economy[Symbol.asyncDispose]()
    },
  }
  for (const path of ['world:bank', ANN, BOB]) {
    for (const asset of ['TOK', 'GEM']) await ledger.post('/accounts', { path, asset })
  }
  return ledger
}

export const BANK = 'world:bank'
export const ANN = 'users:ann:available'
export const BOB = 'users:bob:available'

/** A posting in TOK, which has two decimals. */
export function tok(amount: string, from: string, to: string): PostingBody {
  return { from, to, asset: 'TOK', amount }
}

export interface TestLedger extends TestEconomy {
  get(path: string, options?: { who?: Who }): Promise<Answer>
  /** `key: null` sends none. */
  post(path: string, body: object, options?: PostOptions): Promise<Answer>
  /** Posts one entry and gives its result. */
  pay(postings: PostingBody | PostingBody[], entry?: object, options?: PostOptions): Promise<Body>
  balance(path: string, asset?: string): Promise<string>
}

/** A role, or a second owner. */
export type Who = StaffRole | 'partner'

export interface Answer {
  status: number
  headers: Record<string, number | string | string[] | undefined>
  json: Body
}

/** What the tests read of one answer or another. */
export interface Body {
  id: string
  asset: string
  entry: string | null
  kind: string
  status: string
  code: string
  detail: string
  balance: string
  path: string
  version: number
  reference: string | null
  effective_at: string
  recorded_at: string
  actor: string
  metadata: Record<string, unknown> | null
  params: Record<string, unknown>
  errors: { path: string; message: string }[]
  amount: string
  balance_before: string
  balance_after: string
  opening: { balance: string; version: number }
  closing: { balance: string; version: number }
  groups: { group: string; debit: string; credit: string }[]
  results: Body[]
  accounts: Body[]
  postings: (Required<PostingBody> & { from_balance: string })[]
  data: Body[]
  next_cursor: string | null
}

export interface PostingBody {
  from: string
  to: string
  asset: string
  amount?: string
  up_to?: string
}

interface PostOptions {
  key?: string | null
  who?: Who
}

const ACTORS = new Map(
  [...STAFF_ROLES, 'partner' as const].map((who) => {
    const id = `key:${who}`
    return [keyOf(who), { id, principal: id, role: who === 'partner' ? 'owner' : who }]
  }),
)
