import { hash, verify } from '@node-rs/argon2'

import { Invalid } from '../core/errors.ts'
import { COMMON_PASSWORDS } from './common-passwords.ts'

/** argon2id with what OWASP's Password Storage Cheat Sheet asks at least: 19 MiB, twice, in one lane. */
export async function hashPassword(password: string): Promise<string> {
  return await hash(normal(password), ARGON2)
}

export async function verifyPassword({ hash: kept, password }: { hash: string; password: string }): Promise<boolean> {
  return await verify(kept, normal(password))
}

/**
 * What NIST SP 800-63B-4 asks of a password: long enough, and none of those that everybody tries first, nor the person's
 * own names. Nothing is asked of its characters. Fails, in this order: password_too_short, password_too_long,
 * password_common.
 */
export function checkPassword(password: string, { names }: { names: readonly string[] }): void {
  const text = normal(password)
  const length = Array.from(text).length
  if (length < PASSWORD_LENGTH_MIN) {
    throw new Invalid('password_too_short', `A password has at least ${PASSWORD_LENGTH_MIN} characters.`, {
      length_min: PASSWORD_LENGTH_MIN,
    })
  }
  if (text.length > PASSWORD_LENGTH_MAX) {
    throw new Invalid('password_too_long', `A password has at most ${PASSWORD_LENGTH_MAX} characters.`, {
      length_max: PASSWORD_LENGTH_MAX,
    })
  }
  const lower = text.toLowerCase()
  const own = names.some((name) => name !== '' && lower === name.toLowerCase())
  // A common word stays one when digits or an exclamation mark follow it.
  const stem = lower.replace(/[\d!?.]+$/, '')
  if (own || COMMON_PASSWORDS.has(lower) || COMMON_PASSWORDS.has(stem) || new Set(lower).size < DIFFERENT_MIN) {
    throw new Invalid('password_common', 'This password is one of those that are guessed first. Choose another one.')
  }
}

export const PASSWORD_LENGTH_MIN = 8
export const PASSWORD_LENGTH_MAX = 256
/** Of different characters: `aaaaaaaa` is nothing to guess. */
const DIFFERENT_MIN = 3

const ARGON2 = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** The same password, whatever keyboard it was typed on. */
function normal(password: string): string {
  return password.normalize('NFKC')
}
