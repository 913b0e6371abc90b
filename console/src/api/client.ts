import { createClient, items, type paths } from '@florin/sdk'
import { queryOptions } from '@tanstack/react-query'

import { ApiError, isProblem } from './errors.ts'
import { keyFor } from './session.ts'

/**
 * One read of the API, for `useQuery`: `read(economy, '/ledger/entries/{id}', { path: { id } })`. Path, parameters and
 * answer are those of the OpenAPI document.
 */
export function read<P extends ReadPath>(economy: string, path: P, params: ReadParams<P> = {}) {
  return queryOptions({
    queryKey: [economy, path, params] as const,
    queryFn: async ({ signal }) => await fetchRead(economy, path, params, signal),
  })
}

/** The same at once, for what walks over many pages. */
export async function fetchRead<P extends ReadPath>(
  economy: string,
  path: P,
  { path: names, query, text }: ReadParams<P> = {},
  signal?: AbortSignal,
): Promise<Answer<P>> {
  const sent = clientFor(economy).GET(path, {
    params: { path: names, query },
    ...(signal && { signal }),
    ...(text && { parseAs: 'text' }),
  })
  return (await settle(sent)) as Answer<P>
}

/** All items of the list at that path, page after page as they are asked for. */
export function walk<P extends ReadPath>(economy: string, path: P, { path: names, query }: ReadParams<P>) {
  return items(async (cursor) => {
    const params = { path: names, query: { ...query, ...cursor } }
    return (await answered(clientFor(economy).GET(path, { params }))) as Listed<P>
  })
}

/** The same as a file, for what can be had as one. */
export async function fetchFile<P extends ReadPath>(
  economy: string,
  path: P,
  { path: names, query }: ReadParams<P>,
): Promise<Blob> {
  const sent = clientFor(economy).GET(path, { params: { path: names, query }, parseAs: 'blob' })
  return (await settle(sent)) as Blob
}

/** One change. `key` makes it happen once however often it is sent: take a new one for each thing somebody decides to do. */
export async function send<P extends SendPath>(
  economy: string,
  path: P,
  { path: names, body, key }: SendParams<P>,
): Promise<SendAnswer<P>> {
  const sent = clientFor(economy).POST(path, {
    params: { path: names },
    body,
    headers: { 'idempotency-key': key },
  })
  return (await settle(sent)) as SendAnswer<P>
}

/** Ends or takes away what the address names. */
export async function remove<P extends RemovePath>(
  economy: string,
  path: P,
  names: Record<string, string>,
  query: RemoveQuery<P> = {} as RemoveQuery<P>,
): Promise<void> {
  await settle(clientFor(economy).DELETE(path, { params: { path: names, query } }))
}

type Below<K> = K extends `/v1/{economy}${infer Rest}` ? Rest : never
type Full<P extends string> = `/v1/{economy}${P}` & keyof paths

export type ReadPath = {
  [K in keyof paths]: paths[K]['get'] extends { responses: unknown } ? Below<K> : never
}[keyof paths]
export type SendPath = {
  [K in keyof paths]: paths[K]['post'] extends { responses: unknown } ? Below<K> : never
}[keyof paths]

export type RemovePath = {
  [K in keyof paths]: paths[K]['delete'] extends { responses: unknown } ? Below<K> : never
}[keyof paths]

type RemoveQuery<P extends RemovePath> = paths[Full<P>]['delete'] extends { parameters: { query?: infer Q } }
  ? NonNullable<Q>
  : never

type Json<R> = R extends { content: { 'application/json': infer T } }
  ? T
  : R extends { content: { 'text/plain; charset=utf-8': infer T } }
    ? T
    : never
type Good<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202)]> : never

export type Answer<P extends ReadPath> = Good<paths[Full<P>]['get']>
export type SendAnswer<P extends SendPath> = Good<paths[Full<P>]['post']>
/** An item of the list at that path. */
export type Item<P extends ReadPath> = Answer<P> extends { data: (infer T)[] } ? T : never

export interface ReadParams<P extends ReadPath> {
  path?: Record<string, string>
  query?: paths[Full<P>]['get'] extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never
  text?: boolean
}

/** What a POST to that path takes. */
export type SendBody<P extends SendPath> = paths[Full<P>]['post'] extends {
  requestBody?: { content: { 'application/json': infer B } }
}
  ? B
  : undefined

interface SendParams<P extends SendPath> {
  path?: Record<string, string>
  body?: SendBody<P>
  key: string
}

/** The functions above give the types; what is between them and fetch needs none. */
type Untyped = Record<'GET' | 'POST' | 'DELETE', (path: string, init: object) => Promise<Sent>>
interface Sent {
  data?: unknown
  error?: unknown
  response: Response
}
interface Listed<P extends ReadPath> extends Sent {
  data: { data: Item<P>[]; next_cursor: string | null }
}

function clientFor(economy: string): Untyped {
  const key = keyFor(economy)
  return createClient({ economy, ...(key !== undefined && { key }) }) as unknown as Untyped
}

/** What the server answered, or an ApiError. */
export async function settle(sent: Promise<Sent>): Promise<unknown> {
  return (await answered(sent)).data
}

async function answered(sent: Promise<Sent>): Promise<Sent> {
  const { data, error, response } = await sent.catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw new ApiError(0)
  })
  if (response.ok) return { data, response }
  throw new ApiError(response.status, isProblem(error) ? error : undefined)
}
