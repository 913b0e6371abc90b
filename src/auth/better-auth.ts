import { passkey } from '@better-auth/passkey'
import { betterAuth } from 'better-auth/minimal'

import type { Clock } from '../core/clock.ts'
import { type Db, transaction } from '../core/db.ts'
import { newUuid } from '../core/id.ts'
import type { Secret } from '../core/secret.ts'
import { type AuthRequests, guardedAdapter } from './adapter.ts'
import { ADDRESS_HEADER, confirmPage, cookiePrefix, PLACEHOLDER_ORIGIN } from './endpoints.ts'
import { type Letter, LETTERS } from './letters.ts'
import { writeMail } from './mail.ts'
import { hashPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, verifyPassword } from './passwords.ts'
import { secondFactor } from './second-factor.ts'
import { LINK_S, linkOfSignUp, signUpLinks } from './sign-up-links.ts'
import { walletSignIn } from './wallet-sign-in.ts'

/**
 * better-auth as one economy has it: with a password or a passkey, an address of mail that was proven, and a second factor
 * for whoever wants one. Sessions are looked up each time; nothing of them is cached in a cookie. Origins and the rate of
 * requests were checked before it is asked.
 */
export function createBetterAuth({ economy, title, db, clock, secret, url, site, requests, onError }: BetterAuthParts) {
  const send = async (letter: Letter, { to, url: link }: { to: string; url: string }) => {
    const { origin, tx } = requests.getStore() ?? {}
    const mail = { to, ...LETTERS[letter]({ title, link: link.replace(PLACEHOLDER_ORIGIN, origin ?? '') }) }
    const now = clock.now()
    // Within the request's own transaction where there is one, so that nobody hears of what did not happen.
    if (tx) await writeMail(tx, { ...mail, now })
    else await transaction(db, async (own) => await writeMail(own, { ...mail, now }))
  }
  const cookiePath = `/v1/${economy}`
  return betterAuth({
    appName: title,
    baseURL: PLACEHOLDER_ORIGIN,
    basePath: `${cookiePath}/auth`,
    secret: secret.reveal(),
    database: guardedAdapter({ db, clock, requests }),
    // Whoever comes this far came from our own pages, or from no page at all.
    trustedOrigins: (request) => [request?.headers.get('origin')],
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: {
      level: 'error',
      disableColors: true,
      log: (level, message, ...more: unknown[]) => {
        if (level === 'error')
          onError(
            message,
            more.find((each) => each instanceof Error),
          )
      },
    },
    user: {
      modelName: 'login',
      changeEmail: {
        enabled: true,
        sendChangeEmailConfirmation: async ({ user, url: link }) =>
          await send('confirm_change', { to: user.email, url: link }),
      },
    },
    session: {
      expiresIn: SESSION_S,
      updateAge: SESSION_REFRESH_S,
      freshAge: 0,
      cookieCache: { enabled: false },
    },
    verification: { storeIdentifier: 'hashed' },
    emailAndPassword: {
      enabled: true,
      requireEmailVerification: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
      password: { hash: hashPassword, verify: verifyPassword },
      resetPasswordTokenExpiresIn: LINK_S,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, url: link }) => await send('reset', { to: user.email, url: link }),
      onExistingUserSignUp: async ({ user }) => await send('known', { to: user.email, url: PLACEHOLDER_ORIGIN }),
    },
    emailVerification: {
      expiresIn: LINK_S,
      sendOnSignUp: true,
      sendOnSignIn: true,
      autoSignInAfterVerification: true,
      sendVerificationEmail: async ({ user, url: link }) => {
        const own = { user, secret: secret.reveal(), page: confirmPage(economy) }
        // Without a proof it is of a sign-up; with one, the address changes, and the link is better-auth's own.
        await send('verify', { to: user.email, url: user.emailVerified ? link : await linkOfSignUp(link, own) })
      },
    },
    advanced: {
      cookiePrefix: cookiePrefix(economy),
      useSecureCookies: url?.startsWith('https:') ?? false,
      defaultCookieAttributes: { path: cookiePath, httpOnly: true, sameSite: 'lax' },
      database: { generateId: () => newUuid(clock.now()) },
      // Said, since better-auth leaves it out in tests: links lead nowhere but to our own pages.
      disableOriginCheck: false,
      disableCSRFCheck: true,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    plugins: [
      secondFactor(title),
      signUpLinks({ db }),
      walletSignIn({ db, clock, requests, site }),
      passkey({
        rpID: url === undefined ? 'localhost' : new URL(url).hostname,
        rpName: title,
        // Its usual name, credentialID, is none that a snake_case column gives back.
        schema: { passkey: { fields: { credentialID: 'credentialId' } } },
      }),
    ],
  })
}

export type BetterAuth = ReturnType<typeof createBetterAuth>

export interface BetterAuthParts {
  economy: string
  /** The economy's name for people. */
  title: string
  db: Db
  clock: Clock
  /** Signs cookies and links, and encrypts the secrets of second factors. */
  secret: Secret
  /** Where people reach this installation; without it, links point to where the request came to. */
  url: string | undefined
  /** The same, or where we listen. */
  site: string
  requests: AuthRequests
  onError: (reason: string, error: unknown) => void
}

const SESSION_S = 14 * 86_400
const SESSION_REFRESH_S = 86_400
