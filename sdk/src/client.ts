import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'

import { fetchAgain, type RetryOptions } from './retry.ts'
import type { paths } from './schema.gen.ts'

/**
 * A client for one economy, typed by docs/openapi.json; paths are written as they stand there, below `/v1/{economy}`:
 * ```ts
 * const api = createClient({ url: 'https://wiki.example', economy: 'wiki', key: 'fl_…' })
 * const { data, error } = await api.GET('/ledger/accounts/{path}', { params: { path: { path: 'treasury:main' } } })
 * ```
 * Every POST carries an Idempotency-Key, made for it unless it has one; what fails on the way is sent again with the same
 * key, so it happens once. In a browser leave `key` out: the session's cookie is sent along.
 */
export function createClient({ url = '', economy, key, fetch, ...retries }: ClientOptions): Client {
  const client = createFetchClient<BelowEconomy<paths>>({
    baseUrl: addressOf({ url, economy }),
    fetch: fetchAgain(fetch ?? globalThis.fetch.bind(globalThis), retries),
    ...(key !== undefined ? { headers: { authorization: `Bearer ${key}` } } : { credentials: 'same-origin' as const }),
  })
  client.use({
    onRequest: ({ request }) => {
      if (request.method === 'POST' && !request.headers.has(KEY_HEADER)) request.headers.set(KEY_HEADER, newKey())
    },
  })
  return client
}

/** Where an economy is on its server. */
export function addressOf({ url, economy }: { url: string; economy: string }): string {
  return `${url.replace(/\/+$/, '')}/v1/${encodeURIComponent(economy)}`
}

export type Client = FetchClient<BelowEconomy<paths>>

export interface ClientOptions extends RetryOptions {
  /** Of the server; unless said, the one that the page came from. */
  url?: string
  economy: string
  /** An API key, `fl_…`. */
  key?: string
  fetch?: (request: Request) => Promise<Response>
}

const KEY_HEADER = 'idempotency-key'

/** Not randomUUID: browsers have it on secure pages alone. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The paths as a client of one economy writes them. */
type BelowEconomy<Paths> = {
  [Path in keyof Paths as Path extends `/v1/{economy}${infer Rest}` ? Rest : never]: {
    [Method in keyof Paths[Path]]: WithoutEconomy<Paths[Path][Method]>
  }
}

/** The client knows the economy, and makes the key itself where there is none. */
type WithoutEconomy<Operation> = Operation extends { parameters: infer Parameters }
  ? Omit<Operation, 'parameters'> & {
      parameters: Omit<Parameters, 'path' | 'header'> & OtherPath<Parameters> & Headers<Parameters>
    }
  : Operation

type OtherPath<Parameters> = Parameters extends { path: infer Path }
  ? keyof Omit<Path, 'economy'> extends never
    ? { path?: never }
    : { path: Omit<Path, 'economy'> }
  : { path?: never }

type Headers<Parameters> = Parameters extends { header: infer Header }
  ? { header?: Partial<Header> }
  : { header?: never }
