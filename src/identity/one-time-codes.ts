import { hash, randomBytes } from 'node:crypto'

import { type Secret, secret } from '../core/secret.ts'

/** A code that is handed to one person to be used once, such as `invite_…`: to be shown now, and what to keep of it. */
export function drawCode(prefix: string): { code: Secret; hash: Buffer } {
  const code = `${prefix}_${randomBytes(CODE_BYTES).toString('base64url')}`
  return { code: secret(code), hash: hashOfCode(code) }
}

/** Enough for 256 random bits. */
export function hashOfCode(code: string): Buffer {
  return hash('sha256', code, 'buffer')
}

const CODE_BYTES = 32
