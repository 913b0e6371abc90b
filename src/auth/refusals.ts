import { z } from 'zod'

import { AppError, BadRequest } from '../core/errors.ts'

/** What better-auth refused, from its answer `{ code, message }`: its code in lower case, and what to do about it. */
export function refusalOf(path: string, { status, answer }: { status: number; answer: unknown }): AppError {
  // What a browser says of a passkey is read only there, and whatever is wrong with it is called an inner error.
  if (status >= 500 && path.startsWith('/passkey/verify-')) {
    return new BadRequest('passkey_refused', 'The passkey was not accepted. Ask for new options and try again.')
  }
  if (status >= 500) return new AppError(500, 'internal_error', 'Something went wrong on our side. Try again.')
  const { code: theirs, message = 'This was refused' } = zRefusal.safeParse(answer).data ?? {}
  const code = theirs?.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_') ?? 'sign_in_refused'
  return new AppError(status, code, SENTENCES[code] ?? (/[.!?]$/.test(message) ? message : `${message}.`))
}

const zRefusal = z.object({ code: z.string().max(100).optional(), message: z.string().max(500).optional() })

/** In place of its own words, for what a form meets. */
const SENTENCES: Readonly<Record<string, string>> = {
  invalid_email_or_password: 'The e-mail or the password is wrong. Check both, or choose a new password.',
  email_not_verified: 'Your address is not confirmed yet. Open the link that was mailed to it just now.',
  invalid_password: 'This is not your password. Type it once more.',
  invalid_token: 'This link was used already, or is too old. Ask for another.',
  token_expired: 'This link is too old. Ask for another.',
  invalid_code: 'This code is wrong, or too old. Type the one that your app shows now.',
  invalid_backup_code: 'This is no backup code of yours, or you used it before. Take another.',
  invalid_two_factor_cookie: 'The code came too late. Sign in again from the beginning.',
  account_temporarily_locked: 'There were ten wrong codes. Wait a quarter of an hour, then sign in again.',
  passkey_not_found: 'No account here has this passkey. Sign in in another way, then add it.',
  unauthorized: 'Nobody is signed in here. Sign in, then try again.',
}
