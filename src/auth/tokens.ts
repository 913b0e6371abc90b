import { createHmac, hash, timingSafeEqual } from 'node:crypto'

import type { Secret } from '../core/secret.ts'

/** What the database keeps of a session's token. */
export function hashOfToken(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** The token in a cookie that we signed, `token.signature` as a URL writes it; undefined in any other. */
export function tokenOf(cookie: string, secret: Secret): string | undefined {
  if (cookie.length > COOKIE_LENGTH_MAX) return undefined
  const text = decoded(cookie)
  const dot = text.lastIndexOf('.')
  if (dot <= 0) return undefined
  const token = text.slice(0, dot)
  const signature = Buffer.from(text.slice(dot + 1))
  const expected = Buffer.from(createHmac('sha256', secret.reveal()).update(token).digest('base64'))
  return signature.length === expected.length && timingSafeEqual(signature, expected) ? token : undefined
}

const COOKIE_LENGTH_MAX = 500

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
