import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'

import { expect, test } from 'vitest'

import { TEST_START, testEconomy } from '../../test/helpers.ts'
import { listEvents } from '../core/audit.ts'
import { type Db, transaction } from '../core/db.ts'
import {
  authenticate,
  createApiKey,
  createPerson,
  ensurePeople,
  findPerson,
  listApiKeys,
  revokeApiKey,
} from './identity.ts'

const BY = { actor: 'cli:ada', now: TEST_START }
const AT = { now: TEST_START }

async function newKey(db: Db, { name = 'ci', role = 'operator' } = {}) {
  return await transaction(db, async (tx) => await createApiKey(tx, { name, role, ...BY }))
}

async function revoke(db: Db, id: string) {
  return await transaction(db, async (tx) => await revokeApiKey(tx, { id, ...BY }))
}

test('a key authenticates whoever shows it, with its role', async () => {
  await using t = await testEconomy()
  const { id, key } = await newKey(t.db, { role: 'finance' })
  expect(key.reveal()).toMatch(/^fl_[A-Za-z0-9_-]{43}$/)
  expect(await authenticate(t.db, key.reveal(), AT)).toEqual({
    id: `key:${id}`,
    role: 'finance',
    principal: `key:${id}`,
  })
  expect(await authenticate(t.db, `${key.reveal().slice(0, -1)}!`, AT)).toBeUndefined()
  expect(await authenticate(t.db, '', AT)).toBeUndefined()
})

test('a key is shown once, and is nowhere afterwards: not in the database, the audit trail or a log', async () => {
  await using t = await testEconomy()
  const made = await newKey(t.db)
  const random = made.key.reveal().slice(8)
  const stored = await t.db.selectFrom('identity.api_key').selectAll().execute()
  const kept = [stored, await listApiKeys(t.db, { limit: 9 }), await listEvents(t.db, { limit: 9 }), made]
  for (const what of kept) expect(inspect(what, { depth: 9, showHidden: true })).not.toContain(random)
  expect(stored[0]?.hash).toHaveLength(32)
})

test('a revoked key dies at once, once', async () => {
  await using t = await testEconomy()
  const { id, key } = await newKey(t.db)
  const revoked = await revoke(t.db, id)
  expect(await authenticate(t.db, key.reveal(), AT)).toBeUndefined()
  expect(revoked).toMatchObject({ id, revoked_at: TEST_START, revoked_by: 'cli:ada' })
  expect(await revoke(t.db, id)).toEqual(revoked)
  expect((await listEvents(t.db, { limit: 9, subject: `key:${id}` })).map(({ action }) => action)).toEqual([
    'key.revoke',
    'key.create',
  ])
})

test.each([randomUUID(), 'x', ''])('the key %j is not there to revoke', async (id) => {
  await using t = await testEconomy()
  await expect(revoke(t.db, id)).rejects.toMatchObject({ code: 'key_not_found', status: 404 })
})

test.each([
  [{ role: 'king' }, 'role_unknown'],
  [{ name: '' }, 'key_name_invalid'],
  [{ name: 'x'.repeat(101) }, 'key_name_invalid'],
])('no key is made for %j', async (options, code) => {
  await using t = await testEconomy()
  await expect(newKey(t.db, options)).rejects.toMatchObject({ code })
})

test('keys are listed a page at a time, the newest first', async () => {
  await using t = await testEconomy()
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    const now = new Date(TEST_START.getTime() + i)
    await transaction(t.db, async (tx) => await createApiKey(tx, { name, role: 'owner', actor: 'cli:ada', now }))
  }
  const first = await listApiKeys(t.db, { limit: 2 })
  expect(first.map(({ name }) => name)).toEqual(['c', 'b'])
  expect(await listApiKeys(t.db, { limit: 2, before: first[1]!.id })).toMatchObject([{ name: 'a' }])
})

test('a person is found by id and by name', async () => {
  await using t = await testEconomy()
  const grace = await transaction(t.db, async (tx) => await createPerson(tx, { username: 'grace', ...BY }))
  expect(grace).toMatchObject({ username: 'grace', joined_at: TEST_START })
  expect(await findPerson(t.db, { id: grace.id })).toEqual(grace)
  expect(await findPerson(t.db, { username: 'grace' })).toEqual(grace)
  for (const by of [{ id: randomUUID() }, { id: 'grace' }, { username: 'Grace' }]) {
    await expect(findPerson(t.db, by)).rejects.toMatchObject({ code: 'person_not_found' })
  }
})

test.each([
  ['grace', 'username_taken'],
  ['', 'username_invalid'],
  ['x'.repeat(101), 'username_invalid'],
])('nobody more can be named %j', async (username, code) => {
  await using t = await testEconomy()
  const create = async (name: string) =>
    await transaction(t.db, async (tx) => await createPerson(tx, { username: name, ...BY }))
  await create('grace')
  await expect(create(username)).rejects.toMatchObject({ code })
})

test('two imports at once agree on who everybody is', async () => {
  await using t = await testEconomy()
  const people = Array.from({ length: 200 }, (_, i) => ({ username: `"user", ${i}\\`, joinedAt: TEST_START }))
  const runs = await Promise.all(
    [people, people.toReversed()].map(
      async (those) =>
        await transaction(t.db, async (tx) => await ensurePeople(tx, { people: those, now: TEST_START })),
    ),
  )
  expect(runs[0]!.ids.size).toBe(200)
  for (const [username, id] of runs[0]!.ids) expect(runs[1]!.ids.get(username)).toBe(id)
  expect(runs.flatMap(({ added }) => added).toSorted()).toEqual([...runs[0]!.ids.values()].toSorted())
})
