import { ApiError, isProblem } from './errors.ts'

/** What people sign in with (docs/sign-in.md); the session that it begins is a cookie that no script sees. */
export async function auth<Answer>(economy: string, path: string, body: object = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return await ask(economy, path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** One read of the same, for `useQuery`. */
export function authRead<Answer>(economy: string, path: string) {
  return {
    queryKey: [economy, 'auth', path] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }) => await ask<Answer>(economy, path, { signal }),
  }
}

/** Who is signed in, as better-auth says it. */
export interface SignedIn {
  user: { email: string; twoFactorEnabled: boolean }
}

async function ask<Answer>(economy: string, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`/v1/${encodeURIComponent(economy)}/auth${path}`, init).catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw new ApiError(0)
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as Answer
  throw new ApiError(response.status, isProblem(answer) ? answer : undefined)
}
