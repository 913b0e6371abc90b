import { lookup as resolve, type LookupAddress } from 'node:dns'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'

import { AppError } from '../core/errors.ts'
import { isPublic, privateAddress, readTarget } from './address-rules.ts'

/**
 * Sends one message and says what was answered. Redirects are not followed, an answer that does not come within
 * TIMEOUT_MS counts as none, and of its body only the beginning is kept. It never throws: what goes wrong is the result.
 */
export async function send({ url, headers, body, private_allowed }: SendOptions): Promise<Sent> {
  try {
    const target = readTarget(url, { private_allowed })
    return await exchange(target, { headers, body, lookup: private_allowed ? undefined : publicLookup })
  } catch (error) {
    return { http_status: undefined, retry_after: undefined, response: undefined, error: reasonOf(error) }
  }
}

async function exchange(url: URL, { headers, body, lookup }: ExchangeOptions): Promise<Sent> {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const length = Buffer.byteLength(body)
  const response = await new Promise<IncomingMessage>((answered, failed) => {
    const request = start(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': length, 'user-agent': 'Florin' },
      ...(lookup && { lookup }),
    })
    request.once('response', answered)
    request.once('error', failed)
    request.end(body)
  })
  const retry_after = response.headers['retry-after']
  return { http_status: response.statusCode, retry_after, response: await beginningOf(response), error: undefined }
}

/** The answer has been given by then: a body that breaks off changes nothing of it. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of response) {
      pieces.push(piece)
      length += piece.length
      if (length >= RESPONSE_BYTES_KEPT) break
    }
  } catch {
    // Cut off.
  }
  response.destroy()
  const text = Buffer.concat(pieces).subarray(0, RESPONSE_BYTES_KEPT).toString('utf8')
  return text.replaceAll('\0', '')
}

/** Connects to nothing that is not public, whatever the name says: it is this look-up that is connected to. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '')
    const inside = addresses.find(({ address }) => !isPublic(address))
    if (inside) return callback(privateAddress(inside.address), '')
    const [first] = addresses
    if (options.all) return callback(null, addresses)
    callback(null, first?.address ?? '', first?.family)
  })
}

function reasonOf(error: unknown): string {
  if (error instanceof AppError) return error.code
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout'
  return 'code' in error ? String(error.code) : error.name
}

export const TIMEOUT_MS = 20_000
const RESPONSE_BYTES_KEPT = 1_024

interface SendOptions {
  url: string
  headers: Record<string, string>
  body: string
  private_allowed: boolean
}

interface ExchangeOptions {
  headers: Record<string, string>
  body: string
  lookup: LookupFunction | undefined
}

export interface Sent {
  http_status: number | undefined
  retry_after: string | undefined
  /** How the answer began. */
  response: string | undefined
  /** Why there was no answer. */
  error: string | undefined
}
