export const WALLET_CHALLENGE_PATH = '/sign-in/wallet/challenge'
export const WALLET_PATH = '/sign-in/wallet'

/** What may be asked below `/auth`; src/auth/bodies.ts has what may be done. The rest of better-auth is not there. */
export const READS: readonly RegExp[] = [
  /^\/get-session$/,
  /^\/verify-email$/,
  /^\/reset-password\/[A-Za-z0-9_-]{1,64}$/,
  /^\/passkey\/generate-register-options$/,
  /^\/passkey\/generate-authenticate-options$/,
  /^\/passkey\/list-user-passkeys$/,
]

/** Where the time of the answer would tell whether there is an account. */
export const SLOW_PATHS: ReadonlySet<string> = new Set([
  '/sign-up/email',
  '/send-verification-email',
  '/request-password-reset',
  '/change-email',
])

/** Cookies of several economies, and of several programs on one host, go by different names. */
export function cookiePrefix(economy: string): string {
  return `florin_${economy}`
}

/** The console's page to which the link of a sign-up leads. */
export function confirmPage(economy: string): string {
  return `/console/${economy}/confirm`
}

/** Where better-auth believes that it lives; nothing outside ever sees it. */
export const PLACEHOLDER_ORIGIN = 'http://florin.invalid'
/** How the address of the caller is handed on. */
export const ADDRESS_HEADER = 'x-florin-address'
