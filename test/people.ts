import { randomUUID } from 'node:crypto'

import type { Actor, Role, StaffRole } from '../src/core/actor.ts'
import { transaction } from '../src/core/db.ts'
import type { Route } from '../src/core/http.ts'
import { authenticate, createPerson, roleOf } from '../src/identity/identity.ts'
import { testEconomy, type TestEconomy, type TestEconomyOptions } from './helpers.ts'
import { testShell } from './shell.ts'

/**
 * An economy with people, spoken to over HTTP. `join` makes a person and answers who they are; whatever they are given to
 * be `as`, a request comes from somebody who is signed in. Personal keys and those of staff are the real ones.
 */
export async function testPeople<Economy extends TestEconomy & { state: 'open'; site: string }>({
  routes,
  ...options
}: TestPeopleOptions<Economy>): Promise<TestPeople> {
  const economy = await testEconomy(options)
  const shell = await testShell<Economy>({
    routes,
    economy: { ...economy, state: 'open', site: TEST_SITE } as unknown as Economy,
    authenticateKey: async (db, key, at) => {
      const person = key.startsWith(SESSION) ? key.slice(SESSION.length) : undefined
      if (person === undefined) return STAFF.get(key) ?? (await authenticate(db, key, at))
      const role: Role = (await roleOf(db, person)) ?? 'member'
      return { id: `person:${person}`, principal: `person:${person}`, role, person }
    },
  })
  const send = async (method: 'GET' | 'POST', path: string, { as = 'owner', key, body, once }: SendOptions) => {
    const known = key ?? (STAFF.has(`fl_${as}_0123456789abcdef`) ? `fl_${as}_0123456789abcdef` : SESSION + as)
    const headers = method === 'POST' ? { 'idempotency-key': once ?? randomUUID() } : {}
    const request = { method, path: `/v1/test${path}`, key: known, headers, ...(body && { body }) }
    const { status, json } = await shell.send(request)
    return { status, json: json as Json }
  }
  return {
    ...economy,
    join: async (username) => {
      const joined = { username, actor: 'system', now: economy.clock.now() }
      return (await transaction(economy.db, async (tx) => await createPerson(tx, joined))).id
    },
    get: async (path, asked = {}) => await send('GET', path, asked),
    post: async (path, body, asked = {}) => await send('POST', path, { ...asked, ...(body && { body }) }),
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await economy[Symbol.asyncDispose]()
    },
  }
}

/** Where people reach the server of `testPeople`. */
export const TEST_SITE = 'https://wiki.example'

const SESSION = 'fl_session_of_'

const ROLES: readonly StaffRole[] = ['owner', 'operator', 'finance', 'moderator', 'support', 'auditor']
const STAFF = new Map<string, Actor>(
  ROLES.map((role) => [`fl_${role}_0123456789abcdef`, { id: `key:${role}`, role, principal: `key:${role}` }]),
)

export interface TestPeople extends TestEconomy {
  join(username: string): Promise<string>
  get(path: string, asked?: SendOptions): Promise<Answer>
  post(path: string, body?: object, asked?: SendOptions): Promise<Answer>
}

export interface TestPeopleOptions<
  Economy extends TestEconomy & { state: 'open'; site: string },
> extends TestEconomyOptions {
  routes: readonly Route<Economy>[]
}

interface SendOptions {
  /** A role of staff, whose key is shown, or the id of a person who is signed in; an owner's key unless said. */
  as?: string
  /** This key instead. */
  key?: string
  body?: object
  /** The Idempotency-Key; one of its own unless said. */
  once?: string
}

interface Answer {
  status: number
  json: Json
}

/** What the tests read of one answer or another. */
export interface Json {
  [name: string]: unknown
  id: string
  key: string
  code: string
  data: Json[]
  next_cursor: string | null
}
