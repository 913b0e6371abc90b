import { z } from 'zod'

import { type FieldError, RequestInvalid } from './errors.ts'

/**
 * What `schema` makes of a part of the request. Every field that is wrong is named, with where it is, as in
 * `body.entries[0].postings[1].amount`. Fails: request_invalid.
 */
export function check(schema: z.ZodType, value: unknown, part: 'path' | 'query' | 'body'): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new RequestInvalid(result.error.issues.flatMap((issue) => fieldErrors(issue, part)).slice(0, ERRORS_MAX))
}

function fieldErrors(issue: z.core.$ZodIssue, at: string): FieldError[] {
  const path = issue.path.reduce<string>(joinPath, at)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: joinPath(path, key.slice(0, NAME_LENGTH_MAX)),
      message: 'There is no such field.',
    }))
  }
  if (issue.code === 'invalid_union') {
    const nearest = nearestVariant(issue.errors)
    if (nearest) return nearest.flatMap((inner) => fieldErrors(inner, path))
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return [{ path, message: `This field is missing: ${issue.expected}.` }]
  }
  return [{ path, message: issue.message }]
}

/** Of the shapes that the value could have had, the one that it is nearest to: with the fewest things wrong. */
function nearestVariant(variants: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  return variants.filter((issues) => issues.length > 0).toSorted((a, b) => distance(a) - distance(b))[0]
}

function distance(issues: z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
}

function joinPath(path: string, key: PropertyKey): string {
  return typeof key === 'number' ? `${path}[${key}]` : `${path}.${String(key)}`
}

const ERRORS_MAX = 20
const NAME_LENGTH_MAX = 64
