import { createSignIn } from '@florin/sdk'

import { settle } from './client.ts'

/** What people sign in with (docs/sign-in.md); the session that it begins is a cookie that no script sees. */
export async function auth<Answer>(economy: string, path: `/${string}`, body: object = {}): Promise<Answer> {
  return (await settle(createSignIn({ economy }).POST(path, { body }))) as Answer
}

/** One read of the same, for `useQuery`. */
export function authRead<Answer>(economy: string, path: `/${string}`) {
  return {
    queryKey: [economy, 'auth', path] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      (await settle(createSignIn({ economy }).GET(path, { signal }))) as Answer,
  }
}

/** Who is signed in, as better-auth says it. */
export interface SignedIn {
  user: { email: string; twoFactorEnabled: boolean }
}
