import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'

import { zTime } from './http.ts'
import { keyset, zSerial } from './page.ts'

const byId = keyset('ledger.entries', z.tuple([zSerial]))
const rows = Array.from({ length: 25 }, (_, i) => ({ id: 100n - BigInt(i) }))

function pageAfter(cursor: string | undefined, limit: number, filters = {}) {
  const after = byId.after(cursor, filters)
  const rest = rows.filter(({ id }) => after === undefined || id < after[0])
  return byId.page(rest.slice(0, limit + 1), { limit, filters, keyOf: ({ id }) => [id], view: ({ id }) => Number(id) })
}

test('pages of any size together are the whole list, once each and in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), (limit) => {
      const seen: number[] = []
      let cursor: string | undefined
      do {
        const page = pageAfter(cursor, limit)
        seen.push(...page.data)
        cursor = page.next_cursor ?? undefined
      } while (cursor !== undefined)
      expect(seen).toEqual(rows.map(({ id }) => Number(id)))
    }),
  )
})

test('the last page has no cursor, even when it is full', () => {
  expect(pageAfter(undefined, 25).next_cursor).toBeNull()
  expect(pageAfter(undefined, 24).next_cursor).not.toBeNull()
  expect(byId.page([], { limit: 5, filters: {}, keyOf: () => [1n], view: String })).toEqual({
    data: [],
    next_cursor: null,
  })
})

test('a cursor keeps its filters, in whatever order they are given', () => {
  const { next_cursor } = pageAfter(undefined, 5, { kind: 'reward', from: 7n, asset: undefined })

  expect(byId.after(next_cursor ?? '', { from: 7n, kind: 'reward' })).toEqual([96n])
})

test.each([
  ['other filters', { kind: 'transfer' }],
  ['no filters', {}],
  ['a number in place of a text', { kind: 1 }],
])('a cursor used with %s is refused', (_, filters) => {
  const { next_cursor } = pageAfter(undefined, 5, { kind: '1' })

  expect(() => byId.after(next_cursor ?? '', filters)).toThrow(expect.objectContaining({ code: 'cursor_invalid' }))
})

test('a cursor of another list is refused', () => {
  const { next_cursor } = pageAfter(undefined, 5)
  const byHeight = keyset('ledger.blocks', z.tuple([zSerial]))

  expect(() => byHeight.after(next_cursor ?? '', {})).toThrow(expect.objectContaining({ code: 'cursor_invalid' }))
})

test('anything else is refused rather than believed', () => {
  const { next_cursor } = pageAfter(undefined, 5)
  const opened: object = JSON.parse(Buffer.from(next_cursor ?? '', 'base64url').toString())
  const forged = [
    { ...opened, key: ['1 or true'] },
    { ...opened, key: [] },
    { ...opened, key: ['9'.repeat(40)] },
    { ...opened, more: 1 },
    null,
    [],
  ].map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))

  for (const cursor of [...forged, '', 'x', '%', '\u0000', 'e30']) {
    expect(() => byId.after(cursor, {})).toThrow(expect.objectContaining({ code: 'cursor_invalid', status: 400 }))
  }
})

test('keys of several parts, such as a time and a name, come back as they were', () => {
  const byTime = keyset('audit', z.tuple([zTime, z.string()]))
  const at = new Date('2026-08-24T12:00:00.123Z')
  const { next_cursor } = byTime.page(['é', 'b'], { limit: 1, filters: {}, keyOf: (name) => [at, name], view: String })

  expect(byTime.after(next_cursor ?? '', {})).toEqual([at, 'é'])
})
