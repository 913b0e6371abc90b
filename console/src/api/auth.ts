import { createSignIn } from '@florin/sdk'

import { settle } from './client.ts'
import { BrowserRefusal } from './errors.ts'
import { readingAs } from './session.ts'

/** What people sign in with (docs/sign-in.md); the session that it begins is a cookie that no script sees. */
export async function auth<Answer>(economy: string, path: `/${string}`, body: object = {}): Promise<Answer> {
  return (await settle(signInTo(economy).POST(path, { body }))) as Answer
}

/** One read of the same, for `useQuery`. */
export function authRead<Answer>(economy: string, path: `/${string}`) {
  return {
    queryKey: [economy, 'auth', path] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      (await settle(signInTo(economy).GET(path, { signal }))) as Answer,
  }
}

/** What signing in answers: nobody is signed in yet where a code is wanted, too. */
export interface FirstStep {
  twoFactorRedirect?: boolean
}

/** Who is signed in, as better-auth says it. */
export interface SignedIn {
  user: { email: string; twoFactorEnabled: boolean }
}

/** The cookie is that of staff, and not of whom they read as: meanwhile it would show, and change, their own. */
function signInTo(economy: string) {
  if (readingAs(economy)) throw new BrowserRefusal('You read as somebody else. Stop reading first.')
  return createSignIn({ economy })
}
