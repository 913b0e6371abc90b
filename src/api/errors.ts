import { STATUS_CODES } from 'node:http'

import { z } from 'zod'

import { databaseTrouble } from '../core/db.ts'
import { AppError, BadRequest, type ErrorParams } from '../core/errors.ts'

/**
 * The problem document (RFC 9457) for anything that was thrown: what Florin says on purpose as it stands, what the HTTP
 * layer found wrong with the request, the database's own trouble as 503, and everything else as a 500 without a word
 * of its cause. `docs/errors.md` lists the codes.
 */
export function toProblem(error: unknown, { path, request_id }: Occurrence): Problem {
  const known = knownError(error) ?? new AppError(500, 'internal_error', INTERNAL_ERROR)
  const { status, code, params } = known
  return {
    type: `urn:florin:error:${code}`,
    title: titleOf(code),
    status,
    detail: known.message,
    instance: path,
    code,
    request_id,
    ...(Object.keys(params).length > 0 && { params }),
    ...(known instanceof RequestInvalid && { errors: known.errors }),
  }
}

/** Headers that belong to the answer: when to come again, and how to identify oneself. */
export function problemHeaders({ status, params }: Problem): Record<string, string> {
  const retry_after_s = params?.['retry_after_s'] ?? (status === 503 ? RETRY_AFTER_S : undefined)
  return {
    'content-type': PROBLEM_TYPE,
    ...(retry_after_s !== undefined && { 'retry-after': String(retry_after_s) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer realm="florin"' }),
  }
}

/** The request does not fit the endpoint's schemas; `errors` names each field and what it may be. */
export class RequestInvalid extends BadRequest {
  readonly errors: FieldError[]

  constructor(errors: FieldError[]) {
    const first = errors[0]
    super('request_invalid', first ? `${first.path}: ${first.message}` : 'The request does not fit this endpoint.')
    this.errors = errors
  }
}

export const PROBLEM_TYPE = 'application/problem+json'

export const zProblem = z
  .object({
    type: z.string().meta({ description: '`urn:florin:error:` and the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'A sentence that says what to do. For people: programs read `code`.' }),
    instance: z.string().meta({ description: 'The path of the request.' }),
    code: z.string().meta({ description: 'Stable, in snake_case; docs/errors.md lists them.' }),
    request_id: z.string(),
    params: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]))
      .optional()
      .meta({ description: 'The figures behind the sentence.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'With request_invalid: each field that is wrong.' }),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457).' })

export type Problem = z.infer<typeof zProblem>

export interface FieldError {
  path: string
  message: string
}

interface Occurrence {
  path: string
  request_id: string
}

function knownError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error
  const trouble = databaseTrouble(error)
  if (trouble !== undefined) return trouble
  const code = error instanceof Error && 'code' in error ? HTTP_ERRORS[String(error.code)] : undefined
  return code && new AppError(code.status, code.code, code.message, code.params)
}

function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const INTERNAL_ERROR =
  'Something went wrong on our side, and it is written down under this request_id. What you sent may or may not have been done: repeat it with the same key.'
const RETRY_AFTER_S = 1

/** What Node and Fastify find wrong before any of our code has seen the request. */
const HTTP_ERRORS: Partial<Record<string, HttpError>> = {
  FST_ERR_BAD_URL: {
    status: 400,
    code: 'url_invalid',
    message: 'The address holds a % that is not followed by a valid code.',
  },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, code: 'url_too_long', message: 'A part of the address is too long.' },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'body_too_large',
    message: 'The body is too large for this endpoint. Send it in parts.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'content_type_unsupported',
    message: 'Send the body as JSON, with the header Content-Type: application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'body_incomplete',
    message: 'The body is not as long as its Content-Length says.',
  },
  HPE_HEADER_OVERFLOW: { status: 431, code: 'headers_too_large', message: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout', message: 'The request took too long to arrive.' },
}

interface HttpError {
  status: keyof typeof STATUS_CODES & number
  code: string
  message: string
  params?: ErrorParams
}
