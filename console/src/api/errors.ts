import type { components } from '@florin/sdk'

export type Problem = components['schemas']['Problem']

/** What the server refused, or that it did not answer (status 0). */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly problem: Problem | undefined

  constructor(status: number, problem?: Problem) {
    super(problem?.detail ?? UNANSWERED)
    this.status = status
    this.code = problem?.code ?? 'unanswered'
    this.problem = problem
  }
}

/** What the browser refused, or something in it such as a wallet; its message is the sentence to show. */
export class BrowserRefusal extends Error {}

/** Whatever went wrong, as sentences for whoever sits before the screen: what happened, and what to do. */
export function sentenceOf(error: unknown): string {
  if (error instanceof BrowserRefusal) return error.message
  if (!(error instanceof ApiError)) return UNEXPECTED
  if (error.problem === undefined) return UNANSWERED
  const { detail, errors, request_id } = error.problem
  if (error.status >= 500) return `${detail} If it stays so, tell your operator this number: ${request_id}.`
  const fields = (errors ?? []).map(({ path, message }) => `${nameOf(path)}: ${message}`)
  return fields.length > 0 ? fields.join(' ') : detail
}

const UNANSWERED = 'Florin did not answer. Check your connection, then try again.'
const UNEXPECTED = 'The console could not do this. Reload the page, then try again.'

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value
}

/** `body.postings.0.amount` is the amount, to whoever filled in the form. */
function nameOf(path: string): string {
  const last = path.split('.').findLast((part) => !/^(body|query|params|\d+)$/.test(part))
  return (last ?? path).replaceAll('_', ' ')
}
