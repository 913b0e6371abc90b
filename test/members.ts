import { randomUUID } from 'node:crypto'

import { must } from '../src/core/assert.ts'
import { transaction } from '../src/core/db.ts'
import type { Route } from '../src/core/http.ts'
import type { Blueprint } from '../src/economy/define.ts'
import type { JsonValue } from '../src/economy/parameter-rules.ts'
import { setParameter } from '../src/economy/parameters.ts'
import { createPerson, type Person } from '../src/identity/identity.ts'
import { ensureAccounts, findAccount } from '../src/ledger/accounts.ts'
import { Batcher } from '../src/ledger/batcher.ts'
import { availableAccount, createChart } from '../src/ledger/chart.ts'
import type { Log } from '../src/ledger/log/log.ts'
import { post } from '../src/ledger/post.ts'
import { TRANSFER_INVARIANTS } from '../src/transfers/invariants.ts'
import { TRANSFER_KINDS, TRANSFER_PARAMETERS } from '../src/transfers/transfers.ts'
import { TEST_BLUEPRINT } from './helpers.ts'
import { testLog, type TestLog } from './log-fixture.ts'
import { keyOf, testShell } from './shell.ts'

/**
 * An economy with members who speak to it over HTTP: `ann`, `bob` and `cat` have `funds` TOK each, `dan` has no wallet
 * yet. Every POST has a key of its own unless it is given one.
 */
export async function testMembers({ routes, funds = 10_000n }: TestMembersOptions): Promise<TestMembers> {
  const economy = await testLog({ blueprint: MEMBERS_BLUEPRINT })
  const { db, clock } = economy
  const people = new Map<string, Person>()
  await transaction(db, async (tx) => {
    for (const username of NAMES) {
      people.set(username, await createPerson(tx, { username, actor: 'system', now: clock.now() }))
    }
  })
  const personOf = (name: string) => must(people.get(name), `There is a member ${name}`)
  const walletOf = (name: string) => availableAccount(personOf(name).id)
  await transaction(db, async (tx) => {
    const funded = NAMES.filter((name) => name !== 'dan')
    const accounts = funded.map((name) => ({ path: walletOf(name), owner: personOf(name).id }))
    await ensureAccounts(tx, { asset: 'TOK', accounts, now: clock.now() })
    const postings = funded.map((name) => ({ from: 'world:bank', to: walletOf(name), asset: 'TOK', amount: funds }))
    await post(tx, [{ kind: 'deposit', postings }], { actor: 'key:test', now: clock.now() })
  })
  const batcher = new Batcher(db, clock)
  const log = await economy.open()
  const scope = {
    ...economy,
    state: 'open' as const,
    batcher,
    chart: createChart([], TRANSFER_KINDS),
    reversibleKinds: new Set<string>(),
    log,
  }
  const shell = await testShell<typeof scope>({
    routes,
    economy: scope,
    authenticateKey: async (_, key) => {
      const name = NAMES.find((each) => keyOf(each) === key)
      if (name === undefined) return key === keyOf('finance') ? FINANCE : undefined
      const { id } = personOf(name)
      return { id: `person:${id}`, role: 'member', principal: `person:${id}`, person: id }
    },
  })
  return {
    ...economy,
    log,
    idOf: (name) => personOf(name).id,
    walletOf,
    get: async (who, path) => {
      const { status, headers, text, json } = await shell.send({ path: `/v1/test${path}`, key: keyOf(who) })
      return { status, headers, text, json: json as Json }
    },
    post: async (who, path, body, key = randomUUID()) => {
      const headers = key === null ? {} : { 'idempotency-key': key }
      const request = { method: 'POST' as const, path: `/v1/test${path}`, key: keyOf(who), headers, body }
      const { status, headers: answered, text, json } = await shell.send(request)
      return { status, headers: answered, text, json: json as Json }
    },
    balance: async (path) => (await findAccount(db, path, 'TOK')).balance,
    setParameter: async (name, value) =>
      await transaction(db, async (tx) => {
        await setParameter(tx, { name, value, actor: 'cli:test', now: clock.now() })
      }),
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await batcher.close()
      await log.sealer.close()
      await economy[Symbol.asyncDispose]()
    },
  }
}

const NAMES = ['ann', 'bob', 'cat', 'dan']
const FINANCE = { id: 'key:finance', role: 'finance' as const, principal: 'key:finance' }

const MEMBERS_BLUEPRINT: Blueprint = {
  ...TEST_BLUEPRINT,
  parameters: [{ of: TRANSFER_PARAMETERS, asset: 'TOK' }],
  kinds: TRANSFER_KINDS,
  invariants: TRANSFER_INVARIANTS,
}

/** What the tests read of one answer or another. */
export interface Json {
  id: string
  code: string
  detail: string
  params: Record<string, unknown>
  fee: string
  total: string
  available: string
  available_after: string | null
  balance_after: string
  refusal: { code: string } | null
  data: Json[]
  next_cursor: string | null
}

export interface Answer {
  status: number
  headers: Record<string, number | string | string[] | undefined>
  text: string
  json: Json
}

export interface TestMembers extends TestLog {
  log: Log
  idOf(name: string): string
  walletOf(name: string): string
  get(who: string, path: string): Promise<Answer>
  /** `key: null` sends none. */
  post(who: string, path: string, body: object, key?: string | null): Promise<Answer>
  balance(path: string): Promise<bigint>
  setParameter(name: string, value: JsonValue): Promise<void>
}

interface TestMembersOptions {
  // Whose routes need more of an economy than this has would fail when they are called.
  routes: readonly Route<never>[]
  funds?: bigint
}
