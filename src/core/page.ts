import { createHash } from 'node:crypto'

import { z } from 'zod'

import { BadRequest } from './errors.ts'

/**
 * Pages of one list, by keyset: a page goes on after the last row of the one before, so it costs the same at any depth
 * and neither repeats nor skips a row when others arrive. `name` is the list's own and `key` what its rows are ordered by,
 * with codecs for what JSON lacks. A query asks for one row more than `limit`, which tells whether there is a next page:
 * ```ts
 * const byId = keyset('ledger.entries', z.tuple([zSerial]))
 * const after = byId.after(query.cursor, filters)
 * const rows = await db.selectFrom('ledger.entry')…where('id', '<', after[0]).limit(limit + 1)
 * return byId.page(rows, { limit, filters, keyOf: (row) => [row.id], view: entryView })
 * ```
 */
export function keyset<Key extends z.ZodType>(name: string, key: Key) {
  return {
    /** Where to go on; undefined on the first page. Fails: cursor_invalid. */
    after(cursor: string | undefined, filters: Filters): z.output<Key> | undefined {
      if (cursor === undefined) return undefined
      const opened = zOpened.safeParse(jsonOf(cursor))
      const decoded = key.safeParse(opened.data?.key)
      if (!opened.success || !decoded.success) {
        throw new BadRequest('cursor_invalid', 'This is no cursor of this list. Start again without one.')
      }
      if (opened.data.of !== fingerprint(name, filters)) {
        throw new BadRequest(
          'cursor_invalid',
          'The cursor belongs to another list, or to this one with other filters. Keep the filters, or start again without a cursor.',
        )
      }
      return decoded.data
    },

    page<Row, Item>(rows: readonly Row[], { limit, filters, keyOf, view }: PageOptions<Row, Item, Key>): Page<Item> {
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      if (rows.length <= limit || last === undefined) return { data: shown.map(view), next_cursor: null }
      const opened = { of: fingerprint(name, filters), key: key.encode(keyOf(last)) }
      return { data: shown.map(view), next_cursor: Buffer.from(JSON.stringify(opened)).toString('base64url') }
    },
  }
}

/** A page as it is answered. */
export function zPage<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Ask with it as `cursor` for the next page; null: this is the last.' }),
  })
}

/** Which end of a list in time comes first. */
export const zOrder = z.enum(['newest', 'oldest']).default('newest')
export type Order = z.output<typeof zOrder>

/** How a query walks over such a list: in which direction, and how what comes next compares with where it is. */
export const WALK = {
  newest: { direction: 'desc', next: '<' },
  oldest: { direction: 'asc', next: '>' },
} as const satisfies Record<Order, object>

/** A number that the database counts with, as part of a key. */
export const zSerial = z.codec(z.string().regex(/^\d{1,18}$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (serial) => serial.toString(),
})

/** An amount in minor units, as part of a key. */
export const zUnits = z.codec(z.string().regex(/^\d{1,38}$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (units) => units.toString(),
})

const zOpened = z.strictObject({ of: z.string(), key: z.unknown() })

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** Where the filters stand in the query makes no difference, nor does one that is not given. */
function fingerprint(name: string, filters: Filters): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined)
  const ordered = given.toSorted(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify([name, ordered], (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
  return createHash('sha256').update(text).digest('base64url').slice(0, FINGERPRINT_LENGTH)
}

export interface Page<Item> {
  data: Item[]
  next_cursor: string | null
}

interface PageOptions<Row, Item, Key extends z.ZodType> {
  limit: number
  filters: Filters
  keyOf: (row: Row) => z.output<Key>
  view: (row: Row) => Item
}

/** What chooses the rows of a list: its query without `limit` and `cursor`. */
type Filters = Record<string, unknown>

const FINGERPRINT_LENGTH = 11
