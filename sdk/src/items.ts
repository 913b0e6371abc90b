import { unwrap } from './errors.ts'

/**
 * All items of a list, page after page as they are asked for:
 * ```ts
 * for await (const entry of items((cursor) => api.GET('/ledger/entries', { params: { query: { limit: 200, ...cursor } } })))
 * ```
 * `cursor` is empty on the first page. Fails: FlorinError, as any call.
 */
export async function* items<Item>(ask: Ask<Item>): AsyncGenerator<Item, void, undefined> {
  let cursor: Cursor = {}
  for (;;) {
    const page = unwrap(await ask(cursor))
    yield* page.data
    if (page.next_cursor === null) return
    cursor = { cursor: page.next_cursor }
  }
}

type Ask<Item> = (cursor: Cursor) => Promise<{ data?: Page<Item>; error?: unknown; response: Response }>

interface Cursor {
  cursor?: string
}

interface Page<Item> {
  data: Item[]
  next_cursor: string | null
}
