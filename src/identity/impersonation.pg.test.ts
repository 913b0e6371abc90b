import { expect, test } from 'vitest'

import { TEST_START } from '../../test/helpers.ts'
import { testPeople } from '../../test/people.ts'
import { listEvents } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { ROUTES } from '../server.ts'
import { sweepImpersonations } from './impersonation.ts'
import { identityRoutes } from './routes.ts'

const QUARTER_MS = 15 * 60_000
const later = (ms: number) => new Date(TEST_START.getTime() + ms)

test('support reads as a person for a quarter of an hour, which everybody can see', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const started = await t.post(`/people/${ann}/impersonations`, { reason: 'Ticket 7' }, { as: 'support' })
  expect(started).toMatchObject({
    status: 201,
    json: { actor: 'key:support', expires_at: later(QUARTER_MS).toISOString() },
  })
  expect((await t.get('/me', started.json)).json).toMatchObject({
    id: ann,
    role: 'member',
    impersonation: { id: started.json.id, actor: 'key:support', reason: 'Ticket 7' },
  })
  expect((await t.get('/me', { as: ann })).json).toMatchObject({ id: ann, impersonation: null })
  expect((await t.get('/me/keys', { as: ann })).json.data).toMatchObject([
    { id: started.json.id, name: 'Read by staff' },
  ])
  const unused = await t.post(`/people/${ann}/impersonations`, { reason: 'Ticket 8' }, { as: 'support' })
  t.clock.set(later(QUARTER_MS))
  expect((await t.get('/me', unused.json)).json.code).toBe('key_invalid')
  await transaction(t.db, async (tx) => await sweepImpersonations(tx, { now: t.clock.now() }))
  expect(await transaction(t.db, async (tx) => await sweepImpersonations(tx, { now: t.clock.now() }))).toBe(0)
  const events = await listEvents(t.db, { limit: 4, subject: `person:${ann}` })
  expect(events.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    'system impersonation.end',
    'system impersonation.end',
    'key:support impersonation.start',
    'key:support impersonation.start',
  ])
})

test('who reads as a person can do nothing else, whatever there is to do', async () => {
  await using t = await testPeople({ routes: ROUTES as never })
  const ann = await t.join('ann')
  const { json } = await t.post(`/people/${ann}/impersonations`, { reason: 'x' })
  for (const { method, path, may } of ROUTES.filter((route) => route.method === 'post' && route.may !== 'public')) {
    const answer = await t.post(path.replaceAll(/:[a-z_]+/g, ann), {}, json)
    const reads = may.endsWith('.read')
    if (!reads) expect(answer.status, `${method} ${path}`).toBe(403)
  }
})

test('it ends when staff or the person end it', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  const start = async () => (await t.post(`/people/${ann}/impersonations`, { reason: 'x' })).json
  const [first, second] = [await start(), await start()]
  const end = `/people/impersonations/${first.id}/end`
  expect((await t.post(end, undefined, { as: 'support' })).json).toMatchObject({ ended_at: TEST_START.toISOString() })
  expect((await t.post(end, undefined, { as: 'support' })).status).toBe(200)
  expect((await t.get('/me', first)).status).toBe(401)
  await t.post(`/me/keys/${second.id}/revoke`, undefined, { as: ann })
  expect((await t.get('/me', second)).status).toBe(401)
  await transaction(t.db, async (tx) => await sweepImpersonations(tx, { now: TEST_START }))
  const ends = await listEvents(t.db, { limit: 9, action: 'impersonation.end' })
  expect(ends.map(({ actor }) => actor)).toEqual(['system', 'key:support'])
})

test('it is for owners and support alone, and takes a reason', async () => {
  await using t = await testPeople({ routes: identityRoutes })
  const ann = await t.join('ann')
  for (const as of ['operator', 'finance', 'moderator', 'auditor', ann]) {
    expect((await t.post(`/people/${ann}/impersonations`, { reason: 'x' }, { as })).status).toBe(403)
  }
  expect((await t.post(`/people/${ann}/impersonations`, {})).json.code).toBe('request_invalid')
})
