import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { testEconomy } from '../../test/helpers.ts'
import { listEvents, record } from './audit.ts'
import { type Db, transaction } from './db.ts'

const AT = new Date('2026-02-03T04:05:06.789Z')

async function recordAll(db: Db, subjects: string[]): Promise<void> {
  await transaction(db, async (tx) => {
    for (const subject of subjects) await record(tx, { at: AT, actor: 'cli:ada', action: 'thing.change', subject })
  })
}

test('an event keeps who, what, when and the difference, under a salt of its own', async () => {
  await using t = await testEconomy()
  await transaction(t.db, async (tx) => {
    const diff = { before: { floor: '0', tags: [] }, after: { floor: '-5', tags: ['a', 'b'] } }
    await record(tx, { at: AT, actor: 'cli:ada', action: 'account.limits', subject: 'account:users:1:available', diff })
  })

  const [event] = await listEvents(t.db, { limit: 1 })
  expect(event).toMatchObject({
    at: AT,
    actor: 'cli:ada',
    action: 'account.limits',
    subject: 'account:users:1:available',
    diff: { before: { floor: '0', tags: [] }, after: { floor: '-5', tags: ['a', 'b'] } },
  })
  const { salt } = await t.db
    .selectFrom('audit.event')
    .select('salt')
    .where('id', '=', event!.id)
    .executeTakeFirstOrThrow()
  expect(salt).toHaveLength(16)
})

test('events of one transaction have different salts', async () => {
  await using t = await testEconomy()
  await recordAll(t.db, ['a', 'b', 'c'])
  const rows = await t.db.selectFrom('audit.event').select('salt').execute()
  expect(new Set(rows.map(({ salt }) => salt.toString('hex'))).size).toBe(rows.length)
})

test('pages follow one another from the newest to the oldest, filtered or not', async () => {
  await using t = await testEconomy()
  await recordAll(t.db, ['a', 'b', 'a', 'b', 'a'])
  const first = await listEvents(t.db, { limit: 2, action: 'thing.change' })
  const second = await listEvents(t.db, { limit: 2, action: 'thing.change', before: first[1]!.id })
  expect([...first, ...second].map(({ subject }) => subject)).toEqual(['a', 'b', 'a', 'b'])
  expect(await listEvents(t.db, { limit: 9, subject: 'a', actor: 'cli:ada' })).toHaveLength(3)
  expect(await listEvents(t.db, { limit: 9, actor: 'cli:bob' })).toEqual([])
})

test('events are found by the beginning of their action, and by time', async () => {
  await using t = await testEconomy()
  const later = new Date(AT.getTime() + 1_000)
  await transaction(t.db, async (tx) => {
    await record(tx, { at: AT, actor: 'cli:ada', action: 'thing.make', subject: 'a' })
    await record(tx, { at: later, actor: 'cli:ada', action: 'thing.change', subject: 'b' })
    await record(tx, { at: later, actor: 'cli:ada', action: 'things.change', subject: 'c' })
  })
  const found = async (where: object) =>
    (await listEvents(t.db, { limit: 9, actor: 'cli:ada', ...where })).map(({ subject }) => subject)
  expect(await found({ action: 'thing.*' })).toEqual(['b', 'a'])
  expect(await found({ action: 'thing.change' })).toEqual(['b'])
  expect(await found({ action: '%.*' })).toEqual([])
  expect(await found({ from: later })).toEqual(['c', 'b'])
  expect(await found({ until: later })).toEqual(['a'])
})

test('an event that is rolled back with its transaction was never there', async () => {
  await using t = await testEconomy()
  const undone = transaction(t.db, async (tx) => {
    await record(tx, { at: AT, actor: 'cli:ada', action: 'thing.change', subject: 'undone' })
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  expect(await listEvents(t.db, { limit: 9, subject: 'undone' })).toEqual([])
})

test.each(['update audit.event set action = action', 'delete from audit.event'])(
  'the service may not run: %s',
  async (statement) => {
    await using t = await testEconomy()
    await recordAll(t.db, ['a'])
    await expect(sql.raw(statement).execute(t.db)).rejects.toThrow('permission denied')
  },
)
