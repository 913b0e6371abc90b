import { ApiError, isProblem } from './errors.ts'

/** What people sign in with (docs/sign-in.md); the session that it begins is a cookie that no script sees. */
export async function auth<Answer>(economy: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`/v1/${encodeURIComponent(economy)}/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  }).catch(() => {
    throw new ApiError(0)
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as Answer
  throw new ApiError(response.status, isProblem(answer) ? answer : undefined)
}
