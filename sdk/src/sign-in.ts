import createFetchClient, { type Client } from 'openapi-fetch'

import { addressOf, type ClientOptions } from './client.ts'
import { fetchAgain } from './retry.ts'

/**
 * A client of what people sign in with, below `/v1/{economy}/auth`; docs/sign-in.md has the paths, the bodies and what they
 * answer. A session that begins is a cookie: of the browser, or of `keepCookies`, with which `createClient` then acts as
 * whoever signed in.
 * ```ts
 * unwrap(await signIn.POST('/sign-in/email', { body: { email, password } }))
 * ```
 * Nothing here is made to be repeated, so a POST is never sent again by itself.
 */
export function createSignIn({ url = '', economy, fetch, ...retries }: SignInOptions): SignIn {
  return createFetchClient<SignInPaths>({
    baseUrl: `${addressOf({ url, economy })}/auth`,
    fetch: fetchAgain(fetch ?? globalThis.fetch.bind(globalThis), retries),
    credentials: 'same-origin',
  })
}

export type SignIn = Client<SignInPaths>

export type SignInOptions = Omit<ClientOptions, 'key'>

/** better-auth's own: every body is an object, every answer is JSON. */
type SignInPaths = Record<`/${string}`, { post: Endpoint & Body; get: Endpoint }>

interface Endpoint {
  responses: { 200: Json<unknown>; default: Json<unknown> }
}

interface Body {
  requestBody: Json<object>
}

interface Json<Value> {
  content: { 'application/json': Value }
}
