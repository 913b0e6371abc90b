import { randomUUID } from 'node:crypto'

import { contributionRoutes } from '../src/contributions/routes.ts'
import { keyOf, testShell } from './shell.ts'
import { testWiki, type TestWiki } from './wiki.ts'

/** The wiki, spoken to over HTTP; every POST has a key of its own unless it is given one. */
export async function testWikiApi(): Promise<WikiApi> {
  const wiki = await testWiki()
  const shell = await testShell({ routes: contributionRoutes, economy: { ...wiki, state: 'open' as const } })
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    { body, who = 'owner', key = randomUUID() }: SendOptions,
  ) => {
    const headers = method === 'POST' ? { 'idempotency-key': key } : {}
    const request = { method, path: `/v1/test${path}`, key: keyOf(who), headers, ...(body && { body }) }
    const { status, json } = await shell.send(request)
    return { status, json: json as Json }
  }
  return {
    ...wiki,
    get: async (path, options = {}) => await send('GET', path, options),
    post: async (path, body, options = {}) => await send('POST', path, { body, ...options }),
    [Symbol.asyncDispose]: async () => {
      await shell[Symbol.asyncDispose]()
      await wiki[Symbol.asyncDispose]()
    },
  }
}

export interface WikiApi extends TestWiki {
  get(path: string, options?: SendOptions): Promise<{ status: number; json: Json }>
  post(path: string, body: object, options?: SendOptions): Promise<{ status: number; json: Json }>
}

interface SendOptions {
  body?: object
  who?: 'owner' | 'operator' | 'finance' | 'moderator' | 'support' | 'auditor'
  key?: string
}

/** What the tests read of one answer or another. */
export interface Json {
  id: string
  article_id: string
  username: string
  name: string
  created_at: string
  contribution_id: string
  entry_ids: string[]
  paid_tokens: string
  paid_count: number
  total_tokens: string
  user_count: number
  total_contributions: number
  more: boolean
  data: Json[]
  next_cursor: string | null
}
