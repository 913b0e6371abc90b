import { expect, test } from 'vitest'

import { TEST_START } from '../../test/helpers.ts'
import { testPeople } from '../../test/people.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { setRole } from './identity.ts'
import { identityRoutes } from './routes.ts'

const WEEK_MS = 7 * 86_400_000

test('an owner makes a person of staff, who may then do what that role may, until it is taken away', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  expect((await t.get('/people/invitations', { as: ann })).status).toBe(403)
  const granted = await t.post(`/people/${ann}/roles`, { role: 'support' })
  const role = { role: 'support', granted_at: TEST_START.toISOString(), granted_by: 'key:owner' }
  expect(granted).toMatchObject({ status: 200, json: role })
  expect((await t.get('/people/invitations', { as: ann })).status).toBe(200)
  expect((await t.get('/me', { as: ann })).json).toMatchObject({ id: ann })
  await t.post(`/people/${ann}/roles`, { role: null })
  expect((await t.get('/people/invitations', { as: ann })).status).toBe(403)
  expect((await t.get(`/people/${ann}/roles`)).json).toEqual({ role: null, granted_at: null, granted_by: null })
  const events = await listEvents(t.db, { limit: 9, action: 'role.set' })
  expect(events.map(({ diff }) => diff)).toEqual([
    { before: { role: 'support' }, after: { role: null } },
    { before: { role: null }, after: { role: 'support' } },
  ])
})

test('only an owner grants roles, and nobody to themselves', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  for (const as of ['operator', 'finance', 'support', ann]) {
    expect((await t.post(`/people/${ann}/roles`, { role: 'owner' }, { as })).status).toBe(403)
    expect((await t.post('/people/invitations', { role: 'owner', note: 'me' }, { as })).status).toBe(403)
  }
  expect((await t.get(`/people/${ann}/roles`)).json).toMatchObject({ role: null })
})

test('the last owner among people remains one, though two owners take each other’s role at once', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const [ann, bob] = [await t.join('ann'), await t.join('bob')]
  for (const person of [ann, bob]) await t.post(`/people/${person}/roles`, { role: 'owner' })
  const take = async (person: string, by: string) =>
    await transaction(t.db, async (tx) => await setRole(tx, { person, role: null, actor: by, now: TEST_START }))
  const both = await Promise.allSettled([take(bob, ann), take(ann, bob)])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(both).toContainEqual({ status: 'rejected', reason: expect.objectContaining({ code: 'last_owner' }) })
})

test('an invitation makes the first who is signed in and shows it of staff, once', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const [ann, bob] = [await t.join('ann'), await t.join('bob')]
  const invited = await t.post('/people/invitations', { role: 'moderator', note: 'Ann of the wiki' })
  const { code } = invited.json
  expect(code).toMatch(/^invite_[\w-]{43}$/)
  const tries = await Promise.all(
    [ann, bob].map(async (as) => await t.post('/me/invitations/accept', { code }, { as })),
  )
  expect(tries.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  expect(tries.find(({ status }) => status === 409)?.json.code).toBe('invitation_used')
  expect(tries.find(({ status }) => status === 200)?.json).toMatchObject({ granted_by: 'key:owner' })
  expect(JSON.stringify((await t.get('/people/invitations')).json)).not.toContain(code)
})

test('an invitation ends after a week, or when it is taken back, and needs its very code', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const invite = async () => (await t.post('/people/invitations', { role: 'support', note: 'x' })).json
  const accept = async (code: string) => (await t.post('/me/invitations/accept', { code }, { as: ann })).json.code
  const [back, old] = [await invite(), await invite()]
  expect((await t.post(`/people/invitations/${back.id}/revoke`)).json).toMatchObject({ revoked_by: 'key:owner' })
  expect(await accept(back.code)).toBe('invitation_not_found')
  expect(await accept(`${old.code.slice(0, -1)}!`)).toBe('invitation_not_found')
  t.clock.set(new Date(TEST_START.getTime() + WEEK_MS))
  expect(await accept(old.code)).toBe('invitation_expired')
  await accept((await invite()).code)
  expect(await accept((await invite()).code)).toBe('already_of_staff')
  expect((await t.get(`/people/${ann}/roles`)).json).toMatchObject({ role: 'support' })
})
