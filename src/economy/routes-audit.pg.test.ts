import { expect, test } from 'vitest'

import { verifyEventReceipt } from '../../sdk/src/verify.ts'
import { testLog } from '../../test/log-fixture.ts'
import { keyOf, testShell } from '../../test/shell.ts'
import { record } from '../core/audit.ts'
import { transaction } from '../core/db.ts'
import { auditRoutes } from './routes-audit.ts'

/** An economy whose audit trail has these events, after those of its making. */
async function testTrail(events: readonly { action: string; subject: string; diff?: object }[]) {
  const t = await testLog()
  const shell = await testShell<typeof t & { state: 'open' }>({
    routes: auditRoutes,
    economy: { ...t, state: 'open' },
  })
  await transaction(t.db, async (tx) => {
    for (const event of events) await record(tx, { at: t.clock.now(), actor: 'cli:ada', ...event })
  })
  const get = async (path: string, who = 'auditor') => await shell.send({ path: `/v1/test${path}`, key: keyOf(who) })
  return {
    get,
    first: async (action: string) => {
      const { json } = await get(`/audit?action=${action}`)
      return (json as { data: { id: string; leaf: string | null }[] }).data[0]!
    },
    seal: async () => {
      const log = await t.open()
      await log.sealer.sealAll()
      return log.vkeys
    },
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await t[Symbol.asyncDispose]()
    },
  }
}

const things = (count: number) =>
  Array.from({ length: count }, (_, no) => ({
    action: 'thing.change',
    subject: `thing:${no}`,
    diff: { after: `${no}` },
  }))

test('the trail is exported from its first event to its last, however many steps it takes', async () => {
  await using t = await testTrail(things(2_345))
  const { headers, text } = await t.get('/audit/export?format=jsonl&action=thing.*')

  expect(headers).toMatchObject({
    'content-type': 'application/x-ndjson; charset=utf-8',
    'content-disposition': 'attachment; filename="audit-test.jsonl"',
  })
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(2_345)
  expect(lines.map(({ subject }) => subject)).toEqual(things(2_345).map(({ subject }) => subject))
  expect(lines[7]).toMatchObject({ action: 'thing.change', actor: 'cli:ada', diff: { after: '7' }, leaf: null })
  expect(lines[7].at).toBe('2026-01-05T00:00:00.000Z')
})

test('the export has the filters of the list', async () => {
  await using t = await testTrail([...things(3), { action: 'other.change', subject: 'thing:1' }])
  const subjects = async (query: string) => {
    const { text } = await t.get(`/audit/export?format=jsonl&${query}`)
    return text.split('\n').flatMap((line) => (line ? [JSON.parse(line).subject] : []))
  }
  expect(await subjects('action=thing.*')).toEqual(['thing:0', 'thing:1', 'thing:2'])
  expect(await subjects('subject=thing:1')).toEqual(['thing:1', 'thing:1'])
  expect(await subjects('subject=thing:1&action=other.change')).toEqual(['thing:1'])
  expect(await subjects('actor=cli:bob')).toEqual([])
  expect(await subjects('actor=cli:ada&until=2026-01-05T00:00:00Z')).toEqual([])
  expect(await subjects('actor=cli:ada&from=2026-01-05T00:00:00Z')).toHaveLength(4)
})

test('nothing in the CSV is a formula to a spreadsheet, and commas, quotes and lines stay in their cell', async () => {
  const diff = { before: '@SUM(A1)', after: { note: 'a "quoted", text' } }
  await using t = await testTrail([{ action: 'thing.change', subject: '=HYPERLINK("https://evil.example")', diff }])
  const { headers, text } = await t.get('/audit/export?action=thing.change')

  expect(headers['content-type']).toBe('text/csv; charset=utf-8')
  const [head, row] = text.split('\n')
  expect(head).toBe('leaf,id,at,actor,action,subject,before,after')
  expect(row).toContain(`"'=HYPERLINK(""https://evil.example"")"`)
  expect(row).toContain(`,'@SUM(A1),`)
  expect(row).toContain(`"{""note"":""a \\""quoted\\"", text""}"`)
})

test('an event is shown by its id, and there is none under another', async () => {
  await using t = await testTrail(things(2))
  const { id } = await t.first('thing.change')
  expect((await t.get(`/audit/${id}`)).json).toMatchObject({ id, subject: 'thing:1', diff: { after: '1' }, leaf: null })
  // The same number under another time is another id.
  const other = id.replace(/^......../, '019b8b3a')
  expect((await t.get(`/audit/${other}`)).json).toMatchObject({ status: 404, code: 'audit_event_not_found' })
  expect((await t.get(`/audit/${other}/proof`)).json).toMatchObject({ status: 404, code: 'audit_event_not_found' })
  expect((await t.get('/audit/42')).json).toMatchObject({ status: 400, code: 'request_invalid' })
})

test('an event is proven once it is sealed, and shows who did it and what changed when asked', async () => {
  await using t = await testTrail(things(5))
  const { id } = await t.first('thing.change')
  expect((await t.get(`/audit/${id}/proof`)).json).toMatchObject({ status: 409, code: 'audit_event_not_sealed' })

  const vkeys = await t.seal()
  const proofOf = async (query: string) => {
    const { json } = await t.get(`/audit/${id}/proof${query}`)
    const { receipt, tlog_proof: proof } = json as { receipt: object; tlog_proof: string }
    return verifyEventReceipt({ receipt: JSON.stringify(receipt), proof, vkeys })
  }
  const event = { id, action: 'thing.change', subject: 'thing:4' }
  expect(await proofOf('?disclose=actor,diff')).toMatchObject({ event, actor: 'cli:ada', diff: { after: '4' } })
  expect(await proofOf('?disclose=diff')).not.toHaveProperty('actor')
  expect(await proofOf('')).not.toHaveProperty('diff')
  expect(`${(await proofOf('')).position}`).toBe((await t.first('thing.change')).leaf)
  expect((await t.get(`/audit/${id}/proof?tree_size=9999`)).json).toMatchObject({ code: 'tree_size_unsealed' })
})

test('only those who may read the trail may export it or prove from it', async () => {
  await using t = await testTrail(things(1))
  const { id } = await t.first('thing.change')
  for (const path of ['/audit/export', `/audit/${id}`, `/audit/${id}/proof`]) {
    for (const who of ['operator', 'finance', 'moderator', 'support', 'member']) {
      expect((await t.get(path, who)).json, `${who} ${path}`).toMatchObject({ status: 403, code: 'action_not_allowed' })
    }
    expect((await t.get(path, 'owner')).status).not.toBe(403)
  }
})
