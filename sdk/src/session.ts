import fetchCookie from 'fetch-cookie'

/**
 * A fetch that keeps the cookies of one person, as a browser does, for scripts that act as somebody who signs in; hand the
 * same one to `createSignIn` and `createClient`. For programs that run for long make a personal key (`POST /me/keys`).
 */
export function keepCookies(): (request: Request) => Promise<Response> {
  const send = fetchCookie(async (input: string | URL | Request, init?: RequestInit) => await fetch(input, init))
  return async (request) => {
    // With a cookie the server asks which page a request comes from; a browser says so by itself.
    const headers = new Headers(request.headers)
    headers.set('origin', new URL(request.url).origin)
    headers.set('sec-fetch-site', 'same-origin')
    return await send(new Request(request, { headers }), { redirect: request.redirect })
  }
}
