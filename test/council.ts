import { generateKeyPairSync, randomUUID } from 'node:crypto'

import { KONTRIB } from '../blueprints/kontrib.ts'
import { type Actor, STAFF_ROLES } from '../src/core/actor.ts'
import { must } from '../src/core/assert.ts'
import { transaction } from '../src/core/db.ts'
import { economyRoutes } from '../src/economy/routes.ts'
import { advanceProposals } from '../src/governance/jobs.ts'
import { governanceRoutes } from '../src/governance/routes.ts'
import { createPerson } from '../src/identity/identity.ts'
import { ensureAccounts } from '../src/ledger/accounts.ts'
import { availableAccount, createChart } from '../src/ledger/chart.ts'
import { Sealer } from '../src/ledger/log/sealer.ts'
import { post } from '../src/ledger/post.ts'
import { keyOf, testShell } from './shell.ts'
import { testWiki, type TestWiki, type TestWikiOptions } from './wiki.ts'

/**
 * A wiki whose members vote, spoken to over HTTP: `ada` holds 150,000 KONTRIB, `bob` 60,000, `cyd` 30,000 and `dan` 500,
 * all of it sealed. So 240,500 circulate, and a quorum is 24,050.
 */
export async function testCouncil(options: Pick<TestWikiOptions, 'books'> = {}): Promise<Council> {
  const wiki = await testWiki(options)
  const { db, clock } = wiki
  const governance = must(KONTRIB.governance, 'A wiki decides by vote.')
  const keys = [generateKeyPairSync('ed25519').privateKey]
  const sealer = new Sealer({ db, keys, clock, publish: async () => await Promise.resolve() })
  const people: Record<string, string> = {}
  const scope = { ...wiki, state: 'open' as const, chart: createChart(KONTRIB.chart, KONTRIB.kinds) }
  const shell = await testShell<typeof scope>({
    routes: [...governanceRoutes, ...economyRoutes],
    economy: scope,
    authenticateKey: async (_, key) => await Promise.resolve(actors.get(key)),
  })
  const actors = new Map<string, Actor>(
    STAFF_ROLES.map((role) => [keyOf(role), { id: `key:${role}`, role, principal: `key:${role}` }]),
  )
  const send = async (method: 'GET' | 'POST', path: string, { who, body, key = randomUUID() }: Sent) => {
    const headers = method === 'POST' ? { 'idempotency-key': key } : {}
    const request = { method, path: `/v1/test${path}`, key: keyOf(who), headers, ...(body && { body }) }
    const { status, json } = await shell.send(request)
    return { status, json: json as CouncilJson }
  }
  const council: Council = {
    ...wiki,
    people,
    governance,
    get: async (path, who = 'ada') => await send('GET', path, { who }),
    post: async (path, who, body, key) => await send('POST', path, { who, ...(body && { body }), ...(key && { key }) }),
    join: async (username, tokens) => {
      const person = await transaction(db, async (tx) => {
        const { id } = await createPerson(tx, { username, actor: 'system', now: clock.now() })
        await ensureAccounts(tx, {
          asset: 'KONTRIB',
          accounts: [{ path: availableAccount(id), owner: id }],
          now: clock.now(),
        })
        return id
      })
      people[username] = person
      actors.set(keyOf(username), {
        id: `person:${person}`,
        role: 'member',
        principal: `person:${person}`,
        person,
      })
      if (tokens > 0) await council.pay('treasury:main', availableAccount(person), tokens)
    },
    pay: async (from, to, tokens) => {
      const postings = [{ from, to, asset: 'KONTRIB', amount: BigInt(tokens) * 1_000_000_000n }]
      await transaction(db, async (tx) => {
        await post(tx, [{ kind: 'transfer', postings }], { actor: 'key:test', now: clock.now() })
      })
    },
    seal: async () => await sealer.sealAll(),
    after: async (hours) => {
      clock.set(new Date(clock.now().getTime() + hours * 3_600_000))
      await advanceProposals(db, { governance, now: clock.now() })
    },
    opened: async (proposal, who = 'ada') => {
      const { status, json } = await council.post('/proposals', who, { ...TEXTS, ...proposal })
      if (status !== 201) throw new Error(`Not proposed but ${json.code}: ${json.detail}`)
      await council.post(`/proposals/${json.id}/submit`, who)
      await council.after(24)
      return json.id
    },
    vote: async (id, who, choice, reason) =>
      await council.post(`/proposals/${id}/votes`, who, { choice, ...(reason && { reason }) }),
    status: async (id) => (await council.get(`/proposals/${id}`)).json.status,
    [Symbol.asyncDispose]: async () => {
      await sealer.close()
      await shell[Symbol.asyncDispose]()
      await wiki[Symbol.asyncDispose]()
    },
  }
  for (const [name, tokens] of Object.entries({ ada: 150_000, bob: 60_000, cyd: 30_000, dan: 500 })) {
    await council.join(name, tokens)
  }
  await council.seal()
  return council
}

/** The document's own sample. */
export const RAISE_POOL = {
  proposal_type: 'parameter_change',
  parameters: { parameter_name: 'weekly_token_pool', current_value: 10_000, proposed_value: 15_000 },
}

export const FEATURE = { proposal_type: 'feature_request' }

export function allocation(amount: string, to: { recipient: string } | { account: string } = { recipient: 'dan' }) {
  return { proposal_type: 'treasury_allocation', parameters: { amount, ...to } }
}

export const TEXTS = { title: 'Increase the weekly pool', description: 'To incentivize more contributions.\nPlease.' }

export interface Council extends TestWiki {
  /** Ids by username. */
  people: Record<string, string>
  governance: NonNullable<typeof KONTRIB.governance>
  get(path: string, who?: string): Promise<CouncilAnswer>
  post(path: string, who: string, body?: object, key?: string): Promise<CouncilAnswer>
  join(username: string, tokens: number): Promise<void>
  /** Posts a transfer of whole tokens. */
  pay(from: string, to: string, tokens: number): Promise<void>
  seal(): Promise<number>
  /** Moves the clock, and does what is due by then. */
  after(hours: number): Promise<void>
  /** Proposes, submits and waits until voting opens; gives the id. */
  opened(proposal: object, who?: string): Promise<string>
  vote(id: string, who: string, choice: string, reason?: string): Promise<CouncilAnswer>
  status(id: string): Promise<string>
}

export interface CouncilAnswer {
  status: number
  json: CouncilJson
}

/** What the tests read of one answer or another. */
export interface CouncilJson {
  id: string
  status: string
  code: string
  detail: string
  parameters: Record<string, unknown>
  voting_start: string
  voting_end: string
  entry_id: string | null
  power: string
  voter: string
  value: unknown
  title: string
  action: string
  actor: string
  failure: string | null
  data: CouncilJson[]
  next_cursor: string | null
}

interface Sent {
  who: string
  body?: object
  key?: string
}
