/**
 * How often what can be guessed or abused may be tried, for each endpoint of `/auth` that needs it. `counts: 'failures'`
 * gives an attempt back when it succeeds, and then forgets what the account failed before. Accounts are counted whether or
 * not there is one, so that nobody learns from a limit who is here.
 */
export const ATTEMPT_RULES: Readonly<Record<string, AttemptRule>> = {
  '/sign-in/email': { name: 'sign_in', account_max: 10, address_max: 100, window_s: 900, counts: 'failures' },
  '/two-factor/verify-totp': { name: 'second_factor', address_max: 100, window_s: 900, counts: 'failures' },
  '/two-factor/verify-backup-code': { name: 'second_factor', address_max: 100, window_s: 900, counts: 'failures' },
  '/sign-in/wallet/challenge': { name: 'challenge', account_max: 30, address_max: 200, window_s: 900, counts: 'all' },
  '/sign-in/wallet': { name: 'wallet', account_max: 10, address_max: 100, window_s: 900, counts: 'failures' },
  '/passkey/verify-authentication': { name: 'passkey', address_max: 100, window_s: 900, counts: 'failures' },
  '/reset-password': { name: 'reset', address_max: 50, window_s: 900, counts: 'failures' },
  '/sign-up/email': { name: 'sign_up', account_max: 10, address_max: 50, window_s: 3_600, counts: 'all' },
  '/request-password-reset': { name: 'mail', account_max: 5, address_max: 50, window_s: 3_600, counts: 'all' },
  '/send-verification-email': { name: 'mail', account_max: 5, address_max: 50, window_s: 3_600, counts: 'all' },
  '/change-email': { name: 'change_email', person_max: 10, address_max: 50, window_s: 3_600, counts: 'all' },
  '/change-password': { name: 'password', person_max: 10, address_max: 100, window_s: 900, counts: 'failures' },
  '/two-factor/enable': { name: 'password', person_max: 10, address_max: 100, window_s: 900, counts: 'failures' },
  '/two-factor/disable': { name: 'password', person_max: 10, address_max: 100, window_s: 900, counts: 'failures' },
  '/two-factor/get-totp-uri': { name: 'password', person_max: 10, address_max: 100, window_s: 900, counts: 'failures' },
  '/two-factor/generate-backup-codes': {
    name: 'password',
    person_max: 10,
    address_max: 100,
    window_s: 900,
    counts: 'failures',
  },
}

/** What one request counts against. */
export function countedBy(
  rule: AttemptRule,
  { named, address, login }: { named: Named | undefined; address: string; login?: string | undefined },
): Counted[] {
  const { name, account_max, address_max, person_max } = rule
  return [
    ...(account_max !== undefined && named !== undefined
      ? [{ by: 'account' as const, key: `${name} account ${keyOf(named)}`, max: account_max }]
      : []),
    ...(person_max !== undefined && login !== undefined
      ? [{ by: 'account' as const, key: `${name} login ${login}`, max: person_max }]
      : []),
    { by: 'address' as const, key: `${name} address ${address}`, max: address_max },
  ]
}

/** Whose account a request is about, in its own words: by an address of mail, or a wallet. */
export type Named = { email: string } | { chain: 'evm' | 'solana'; address: string }

export interface AttemptRule {
  /** Endpoints of one name share their count. */
  name: string
  /** By the address of mail, or the wallet, that the request names. */
  account_max?: number
  /** By who is signed in. */
  person_max?: number
  address_max: number
  window_s: number
  counts: 'all' | 'failures'
}

export interface Counted {
  by: 'account' | 'address'
  key: string
  max: number
}

/** However it is written. */
function keyOf(named: Named): string {
  if ('email' in named) return named.email.trim().toLowerCase()
  const { chain, address } = named
  return `${chain} ${chain === 'evm' ? address.toLowerCase() : address}`
}
