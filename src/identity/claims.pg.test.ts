import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'

import { expect, test } from 'vitest'

import { TEST_START } from '../../test/helpers.ts'
import { testPeople, type TestPeople } from '../../test/people.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { ensureAccounts } from '../ledger/accounts.ts'
import { post } from '../ledger/post.ts'
import { findPerson } from './identity.ts'
import { identityRoutes } from './routes.ts'

const WEEK_MS = 7 * 86_400_000

/** Somebody who can sign in. */
async function signUp(t: TestPeople, username: string): Promise<string> {
  const id = await t.join(username)
  const login = { id: `login of ${username}`, name: username, email: `${username}@wiki.example` }
  await t.db
    .insertInto('auth.login')
    .values({ ...login, created_at: TEST_START, updated_at: TEST_START })
    .execute()
  await t.db
    .updateTable('identity.person')
    .set({ auth_user: `login of ${username}` })
    .where('id', '=', id)
    .execute()
  return id
}

const codeFor = async (t: TestPeople, person: string) =>
  (await t.post(`/people/${person}/claim-codes`, undefined, { as: 'operator' })).json['code']

const claim = async (t: TestPeople, as: string, code: string) => await t.post('/me/claims', { code }, { as })

test('whoever redeems the code of an imported person signs in as them, and all that is there is theirs', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const imported = await t.join('ada1998')
  const ann = await signUp(t, 'ann')
  const code = await codeFor(t, imported)
  expect(code).toMatch(/^claim_[\w-]{43}$/)
  expect(await claim(t, ann, code)).toMatchObject({ status: 200, json: { id: imported, username: 'ada1998' } })
  const people = await t.db.selectFrom('identity.person').select(['id', 'auth_user', 'became']).execute()
  expect(people).toContainEqual({ id: imported, auth_user: 'login of ann', became: null })
  expect(people).toContainEqual({ id: ann, auth_user: null, became: imported })
  const events = await listEvents(t.db, { limit: 9, subject: `person:${imported}` })
  expect(events.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    `person:${ann} claim.redeem`,
    'key:operator claim.issue',
    'system person.create',
  ])
  expect(inspect(events, { depth: 9 })).not.toContain(code)
})

test('what is sent to a name that was given up arrives', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const imported = await t.join('ada1998')
  const ann = await signUp(t, 'ann')
  await claim(t, ann, await codeFor(t, imported))
  for (const by of [{ id: ann }, { username: 'ann' }, { id: imported }]) {
    expect(await findPerson(t.db, by)).toMatchObject({ id: imported })
  }
  expect((await t.get('/people?name=an')).json.data).toEqual([])
  expect((await t.get(`/people/${ann}`)).json).toMatchObject({ became: imported, signs_in: false })
})

test('whoever has a balance, a role or a wallet under their own name keeps it, and is refused', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const imported = await t.join('ada1998')
  const code = await codeFor(t, imported)
  const [rich, staff, linked] = [await signUp(t, 'rich'), await signUp(t, 'staff'), await signUp(t, 'linked')]
  await pay(t, rich)
  await t.post(`/people/${staff}/roles`, { role: 'support' })
  await t.db
    .insertInto('identity.wallet')
    .values({
      person: linked,
      chain: 'solana',
      address: 'FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF',
      created_at: TEST_START,
    })
    .execute()
  for (const [as, has] of [
    [rich, 'ledger.account'],
    [staff, 'identity.person_role'],
    [linked, 'identity.wallet'],
  ] as const) {
    expect(await claim(t, as, code)).toMatchObject({
      status: 409,
      json: { code: 'claimer_has_own', params: { has: [has] } },
    })
  }
  expect((await claim(t, await signUp(t, 'ann'), code)).status).toBe(200)
})

test('of two who redeem a code at once, one does', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const code = await codeFor(t, await t.join('ada1998'))
  const both = [await signUp(t, 'ann'), await signUp(t, 'bob')]
  const answers = await Promise.all(both.map(async (as) => await claim(t, as, code)))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  expect(answers.find(({ status }) => status === 409)?.json.code).toBe('claim_used')
})

test('a code ends after two weeks, or with a later one, and nobody is claimed twice', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const [imported, other] = [await t.join('ada1998'), await t.join('bob1999')]
  const ann = await signUp(t, 'ann')
  const first = await codeFor(t, imported)
  const second = await codeFor(t, imported)
  const third = await codeFor(t, other)
  expect((await claim(t, ann, first)).json.code).toBe('claim_not_found')
  expect((await claim(t, ann, 'claim_nothing')).json.code).toBe('claim_not_found')
  t.clock.set(new Date(TEST_START.getTime() + 2 * WEEK_MS))
  expect((await claim(t, ann, second)).json.code).toBe('claim_expired')
  t.clock.set(new Date(TEST_START.getTime() + 2 * WEEK_MS - 1))
  expect((await claim(t, ann, third)).status).toBe(200)
  expect((await t.post(`/people/${other}/claim-codes`)).json.code).toBe('person_claimed')
  expect((await t.post(`/people/${ann}/claim-codes`)).json.code).toBe('person_claimed')
  expect((await t.post(`/people/${randomUUID()}/claim-codes`)).json.code).toBe('person_not_found')
})

test('a code gives nobody a role, and is made by owners and operators alone', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const imported = await t.join('ada1998')
  const code = await codeFor(t, imported)
  await t.post(`/people/${imported}/roles`, { role: 'owner' })
  expect((await claim(t, await signUp(t, 'ann'), code)).json.code).toBe('person_of_staff')
  expect((await t.post(`/people/${imported}/claim-codes`)).json.code).toBe('person_of_staff')
  for (const as of ['support', 'finance', 'moderator', 'auditor', await signUp(t, 'bob')]) {
    expect((await t.post(`/people/${imported}/claim-codes`, undefined, { as })).status).toBe(403)
  }
})

test('keys of the name that is given up end', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await signUp(t, 'ann')
  const { json } = await t.post('/me/keys', { name: 'x', scopes: ['read'] }, { as: ann })
  expect((await t.post('/me/claims', { code: 'claim_x' }, json)).json.code).toBe('sign_in_required')
  await claim(t, ann, await codeFor(t, await t.join('ada1998')))
  expect((await t.get('/me', json)).json.code).toBe('key_invalid')
})

test('people are listed by name, a page at a time, and found by how it begins', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  for (const name of ['bob', 'Ann', 'anna', 'Zoë', '%']) await t.join(name)
  await signUp(t, 'andrew')
  const names = (people: { json: { data: { [name: string]: unknown }[] } }) =>
    people.json.data.map((each) => each['username'])
  expect(names(await t.get('/people'))).toEqual(['%', 'andrew', 'Ann', 'anna', 'bob', 'Zoë'])
  const first = await t.get('/people?name=AN&limit=2')
  expect(names(first)).toEqual(['andrew', 'Ann'])
  expect(names(await t.get(`/people?name=AN&limit=2&cursor=${first.json.next_cursor}`))).toEqual(['anna'])
  expect(names(await t.get('/people?name=%25'))).toEqual(['%'])
  expect(names(await t.get('/people?signs_in=true'))).toEqual(['andrew'])
  expect(names(await t.get('/people?of_staff=true'))).toEqual([])
  expect((await t.get('/people', { as: await t.join('x') })).status).toBe(403)
})

async function pay(t: TestPeople, person: string): Promise<void> {
  const path = `users:${person}:available`
  const accounts = [{ path: 'world:bank' }, { path, owner: person }]
  const postings = [{ from: 'world:bank', to: path, asset: 'TOK', amount: 500n }]
  await transaction(t.db, async (tx) => {
    await ensureAccounts(tx, { asset: 'TOK', accounts, now: TEST_START })
    await post(tx, [{ kind: 'test', postings }], { actor: 'test', now: TEST_START })
  })
}
