import type { BetterAuthPlugin } from 'better-auth'
import { createAuthMiddleware, createEmailVerificationToken, getSessionFromCtx, isAPIError } from 'better-auth/api'
import { generateRandomString, verifyJWT } from 'better-auth/crypto'
import { z } from 'zod'

import { systemClock } from '../core/clock.ts'
import type { Db } from '../core/db.ts'
import { AppError } from '../core/errors.ts'
import { checkUsername } from '../identity/identity.ts'
import { PLACEHOLDER_ORIGIN } from './endpoints.ts'
import { SIGN_UP_MS } from './sign-ups.ts'

/**
 * What the link that proves an address does, beside what better-auth makes of it. It is of one sign-up, and dead once that
 * is replaced. It alone proves whose the address is, and not who chose the password: so it is enough only in a browser that
 * gave the password, when signing up or signing in, which a cookie says. In any other it leads to where a new password is
 * chosen, and the first one is gone before anybody is signed in (docs/adr/0032). For the same reason an address is put in
 * another's place only where that other is signed in.
 */
export function signUpLinks({ db }: { db: Db }) {
  return {
    id: 'sign-up-links',
    // A new password by mail proves the address as well, and whatever was chosen before the proof is gone.
    init: (context) => ({
      options: {
        emailAndPassword: {
          enabled: true,
          onPasswordReset: async ({ user }) => {
            if (!user.emailVerified) await context.internalAdapter.updateUser(user.id, { emailVerified: true })
          },
        },
      },
    }),
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/verify-email',
          handler: createAuthMiddleware(async (ctx) => {
            const { token, callbackURL } = zLink.parse(ctx.query ?? {})
            const { data: claims } = zClaims.safeParse(await verifyJWT(token, ctx.context.secret))
            // What is wrong with it, better-auth says.
            if (!claims || !isOurs(callbackURL)) return
            const answer = (answered: Record<string, string>) => ctx.redirect(withQuery(callbackURL, answered))
            if (claims.requestType === 'change-email-verification') {
              const session = await getSessionFromCtx(ctx)
              if (session?.user.email !== claims.email) throw answer({ error: 'sign_in_first' })
            }
            if (claims.updateTo !== undefined) return
            const { internalAdapter, createAuthCookie, secret } = ctx.context
            const { user } = (await internalAdapter.findUserByEmail(claims.email)) ?? {}
            if (user?.emailVerified) return
            if (!user || user.id !== claims.login) throw answer({ error: 'link_replaced' })
            const refused = await refusalOf(async () => await checkUsername(db, user.name))
            if (refused) throw answer({ error: refused.code })
            if ((await ctx.getSignedCookie(createAuthCookie(COOKIE).name, secret)) === user.id) return
            const reset = generateRandomString(RESET_TOKEN_LENGTH)
            // better-auth reads the machine's clock.
            const expiresAt = new Date(systemClock.now().getTime() + LINK_S * 1_000)
            await internalAdapter.createVerificationValue({
              identifier: `reset-password:${reset}`,
              value: user.id,
              expiresAt,
            })
            throw answer({ token: reset })
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path === '/sign-up/email' || path === '/sign-in/email',
          handler: createAuthMiddleware(async (ctx) => {
            const { returned, internalAdapter, createAuthCookie, secret } = ctx.context
            let login = zSignedUp.safeParse(returned).data?.user.id
            if (ctx.path === '/sign-in/email') {
              const unproven = isAPIError(returned) && returned.body?.code === 'EMAIL_NOT_VERIFIED'
              login = unproven ? (await internalAdapter.findUserByEmail(String(ctx.body.email)))?.user.id : undefined
            }
            if (login === undefined) return
            const { name, attributes } = createAuthCookie(COOKIE, { maxAge: SIGN_UP_MS / 1_000 })
            await ctx.setSignedCookie(name, login, secret, attributes)
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin
}

/** The link for one sign-up, from the one that better-auth would send for its address. */
export async function linkOfSignUp(url: string, { user, secret, page }: LinkOfSignUp): Promise<string> {
  const link = new URL(url)
  link.searchParams.set(
    'token',
    await createEmailVerificationToken(secret, user.email, undefined, LINK_S, { login: user.id }),
  )
  if (link.searchParams.get('callbackURL') === '/') link.searchParams.set('callbackURL', page)
  return link.href
}

export const LINK_S = 3_600

interface LinkOfSignUp {
  user: { id: string; email: string }
  secret: string
  /** Where it leads, unless whoever asked for it said. */
  page: string
}

const COOKIE = 'sign_up'
const RESET_TOKEN_LENGTH = 32

const zLink = z.object({ token: z.string().catch(''), callbackURL: z.string().catch('/') })
const zClaims = z.object({
  email: z.string(),
  login: z.string().optional(),
  updateTo: z.string().optional(),
  requestType: z.string().optional(),
})
const zSignedUp = z.object({ user: z.object({ id: z.string() }) })

function isOurs(url: string): boolean {
  return url.startsWith('/') && URL.parse(url, PLACEHOLDER_ORIGIN)?.origin === PLACEHOLDER_ORIGIN
}

function withQuery(url: string, query: Record<string, string>): string {
  const { pathname, searchParams } = new URL(url, PLACEHOLDER_ORIGIN)
  for (const [name, value] of Object.entries(query)) searchParams.set(name, value)
  return `${pathname}?${searchParams.toString()}`
}

async function refusalOf(work: () => Promise<void>): Promise<AppError | undefined> {
  try {
    await work()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  return undefined
}
